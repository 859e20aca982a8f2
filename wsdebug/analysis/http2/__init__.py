"""WebSockets on an HTTP/2 connection: each stream is a connection of the report (RFC 8441)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsdebug.analysis.shared import Shared
    from wsdebug.protocol import Decoder
    from wsdebug.transport import Flow


def go_on_in_http2(flow: Flow, shared: Shared, decoder: Decoder | None = None) -> None:
    """Give a connection to who reads HTTP/2, with what waited at a decoder. Imported only now: its
    libraries take longer to load than most captures to read.
    """
    from wsdebug.analysis.http2.switch import switch  # noqa: PLC0415

    switch(flow, shared, decoder)
