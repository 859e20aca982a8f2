"""A pipe, copied to a file while it comes: who writes into the pipe never waits for its reader."""

from __future__ import annotations

import os
import threading
from typing import BinaryIO

from wsdebug.model.errors import UserError

_PIECE = 256 << 10


class Copier:
    """Copies in a thread; a `growing.Growth` of one file, which only its owner can read."""

    def __init__(self, stream: BinaryIO, path: str, most: int, *, overwrite: bool = False) -> None:
        """`most`: bytes that may be written; `overwrite`: a file of that name may go. `UserError`
        where the file cannot be made.
        """
        kind = os.O_TRUNC if overwrite else os.O_EXCL
        try:
            self._out = os.open(path, os.O_WRONLY | os.O_CREAT | kind, 0o600)
        except FileExistsError:
            raise UserError(f"{path} exists.", "Choose another name, or --force") from None
        except OSError as error:
            raise UserError(
                f"{path} cannot be written: {error.strerror}.", "Choose another file with -w."
            ) from error
        self.files = [path]
        self.fault: str | None = None
        """Why the copy ended before the pipe did."""
        # Of one's own, and without a buffer: who closes the stream waits for no read of ours.
        self._in = os.dup(stream.fileno())
        self._left = most
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wsdebug-copier", daemon=True)

    @property
    def ended(self) -> bool:
        """The pipe has, or the copy."""
        return self._ended.is_set()

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def stop(self) -> None:
        """Copy no more; a read that waits for the pipe ends with the program."""
        self._ended.set()

    def _run(self) -> None:
        try:
            while not self.ended and (data := os.read(self._in, _PIECE)):
                if len(data) > self._left:
                    self.fault = "the limit of what is kept on disk was reached (--limit spool)"
                    break
                self._left -= len(data)
                _write(self._out, data)
        except OSError as error:
            name = self.files[0]
            self.fault = f"{name} cannot be written any more, or the pipe read: {error.strerror}"
        finally:
            self._ended.set()
            os.close(self._out)
            os.close(self._in)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
