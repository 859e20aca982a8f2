"""What several causes say alike: how it ended, the silence before it, what does not explain it."""

from __future__ import annotations

from wsdebug.diagnosis.application import ABNORMAL
from wsdebug.diagnosis.blame import VAGUE, blame, spared, spared_because
from wsdebug.diagnosis.hanging_up import hung_up
from wsdebug.diagnosis.scene import LastFrame, Scene, seen
from wsdebug.display.quantities import counted
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.message_limits import limits_below
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Evidence


def who_ended(scene: Scene) -> Evidence:
    """Whose FIN or RST came first, and that TCP was ended in order or not."""
    ender, end = scene.ender, scene.end
    name = f"The {ender}" if ender is not None else "One side"
    if scene.life.proxy_side is not None:
        name = "The proxy"
    if scene.life.is_stream:
        return seen(end, ender, f"{name} {hung_up(scene.life, scene.verdict.how)} first.")
    if scene.verdict.how == "rst":
        return seen(end, ender, f"{name} ended TCP by reset (RST), not in order.")
    did = "closed TCP (FIN)"
    if ender is not None and end is not None:
        did = scene.life.side(ender).did_end(end)
    if did != "closed TCP (FIN)":
        return seen(end, ender, f"{name} {did} first, in order, and TCP with it.")
    return seen(end, ender, f"{name} closed TCP first, in order (FIN), not by reset.")


def no_close(scene: Scene) -> Evidence:
    """That no Close came before the end."""
    both = all(scene.life.side(side).close is None for side in SIDES)
    if both:
        text = f"Neither side sent a Close frame, so {_applications(scene)} 1006"
    else:
        text = "No Close frame came before it, so the application sees 1006"
    return Evidence(f"{text}, a code that is never on the wire (RFC 6455 7.4.1).")


def _applications(scene: Scene) -> str:
    seen = scene.connection.end.seen_by_application
    left = [side for side in SIDES if getattr(seen, side.value) == ABNORMAL]
    return f"the {left[0]}'s application sees" if len(left) == 1 else "both applications see"


def other_leg(scene: Scene) -> Evidence | None:
    """What the proxy did on its other side at the same moment."""
    if scene.life.other_leg is None or not scene.legs:
        return None
    leg = scene.legs[0]
    kind = scene.life.other_leg.upper()
    known_by = "same payload" if scene.life.own_key else "same Sec-WebSocket-Key"
    text = (
        f"At the same moment it sent {kind} on the other leg of the path, connection"
        f" {leg.connection.id} ({known_by}): it ended both."
    )
    return seen(leg.end, leg.ender, text)


def proxy_alone(scene: Scene) -> Evidence | None:
    """That the proxy ended this leg, and nothing in the capture shows what happened on the other:
    it stops there, or lacks the packets.
    """
    life = scene.life
    if not scene.legs or life.other_leg is not None or life.is_passed_on:
        return None
    if scene.ender is not (Side.SERVER if scene.is_front else Side.CLIENT):
        return None
    leg = scene.legs[0].connection.id
    text = (
        f"The {scene.ender} of this connection is a proxy (connection {leg} is the other leg of its"
        " path): whether it ended that as well, or passed an end on, the capture does not show."
    )
    return Evidence(text, scene.ender)


def pings(scene: Scene) -> Evidence:
    """Whether anything kept the line alive."""
    live = scene.connection.liveness
    if not live.pings and not live.pongs:
        length = scene.connection.duration
        during = f" in {span_of_time(length)}" if length is not None else ""
        return Evidence(f"No ping or pong was seen{during}: nothing kept the line alive.")
    said = f"{counted(live.pings, 'ping')} and {counted(live.pongs, 'pong')}"
    return Evidence(f"{said} were seen, the last of them before that silence.")


def last_words(scene: Scene, side: Side) -> Evidence | None:
    """The last frame of a side."""
    last = scene.side(side).last
    if last is None:
        return None
    kind = {1: "text", 2: "binary", 9: "ping", 10: "pong"}.get(last.opcode, f"opcode {last.opcode}")
    text = f"The last frame of the {side} is a {kind} of {counted(last.length, 'byte')}."
    return seen(last.at, side, text, last.number)


def close_may_be_missing(scene: Scene) -> list[Evidence]:
    """What speaks against an end from below where the capture has holes."""
    text = "Bytes are missing: a Close, or another reason, may stand in them."
    return [Evidence(text)] if scene.has_gaps else []


def no_bad_frame(scene: Scene) -> list[str]:
    """The rival every reader thinks of: something wrong in the frames."""
    if scene.has_gaps or blame(scene) is not None:
        return []
    violation = spared(scene)
    if violation is not None:
        return [spared_because(scene, violation)]
    return ["bad frame (none found before the end)"]


_NO_SUCH_LENGTH = 1002
"""What npm websocket sends at a length of more than 32 bits, before the frame is whole."""


def closed_inside(scene: Scene) -> LastFrame | None:
    """The frame in the middle of which the other side sent a Close that blames nothing, if it is
    over a limit that receivers have: its sender had declared more than it ever sent.
    """
    ender = scene.ender
    if ender is None or scene.has_gaps:
        return None
    me, last = scene.life.side(ender), scene.side(ender.other).last
    if me.close is None or me.close_at is None or me.close_at != scene.end or last is None:
        return None
    if me.close.code not in (*VAGUE, _NO_SUCH_LENGTH) or not last.at < me.close_at:
        return None
    sent = getattr(scene.connection.tcp, ender.other.value).bytes
    return last if last.length > sent and limits_below(last.length) else None


def client_left(scene: Scene) -> list[str]:
    """The other one: the client simply went."""
    if scene.ender is Side.SERVER and scene.betrayed.client == "browser":
        return ["client left (browsers send Close 1001, and it was the server that hung up)"]
    if scene.ender is Side.SERVER:
        return ["client left (it was the server's side that hung up)"]
    return []
