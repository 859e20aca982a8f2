"""The file that grows, or the ring of files: whole blocks, in few writes, straight to the system.

Nothing is kept back in memory, so nothing is lost with the process; and when a write fails, the
file is cut back to its last whole block.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from wsdebug.capture.live.records import Order
from wsdebug.display.escape import printable
from wsdebug.model.errors import UserError


class GrowingFile:
    """`files` are those that are there, oldest first; `fault` says why writing failed."""

    def __init__(self, order: Order, head: bytes, tail: Callable[[], bytes]) -> None:
        """`head` begins each file; `tail()` ends it. `UserError` where there can be no file."""
        self._out = Path(order.out)
        self._head = head
        self._ring = order.ring
        self._tail = tail
        self._overwrite = order.overwrite
        self._owner = order.owner
        self._made = 0
        self._number = -1
        self._size = 0
        self.files: list[Path] = []
        self.fault: str | None = None
        self._open()

    def write(self, blocks: Sequence[bytes]) -> int:
        """Writes blocks, whole ones; how many."""
        written = 0
        while written < len(blocks) and self.fault is None:
            if self._is_full():
                self._turn()
            room = self._room(blocks, written)
            data = b"".join(blocks[written:room])
            stays = self._put(data)
            if stays < len(data):
                return written + self._cut(blocks[written:room], stays)
            written = room
        return written

    def close(self) -> None:
        """Ends the file."""
        if self.fault is None:
            tail = self._tail()
            stays = self._put(tail)
            if stays < len(tail):
                self._cut([tail], stays)
        if self._number >= 0:
            os.close(self._number)
            self._number = -1

    def _is_full(self) -> bool:
        return self._ring is not None and self._size >= self._ring.size

    def _room(self, blocks: Sequence[bytes], first: int) -> int:
        """The block before which the file is full."""
        if self._ring is None:
            return len(blocks)
        size = self._size
        for number in range(first, len(blocks)):
            if size >= self._ring.size:
                return number
            size += len(blocks[number])
        return len(blocks)

    def _turn(self) -> None:
        """Goes on in the next file of the ring."""
        self.close()
        if self.fault is None:
            try:
                self._open()
            except UserError as error:
                self.fault = str(error)

    def _open(self) -> None:
        self._made += 1
        path = self._out if self._ring is None else self._named()
        if self._ring is not None and len(self.files) >= self._ring.files:
            with contextlib.suppress(OSError):
                self.files.pop(0).unlink()
        if self._overwrite:
            _remove(path)
        try:
            self._number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        except FileExistsError:
            raise UserError(
                f"{printable(str(path), 200)} exists.", "Choose another name, or --force"
            ) from None
        except OSError as error:
            raise UserError(_cannot(path, error), "Choose another place: -w FILE") from None
        if self._owner is not None:
            with contextlib.suppress(OSError):
                os.fchown(self._number, *self._owner)
        self._size = 0
        self.files.append(path)
        if self._put(self._head) < len(self._head):
            # No capture yet, so no file.
            self.close()
            self.files.pop().unlink()
            raise UserError(self.fault or "", "Choose another place: -w FILE")

    def _named(self) -> Path:
        """As dumpcap names the files of a ring."""
        now = time.strftime("%Y%m%d%H%M%S")
        suffix = self._out.suffix or ".pcapng"
        return self._out.with_name(f"{self._out.stem}_{self._made:05d}_{now}{suffix}")

    def _put(self, data: bytes) -> int:
        """Writes until all is written or the system refuses; the bytes that are in the file."""
        view, done = memoryview(data), 0
        try:
            while done < len(data):
                done += os.write(self._number, view[done:])
        except OSError as error:
            self.fault = _cannot(self.files[-1], error)
        self._size += done
        return done

    def _cut(self, blocks: Sequence[bytes], stays: int) -> int:
        """Cuts off the block that was written in part; how many whole ones stay."""
        whole, count = 0, 0
        while whole + len(blocks[count]) <= stays:
            whole += len(blocks[count])
            count += 1
        self._size += whole - stays
        with contextlib.suppress(OSError):
            os.ftruncate(self._number, self._size)
        return count


_BINARY = getattr(os, "O_BINARY", 0)


def _remove(path: Path) -> None:
    """An older file of that name; never a device."""
    try:
        is_file = stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return
    if not is_file:
        raise UserError(f"{printable(str(path), 200)} is no plain file.", "Choose another name")
    path.unlink()


def _cannot(path: Path, error: OSError) -> str:
    return f"{printable(str(path), 200)} cannot be written: {error.strerror}."
