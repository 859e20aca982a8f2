"""Which violation, if any, a connection died of: it came first, and the end followed at once.

A violation that was tolerated, that came after the peer's own Close, or that nobody reacted to
within max(2 round trips, 1 s) is no reason for the end (CAUSES, protocol-violation).
"""

from __future__ import annotations

from collections.abc import Callable

from wsdebug.diagnosis.blamed import FAILING, Blame
from wsdebug.diagnosis.life import Stamp
from wsdebug.diagnosis.scene import SECOND, Scene
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Finding, Severity
from wsdebug.rules import RULES

_SECOND_ANSWER = "second-101"
_BYTES = ("foreign-bytes", _SECOND_ANSWER, "reserved-bits-set")
"""Read as frames, bytes of something else may break any rule."""
_NARROW = {
    1007: ("invalid-utf8", "invalid-utf8-close-reason", "deflate-data-invalid", *_BYTES),
    1009: ("length-high-bit-set", "control-frame-too-long", *_BYTES),
}
"""Codes that answer some violations only (RFC 6455 7.4.1)."""
VAGUE = (None, 1000, 1011)
"""Codes that some send for any error of their reader, as well as at a good end: an empty Close by
gevent-websocket and hyper, 1000 by aiohttp where it cannot inflate, 1011 where the error of the
reader went up to what calls it (eventlet, nhooyr)."""
_OFTEN_SPARED = ("length-not-minimal",)
"""Violations that most let pass: blamed only where the end follows at once (Boost.Beast sends 1002,
WebSocket++ 1011, Java's HttpClient hangs up)."""
_NO_CODE = 5000
"""From here on a code is none that anybody sends (RFC 6455 7.4.2): Mojolicious reads an HTTP
response as a Close and echoes its letters."""
_MOST = 3 * SECOND
"""No way there and back takes longer: a pong that comes later waited for its program."""
_UNDER_WAY = SECOND // 10
"""What a receiver sends so soon after a violation it may have sent before it read that."""


def blame(scene: Scene) -> Blame | None:
    """The violation of frames that the connection ended over: the first that the end followed at
    once, else the first that the receiver's code answers.
    """
    if "blame" not in scene.known:
        scene.known["blame"] = _blame(scene)
    found: Blame | None = scene.known["blame"]
    return found


def is_failed(scene: Scene) -> bool:
    """Whether the receiver of a violation ended the connection over it. The offender itself may
    have hung up behind it: that is no reaction.
    """
    found = blame(scene)
    return found is not None and (found.how == "close" or found.by is not found.offender)


def _blame(scene: Scene) -> Blame | None:
    if not scene.is_open:
        return None
    found = [each for each in map(_follower(scene), violations(scene)) if each is not None]
    return next((each for each in found if each.delay <= _patience(scene)), next(iter(found), None))


def violations(scene: Scene) -> list[Finding]:
    """The violations of frames at which the receiver had to fail the connection, in the order in
    which they were sent: captures mix the packets of a side up, its stream does not.
    """
    if "violations" not in scene.known:
        found = [finding for finding in scene.findings if _is_violation(finding)]
        scene.known["violations"] = sorted(found, key=_sending(found))
    sent: list[Finding] = scene.known["violations"]
    return sent


def _sending(found: list[Finding]) -> Callable[[Finding], tuple[int, int]]:
    """The packet by which each had been sent: that of any that stands behind it in the stream."""
    by: dict[int, int] = {}
    least: dict[Side | None, int] = {}
    for one in sorted(found, key=lambda one: one.offset, reverse=True):
        packet = one.packet or 0
        by[id(one)] = least[one.side] = min(packet, least.get(one.side, packet))
    return lambda one: (by[id(one)], one.offset)


def spared(scene: Scene) -> Finding | None:
    """The first violation of a connection that did not end over one."""
    return next(iter(violations(scene)), None) if blame(scene) is None else None


def spared_because(scene: Scene, finding: Finding) -> str:
    """Why a violation is not blamed, in a few words."""
    side = finding.side or Side.CLIENT
    peer = scene.life.side(side.other)
    name = f"{finding.name.replace('-', ' ')} ({finding.code}"
    if peer.close_at is not None and peer.close_at.packet < (finding.packet or 0):
        return f"{name}: it came after the {side.other}'s own Close)"
    return f"{name}: the {side.other} tolerated it)"


def _is_violation(finding: Finding) -> bool:
    if finding.severity is not Severity.ERROR or finding.packet is None or finding.side is None:
        return False
    is_of_frames = finding.part is Part.STREAM or finding.name == _SECOND_ANSWER
    return is_of_frames and (RULES[finding.name].fatal or finding.name in _OFTEN_SPARED)


def _patience(scene: Scene) -> float:
    return min(max(2 * scene.usual_trip, SECOND), _MOST) / SECOND


def _answers(code: int | None, finding: Finding) -> bool:
    """A Close with this code says that its sender failed the connection at such a violation."""
    if code is not None and code >= _NO_CODE:
        return finding.name == "foreign-bytes"
    return code in FAILING and finding.name in _NARROW.get(code, (finding.name,))


def _is_tolerated(scene: Scene, finding: Finding, at: Stamp) -> bool:
    """The receiver went on as if nothing were: it sent data of its own long after, or had let the
    same violation pass before.
    """
    offender = finding.side or Side.CLIENT
    first = next(
        one for one in violations(scene) if (one.name, one.side) == (finding.name, offender)
    )
    if first is not finding and _delay(scene, first, at) > _patience(scene):
        return True
    last = scene.side(offender.other).last
    if last is None or last.opcode & 8 or last.at.time is None or finding.time is None:
        return False
    after = last.at.time - (scene.life.start or 0) - round(finding.time * SECOND)
    return last.at < at and after > max(scene.usual_trip, _UNDER_WAY)


