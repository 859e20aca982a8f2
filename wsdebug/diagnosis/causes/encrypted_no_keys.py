"""DX405: nothing can be read."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import SECOND, Scene, seen
from wsdebug.diagnosis.timeouts import idle_timeouts
from wsdebug.display.escape import printable
from wsdebug.display.quantities import grouped
from wsdebug.display.times import span_of_time
from wsdebug.model.report import Certainty, Evidence
from wsdebug.model.tls import Keys

_LONG = 5.0
_WHY = {
    Keys.ABSENT: (
        "Encrypted, and the key log has no keys of this session",
        "The key log has no line with this session's client random: it was written by another run,"
        " or by an endpoint that took no part.",
    ),
    Keys.CUT: (
        "Encrypted, and the key log has only a part of this session's keys",
        "The key log has lines of this session, and lacks the secrets of its data"
        " (CLIENT_TRAFFIC_SECRET_0 and SERVER_TRAFFIC_SECRET_0): it was cut off or copied too soon.",
    ),
    Keys.UNFIT: (
        "Encrypted, and the keys do not fit",
        "The key log has secrets for this session's client random, and no record opens with them:"
        " the log or the capture was changed.",
    ),
    Keys.UNSUPPORTED: (
        "Encrypted, in a way that is not read here",
        "TLS 1.3 and 1.2 with AES-GCM, AES-CCM, AES-CBC and ChaCha20-Poly1305 are read with keys;"
        " this session uses something else.",
    ),
    Keys.NO_HELLO: (
        "Encrypted, and its beginning is not in the capture",
        "Keys are found by the random numbers of the two hellos, and the capture lacks one of them.",
    ),
}
"""Why the inside stays closed, where it is not simply that there is no key log."""


@cause(code="DX405", title="Encrypted, and no keys are at hand", fix=("key-log",), last_resort=True)
def encrypted_no_keys(scene: Scene) -> Claim | None:
    """The connection is TLS and its keys are not known: whether it is a WebSocket, and what was
    said, cannot be known from this capture. What TCP shows holds all the same: who ended it, by FIN
    or RST, how long it was silent before, whether packets went unanswered.
    """
    if scene.life.handshake != "encrypted":
        return None
    keys = scene.connection.tls.keys if scene.connection.tls is not None else Keys.NONE
    title, why = _WHY.get(keys, (None, None))
    because = [Evidence(why)] if why else []
    because += _hello(scene)
    return Claim(Certainty.CERTAIN, [*because, *_ending(scene)], title=title)


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
