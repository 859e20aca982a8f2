# As the loops of wsdebug.capture.pcap and pcapng: packets are appended to `batch` up to the first
# record that is not plain or not whole. Where that begins, and the number of the last packet.
# A batch holds packets of one buffer, and others; each one's tuple is made when it is asked for.
from collections.abc import Sequence
from typing import overload

from wsdebug.model.place import Packet

class Batch(Sequence[Packet]):
    def append(self, packet: Packet, /) -> None: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, at: int, /) -> Packet: ...
    @overload
    def __getitem__(self, at: slice, /) -> list[Packet]: ...

def pcap(
    buffer: bytes,
    batch: Batch,
    link_type: int,
    is_big: bool,
    number: int,
    base: int,
    header: int,
    unit: int,
    usual: int,
    /,
) -> tuple[int, int]: ...
def pcapng(
    buffer: bytes,
    batch: Batch,
    link_type: int,
    is_big: bool,
    number: int,
    base: int,
    at: int,
    size: int,
    longest: int,
    index: int,
    high: int,
    window_start: int,
    multiplier: int,
    /,
) -> tuple[int, int]: ...
