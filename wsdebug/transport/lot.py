"""Where the packets of connections wait (`parked`): who comes in, who leaves, and to where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from wsdebug import compiled
from wsdebug.model.place import Packet
from wsdebug.transport.alarms import Alarms
from wsdebug.transport.assembly import CLOSED_LINGER
from wsdebug.transport.flow import Flow
from wsdebug.transport.flow_key import reverse_key
from wsdebug.transport.half import LATEST
from wsdebug.transport.ip import Header
from wsdebug.transport.parked import MOST_BYTES, Parked, Parking, begins
from wsdebug.transport.table import Table


class Lot:
    """The connections of a capture that wait. `read` takes a packet as that of any other one,
    `wake` wakes those whose packet number or time (ns) has come.
    """

    def __init__(
        self,
        table: Table,
        alarms: Alarms,
        parking: Parking,
        read: Callable[[Packet], None],
        wake: Callable[[int, int], None],
    ) -> None:
        self._table = table
        self._alarms = alarms
        self._parking = parking
        self._read = read
        self._sieve = None
        if compiled.parked is not None:
            self._sieve = compiled.parked.Sieve(
                table.live, table.stubs, table.parked, alarms, self.park, self.over, wake
            )

    def sift(self, batch: Sequence[Packet]) -> Iterable[Packet]:
        """The packets that the transport's own loop must take: all of them, unless a compiled one
        took those of parked connections before.
        """
        return batch if self._sieve is None else self._sieve.run(batch)

    def reached(self, now: int) -> int:
        """The time in ns of the last packet that had one; `now` is that of the last one that
        `sift` gave out.
        """
        taken = self._sieve.now if self._sieve is not None else None
        return now if taken is None else taken

    def parks(self, packet: Packet, header: Header) -> bool:
        """Let a new connection wait if it may be an ordinary one. Else, where the table is full, it
        takes the place of the one used least recently, and that may be one that waits.
        """
        time = packet[1]
        if time is not None and _may_wait(time, len(packet[3]), header):
            return self.park(packet, time, header.key, header.seq, header.ttl)
        if self._table.is_full:
            self._empty()
        return False

    def park(self, packet: Packet, time: int, key: bytes, seq: int, ttl: int) -> bool:
        """The packet is a SYN; False where there is no room. Then nobody waits any longer: those
        who do would be there for good.
        """
        back = reverse_key(key)
        if key == back:  # from an address and port to itself: which side sends it does not say
            return False
        parked = self._table.park(packet, time, (key, back), seq, ttl)
        if parked is not None:
            self._parking.begin(parked)
            return True
        self._empty()
        return False

    def _empty(self) -> None:
        for half in list(self._table.parked.values()):
            self.unpark(half.whole.key)

    def over(self, parked: Parked, now: int) -> None:
        """Both sides have sent their FIN."""
        self._alarms.in_turn(now + CLOSED_LINGER, parked)

    def unpark(self, key: bytes) -> None:
        """Read what waited as the packets of any other connection."""
        half = self._table.parked.get(key)
        if half is None:
            return
        parked = half.whole
        self._table.unpark(parked)
        self._parking.left(parked)
        self._table.add(parked.key, parked.first_number, parked.start, index=parked.index)
        for packet in parked.packets:
            self._read(packet)
        parked.part()

    def settle(self, parked: Parked) -> Flow | None:
        """It is over, or the capture is: was it ordinary to its end? Else its packets are read, and
        what became of it is to be closed.
        """
        if not parked.is_gone and parked.is_settled and self._parking.over(parked):
            self._table.settle(parked)
            parked.part()
            return None
        key = parked.key
        self.unpark(key)
        half = self._table.live.get(key)
        return half.flow if half is not None else None


def _may_wait(time: int, captured: int, header: Header) -> bool:
    """Whether a segment, captured in so many bytes at that time (ns), is a plain SYN."""
    if header.network or abs(time) >= LATEST:  # 64 bits: no clock is later
        return False
    return begins(header.bits, header.end - header.start) and header.end <= captured <= MOST_BYTES
