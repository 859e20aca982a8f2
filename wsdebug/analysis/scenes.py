"""From tracked connections that are over to what causes may look at, and their answer."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wsdebug.analysis.encrypted import Encrypted
from wsdebug.analysis.legs import MIXED_UP, nests
from wsdebug.analysis.lives import stamp_of
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.diagnosis.causes import ranked, settled
from wsdebug.diagnosis.life import Stamp
from wsdebug.diagnosis.logged import logged
from wsdebug.diagnosis.mute import reaction
from wsdebug.diagnosis.scene import LastFrame, Ping, Scene, SideScene
from wsdebug.model.place import SIDES, Side
from wsdebug.transport import Half


def find_causes(trackers: Sequence[Tracker], scenes: Sequence[Scene]) -> None:
    """Gives each connection its causes. All are legs of one path, in the order of their requests,
    or there is just one; what ended well or is open takes the short way.
    """
    answers = [settled(scene) for scene in scenes]
    if None in answers:
        full = [_full(tracker, scene) for tracker, scene in zip(trackers, scenes, strict=True)]
        for index, answer in enumerate(answers):
            if answer is None:
                answers[index] = ranked(_with_legs(full, index))
    for scene, answer in zip(scenes, answers, strict=True):
        scene.connection.causes = answer or []
        if answer and scene.verdict.how not in ("clean", "capture-end"):
            reactions = {side: reaction(scene.life, side) for side in SIDES}
            said = logged(scene.connection, reactions)
            answer[0] = msgspec.structs.replace(answer[0], logged=said)


def find_encrypted_causes(tracker: Encrypted, scene: Scene) -> None:
    """The same for a TLS connection without keys."""
    server = SideScene(opening=tracker.opening)
    scene.connection.causes = ranked(msgspec.structs.replace(scene, server=server))


def _with_legs(scenes: Sequence[Scene], index: int) -> Scene:
    if len(scenes) != 2 or not _is_path(*scenes):
        return scenes[index]
    return msgspec.structs.replace(scenes[index], legs=[scenes[1 - index]], is_front=index == 0)


def _is_path(front: Scene, back: Scene) -> bool:
    """Two connections with one key may also be of a client that always uses the same: the legs of a
    path lead to different servers, and the one behind the proxy is answered before the one in
    front.
    """
    if front.connection.server == back.connection.server:
        return False
    return nests(front.life, back.life, MIXED_UP)


def _full(tracker: Tracker, scene: Scene) -> Scene:
    return msgspec.structs.replace(
        scene, client=_side(tracker, Side.CLIENT), server=_side(tracker, Side.SERVER)
    )


def _side(tracker: Tracker, side: Side) -> SideScene:
    half = half_of(tracker.flow, side)
    waiting = tracker.decoder.liveness.waiting[side]
    faulty = _faulty(tracker, side)
    return SideScene(
        last=_last_frame(tracker, side),
        pings=[
            Ping(one.frame, Stamp(one.span.packet or 0, one.time), one.end)
            for one in waiting
            if one.frame not in faulty
        ],
        ladders=half.ladders,
        acks=half.ack_history,
        zero_windows=half.zero_windows,
        first=_first(tracker) if side is Side.CLIENT else None,
        base=tracker.decoder.base.get(side, 0),
        last_packet=stamp_of(half.last_packet),
        rst_is_bare=_is_bare(half),
    )


def _faulty(tracker: Tracker, side: Side) -> set[int | None]:
    """Frames that their receiver may not answer, for it has to fail the connection."""
    return {
        breach.frame for breach, _ in tracker.breaches if breach.span.side is side and breach.fatal
    }


def _first(tracker: Tracker) -> Stamp | None:
    packet, time, *_ = tracker.client_began
    return Stamp(packet, time) if packet is not None else None


def _is_bare(half: Half) -> bool:
    """Its RST comes from a socket that is no more. IPv6 has no IP-ID to tell it by."""
    return half.rst is not None and half.rst_ip_id == 0 and len(half.address) == 4


def _last_frame(tracker: Tracker, side: Side) -> LastFrame | None:
    """The last frame before the side's Close, or the last one."""
    stream = tracker.decoder.streams.get(side)
    if stream is None:
        return None
    last = stream.before_close if stream.closes else stream.last
    if last is None:
        return None
    return LastFrame(last.number, last.opcode, last.length, Stamp(last.packet or 0, last.time))
