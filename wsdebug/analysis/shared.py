"""What all connections of one capture share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from wsdebug.analysis.legs import Legs
from wsdebug.analysis.unreadable import Unreadable
from wsdebug.http import Budget
from wsdebug.model.facts import Fact
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import Limits
from wsdebug.protocol.inflaters import Inflaters
from wsdebug.protocol.keys import Keys
from wsdebug.protocol.searches import Searches
from wsdebug.rules import watch_table

if TYPE_CHECKING:
    from wsdebug.analysis.choosing import Choosing
    from wsdebug.analysis.encrypted import Encrypted
    from wsdebug.analysis.store import Store
    from wsdebug.analysis.tls_keys import TlsKeys
    from wsdebug.analysis.tracker import Tracker


class Shared:
    """Limits, the keys seen, who listens, and where a connection goes when it is over."""

    def __init__(
        self,
        limits: Limits,
        on_fact: Callable[[int, Fact], None] | None,
        on_close: Callable[[Tracker | Encrypted], None],
        choosing: Choosing | None = None,
        shown: int = 0,
        store: Store | None = None,
    ) -> None:
        self.limits = limits
        self.shown = shown
        """Bytes of a payload that the report shows; a filter may read more."""
        self.choosing = choosing if choosing is not None and choosing.needs_frames else None
        self.on_fact = on_fact
        self.on_close = on_close
        self.keys = Keys()
        """Those of this capture (HS108)."""
        self.inflaters = Inflaters(limits.inflaters)
        self.budget = Budget(limits.total_waiting)
        self.findings = 0
        """Findings kept of connections that are not finished."""
        self.searches = Searches(limits.searches)
        self.decode_as: Mapping[int, Agreed] = {}
        """TCP ports that somebody says speak WebSocket, and what they agreed on."""
        self.legs = Legs()
        self.tls_keys: TlsKeys | None = None
        """Secrets of TLS sessions, where there are any."""
        self.store = store
        """Who wants the rows of every connection."""
        self.touched: dict[Tracker, None] | None = None
        """Connections with something new, where somebody watches them live."""
        self.recognised = 0
        self.reserved: dict[int, int] = {}
        """Ids of connections that were recognised while their packets waited, by tcp.stream."""
        self.unreadable_heads = Unreadable()
        """HTTP/2 connections whose header blocks cannot be read."""
        self.streams_left_out = 0
        """WebSockets over HTTP/2 that were not read."""
        # Who looks at every frame gets every frame; else only those a rule may object to.
        self.watch = None if on_fact or self.choosing or limits.payload else watch_table

    @property
    def is_heard(self) -> bool:
        """Somebody wants every fact."""
        if self.on_fact is not None or self.choosing is not None:
            return True
        return self.store is not None

    def number(self, index: int = -1) -> int:
        """The id of the connection that was just recognised; `index` is its tcp.stream."""
        if index in self.reserved:
            return self.reserved.pop(index)
        self.recognised += 1
        return self.recognised
