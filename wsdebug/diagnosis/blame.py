"""Which violation, if any, a connection died of: it came first, and the end followed at once.

A violation that was tolerated, that came after the peer's own Close, or that nobody reacted to
within max(2 round trips, 1 s) is no reason for the end (CAUSES, protocol-violation).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wsdebug.diagnosis.hanging_up import hung_up
from wsdebug.diagnosis.life import Life, Stamp
from wsdebug.diagnosis.scene import SECOND, Scene, shown
from wsdebug.display.times import later
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Certainty, Evidence, Finding, Severity
from wsdebug.rules import RULES

FAILING = (1002, 1003, 1007, 1009, 1010)
"""Codes of a receiver that fails the connection (RFC 6455 7.4.1)."""
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


class Blame(msgspec.Struct, frozen=True):
    """A violation and what followed. `how`: close, fin or rst, by `by`, after `delay` seconds."""

    finding: Finding
    offender: Side
    how: str
    by: Side
    at: Stamp
    delay: float
    life: Life
    code: int | None = None
    """Of the Close."""
    is_complete: bool = True
    """Of what the offender sent nothing is missing, on no leg of the path."""
    is_late: bool = False
    """The code answers it, and came later than a round trip explains."""
    is_vague: bool = False
    """The end blames nothing: who ended it may as well have wanted to end there."""
    is_for_answer: bool = False
    """The receiver had sent its Close, and reads this in place of the answer."""

    @property
    def is_answered(self) -> bool:
        """The receiver itself says by its code that it failed the connection."""
        return self.how == "close" and self.code in FAILING and not self.is_for_answer

    @property
    def certainty(self) -> Certainty:
        """Certain where the receiver says so at once, else very likely; late, it is a guess. What
        is missing of the offender's bytes may tell more, or be the real offence: then likely.
        """
        if self.is_late:
            return Certainty.POSSIBLE
        if not self.is_complete or self.is_vague:
            return Certainty.LIKELY
        return Certainty.CERTAIN if self.is_answered else Certainty.VERY_LIKELY

    @property
    def reaction(self) -> Evidence:
        """What followed, as evidence."""
        if self.is_for_answer:
            text = f"The {self.by} had sent its Close and reads this in place of the answer."
            return Evidence(text, self.by, None, self.at.packet)
        when = later(self.delay)
        if self.how == "close":
            code = "without a code" if self.code is None else str(self.code)
            text = f"The {self.by} sent Close {code} {when}."
        else:
            did = hung_up(self.life, self.how)
            text = f"The {self.by} {did} {when}, without a Close frame."
        return Evidence(text, self.by, None, self.at.packet)


def blame(scene: Scene) -> Blame | None:
    """The violation of frames that the connection ended over: the first that the end followed at
    once, else the first that the receiver's code answers.
    """
    if "blame" not in scene.known:
        scene.known["blame"] = _blame(scene)
    found: Blame | None = scene.known["blame"]
    return found


def _blame(scene: Scene) -> Blame | None:
    if not scene.is_open:
        return None
    found = [each for each in map(_follower(scene), violations(scene)) if each is not None]
    return next((each for each in found if each.delay <= _patience(scene)), next(iter(found), None))


def violations(scene: Scene) -> list[Finding]:
    """The violations of frames at which the receiver had to fail the connection."""
    return [finding for finding in scene.findings if _is_violation(finding)]


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
    packet = finding.packet or 0
    ends = (mine.close_at, peer.close_at, peer.tcp_end, mine.tcp_end)
    return any(one is not None and one.packet < packet for one in ends)


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


def violation_evidence(found: Blame) -> list[Evidence]:
    """The violation and what followed."""
    finding = found.finding
    return [shown(finding, f"{_title(finding)}: {finding.saw}."), found.reaction]


def _title(finding: Finding) -> str:
    return RULES[finding.name].title.rstrip(".")
