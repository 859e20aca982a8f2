"""The compression contexts of all connections of a capture: no more than a limit live at once."""

from __future__ import annotations

from collections import OrderedDict

from wsdebug.protocol.inflate import Inflater


class Inflaters:
    """Live inflaters, the least recently used first; that one gives its context up when another
    is wanted (`Limits.inflaters`).
    """

    __slots__ = ("_live", "_most", "given_up")

    def __init__(self, most: int) -> None:
        self._live: OrderedDict[Inflater, None] = OrderedDict()
        self._most = max(1, most)
        self.given_up = 0
        """How often a context was given up."""

    def use(self, inflater: Inflater) -> None:
        """A message of this one begins."""
        live = self._live
        try:
            live.move_to_end(inflater)
        except KeyError:
            if len(live) >= self._most:
                oldest, _ = live.popitem(last=False)
                oldest.give_up()
                self.given_up += 1
            live[inflater] = None

    def release(self, inflater: Inflater) -> None:
        """Its stream is over."""
        self._live.pop(inflater, None)
