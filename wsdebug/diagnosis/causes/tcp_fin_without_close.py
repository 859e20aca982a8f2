"""DX209: TCP was closed, and that is all there is."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import (
    client_left,
    last_words,
    no_bad_frame,
    no_close,
    other_leg,
    who_ended,
)
from wsdebug.diagnosis.scene import Scene, quiet_end
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX209",
    title="TCP was closed without a Close frame",
    fix=("why-hung-up", "goodbye", "reconnect"),
    last_resort=True,
)
def tcp_fin_without_close(scene: Scene) -> Claim | None:
    """One side closed TCP in an orderly way (FIN) without a Close frame, and nothing in the capture
    says why: a process that exited or was killed (the kernel sends the FIN), a closed tab, a call
    of `terminate()`, `destroy()` or `close()` on the socket. The other application sees 1006.

    This is the last resort: no violation, no silence, no unanswered ping came before it.
    """
    quiet = quiet_end(scene)
    if quiet is None or scene.verdict.how != "fin" or scene.has_gaps or blame(scene):
        return None
    words = last_words(scene, quiet[0])
    leg = other_leg(scene)
    because = [who_ended(scene), *([leg] if leg else []), no_close(scene)]
    because += [words] if words else []
    because.append(Evidence(_CANNOT))
    considered = [
        *no_bad_frame(scene),
        "idle timeout (there was no long silence before the end)",
        "reset (it ended in order)",
        *client_left(scene),
    ]
    return Claim(
        Certainty.CERTAIN, because, considered=considered,
        title=_title(scene),
    )  # fmt: skip


def _title(scene: Scene) -> str:
    if scene.life.other_leg is not None:
        return "The proxy between client and server ended both legs without a Close frame"
    return f"The {scene.ender} closed TCP (FIN) without a Close frame"


_CANNOT = (
    "Why it hung up cannot be known from this capture: exit, kill and terminate() look alike here."
    " Its own log at that moment tells."
)
