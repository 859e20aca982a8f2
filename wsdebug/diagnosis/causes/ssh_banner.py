"""DX112: an SSH server."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import foreign_kind
from wsdebug.diagnosis.scene import Scene, seen, shown
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty


@cause(code="DX112", title="An SSH server answers here", fix=("right-port",))
def ssh_banner(scene: Scene) -> Claim | None:
    """`SSH-` came where HTTP or frames should: the port, or the target of a tunnel, is wrong. A
    server that speaks first is no web server.
    """
    found = foreign_kind(scene)
    if found is not None and found[1] == "ssh-banner":
        text = f"The {found[0].offender} sent an SSH banner at a frame border."
        return Claim(Certainty.CERTAIN, [shown(found[0].finding, text), found[0].reaction])
    if scene.life.handshake == "no-response" and (scene.answer or "").startswith("SSH-"):
        text = "An SSH banner came back on the upgrade request."
        return Claim(Certainty.CERTAIN, [seen(scene.life.responded, Side.SERVER, text)])
    return None
