"""The first bytes of a TCP connection: who is the client, and is it worth reading on?

Nearly every connection of a capture is no WebSocket; the first byte is enough to drop most.
"""

from __future__ import annotations

from wsdebug.analysis.encrypted import NOBODY, Encrypted
from wsdebug.analysis.http2 import go_on_in_http2
from wsdebug.analysis.proxied import Proxied, may_hide_tls
from wsdebug.analysis.secure import Secure
from wsdebug.analysis.shared import Shared
from wsdebug.analysis.tracker import Tracker
from wsdebug.http import opens_like_client, starts_like_response
from wsdebug.http.http2.borders import begins_with_frames, begins_with_settings
from wsdebug.model.place import Side
from wsdebug.transport import Flow, Half
from wsdebug.transport.tls import HEADER, TlsSession, is_header

TLS_HANDSHAKE = b"\x16\x03"
_TLS_TYPES = (b"\x14", b"\x15", b"\x16", b"\x17")
"""RFC 8446 5.1: change_cipher_spec, alert, handshake, application_data."""


class Opening:
    """Called by the transport for each connection when its first byte is ready."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.tls_connections = 0
        self.tls_decrypted = 0
        self.http_connections = 0

    def __call__(self, flow: Flow, half: Half, data: bytes) -> None:
        """Sets the flow's consumer, or ignores it."""
        self.tls_decrypted += flow.tls is not None
        is_request = opens_like_client(data)
        is_response = (flow.client is None or not is_request) and starts_like_response(data)
        may_be_http2 = begins_with_settings if flow.syn_seen else begins_with_frames
        speaks_http2 = not is_request and may_be_http2(data)
        is_hello = data[:2] == TLS_HANDSHAKE and data[5:6] in (b"\x01", b"")
        declared = self._declared(flow)
        if flow.client is None:
            is_server = is_response or (speaks_http2 and flow.syn_seen)
            flow.set_client(half.peer if is_server else declared.peer if declared else half)
        # The server's hello comes first where packets are out of order, or the client's is lost.
        is_answer = data[:2] == TLS_HANDSHAKE and data[5:6] == b"\x02" and flow.syn_seen
        if (is_hello and half.side is Side.CLIENT) or (is_answer and half.side is Side.SERVER):
            self._secure(flow)
        elif half.side is Side.CLIENT and may_hide_tls(data):
            flow.consumer = Proxied(flow, self._shared, self._secure)
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
        elif not flow.syn_seen and is_midstream_tls(data):
            self.tls_connections += 1
            flow.consumer = Encrypted(flow, self._shared, TlsSession(None, NOBODY), late=True)
        elif not flow.syn_seen and not is_other_protocol(data):
            flow.consumer = Tracker(flow, self._shared, midstream=True)
        elif not data:
            flow.consumer = Tracker(flow, self._shared)
        else:
            flow.ignore()

    def _secure(self, flow: Flow, header: int = 0) -> None:
        """It is TLS, behind a PROXY header of so many bytes."""
        self.tls_connections += 1
        keys = self._shared.tls_keys
        if keys is not None and keys.is_given:
            secure = Secure(flow, self._shared, self)
            flow.consumer, session = secure, secure.session
        else:
            session = TlsSession(None, NOBODY)
            flow.consumer = Encrypted(flow, self._shared, session)
        session.sides[Side.CLIENT].records.offset = header
        session.facts.proxy_header = header > 0

    def _declared(self, flow: Flow) -> Half | None:
        """The half whose port was declared to be that of a WebSocket server."""
        ports = self._shared.decode_as
        if not ports:
            return None
        return next((half for half in flow.halves if half.port in ports), None)


def is_other_protocol(data: bytes) -> bool:
    """Whether the bytes say by themselves that they are no frames: a TLS record, SSH."""
    return data.startswith(b"SSH-") or (data[:1] in _TLS_TYPES and data[1:2] == b"\x03")


def is_midstream_tls(data: bytes) -> bool:
    """Whether bytes from the middle of a connection begin with a record of encrypted data, and
    where they hold the next border, with another one behind it.
    """
    if len(data) < HEADER or not is_header(data) or data[0] not in (0x15, 0x17):
        return False
    stop = HEADER + int.from_bytes(data[3:5])
    return len(data) < stop + HEADER or is_header(data, stop)
