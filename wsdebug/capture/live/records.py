"""What a recorder is asked for and what it tells; sent between its two processes as JSON."""

from __future__ import annotations

import re

import msgspec

from wsdebug.display.escape import printable
from wsdebug.model.errors import UserError

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_RING = re.compile(r"([0-9]{1,6})x([0-9]{1,12}) *([kmg]?)b?", re.IGNORECASE)
_SMALLEST = 100_000


class Ring(msgspec.Struct, frozen=True):
    """At most `files` files of about `size` bytes each; the oldest is deleted for the next."""

    files: int
    size: int

    @classmethod
    def read(cls, text: str) -> Ring:
        """`10x100MB`; units are decimal, as in tcpdump -C. `UserError` for anything else."""
        match = _RING.fullmatch(text.strip())
        if match is not None:
            files, size = int(match[1]), int(match[2]) * _UNITS[match[3].lower()]
            if files >= 2 and size >= _SMALLEST:
                return cls(files, size)
        raise UserError(
            f'"{printable(text, 40)}" is no ring of files.',
            "Say how many files, two or more, and how big, 100kB or more: --ring 10x100MB",
        )


class InterfaceCounters(msgspec.Struct, frozen=True):
    """Of one interface, since the capture began."""

    name: str
    packets: int = 0
    """Written to the file."""
    bytes: int = 0
    """Of these packets, without what the file adds."""
    dropped: int | None = 0
    """Packets that passed the filter and that the kernel threw away because the recorder was too
    slow; None where the system does not tell.
    """
    gone: str | None = None
    """Why nothing more comes from this interface, as a sentence."""


class Counters(msgspec.Struct, frozen=True):
    """Of all interfaces, and of each."""

    interfaces: tuple[InterfaceCounters, ...] = ()

    @property
    def packets(self) -> int:
        """Written, in all."""
        return sum(each.packets for each in self.interfaces)

    @property
    def bytes(self) -> int:
        """Written, in all."""
        return sum(each.bytes for each in self.interfaces)

    @property
    def dropped(self) -> int | None:
        """In all; None where one of the interfaces does not tell."""
        known = [each.dropped for each in self.interfaces if each.dropped is not None]
        return sum(known) if len(known) == len(self.interfaces) else None


class Ended(msgspec.Struct, frozen=True):
    """Why the recording is over."""

    why: str
    """`stopped` (asked to), `duration`, `max-packets`, `interface-gone` (the last of them),
    `write-failed` (disk full and the like), `died` (the recording process did).
    """
    message: str
    """The same as a sentence for the user."""


class Refusal(msgspec.Struct, frozen=True):
    """A `UserError` on its way between processes."""

    sentence: str
    hint: str | None = None


class State(msgspec.Struct, frozen=True):
    """All that the recording process tells; each is whole, so that one may be left out."""

    counters: Counters = Counters()
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ended: Ended | None = None
    refusal: Refusal | None = None


class Order(msgspec.Struct, frozen=True):
    """What the recording process is asked to do."""

    interfaces: tuple[str, ...]
    out: str
    version: str
    capture_filter: str | None = None
    ring: Ring | None = None
    duration: float | None = None
    max_packets: int | None = None
    overwrite: bool = False
    owner: tuple[int, int] | None = None
    own_ring: bool = True
