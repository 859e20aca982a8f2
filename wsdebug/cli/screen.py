"""When `wsdebug read` opens the screen, and how it gets a terminal to itself."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, BinaryIO

from wsdebug.cli import terminal
from wsdebug.cli.choose import Choice, declared_ports
from wsdebug.cli.limits import limits_from
from wsdebug.model.errors import UserError
from wsdebug.query import parse

if TYPE_CHECKING:
    from wsdebug.cli.read import Request

_KEYS = "/dev/tty"


def is_wanted(request: Request, environment: Mapping[str, str]) -> bool:
    """Whether the answer is a screen: nobody asked for a form, a file, or something that only the
    text report has, a person looks at it, and there is a keyboard.
    """
    shapes_text = (
        request.quiet
        or request.verbose
        or request.width
        or request.select
        or request.ignore
        or request.payload != "none"
        or request.reveal
    )
    if request.form != "auto" or request.output != "-" or shapes_text:
        return False
    if environment.get("TERM") in (None, "", "dumb"):
        return False
    # The screen is drawn on standard error, so both must be the terminal.
    is_seen = terminal.is_terminal(sys.stdout) and terminal.is_terminal(sys.stderr)
    return is_seen and (terminal.is_terminal(sys.stdin) or os.access(_KEYS, os.R_OK))


def show(request: Request) -> int:
    """Open the screen; 0, or a sentence with the path of the log where it broke."""
    from wsdebug.analysis.loading import Loader  # noqa: PLC0415 - only where a screen is wanted
    from wsdebug.cli.read import keylog_of  # noqa: PLC0415
    from wsdebug.tui import Options, run_screen  # noqa: PLC0415 - Textual takes 200 ms

    choice = check(request.connections)
    wanted = expression(request.connections, request.filter)
    if wanted:
        parse(wanted)  # a mistake is said before the screen opens
    out = terminal.standard_output()
    with keyboard("-" in request.files) as stdin:
        loader = Loader(
            list(request.files),
            limits=limits_from(request.limit),
            stdin=stdin,
            decode_as=declared_ports(request.decode_as),
            capture_filter=request.capture_filter,
            keylog=keylog_of(request.keylog, os.environ),
        )
        crash = run_screen(
            loader,
            Options(
                files=request.files,
                color=terminal.uses_color(request.color, out, os.environ),
                ascii=request.ascii or not terminal.takes_unicode(out),
                filter=wanted,
                animations=os.environ.get("TEXTUAL_ANIMATIONS") in ("full", "basic"),
                kept=kept(request),
                numbers=choice.numbers,
            ),
        )
    if crash is not None:
        raise broken(crash)
    return 0


def kept(request: Request) -> tuple[tuple[str, str], ...]:
    """The options that a command needs to show the same."""
    given = [("-k", request.keylog), ("-f", request.capture_filter), ("-Y", request.filter)]
    given += [("-d", port) for port in request.decode_as]
    given += [("--limit", limit) for limit in request.limit]
    return tuple((name, value) for name, value in given if value is not None)


def check(connections: str | None) -> Choice:
    """A choice that can be none is said before the screen opens, as the text report says it."""
    choice = Choice(connections=connections)
    if not choice.is_possible:
        raise UserError(
            f"There is no connection {connections} in this capture.", "They are numbered from 1."
        )
    return choice


def expression(connections: str | None, wanted: str | None = None) -> str:
    """`-c 3,5-7` and `-Y` as one filter."""
    parts = []
    for part in (connections or "").replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if part:
            parts.append(f"(conn >= {first} and conn <= {last})" if last else f"conn == {first}")
    chosen = " or ".join(parts)
    if not chosen or not wanted:
        return chosen or wanted or ""
    return f"({chosen}) and ({wanted})"


@contextlib.contextmanager
def keyboard(is_piped: bool) -> Iterator[BinaryIO | None]:
    """Keys come from descriptor 0, as Textual reads them: where data comes from there, the data
    moves to another one and the terminal takes its place. What is yielded is the data, if the
    capture is to be read from it.
    """
    if is_piped and terminal.is_terminal(sys.stdin):
        raise UserError(
            "There is no capture on standard input.",
            "Pipe one in: `tcpdump -i eth0 -U -w - port 8080 | wsdebug read -`",
        )
    if terminal.is_terminal(sys.stdin):
        yield None
        return
    kept = os.dup(0)
    keys = os.open(_KEYS, os.O_RDWR)
    os.dup2(keys, 0)
    os.close(keys)
    try:
        with os.fdopen(kept, "rb", closefd=False) as data:
            yield data if is_piped else None
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def broken(crash: str) -> UserError:
    """Written down where it can be found again; the terminal is back as it was."""
    descriptor, path = tempfile.mkstemp(prefix="wsdebug-", suffix=".log", text=True)
    with os.fdopen(descriptor, "w", encoding="utf-8") as log:
        log.write(crash)
    return UserError(
        f"The screen broke by a mistake of wsdebug; what happened is in {path}.",
        "The text report still works: wsdebug read -F text. Please report it with that log.",
    )
