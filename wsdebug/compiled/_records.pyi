# As the loops of wsdebug.capture.pcap and pcapng: packets are appended to `batch` up to the first
# record that is not plain or not whole. Where that begins, and the number of the last packet.
from wsdebug.model.place import Packet

def pcap(
    buffer: bytes,
    batch: list[Packet],
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
    batch: list[Packet],
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
