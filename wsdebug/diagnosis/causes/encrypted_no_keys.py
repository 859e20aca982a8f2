"""DX405: nothing can be read."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import SECOND, Scene, seen
from wsdebug.diagnosis.timeouts import idle_timeouts
from wsdebug.display.escape import printable
from wsdebug.display.quantities import grouped
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.advice import advice
from wsdebug.knowledge.closed_tls import closed
from wsdebug.model.report import Certainty, Evidence
from wsdebug.model.tls import Keys

_LONG = 5.0


@cause(code="DX405", title="Encrypted, and no keys are at hand", fix=("key-log",), last_resort=True)
def encrypted_no_keys(scene: Scene) -> Claim | None:
    """The connection is TLS and its keys are not known: whether it is a WebSocket, and what was
    said, cannot be known from this capture. What TCP shows holds all the same: who ended it, by FIN
    or RST, how long it was silent before, whether packets went unanswered.
    """
    if scene.life.handshake != "encrypted":
        return None
    keys = scene.connection.tls.keys if scene.connection.tls is not None else Keys.NONE
    why = closed(keys)
    because = [Evidence(why.reason)] if why.reason else []
    because += _hello(scene)
    advised = [advice(topic, scene.betrayed.names) for topic in why.fix]
    return Claim(Certainty.CERTAIN, [*because, *_ending(scene)], advice=advised, title=why.title)


def _hello(scene: Scene) -> list[Evidence]:
    """What the two said of themselves before encryption began."""
    tls = scene.connection.tls
    if tls is None or tls.version is None:
        return []
    host = f" to {printable(tls.sni, 100)}" if tls.sni else ""
    alpn = f", ALPN {printable(tls.alpn, 40)}" if tls.alpn else ""
    said = f"The hellos are readable: {tls.version}{host}, {tls.cipher}{alpn}"
    sizes = scene.connection.tcp
    carried = f"{grouped(sizes.client.bytes)} bytes of the client and {grouped(sizes.server.bytes)}"
    return [Evidence(f"{said}; {carried} of the server went by.")]


def _ending(scene: Scene) -> list[Evidence]:
    verdict, end = scene.verdict, scene.end
    if verdict.how == "timeout":
        return [
            seen(
                verdict.at,
                None,
                f"The {verdict.by} sent the same bytes again and again, unanswered.",
            )
        ]
    if end is None or verdict.how == "capture-end":
        return []
    if scene.ender is None:
        return []
    did = "ended TCP by RST"
    if verdict.how != "rst":
        did = scene.life.side(scene.ender).did_end(end)
        did = "ended TCP by FIN" if did == "closed TCP (FIN)" else did
    silence = (scene.life.silence_before(end) or 0) / SECOND
    if silence < _LONG or scene.wait is None:
        return [seen(end, scene.ender, f"The {scene.ender} {did}.")]
    text = f"The {scene.ender} {did} after {span_of_time(silence)} of silence."
    names = ", ".join(dict.fromkeys(one.product for one in idle_timeouts(scene.wait)))
    fits = [Evidence(f"That silence is the default limit of {names}.")] if names else []
    return [seen(end, scene.ender, text), *fits]
