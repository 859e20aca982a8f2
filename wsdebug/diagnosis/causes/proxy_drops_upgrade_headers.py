"""DX301: the request reached the server without its Upgrade header."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.opening import (
    dropped_upgrade,
    header_of,
    is_cut_connection,
    upgrade_missing,
)
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(code="DX301", title="A proxy did not pass the Upgrade header on", fix=("pass-upgrade",))
def proxy_drops_upgrade_headers(scene: Scene) -> Claim | None:
    """The client asked for an upgrade, and the request that reached the server has no `Upgrade`
    header any more, mostly with `Connection: close` and HTTP/1.0: Upgrade and Connection hold for
    one hop (RFC 9110 7.6.1), so a proxy has to send its own. The server takes it for a plain
    request and answers 426, 400, 505 or 200.

    Certain with both legs in the capture (the same Sec-WebSocket-Key with and without Upgrade). On
    the leg behind the proxy alone, a request with a Sec-WebSocket-Key and no Upgrade is very likely
    that. So is Upgrade with `Connection: close`: nginx with `proxy_set_header Upgrade` and no line
    for Connection.
    """
    if scene.life.handshake != "rejected":
        return None
    legs = dropped_upgrade(scene)
    if legs is not None:
        return _both(*legs, scene)
    if not upgrade_missing(scene.connection.handshake):
        return None
    shake = scene.connection.handshake
    is_cut = is_cut_connection(shake)
    text = "The request has a Sec-WebSocket-Key and no Upgrade header: a client sends both."
    if is_cut:
        text = "The request has Upgrade, and Connection: close where a client names Upgrade again."
    because = [_evidence(scene, text)]
    for name in ("via", "x-forwarded-for", "forwarded", "x-real-ip"):
        value = header_of(shake.request_headers, name)
        if value is not None:
            because.append(
                _evidence(scene, f"The request has passed a proxy: {name.title()}: {value}.")
            )
    if not is_cut and (header_of(shake.request_headers, "connection") or "").lower() == "close":
        because.append(_evidence(scene, "Its Connection header is close, as proxies write it."))
    because.append(_answer(scene))
    against = [] if len(because) > 2 else [Evidence("Nothing else names a proxy.")]
    certainty = Certainty.VERY_LIKELY if len(because) > 2 else Certainty.LIKELY
    title = _CUT if is_cut else None
    return Claim(certainty, because, against, title=title)


def _both(front: Scene, back: Scene, scene: Scene) -> Claim:
    title = _CUT if is_cut_connection(back.connection.handshake) else None
    upgrade = header_of(front.connection.handshake.request_headers, "upgrade")
    connection = header_of(back.connection.handshake.request_headers, "connection")
    because = [
        _evidence(
            front, f"On connection {front.connection.id} the request has Upgrade: {upgrade}."
        ),
        _evidence(
            back,
            f"On connection {back.connection.id}, behind the proxy (same Sec-WebSocket-Key), it has"
            f" {'' if title else 'no Upgrade header, and '}Connection: {connection or 'none'}.",
        ),
        _answer(scene),
    ]
    return Claim(
        Certainty.CERTAIN,
        because,
        considered=["the client (its own request is complete)"],
        title=title,
    )


_CUT = "A proxy passed Upgrade on, and not the Connection header that goes with it"


def _answer(scene: Scene) -> Evidence:
    shake = scene.connection.handshake
    return Evidence(f"The answer is {shake.status}.", Side.SERVER, None, shake.packets.response)


def _evidence(scene: Scene, text: str) -> Evidence:
    return Evidence(text, Side.CLIENT, None, scene.connection.handshake.packets.request)
