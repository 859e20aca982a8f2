"""What the terminal can do, and how to talk to the person at it."""

from __future__ import annotations

import codecs
import contextlib
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TextIO

from wsdebug.display.escape import printable
from wsdebug.model.errors import UserError

PIPE_WIDTH = 80


def complain(sentence: str, hint: str | None = None, place: Sequence[str] = ()) -> None:
    """An error, the lines that point at its place, and the next step, on standard error."""
    say(f"wsdebug: error: {sentence}")
    for line in place:
        say(f"  {line}")
    if hint:
        for line in textwrap.wrap(f"hint: {hint}", PIPE_WIDTH, break_long_words=False) or ["hint:"]:
            say(line)


def show(page: str) -> None:
    """A page of ours on standard output."""
    stream = standard_output()
    stream.write(encodable(page, stream) + "\n")


def standard_output() -> TextIO:
    """Standard output; a sentence where it is closed."""
    if sys.stdout is None:
        raise UserError("Standard output is closed.", "Write to a file: -o report.txt")
    return sys.stdout


def say(line: str) -> None:
    """A line on standard error. Names of files and the like cannot steer the terminal."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(encodable(printable(line), sys.stderr) + "\n")
        sys.stderr.flush()


def encodable(text: str, stream: TextIO) -> str:
    """`text` with what the stream cannot encode written as escapes."""
    encoding = stream.encoding or "ascii"
    if not takes_unicode(stream):
        text = text.replace("…", "...")
    return text.encode(encoding, "backslashreplace").decode(encoding)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at it."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def uses_color(choice: str, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """--color, then FORCE_COLOR, NO_COLOR (both only if not empty), TERM=dumb, a terminal."""
    if choice != "auto":
        return choice == "always"
    if environment.get("FORCE_COLOR"):
        return True
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def width_of(stream: TextIO) -> int:
    """Columns of a terminal, 80 of anything else."""
    if not is_terminal(stream):
        return PIPE_WIDTH
    return shutil.get_terminal_size((PIPE_WIDTH, 24)).columns


def takes_unicode(stream: TextIO) -> bool:
    """Whether the stream's encoding is UTF-8."""
    try:
        return codecs.lookup(stream.encoding or "ascii").name == "utf-8"
    except LookupError:
        return False
