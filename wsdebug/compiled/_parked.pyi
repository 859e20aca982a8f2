# As wsdebug.transport.parked, wsdebug.protocol.plain_side and plain_way, and the loop of
# Transport.consume.
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wsdebug.model.place import Packet

Parked: Any
PlainSide: Any

class Sieve:
    now: int | None
    def __init__(
        self,
        live: dict[bytes, Any],
        stubs: dict[bytes, Any],
        parked: dict[bytes, Any],
        alarms: Any,
        park: Callable[[Packet, int, bytes, int, int], bool],
        over: Callable[[Any, int], None],
        wake: Callable[[int, int], None],
    ) -> None: ...
    def run(self, batch: Sequence[Packet]) -> Iterator[Packet]: ...

def way(kind: type[tuple[Any, ...]], half: Any, frames: Any) -> Any: ...
