"""DX220: only full packets are lost."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.ladders import only_full_size
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(code="DX220", title="Packets of full size do not get through", fix=("clamp-mss",))
def mtu_black_hole(scene: Scene) -> Claim | None:
    """Only full-size segments go unanswered while small ones are acknowledged: on a VPN or a tunnel
    the path takes smaller packets than TCP thinks, and the ICMP message that would say so is
    filtered. Chat works, the first big message hangs.

    The other side is alive: it goes on sending, or acknowledging what is small, while the big
    segment is sent again and again.
    """
    ladder = only_full_size(scene)
    if ladder is None:
        return None
    by = Side(scene.verdict.by)
    alive = scene.side(by.other).last_packet
    text = f"The {by} sent the same {ladder.length} bytes {ladder.sends} times, unanswered."
    because = [
        seen(scene.verdict.at, by, text),
        Evidence(f"The {ladder.offset} bytes before it, in smaller packets, were acknowledged."),
        seen(alive, by.other, f"The {by.other} is alive: it sends packets meanwhile."),
    ]
    considered = [f"the {by.other} vanished (it still sends)"]
    return Claim(Certainty.VERY_LIKELY, because, considered=considered)
