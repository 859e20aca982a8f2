"""Connections that went as one before them: kept as numbers, for a busy server has many of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from msgspec.structs import replace

from wsdebug.diagnosis.fleet.member import Member
from wsdebug.diagnosis.timeouts import plain_wait
from wsdebug.transport.half import address_text

_PADDED, _IPV4 = 16, 4
"""Bytes of an address."""
_COLUMNS = 7


class Alikes:
    """Takes what differs from a `Member`, and makes one of it when all is over."""

    __slots__ = ("_clients", "_first", "_kinds", "_rows")

    def __init__(self) -> None:
        self._first: list[Member] = []
        self._kinds: dict[int, int] = {}
        """Which of the first ones, by their `id()`."""
        self._rows = array("q")
        self._clients = bytearray()

    def add(
        self, first: Member, id_: int, client: bytes, start: int, ended: int, packet: int,
        silence: int, age: int,
    ) -> None:  # fmt: skip
        """One that ended as `first` did, before a Close that needs no timeout to explain it:
        `silence` before it, and `age`, are ns as all times are.
        """
        kind = self._kinds.get(id(first))
        if kind is None:
            kind = self._kinds[id(first)] = len(self._first)
            self._first.append(first)  # and so its `id()` is no other's
        self._clients += client.rjust(_PADDED, b"\0") if len(client) < _PADDED else client
        self._rows.extend((kind, id_, start, ended, packet, silence, age))

    def __len__(self) -> int:
        return len(self._rows) // _COLUMNS

    def members(self) -> Iterator[Member]:
        """All of them."""
        return map(self._member, range(len(self)))

    def _member(self, index: int) -> Member:
        at = index * _COLUMNS
        kind, id_, start, ended, packet, silence, age = self._rows[at : at + _COLUMNS]
        first, wait = self._first[kind], plain_wait(silence, age)
        address = self._clients[index * _PADDED : (index + 1) * _PADDED]
        return replace(
            first,
            id=id_,
            client=address_text(bytes(address if ":" in first.client else address[-_IPV4:])),
            start=start,
            ended=ended,
            packet=packet,
            silence=wait.silence,
            age=wait.age,
            is_flowing=wait.is_flowing,
        )
