"""Connections that leave the store while something of them is read beside the screen (`--keep`)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from wsdebug.model.rows import State
from wsdebug.tui.source import Store


@contextlib.contextmanager
def unless_evicted(store: Store, connection: int) -> Iterator[None]:
    """Leaves the block where the connection has gone: its rows are not there any more, whatever
    that did to who was reading them.
    """
    try:
        yield
    except Exception:
        if store.connections[connection - 1].state is not State.GONE:
            raise
