"""DX210: TCP was reset."""

from __future__ import annotations

from wsdebug.diagnosis.blame import is_failed
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import no_bad_frame, no_close, proxy_alone, who_ended
from wsdebug.diagnosis.hanging_up import hung_up
from wsdebug.diagnosis.scene import Scene, quiet_end
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX210",
    title="TCP was reset without a Close frame",
    fix=("why-reset", "reconnect"),
    last_resort=True,
)
def tcp_reset(scene: Scene) -> Claim | None:
    """One side aborted TCP (RST): a socket closed with input still unread, SO_LINGER 0,
    `destroy()`, a process killed with data under way. The other application sees 1006, often with
    ECONNRESET.

    A bare RST (IP-ID 0, window 0) answers a packet to a socket that no longer exists: it is the
    aftermath of an end that came before, so with one the cause is only likely.
    """
    quiet = quiet_end(scene)
    if quiet is None or scene.verdict.how != "rst" or scene.has_gaps or is_failed(scene):
        return None
    ender, _ = quiet
    if scene.life.stream_end is not None and scene.life.stream_end.kind != "connection":
        return None  # no packet of TCP: HTTP/2 reset the stream
    alone, bare = proxy_alone(scene), scene.side(ender).rst_is_bare
    against = [*([Evidence(_BARE)] if bare else []), *([alone] if alone else [])]
    who = ender if alone is None else "proxy between client and server"
    return Claim(
        Certainty.LIKELY if against else Certainty.CERTAIN,
        [who_ended(scene), no_close(scene)],
        against,
        [*no_bad_frame(scene), "RST of a third party (its TTL is that of the sender)"],
        title=f"The {who} {hung_up(scene.life, 'rst')} without a Close frame",
    )


_BARE = "The RST is that of a socket that is no more (IP-ID 0): its process may have ended before."
