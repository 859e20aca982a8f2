"""DX105: one side speaks TLS, the other does not."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import foreign_kind
from wsdebug.diagnosis.scene import Scene, seen, shown
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence

_ALERT = "\x15\x03"
_COMPLAINT = b"plain http request was sent to https port"
"""Of nginx and what is made from it; in its page only, the status is 400."""


@cause(code="DX105", title="One side speaks TLS where the other does not", fix=("tls-scheme",))
def tls_in_plaintext(scene: Scene) -> Claim | None:
    """A TLS record (16 03: a handshake, 15 03: an alert) stands where plain HTTP or frames should,
    or plain HTTP came back on a TLS ClientHello. `ws://` was used with a TLS port, `wss://` with a
    plain one, or a proxy speaks TLS to a server that does not.
    """
    found = foreign_kind(scene)
    if found is not None and found[1] == "tls-record":
        text = f"The {found[0].offender} sent a TLS record at a frame border."
        return Claim(Certainty.CERTAIN, [shown(found[0].finding, text), found[0].reaction])
    if scene.life.handshake == "no-response" and (scene.answer or "").startswith(_ALERT):
        text = "A TLS alert (15 03) came back on the plain upgrade request: the port speaks TLS."
        return Claim(Certainty.CERTAIN, [seen(scene.life.responded, Side.SERVER, text)])
    if scene.life.handshake == "rejected" and _COMPLAINT in scene.body.lower():
        text = "The page that refused the request says that plain HTTP was sent to an HTTPS port."
        packet = scene.connection.handshake.packets.response
        return Claim(Certainty.CERTAIN, [Evidence(text, Side.SERVER, None, packet)])
    if scene.life.handshake == "encrypted" and scene.server.opening.startswith(b"HTTP/1."):
        text = "Plain HTTP came back on the client's TLS ClientHello: the port speaks no TLS."
        return Claim(Certainty.CERTAIN, [Evidence(text, Side.SERVER)])
    return None
