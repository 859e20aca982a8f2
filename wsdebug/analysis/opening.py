"""The first bytes of a TCP connection: who is the client, and is it worth reading on?

Nearly every connection of a capture is no WebSocket; the first byte is enough to drop most.
"""

from __future__ import annotations

from wsdebug.analysis.encrypted import Encrypted
from wsdebug.analysis.http2 import go_on_in_http2
from wsdebug.analysis.shared import Shared
from wsdebug.analysis.tracker import Tracker
from wsdebug.http import opens_like_client, starts_like_response
from wsdebug.http.http2.borders import begins_with_frames, begins_with_settings
from wsdebug.model.place import Side
from wsdebug.transport import Flow, Half

TLS_HANDSHAKE = b"\x16\x03"
_TLS_TYPES = (b"\x14", b"\x15", b"\x16", b"\x17")
"""RFC 8446 5.1: change_cipher_spec, alert, handshake, application_data."""


class Opening:
    """Called by the transport for each connection when its first byte is ready."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.tls_connections = 0
        self.http_connections = 0

    def __call__(self, flow: Flow, half: Half, data: bytes) -> None:
        """Sets the flow's consumer, or ignores it."""
        is_request = opens_like_client(data)
        is_response = starts_like_response(data)
        speaks_http2 = begins_with_settings(data) if flow.syn_seen else begins_with_frames(data)
        is_hello = data[:2] == TLS_HANDSHAKE and data[5:6] in (b"\x01", b"")
        declared = self._declared(flow)
        if flow.client is None:
            is_server = is_response or (speaks_http2 and flow.syn_seen)
            flow.set_client(half.peer if is_server else declared.peer if declared else half)
        if is_hello and half.side is Side.CLIENT:
            self.tls_connections += 1
            flow.consumer = Encrypted(flow, self._shared)
        elif data and (is_request or is_response):
            self.http_connections += 1
            flow.consumer = Tracker(flow, self._shared)
        elif speaks_http2:
            self.http_connections += 1
            go_on_in_http2(flow, self._shared)
        elif declared is not None:
            tracker = Tracker(flow, self._shared)
            tracker.declare(
                self._shared.decode_as[declared.port], is_start=bool(data and flow.syn_seen)
            )
            flow.consumer = tracker
        elif not flow.syn_seen and not is_other_protocol(data):
            flow.consumer = Tracker(flow, self._shared, midstream=True)
        elif not data:
            flow.consumer = Tracker(flow, self._shared)
        else:
            flow.ignore()

    def _declared(self, flow: Flow) -> Half | None:
        """The half whose port was declared to be that of a WebSocket server."""
        ports = self._shared.decode_as
        return next((half for half in flow.halves if half.port in ports), None)


def is_other_protocol(data: bytes) -> bool:
    """Whether the bytes say by themselves that they are no frames: a TLS record, SSH."""
    return data.startswith(b"SSH-") or (data[:1] in _TLS_TYPES and data[1:2] == b"\x03")
