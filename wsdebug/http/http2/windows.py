"""Flow control: how many bytes of DATA each side may still send (RFC 9113 5.2, 6.9)."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.http.http2.events import Stalled
from wsdebug.model.place import NO_MARK, Mark, Side

DEFAULT = 65_535
_CONNECTION = 0


class Windows:
    """What one side may send. Known only of a connection seen from its beginning: `is_known`."""

    def __init__(self, side: Side, *, is_start: bool) -> None:
        self.is_known = is_start
        self._side = side
        self._initial = DEFAULT
        self._left: dict[int, int] = {_CONNECTION: DEFAULT}
        self._since: dict[int, Mark] = {}

    def open(self, stream: int) -> None:
        """A stream that is watched."""
        self._left[stream] = self._initial

    def spend(self, stream: int, length: int, mark: Mark) -> None:
        """DATA of `length` bytes, padding included; a window that is used up stalls the sender."""
        if not self.is_known:
            return
        for each in (_CONNECTION, stream):
            if each in self._left:
                self._left[each] -= length
                if self._left[each] <= 0:
                    self._since.setdefault(each, mark)

    def update(self, stream: int, increment: int, mark: Mark) -> Iterator[Stalled]:
        """WINDOW_UPDATE of the receiver."""
        if stream in self._left:
            self._left[stream] += increment
            yield from self._freed(stream, mark)

    def set_initial(self, size: int, mark: Mark) -> Iterator[Stalled]:
        """SETTINGS_INITIAL_WINDOW_SIZE of the receiver moves every stream (RFC 9113 6.9.2)."""
        step, self._initial = size - self._initial, size
        for stream in self._left:
            if stream != _CONNECTION:
                self._left[stream] += step
                yield from self._freed(stream, mark)

    def lose(self) -> None:
        """Frames are missing: nobody knows the windows any more."""
        self.is_known = False
        self._since.clear()

    def close(self, stream: int, mark: Mark) -> Iterator[Stalled]:
        """The stream is over; what it waited for never came."""
        self._left.pop(stream, None)
        if stream in self._since:
            yield Stalled(stream, self._side, self._since.pop(stream), mark)

    def forget(self, stream: int) -> Iterator[Stalled]:
        """The stream is over. What it waited for, or all of the connection, never came."""
        self._left.pop(stream, None)
        for each in (_CONNECTION, stream):
            if each in self._since:
                yield Stalled(stream, self._side, self._since[each], NO_MARK)
        self._since.pop(stream, None)

    def _freed(self, stream: int, mark: Mark) -> Iterator[Stalled]:
        if self._left[stream] > 0 and stream in self._since:
            yield Stalled(stream, self._side, self._since.pop(stream), mark)
