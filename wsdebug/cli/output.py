"""The file that is exported to: there when it is whole, and until then what was there before."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from wsdebug.cli import terminal
from wsdebug.model.errors import UserError


@contextlib.contextmanager
def output_of(output: str) -> Iterator[BinaryIO]:
    """The file to write (`becoming`), or standard output."""
    if output == "-":
        stream = terminal.standard_output()
        if terminal.is_terminal(stream):
            raise UserError("That is no text for a terminal.", "Name a file: -o FILE")
        yield stream.buffer
        stream.buffer.flush()
        return
    with becoming(output) as path, path.open("wb") as file:
        yield file


@contextlib.contextmanager
def becoming(output: str) -> Iterator[Path]:
    """A path beside `output` to write to, which takes its name when all went well and is removed
    otherwise. A device or a pipe is written to as it is, and stays.
    """
    target = Path(output)
    if target.exists() and not target.is_file():
        with _said(target):
            yield target
        return
    target = Path(os.path.realpath(target))  # of a link, what it leads to
    with _said(Path(output)):
        path = _beside(target)
        try:
            yield path
            path.replace(target)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _beside(target: Path) -> Path:
    """A new file in the folder of `target`, as those may read it who might read `target`."""
    number, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    os.close(number)
    path = Path(name)
    path.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
    return path


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise UserError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another file with -o."
        ) from error
