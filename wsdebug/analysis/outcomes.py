"""Facts that show only when a connection is over: how the close handshake went on, and which
pings never got their pong. Made of what the decoder saw and what TCP acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator

from wsdebug.analysis.sent_before import close_sent_by, fin_sent_by, first_close
from wsdebug.analysis.tracker import Tracker, half_of
from wsdebug.model.facts import Close, Closing, PingOutcome
from wsdebug.model.place import SIDES, Side
from wsdebug.transport import Flow, Half

LEFT_OPEN = 5_000_000_000
"""CL110: more than 5 s of further capture."""


def acknowledged_at(half: Half, end: int) -> int | None:
    """When TCP acknowledged the first `end` bytes of a side's stream, in ns; None if never seen.

    The history is thinned to a second, so this is the moment or up to a second later: it can
    only make a wait look shorter, never longer.
    """
    if half.acked < end:
        return None
    for time, acked in half.ack_history:
        if acked >= end:
            return time
    return half.acked_time


def closing_facts(tracker: Tracker, now: int | None) -> Iterator[Closing]:
    """The story of the first Close of the connection. `now`: how far the capture went, in ns."""
    closes = {side: first_close(tracker, side) for side in SIDES}
    sent = [close for close in closes.values() if close is not None]
    if not sent:
        return
    first = min(sent, key=lambda close: close_sent_by(tracker, close))
    side = first.span.side
    answer = closes[side.other]
    flow = tracker.flow
    is_tcp = flow.h2_stream is None
    me, peer = half_of(flow, side), half_of(flow, side.other)
    acked = acknowledged_at(me, first.end)
    yield Closing(
        first=first,
        answer=answer,
        answered_after_arrival=_arrived(first, answer),
        acknowledged=acked is not None,
        peer_lived=_between(acked, _lived_until(me, peer, now)),
        peer_sent_more=_sent_more(peer, first, acked),
        closer_hung_up=me.has_unseen_fin or _hung_up(tracker, side),
        gap_follows=_has_gap(tracker, side.other) or not peer.packets,
        # RFC 6455 7.1.1 speaks of TCP, which an HTTP/2 stream leaves open for others.
        first_fin=_first_fin(tracker) if is_tcp else None,
        left_open=tuple(_left_open(flow, first, answer, now)) if is_tcp else (),
    )


def _lived_until(me: Half, peer: Half, now: int | None) -> int | None:
    if peer.has_unseen_fin:  # at any time since its last byte
        return peer.last_data[1] if peer.last_data is not None else None
    return _earliest(peer.fin, peer.rst, me.rst) or now


def _arrived(first: Close, answer: Close | None) -> bool | None:
    if answer is None or answer.acknowledged is None:
        return None
    return answer.acknowledged >= first.end


def _earliest(*stamps: tuple[int | None, int | None] | None) -> int | None:
    times = [stamp[1] for stamp in stamps if stamp is not None and stamp[1] is not None]
    return min(times) if times else None


def _between(start: int | None, stop: int | None) -> int | None:
    return None if start is None or stop is None else max(0, stop - start)


def _sent_more(peer: Half, close: Close, since: int | None) -> bool:
    """The peer sent new data after it had acknowledged the Close, and then ended: what its kernel
    still had to send may come before its answer, and no capture that stops meanwhile shows that.
    """
    _, time, acked = peer.last_mark
    had_it = acked is not None and acked >= close.end
    return had_it and bool(time and since and time > since) and bool(peer.fin or peer.rst)


def _hung_up(tracker: Tracker, side: Side) -> bool:
    mine, theirs = _end_sent_by(tracker, side), _end_sent_by(tracker, side.other)
    return mine is not None and (theirs is None or mine < theirs)


def _end_sent_by(tracker: Tracker, side: Side) -> int | None:
    """The packet by which a side had sent its FIN or RST."""
    rst = half_of(tracker.flow, side).rst
    ends = (fin_sent_by(tracker, side), rst[0] if rst is not None else None)
    return min((packet for packet in ends if packet is not None), default=None)


def _has_gap(tracker: Tracker, side: Side) -> bool:
    stream = tracker.decoder.streams.get(side)
    return side in tracker.unread or (
        stream is not None and bool(stream.gaps or stream.unsynchronised)
    )


def _first_fin(tracker: Tracker) -> Side | None:
    if any(half.has_unseen_fin for half in tracker.flow.halves):
        return None
    ends = [(packet, side) for side in SIDES if (packet := _end_sent_by(tracker, side)) is not None]
    return min(ends)[1] if ends else None


def _left_open(flow: Flow, first: Close, answer: Close | None, now: int | None) -> Iterator[Side]:
    if answer is None or now is None:
        return
    times = [close.span.time for close in (first, answer) if close.span.time is not None]
    if not times or now - max(times) <= LEFT_OPEN:
        return
    if any(half.rst is not None for half in flow.halves):
        return
    for half in flow.halves:
        if half.fin is None:
            late = not half.has_unseen_fin
        else:
            late = half.fin[1] is not None and half.fin[1] - max(times) > LEFT_OPEN
        if late:
            yield half.known_side


def ping_facts(tracker: Tracker, now: int | None) -> Iterator[PingOutcome]:
    """Pings without a pong, with the time in which the peer could have written one."""
    liveness = tracker.decoder.liveness
    for side in SIDES:
        for ping in liveness.waiting[side]:
            acked = acknowledged_at(half_of(tracker.flow, side), ping.end)
            writable = None if acked is None else _writable(tracker, side.other, acked, now)
            yield PingOutcome(ping.span, ping.frame, acked is not None, writable)


def _writable(tracker: Tracker, side: Side, start: int, now: int | None) -> int | None:
    """How long `side` could write after `start`, in ns; None where the capture cannot tell."""
    stream = tracker.decoder.streams.get(side)
    if stream is None or _has_gap(tracker, side) or stream.in_frame:
        return None
    flow = tracker.flow
    if half_of(flow, side).has_unseen_fin:
        return None
    ends = [stamp for half in flow.halves for stamp in (half.fin, half.rst)]
    own_close = first_close(tracker, side)
    if own_close is not None:
        ends.append((own_close.span.packet, own_close.span.time))
    stop = _earliest(*ends, (None, now))
    if stop is None:
        return None
    # A receiver window of zero at the pinging side keeps the pong back, and so does a frame of
    # the peer that is under way: a pong cannot stand inside it.
    blocks: list[tuple[int | None, int | None]] = [
        *half_of(flow, side.other).zero_windows,
        *stream.busy,
    ]
    blocked = sum(
        max(0, min(until if until is not None else stop, stop) - max(begin, start))
        for begin, until in blocks
        if begin is not None
    )
    return max(0, stop - start - blocked)
