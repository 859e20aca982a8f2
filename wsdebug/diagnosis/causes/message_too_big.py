"""DX208: a message over the receiver's limit."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.evidence import closed_inside, no_bad_frame
from wsdebug.diagnosis.scene import SECOND, Scene, quiet_end, seen
from wsdebug.diagnosis.why import close_text
from wsdebug.display.quantities import grouped
from wsdebug.knowledge.advice import advice
from wsdebug.knowledge.message_limits import Limit, limits_below
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Certainty, Evidence

_TOO_BIG = 1009
_AT_ONCE = 1 * SECOND


@cause(code="DX208", title="A message was over the receiver's limit", fix=("message-limit",))
def message_too_big(scene: Scene) -> Claim | None:
    """The receiver got a frame or message that is larger than it takes: it sent Close 1009, or
    ended TCP right behind the header. Limits unless told otherwise: 16 KiB uWebSockets, 1 000 000
    bytes Socket.IO, 1 MiB Python websockets, 4 MiB aiohttp, 100 MiB ws. The limit counts the
    message after inflating.

    If nothing that large was sent, a length was written wrongly: 300 in the wrong byte order reads
    as 11 265, and a length with its highest bit set is over every limit.
    """
    if not scene.is_open or scene.has_gaps:
        return None
    for side in SIDES:
        close = scene.life.side(side).close
        if close is not None and close.code == _TOO_BIG and _is_first(scene, side):
            return _said_so(scene, side)
    return _closed_inside(scene) or _hung_up(scene)


def _closed_inside(scene: Scene) -> Claim | None:
    """A Close that says nothing, sent while a frame over a limit was still coming in: what hyper
    sends at its limit (Granian).
    """
    last = closed_inside(scene)
    if last is None or scene.ender is None:
        return None
    ender = scene.ender
    close = scene.life.side(ender).close
    said = f"The {ender} sent a Close before that frame had come in whole."
    because = [
        *_last(scene, ender.other),
        seen(scene.end, ender, said, close.frame if close else None),
    ]
    against = [Evidence("The Close does not say so: its code would be 1009.", ender)]
    advised = [advice("message-limit", filter(None, _software(scene, ender)))]
    return Claim(Certainty.LIKELY, because, against, no_bad_frame(scene), advised)


def _is_first(scene: Scene, side: Side) -> bool:
    """Its Close came first: an answer repeats the code."""
    other = scene.life.side(side.other).close_at
    mine = scene.life.side(side).close_at
    return mine is not None and (other is None or mine < other)


def _said_so(scene: Scene, side: Side) -> Claim:
    close = scene.life.side(side).close
    assert close is not None
    said = f"The {side} sent Close {close_text(close)}."
    because = [
        seen(scene.life.side(side).close_at, side, said, close.frame),
        *_last(scene, side.other),
    ]
    title = f"The {side.other} sent a message over the {side}'s limit"
    advised = [advice("message-limit", filter(None, _software(scene, side)))]
    return Claim(Certainty.CERTAIN, because, [], no_bad_frame(scene), advised, title)


def _last(scene: Scene, sender: Side) -> list[Evidence]:
    last = scene.side(sender).last
    if last is None:
        return []
    text = f"The last frame of the {sender} before it declares {grouped(last.length)} bytes."
    return [seen(last.at, sender, text, last.number)]


def _hung_up(scene: Scene) -> Claim | None:
    """FIN or RST right behind a frame over a limit that the ender's software has."""
    quiet, end = quiet_end(scene), scene.end
    if quiet is None or end is None or end.time is None:
        return None
    ender, _ = quiet
    last = scene.side(ender.other).last
    if last is None or last.at.time is None or end.time - last.at.time > _AT_ONCE:
        return None
    limits = limits_below(last.length)
    mine = [one for one in limits if one.software in _software(scene, ender)]
    if not limits:
        return None
    because = [
        *_last(scene, ender.other),
        seen(end, ender, f"The {ender} hung up on it without a Close frame."),
        Evidence(f"That is over the limit of {_listed(mine or limits)}."),
    ]
    certainty = Certainty.VERY_LIKELY if mine else Certainty.POSSIBLE
    advised = [advice("message-limit", [one.software for one in mine or limits])]
    return Claim(certainty, because, [], no_bad_frame(scene), advised)


def _software(scene: Scene, ender: Side) -> tuple[str | None, ...]:
    named = scene.betrayed
    if ender is Side.CLIENT:
        return (named.client,)
    return (named.server, "engine.io" if named.engine_io else None)


def _listed(limits: list[Limit]) -> str:
    return ", ".join(f"{one.name} ({grouped(one.bytes)} bytes)" for one in limits)
