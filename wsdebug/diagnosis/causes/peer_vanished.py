"""DX205: one side is gone without a word."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_bad_frame
from wsdebug.diagnosis.ladders import deadly_ladder, only_full_size
from wsdebug.diagnosis.scene import SECOND, Scene, seen
from wsdebug.display.times import duration
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence
from wsdebug.model.tcp import Ladder


@cause(code="DX205", title="The other side vanished", fix=("detect-dead", "ping", "reconnect"))
def peer_vanished(scene: Scene) -> Claim | None:
    """One side sent the same bytes again and again, at growing intervals, and nobody acknowledged
    them: the other one is gone without FIN or RST. A laptop that sleeps, a phone that changed
    networks, a pulled cable, a host that crashed, a NAT entry that was lost.

    Its application, if it still runs, sees nothing at all for minutes; the survivor gets a timeout
    from its keepalive, or after some 15 minutes from TCP. Where the acknowledgements stand in the
    capture, they were sent and never arrived: then the way back is broken, not the host.
    """
    ladder = deadly_ladder(scene)
    if ladder is None or only_full_size(scene) is not None:
        return None
    by = Side(scene.verdict.by)
    gone = by.other
    lasted = duration(max(0, (ladder.last_time or 0) - (ladder.first_time or 0)))
    text = f"The {by} sent the same {ladder.length} bytes {ladder.sends} times in {lasted}."
    because = [seen(scene.verdict.at, by, text)]
    if ladder.acknowledged:
        because.append(
            Evidence(
                f"The {gone}'s acknowledgements are in the capture: they never reached the {by}.",
                gone,
            )
        )
    else:
        because.append(
            Evidence(f"No packet of the {gone} answers them: neither ACK, FIN nor RST.", gone)
        )
    last = scene.side(gone).last_packet
    if last is not None:
        because.append(
            seen(
                last, gone, f"This is the last sign of life of the {gone}.{_ago(ladder, last.time)}"
            )
        )
    considered = [
        f"crash of the {gone}'s process (its kernel would answer with FIN or RST)",
        "blocked event loop (TCP would still acknowledge)",
        *no_bad_frame(scene),
    ]
    return Claim(
        Certainty.VERY_LIKELY,
        because,
        considered=considered,
        title=f"The {gone} vanished without a word",
    )


def _ago(ladder: Ladder, last: int | None) -> str:
    if last is None or ladder.first_time is None or ladder.first_time - last < SECOND:
        return ""
    return f" {duration(ladder.first_time - last)} before the first send."
