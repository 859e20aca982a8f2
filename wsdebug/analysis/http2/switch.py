"""From HTTP/1, or from nothing, to HTTP/2."""

from __future__ import annotations

from wsdebug.analysis.http2.carrier import Carrier
from wsdebug.analysis.shared import Shared
from wsdebug.model.place import SIDES
from wsdebug.protocol import Decoder
from wsdebug.transport import Flow


def switch(flow: Flow, shared: Shared, decoder: Decoder | None) -> None:
    """The decoder has come to the client's preface, or to a 101 that switches to h2c: what waits
    there is HTTP/2. The server may have been quicker with its SETTINGS (RFC 9113 3.4).
    """
    is_start = decoder is not None or flow.syn_seen
    flow.consumer = carrier = Carrier(flow, shared, is_start=is_start)
    if decoder is None:
        return
    for side in SIDES:
        base, pieces = decoder.drain(side)
        carrier.begin(side, base)
        for piece, mark in pieces:
            if isinstance(piece, bytes):
                carrier.feed(side, piece, mark)
            else:
                carrier.gap(side, piece, mark, "not-known")
