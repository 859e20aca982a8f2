"""DX309: the answer belongs to another key."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.opening import left_unspoken, refused_101, sure_of
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.report import Certainty


@cause(code="DX309", title="The 101 answers another key", fix=("fresh-accept",))
def wrong_accept(scene: Scene) -> Claim | None:
    """Sec-WebSocket-Accept is not the answer to this request's key, and the client hung up: a
    cached 101, a proxy that makes a new key for its own request and passes the server's answer on,
    a constant copied from RFC 6455. With both legs the key differs between them. The rule HS108 has
    the same name.
    """
    found = refused_101(scene, "wrong-accept")
    if found is None:
        return None
    because = [
        shown(found, f"Sec-WebSocket-Accept is {found.saw}; wanted is {found.wanted}."),
        left_unspoken(scene),
    ]
    considered = ["bad frame (there was none yet)"]
    return Claim(sure_of(scene, Certainty.CERTAIN), because, considered=considered)
