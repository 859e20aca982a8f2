"""DX221: a load balancer or NAT had dropped the flow."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_bad_frame
from wsdebug.diagnosis.life import Stamp
from wsdebug.diagnosis.scene import SECOND, Scene, quiet_end, seen
from wsdebug.display.times import duration
from wsdebug.knowledge.timeouts import fitting
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence

_LONG = 30 * SECOND
_AT_ONCE = 1 * SECOND


@cause(
    code="DX221",
    title="Something on the way had forgotten the connection",
    fix=("ping", "raise-timeout", "reconnect"),
)
def flow_forgotten(scene: Scene) -> Claim | None:
    """After a long silence one side sends a packet, and the answer is a RST: a load balancer or NAT
    had dropped the flow without a word and no longer knows it. AWS network load balancers do so
    after 350 s, Azure's after 4 minutes, home routers after 5 to 30.

    The peer that seems to have sent the RST mostly has not: it learns nothing, and keeps its end
    open.
    """
    quiet = quiet_end(scene)
    if quiet is None or scene.verdict.how != "rst" or scene.has_gaps:
        return None
    ender, life = quiet
    end = scene.end
    spoke = scene.life.spoke_before(ender.other, end) if end is not None else None
    if spoke is None or spoke.time is None or end is None or end.time is None:
        return None
    before = scene.active_before(spoke.time)
    if before is None or end.time - spoke.time > max(_AT_ONCE, 2 * scene.round_trip):
        return None
    silence = spoke.time - before
    if silence < _LONG or life.rst_is_foreign or not _is_strange(scene, ender, spoke):
        return None
    known = fitting(silence / SECOND, kind="idle", shape="silent-then-rst")
    names = f" {', '.join(one.product for one in known)} forget a flow then." if known else ""
    because = [
        seen(
            spoke,
            ender.other,
            f"The {ender.other} sent something after {duration(silence)} of silence.{names}",
        ),
        seen(end, ender, f"The answer, {duration(end.time - spoke.time)} later, is a RST."),
    ]
    if scene.side(ender).rst_is_bare:
        because.append(Evidence("The RST has IP-ID 0: nobody had this connection any more.", ender))
    considered = [f"the {ender}'s process ended in between (it would send FIN when it ends)"]
    considered += no_bad_frame(scene)
    return Claim(Certainty.LIKELY, because, considered=considered, limit=silence / SECOND)


def _is_strange(scene: Scene, ender: Side, spoke: Stamp) -> bool:
    """Whoever reset it did not know it: nothing of the packet was acknowledged, and where there is
    an IP-ID to tell by (IPv4), the RST is a bare one.
    """
    acks = scene.side(ender.other).acks
    if any(at is not None and at >= (spoke.time or 0) for at, _ in acks):
        return False
    return scene.side(ender).rst_is_bare or ":" in scene.connection.client.address
