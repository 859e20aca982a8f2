"""Lives written as short scripts: `life("C close 1000 @5; S fin @7")`.

Events: `close CODE|empty|1byte [before N]`, `fin`, `rst`, `rst!` (foreign TTL), `data`,
`ladder N` (from @ to packet N), `bad` (a fatal violation). `@N` is packet N at N seconds.
"""

from __future__ import annotations

from typing import Any

from wsdebug.diagnosis.life import Ladder, Life, SideLife, Stamp
from wsdebug.model.facts import Close
from wsdebug.model.place import Part, Side, Span

SECOND = 1_000_000_000
ENDS = {"close_at", "fin", "rst"}


def stamp(packet: int) -> Stamp:
    return Stamp(packet, packet * SECOND)


def life(
    script: str,
    handshake: str = "accepted",
    status: int | None = 101,
    capture_end: int = 1000,
    **more: Any,
) -> Life:
    sides: dict[str, dict[str, Any]] = {"C": {}, "S": {}}
    last = 1
    for event in filter(None, (part.strip() for part in script.split(";"))):
        who, what, *words = event.split()
        packet = int(words.pop().removeprefix("@")) if words else 1
        last = max(last, packet)
        side = Side.CLIENT if who == "C" else Side.SERVER
        _add(sides[who], side, what, words, packet)
        if what == "data" and not any(one.keys() & ENDS for one in sides.values()):
            sides[who]["last_before"] = stamp(packet)
    return Life(
        handshake=handshake,
        status=status,
        client=SideLife(**sides["C"]),
        server=SideLife(**sides["S"]),
        start=0,
        requested=stamp(1),
        responded=stamp(2) if handshake in {"accepted", "rejected"} else None,
        last=stamp(last),
        capture_end=capture_end * SECOND,
        **more,
    )


def _add(into: dict[str, Any], side: Side, what: str, words: list[str], packet: int) -> None:
    at = stamp(packet)
    if what == "close":
        if words[1:2] == ["before"]:
            at = Stamp(packet, packet * SECOND, int(words[2]))
        into.update(close=_close(side, words[0], at), close_at=at)
        into["close_is_valid"] = words[0] not in {"1byte", "1006", "999"}
    elif what == "unreadable":
        into["unreadable"] = True
    elif what in {"rst", "rst!"}:
        into.update(rst=at, rst_is_foreign=what == "rst!")
    elif what == "data":
        into["last_data"] = at
    elif what == "bad":
        into["violated"] = at
    elif what == "ladder":
        ladder = Ladder(at, stamp(int(words[0])))
        into["ladders"] = (*into.get("ladders", ()), ladder)
    else:
        into[what] = at


def _close(side: Side, word: str, at: Stamp) -> Close:
    body = {"empty": "empty", "1byte": "1-byte"}.get(word, "code")
    return Close(
        span=Span(side, Part.STREAM, 0, 4, at.packet, at.time),
        frame=0,
        body=body,
        code=int(word) if body == "code" else None,
        reason=b"",
        reason_fault=None,
        index=0,
    )
