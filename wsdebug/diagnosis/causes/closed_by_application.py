"""DX201: somebody called close()."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.ending import is_clean
from wsdebug.diagnosis.evidence import closed_inside, no_bad_frame
from wsdebug.diagnosis.scene import Scene, seen
from wsdebug.diagnosis.why import close_text
from wsdebug.display.escape import printable
from wsdebug.knowledge.close_advice import close_advice
from wsdebug.knowledge.close_codes import close_code
from wsdebug.model.facts import Close
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX201",
    title="An application closed the connection",
    fix=("read-log",),
    last_resort=True,
)
def closed_by_application(scene: Scene) -> Claim | None:
    """One side sent a Close that no violation, timeout or limit explains: its application called
    close(), or raised an error that its library turned into 1011. The code and the reason say what
    it meant; 1008, 1011, 1012, 1013 and 3000 to 4999 are the common ones. 1000, 1001 and an empty
    Close are a clean close.

    A code over 4999 whose bytes are letters is none: the body was written without a code
    (gevent-websocket on Python 3 writes `bytearray(b'bye')`).

    Where the capture lacks bytes, the reason may stand in them, or a Close that came before: then
    this is only possible. Where it lacks the handshake, the software is not known, and a keepalive
    or limit of it may have closed: then it is likely.
    """
    ender = scene.ender
    if ender is None or not scene.is_open:
        return None
    closer = scene.life.side(ender)
    if closer.close is None or closer.close_at != scene.end:
        return None
    blamed = blame(scene)
    if blamed is not None and not blamed.is_vague:
        return None
    if closer.close.code in _COMPLAINTS and _is_unseen(scene, ender.other):
        return None
    text = f"The {ender} sent Close {close_text(closer.close)}"
    because = [seen(closer.close_at, ender, f"{text}.", closer.close.frame)]
    code = closer.close.code
    body = _text_of(closer.close)
    if body is not None:
        text = f'Its body is "{printable(body, 60)}": text where the code belongs (RFC 6455 5.5.1).'
        because.append(Evidence(text, ender))
    elif code is not None:
        because.append(Evidence(close_code(code).meaning))
    because += _proxys_own(scene)
    answer = _answer(scene)
    because += [answer] if answer is not None else []
    said = close_advice(code) if code is not None else None
    return Claim(
        _certainty(scene),
        because,
        _against(scene),
        considered=[*no_bad_frame(scene), "timeout (hardly a proxy sends a Close)"],
        advice=[said] if said else None,
        title=_title(scene, closer.close),
    )


def _proxys_own(scene: Scene) -> list[Evidence]:
    """On the leg on which the closer itself sits it sent no Close: the proxy made this one, as
    Caddy does in both directions when it is stopped.
    """
    ender = scene.ender
    # The server sits on the leg behind the proxy, the client on the one before it.
    if ender is None or scene.is_front is not (ender is Side.SERVER):
        return []
    for leg in scene.legs:
        mine = leg.life.side(ender)
        is_answer = mine.close is not None and leg.ender is ender.other
        if (mine.close is None or is_answer) and mine.is_complete:
            did = "only answered a Close" if is_answer else "sent no Close"
            text = (
                f"On connection {leg.connection.id}, the other leg of the path, the {ender} {did}:"
                " the proxy made this one."
            )
            return [seen(leg.end, leg.ender, text)]
    return []


def _text_of(close: Close | None) -> str | None:
    """What the body says if letters stand where the code belongs: "by" reads as 25209."""
    if close is None or close.code is None or close.code <= _LAST_CODE:
        return None
    body = (close.code.to_bytes(2, "big") + close.reason).decode("latin-1")
    return body if body.isascii() and body.isprintable() else None


def _title(scene: Scene, close: Close) -> str:
    assert scene.ender is not None
    if _text_of(close) is not None:
        return f"The {scene.ender} sent a Close whose body is text in place of a code"
    if _proxys_own(scene):
        return f"The proxy between client and server closed it with {_code(close)}"
    title = f"{_who(scene)} application closed the connection with {_code(close)}"
    other = scene.life.side(scene.ender.other)
    if is_clean(close) and other.close is None and other.is_complete and other.tcp_end is not None:
        first = scene.life.side(scene.ender).tcp_end
        if first is None or other.tcp_end < first:
            return f"{title}, and the {scene.ender.other} hung up without answering"
    return title


_LAST_CODE = 4999
"""RFC 6455 7.4.2: nobody may send a larger one."""
_COMPLAINTS = (1002, 1007)
"""What a library says of bytes that it was sent, and hardly an application."""


def _is_unseen(scene: Scene, side: Side) -> bool:
    """What it complains of may stand in bytes of `side` that the capture lacks."""
    one = scene.connection
    gaps = any(gap.side is side for gap in (*one.gaps, *one.unsynchronised))
    return gaps or scene.life.side(side).unreadable or scene.life.side(side).starts_late


def _may_complain(scene: Scene) -> bool:
    """The other side broke a rule, if long before: a receiver that was busy complains late, and a
    clock that was put forward makes anything late.
    """
    assert scene.ender is not None
    close, other = scene.life.side(scene.ender).close, scene.life.side(scene.ender.other)
    return close is not None and close.code in _COMPLAINTS and other.violated is not None


def _code(close: Close) -> str:
    if close.body == "1-byte":
        return "half a code: the body is one byte"
    return "no code" if close.code is None else str(close.code)


def _certainty(scene: Scene) -> Certainty:
    if scene.has_gaps or blame(scene) is not None or closed_inside(scene) is not None:
        return Certainty.POSSIBLE
    if _may_complain(scene):
        return Certainty.POSSIBLE
    is_doubtful = scene.life.requested is None or _stops(scene)
    if is_doubtful or any(leg.has_gaps for leg in scene.legs):
        return Certainty.LIKELY
    return Certainty.CERTAIN


def _stops(scene: Scene) -> bool:
    """The connection stops in the capture with this Close: not even TCP acknowledges it. What came
    behind it may as well be missing.
    """
    assert scene.ender is not None
    me, other = scene.life.side(scene.ender), scene.life.side(scene.ender.other)
    if me.tcp_end is not None or other.tcp_end is not None or me.close is None:
        return False
    return not scene.side(scene.ender).acked_beyond(me.close.end)


def _who(scene: Scene) -> str:
    """Whose application it was: it answers, if the other's Close came before and is missing."""
    assert scene.ender is not None
    return f"The {scene.ender}'s" if scene.life.knows_first(scene.ender) else "An"


def _against(scene: Scene) -> list[Evidence]:
    assert scene.ender is not None
    other = scene.ender.other
    if not scene.life.knows_first(scene.ender):
        text = f"Bytes of the {other} are missing: a Close of its own may have come before."
        return [Evidence(text, other)]
    if scene.has_gaps:
        return [Evidence("Bytes are missing: the reason may stand in them.")]
    text = f"A library says it of what it was sent, and the {other} broke a rule long before."
    return [Evidence(text, other)] if _may_complain(scene) else []


def _answer(scene: Scene) -> Evidence | None:
    assert scene.ender is not None
    other = scene.ender.other
    answer = scene.life.side(other)
    if answer.close is None and (not answer.is_complete or _stops(scene)):
        return None
    if answer.close is None:
        return Evidence(f"The {other} did not answer it with a Close.", other)
    text = f"The {other} answered {close_text(answer.close)}."
    return seen(answer.close_at, other, text, answer.close.frame)
