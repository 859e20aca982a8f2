"""Where the secrets of TLS sessions come from: a key log file, and blocks inside a capture."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO, cast

from wsdebug.capture.blocks import TLS_KEY_LOG, Secrets
from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted
from wsdebug.model.errors import UserError
from wsdebug.model.limits import Limits
from wsdebug.model.report import CaptureNote
from wsdebug.transport.tls import KeyLog

_CHUNK = 1 << 20
_FEW = 5


class TlsKeys:
    """Secrets as they come; `blocks` may grow while the capture is read, and so may the file."""

    def __init__(
        self, path: str | None, blocks: Sequence[Secrets], limits: Limits, *, may_grow: bool = False
    ) -> None:
        """`path`: a key log. `may_grow`: it is still being written, or will be (a live capture).
        Raises `UserError` where it cannot be read.
        """
        self.may_grow = may_grow
        self.path = path
        self._log = KeyLog(limits.secrets)
        is_there = path is not None and (not may_grow or Path(path).exists())
        self._file = _opened(path) if path is not None and is_there else None
        self._blocks = blocks
        self._taken = 0
        self._missed: set[bytes] = set()
        self._found: set[bytes] = set()
        if self._file is not None:
            self._read()
            if not may_grow:
                self._log.end()
                self.close()

    @property
    def is_given(self) -> bool:
        """Whether there is anything to look in."""
        return self.path is not None or bool(self._blocks)

    def secrets(self, random: bytes) -> dict[str, bytes]:
        """Of one session, by label."""
        self._refresh()
        found = self._log.secrets(random)
        noted = self._found if found else self._missed
        if len(noted) < _MOST_NOTED:
            noted.add(random)
        return found

    def master(self, session_id: bytes) -> bytes | None:
        """Of a TLS 1.2 session by its ID."""
        return self._log.master(session_id)

    def lines(self, random: bytes) -> bytes:
        """Of one session, as lines of a key log."""
        return self._log.lines(random)

    def close(self) -> None:
        """No more will be read of the file."""
        self.may_grow = False
        if self._file is not None:
            self._file.close()
            self._file = None

    def _refresh(self) -> None:
        while self._taken < len(self._blocks):
            block = self._blocks[self._taken]
            self._taken += 1
            if block.kind == TLS_KEY_LOG:
                self._log.block(block.data)
        if self.may_grow:
            self._read()

    def _read(self) -> None:
        if self._file is None and self.may_grow and self.path is not None:
            with contextlib.suppress(UserError):  # the program that writes it may start later
                self._file = _opened(self.path)
        while self._file is not None and (data := self._file.read(_CHUNK)):
            self._log.feed(data)
            if self._log.is_full:
                return

    # ---- what to say of it ------------------------------------------------------------------
    def notes(self) -> list[CaptureNote]:
        """What the reader of the report should know of the key log."""
        log, name = self._log, "The capture's secrets block"
        if self.path is not None:
            name = printable(self.path, 200)
        said = []
        if log.bad:
            numbers = ", ".join(map(str, log.bad_lines[:_FEW])) + (" …" if log.bad > _FEW else "")
            lines = "line" if log.bad == 1 else "lines"
            used = "; the others were used" if log.sessions else ""
            said.append(f"{counted(log.bad, 'line')} of {name} could not be read as a key log's"
                        f" ({lines} {numbers}){used}.")  # fmt: skip
        if log.is_full:
            said.append(
                f"Only the beginning of {name} was used: it is longer than --limit secrets."
            )
        if self.path is not None and not log.sessions:
            said.append(f"{name} holds no keys. `wsdebug explain keylog` says how to get them.")
        elif self._missed and not self._found and log.sessions:
            keys = counted(log.sessions, "TLS session")
            said.append(
                f"{name} has keys of {keys}, and none is of a TLS connection of this capture: it"
                " was written by another run, or by another program."
            )
        return [CaptureNote("keylog", text) for text in said]


_MOST_NOTED = 100_000


def _opened(path: str) -> BinaryIO:
    """A regular file: opening a pipe would wait for who writes it."""
    try:
        about = Path(path).stat()
        if S_ISREG(about.st_mode):
            return cast("BinaryIO", Path(path).open("rb", buffering=0))
        reason = "Is a directory" if S_ISDIR(about.st_mode) else "Is no regular file"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    raise UserError(
        f"The key log {printable(path, 200)} cannot be read: {reason}.",
        "`wsdebug explain keylog` says how programs write one.",
    )
