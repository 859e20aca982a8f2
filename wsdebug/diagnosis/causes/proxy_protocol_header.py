"""DX106: a PROXY protocol header."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import foreign_kind
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.report import Certainty


@cause(code="DX106", title="A PROXY protocol header stands in the stream", fix=("proxy-protocol",))
def proxy_protocol_header(scene: Scene) -> Claim | None:
    """A proxy writes `PROXY TCP4 ...` (version 1) or the twelve bytes of version 2 in front of what
    it forwards, and the receiver was not told to expect it. In front of the upgrade request it is
    read over here; a server that is not configured for it answers 400 or hangs up.
    """
    found = foreign_kind(scene)
    if found is None or found[1] != "proxy-header":
        return None
    text = f"The {found[0].offender} sent a PROXY protocol header at a frame border."
    return Claim(Certainty.CERTAIN, [shown(found[0].finding, text), found[0].reaction])
