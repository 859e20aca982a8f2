"""DX403: the capture lacks what would tell."""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.display.quantities import counted
from wsdebug.knowledge.advice import advice
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Certainty, Evidence, SideGap


@cause(
    code="DX403",
    title="Cannot be known from this capture: bytes are missing",
    fix=("capture-all",),
    last_resort=True,
)
def capture_incomplete(scene: Scene) -> Claim | None:
    """Bytes that the receiver acknowledged are not in the capture, or some could not be read as
    frames: the reason, even a Close frame, may stand in them. What is seen of the end is told, and
    nothing is guessed. Capture again without loss, on one of the two hosts, with whole packets.

    Where nothing is missing and the bytes are no frames, a port declared with `--decode-as` may be
    that of the client: then each side is read in the other's role.
    """
    silent = scene.connection.tcp.unheard
    if not (scene.has_gaps or silent) or scene.life.handshake == "encrypted":
        return None
    missing = [*_silent(silent), *_missing(scene)]
    because = [*missing, *_unread(scene), *_ending(scene)]
    if missing:
        return Claim(Certainty.CERTAIN, because)
    advised = [_EXCHANGED] if _is_declared(scene) else _earlier(scene)
    return Claim(Certainty.CERTAIN, because, advice=advised, title=_UNREAD)


def _earlier(scene: Scene) -> list[str]:
    """Behind the handshake every frame can be told from what is none."""
    is_late = scene.life.handshake == "not-captured"
    return [advice("capture-earlier")] if is_late else []


def _silent(side: Side | None) -> list[Evidence]:
    if side is None:
        return []
    text = f"No packet of the {side} is in the capture: what it sent, and when, nobody can tell."
    return [Evidence(text, side)]


def _missing(scene: Scene) -> Iterator[Evidence]:
    gaps = scene.connection.gaps
    if gaps:
        known = _bytes(gaps)
        lost = f"{counted(known, 'byte')} or more" if known else "how long is not known"
        yield Evidence(f"{counted(len(gaps), 'gap')}, {lost}: a Close may stand in them.")
    for side in SIDES:
        if scene.life.side(side).is_missing and not any(gap.side is side for gap in gaps):
            text = f"Its packets and their acknowledgements show that the {side} sent more than"
            yield Evidence(f"{text} the capture has: a Close may stand in it.", side)


def _unread(scene: Scene) -> Iterator[Evidence]:
    """The bytes that are there and no frames: holes among them do not count."""
    runs = scene.connection.unsynchronised
    size = _bytes(runs) - sum(_shared(gap, run) for gap in scene.connection.gaps for run in runs)
    if size <= 0:
        return
    hint = ""
    if _is_declared(scene):
        hint = " The declared port may be the client's."
    yield Evidence(f"{counted(size, 'byte')} in the capture could not be read as frames.{hint}")


def _bytes(gaps: list[SideGap]) -> int:
    return sum(gap.length or 0 for gap in gaps)


def _shared(gap: SideGap, run: SideGap) -> int:
    if gap.side is not run.side:
        return 0
    ends = [one.offset + (one.length or 0) for one in (gap, run)]
    return max(0, min(ends) - max(gap.offset, run.offset))


def _is_declared(scene: Scene) -> bool:
    how = scene.connection.handshake.recognised
    return how is not None and how.by == "decode-as"


def _ending(scene: Scene) -> list[Evidence]:
    if scene.end is None:
        return []
    return [seen(scene.end, scene.ender, f"What is seen of the end came from the {scene.ender}.")]


_UNREAD = "Cannot be known from this capture: bytes could not be read as frames"
_EXCHANGED = (
    "Name the server's port in --decode-as: with the client's, each side is read in the other's"
    " role. If it is the server's, the connection is no WebSocket, or is compressed or encrypted."
)
