"""What each side's library will have logged of the end.

Theory: RFC 6455 leaves it to each library how it says that a connection failed. Practice: people
compare the sentence in their log with the capture. So for each side the libraries that the
handshake betrays are asked, or where it betrays none, the commonest; and whoever would have sent
another Close than the one on the wire is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from wsdebug.diagnosis.logged_event import events_of, gave_up_after
from wsdebug.diagnosis.logged_situation import situations_of
from wsdebug.knowledge.libraries import (
    Event,
    Library,
    Said,
    Situation,
    betrayed,
    library,
    what_it_logs,
)
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import CloseReport, Connection, Logged

COMMONEST = {
    Side.CLIENT: ("chromium", "firefox", "ws", "websockets"),
    Side.SERVER: ("ws", "websockets", "uWebSockets"),
}
"""Asked where the handshake betrays none."""
BROWSERS = {"chromium", "firefox", "webkit-legacy"}
_EARLY, _LATE = 1.0, 0.5
"""Seconds by which a client's own timer may end the wait for an answer sooner than its number, for
it began before the name was looked up, or later."""


class SideEnd(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides what one side logs, free of the capture."""

    side: Side
    libraries: tuple[str, ...]
    assumed: bool
    """The handshake does not betray them."""
    situations: tuple[Situation, ...] = ()
    """What the other side's first fatal bytes may have been, as this side met them: more than one
    where the capture does not tell, and then only what all give is said."""
    events: tuple[Event, ...] = ()
    """What the end was to this side, the most telling first."""
    close: CloseReport | None = None
    """The Close this side sent."""
    reaction: str = ""
    """Without one: as `mute.reaction`."""
    gave_up: float | None = None
    """Seconds after which this client ended an upgrade that was not answered."""


def logged(connection: Connection, reactions: Mapping[Side, str] | None = None) -> list[Logged]:
    """What the libraries of both sides say, the client's first. Empty where the end is not known,
    or nobody says anything that is known. `reactions`: as `mute.reaction`, of each side.
    """
    did = reactions or {}
    ends = (side_end(connection, side, did.get(side, "")) for side in SIDES)
    return [each for end in ends for each in logged_by(end)]


def side_end(connection: Connection, side: Side, reaction: str = "") -> SideEnd:
    """What decides it, taken from the report of a connection."""
    names, assumed = libraries_of(connection, side)
    return SideEnd(
        side=side,
        libraries=names,
        assumed=assumed,
        situations=situations_of(connection, side),
        events=events_of(connection, side),
        close=getattr(connection.close, side.value),
        reaction=reaction,
        gave_up=gave_up_after(connection) if side is Side.CLIENT else None,
    )


def libraries_of(connection: Connection, side: Side) -> tuple[tuple[str, ...], bool]:
    """The libraries to ask, and whether they are only assumed."""
    handshake = connection.handshake
    headers = handshake.request_headers if side is Side.CLIENT else handshake.response_headers
    signs = betrayed(side, headers)
    known = [one for one in signs.libraries if side in one.roles]
    if known:
        return tuple(one.name for one in known), signs.weak or len(known) > 1
    has_origin = any(name.lower() == "origin" for name, _ in handshake.request_headers)
    # RFC 6455 4.1: a browser sends Origin.
    gone = set() if has_origin or side is Side.SERVER else BROWSERS
    return tuple(name for name in COMMONEST[side] if name not in gone), True


def logged_by(end: SideEnd) -> Iterator[Logged]:
    """What each library says of which it is known: several entries of one are one of them."""
    for name in end.libraries:
        one = library(name)
        sayings = [_said(one, end)] if end.gave_up is None else _given_up(one, end.gave_up)
        for said in filter(None, sayings):
            yield Logged(
                side=end.side,
                library=name,
                text=said.text,
                code=said.code,
                cause=said.cause,
                surfaced=said.surfaced,
                derived=said.derived,
                assumed=end.assumed,
            )


def _given_up(one: Library, waited: float) -> list[Said | None]:
    """A timer of its own that nobody has to set is known by its number. Any other wait, its
    program may have set in the library or ended itself.
    """
    timed_out = what_it_logs(one, Event(role=Side.CLIENT, name="handshake-timeout"))
    own = one.limits.open_timeout
    if own is not None and -_EARLY <= waited - own <= _LATE:
        return [timed_out]
    closed = what_it_logs(one, Event(role=Side.CLIENT, name="handshake-given-up"))
    return [timed_out, closed] if timed_out is not None and closed is not None else []


def _said(one: Library, end: SideEnd) -> Said | None:
    answers = {what_it_logs(one, situation) for situation in end.situations}
    if len(answers) > 1:
        return None
    said = answers.pop() if answers else None
    if said is not None and not said.waiting:
        said = _as_it_reacted(one, said, end.reaction)
        if said is not None and _fits(said, end.close):
            return said
        if end.assumed:
            return None
    for event in end.events:
        if event.name == "fin" and said is not None and said.waiting:
            return said  # it had waited for the rest
        answer = what_it_logs(one, event)
        if answer is not None or event.name in one.on:  # it says something, known or not
            return answer
    return None


def _as_it_reacted(one: Library, said: Said, reaction: str) -> Said | None:
    """What it says if it sent no Close: who sends one always did not complain, or is of a version
    that hangs up; and who let it pass said nothing.
    """
    if reaction == "unmoved":
        return None
    if reaction != "hung-up" or said.sent is None:
        return said
    return one.mute.instead_of(said) if one.mute is not None else None


def _fits(said: Said, close: CloseReport | None) -> bool:
    """Whether the Close on the wire may be the one this library sends. None may be there: TCP may
    have ended before it.
    """
    if close is None:
        return True
    if said.sent != close.code:
        return False
    if said.derived or said.reason is None:
        return said.derived or close.reason == ""
    return said.reason == close.reason
