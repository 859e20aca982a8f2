"""DX219: RST_STREAM."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import close_may_be_missing, no_bad_frame
from wsdebug.diagnosis.life import Stamp
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.knowledge.http2_errors import meaning
from wsdebug.model.http2 import error_name
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX219",
    title="The stream of the WebSocket was reset (RST_STREAM)",
    fix=("h2-stream-reset", "reconnect"),
    last_resort=True,
)
def h2_stream_reset(scene: Scene) -> Claim | None:
    """One side gave up this stream and no other: the HTTP/2 connection goes on. RST_STREAM carries
    a code that says why: CANCEL is a closed tab or a proxy whose backend hung up, INTERNAL_ERROR a
    program that failed, REFUSED_STREAM a server that would not take it. No Close frame came before
    it, so applications see 1006.
    """
    end = scene.life.stream_end
    if end is None or end.kind != "rst-stream" or scene.verdict.how != "rst":
        return None
    if blame(scene) is not None:
        return None
    name = error_name(end.code)
    text = f"The {end.side} sent RST_STREAM {name}: {meaning(name)}."
    because = [seen(Stamp(end.packet or 0, end.time), end.side, text)]
    if scene.is_open and not scene.has_gaps:
        because.append(Evidence("No Close frame came before it on this stream."))
    return Claim(
        Certainty.LIKELY if scene.has_gaps else Certainty.CERTAIN,
        because,
        close_may_be_missing(scene),
        considered=[*no_bad_frame(scene), "end of TCP (it went on)"],
        title=f"The {end.side} reset the stream of the WebSocket ({name})",
    )
