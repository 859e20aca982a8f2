"""DX104: something else writes on the socket."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import foreign_kind
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.diagnosis.why import KINDS
from wsdebug.model.report import Certainty, Evidence

_NAMED = ("json", "text", "newline", "zeros", "chunk-size", "http-request")
_HINTS = {
    "newline": "A line break of its own is the mark of println and of line-based proxies.",
    "json": "JSON without a frame is a message that was written past the library.",
    "text": "Text without a frame is a message that was written past the library.",
    "zeros": "Zeros come from a buffer that was sent whole although only part of it was filled.",
    "chunk-size": "A chunk size comes from something that treats the tunnel as a chunked body.",
    "http-response": "An answer of HTTP/1 on a stream of HTTP/2 was written by hand.",
    "http-request": "A request comes from a connection pool that has taken the socket back.",
}


@cause(
    code="DX104", title="Another writer put raw bytes on the socket", fix=("one-writer", "detach")
)
def raw_bytes_on_socket(scene: Scene) -> Claim | None:
    """Bytes stand at a frame border that are no frame: JSON, text, a line break, zeros, a chunk
    size, an HTTP request. Another module writes on the same TCP socket (`ws._socket.write`, a
    `server.on('connection')` handler, a line-based proxy), or the connection was to go on as plain
    TCP while the WebSocket was still attached.

    What the receiver says depends on the first byte: `{`, `[`, a space and lower-case text are
    "RSV2 and RSV3 must be clear", a line feed is "FIN must be set" together with the next frame, a
    carriage return is "invalid opcode 13".

    Bytes of no known kind may as well be damage (bytes-altered-in-transit) or the rest of a frame
    whose length was too small (wrong-length-field): then this is only possible.
    """
    found = foreign_kind(scene)
    if found is None:
        return None
    blamed, kind = found
    # On a stream of HTTP/2 no HTTP/1 answers: an answer there is what somebody wrote.
    if kind not in (*_NAMED, "unknown") and not (scene.life.is_stream and kind in _HINTS):
        return None
    finding = blamed.finding
    if "overrun" in finding.detail:
        return None  # the rest of the frame before: DX108, DX109
    what = KINDS[kind]
    because = [
        shown(finding, f"The {blamed.offender} sent {what} at a frame border: {finding.saw}."),
        blamed.reaction,
    ]
    if kind == "unknown":
        considered = [
            "a length written too small (DX109)",
            "bytes altered on the way (DX107): only a capture from the other side can tell",
        ]
        return Claim(Certainty.POSSIBLE, because, considered=considered)
    because.append(Evidence(_HINTS[kind]))
    considered = ["a broken frame (it is no header)"]
    if kind != "http-response":
        considered.insert(0, "an HTTP error page (it would begin with HTTP/1.)")
    return Claim(blamed.certainty, because, considered=considered)