def _follower(scene: Scene) -> Callable[[Finding], Blame | None]:
    """Tells of a violation what followed it, None where it is not to blame."""

    def followed(finding: Finding) -> Blame | None:
        offender = finding.side
        if offender is not None and _is_for_answer(scene, finding, offender):
            return _spoiled_answer(scene, finding, offender)
        if offender is None or _came_too_late(scene, finding, offender):
            return None
        reaction = _reaction(scene, offender)
        if reaction is None or finding.time is None:
            return None
        at, how, by = reaction
        peer = scene.life.side(offender.other)
        code = peer.close.code if how == "close" and peer.close is not None else None
        delay = _delay(scene, finding, at)
        legs = (scene, *scene.legs)
        is_complete = all(leg.is_complete(offender) for leg in legs)
        is_late = delay > _patience(scene)
        is_vague = how == "close" and not _answers(code, finding)
        is_vague |= how != "close" and finding.name in _OFTEN_SPARED
        blamed = Blame(
            finding, offender, how, by, at, delay, scene.life, code, is_complete, is_late, is_vague
        )
        if is_vague and not _is_cut_off(scene, blamed):
            return None
        if blamed.is_answered and not is_late:
            return blamed
        is_over = is_late and not blamed.is_answered
        return None if is_over or _is_tolerated(scene, finding, at) else blamed

    return followed


def _is_cut_off(scene: Scene, blamed: Blame) -> bool:
    """An end that blames nothing came first and at once, with no word of its side before it."""
    last = scene.side(blamed.by).last
    if blamed.code not in VAGUE or blamed.by is not scene.ender:
        return False
    if blamed.delay * SECOND > max(2 * scene.usual_trip, _UNDER_WAY):
        return False
    return last is None or last.at.packet < (blamed.finding.packet or 0)


def _is_for_answer(scene: Scene, finding: Finding, offender: Side) -> bool:
    """Bytes that are no frames stand where the other side, which has sent its Close, waits for the
    answer: before the offender's own Close, and before TCP ends.
    """
    mine, peer = scene.life.side(offender), scene.life.side(offender.other)
    packet = finding.packet or 0
    if finding.name not in ("foreign-bytes", _SECOND_ANSWER) or mine.close_is_hidden is False:
        return False
    ends = (mine.tcp_end, peer.tcp_end)
    is_over = any(one is not None and one.packet < packet for one in ends)
    return not is_over and peer.close_at is not None and peer.close_at.packet < packet


def _spoiled_answer(scene: Scene, finding: Finding, offender: Side) -> Blame | None:
    peer = scene.life.side(offender.other)
    if peer.close_at is None or finding.time is None:
        return None
    code = peer.close.code if peer.close is not None else None
    is_complete = all(leg.is_complete(offender) for leg in (scene, *scene.legs))
    return Blame(
        finding,
        offender,
        "close",
        offender.other,
        peer.close_at,
        0.0,
        scene.life,
        code,
        is_complete,
        is_for_answer=True,
    )


def _came_too_late(scene: Scene, finding: Finding, offender: Side) -> bool:
    """After a Close, or after TCP was over, a violation changes nothing any more."""
    mine, peer = scene.life.side(offender), scene.life.side(offender.other)
    ends = [mine.rst]
    if mine.close is not None and mine.close.span.offset <= finding.offset:
        ends.append(mine.close_at)  # a FIN stands behind every byte, wherever it was captured
    if not _had_arrived(scene, finding, offender):
        ends += [peer.close_at, peer.tcp_end]
    return any(one is not None and one.packet < (finding.packet or 0) for one in ends)


def _had_arrived(scene: Scene, finding: Finding, offender: Side) -> bool:
    """Whether the receiver had acknowledged it when it closed, or when the connection began to end,
    wherever the capture holds the packets of the two.
    """
    peer = scene.life.side(offender.other)
    acked = max(peer.acked_before or 0, (peer.close and peer.close.acknowledged) or 0)
    base = scene.side(offender).base if finding.part is Part.STREAM else 0
    return acked > base + finding.offset


def _reaction(scene: Scene, offender: Side) -> tuple[Stamp, str, Side] | None:
    """What followed: the receiver's Close, else the first FIN or RST. The offender's own end counts
    as well: who writes an error page hangs up behind it.
    """
    mine, peer = scene.life.side(offender), scene.life.side(offender.other)
    if peer.close_at is not None:
        return (peer.close_at, "close", offender.other) if peer.close_at.time else None
    ends = [
        (stamp, how, side)
        for one, side in ((peer, offender.other), (mine, offender))
        for stamp, how in ((one.orderly_end, "fin"), (one.rst, "rst"))
        if stamp is not None and stamp.time is not None
    ]
    return min(ends, key=lambda each: each[0].packet, default=None)


def _delay(scene: Scene, finding: Finding, at: Stamp) -> float:
    """Seconds from the violation to the reaction. A single byte is no header yet: the receiver
    cannot react before the next one comes.
    """
    start = scene.life.start or 0
    begin, end = finding.time or 0.0, ((at.time or 0) - start) / SECOND
    last = scene.life.side(finding.side or Side.CLIENT).last_before
    if finding.frame is None and finding.length < 2 and last is not None and last.time is not None:
        begin = max(begin, min((last.time - start) / SECOND, end))
    return max(0.0, end - begin)
