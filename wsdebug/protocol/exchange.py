"""The HTTP phase of a connection: requests and their responses in order, up to the one that
switches to WebSocket.

Theory: a client sends one upgrade request and waits. Practice: it may have used the connection
for other requests, have been told to authenticate, stand behind a CONNECT tunnel; its bytes may
be captured after the server's answer, or not at all. So the client's side is read up to a
request whose answer decides what its next bytes are (`held`); what follows waits, untouched.
"""

from __future__ import annotations

from wsdebug.http import Budget, Opening, Reader, body_length, starts_like_request
from wsdebug.model.handshake import Handshake, Head
from wsdebug.model.limits import Limits
from wsdebug.model.place import NEITHER, Side
from wsdebug.protocol.handshake import (
    is_other_protocol,
    is_upgrade_request,
    make_handshake,
    names_websocket,
    switches_to_http2,
)
from wsdebug.protocol.header import begins_client_frame
from wsdebug.protocol.keys import Keys
from wsdebug.protocol.outcome import Outcome
from wsdebug.protocol.request import Request


class Exchange:
    """Both sides' readers and what is known of the handshake so far.

    `handshake` is that of the last upgrade request; earlier ones go to `attempts`.
    """

    __slots__ = (
        "_held", "_is_alone", "_is_plain", "_keys", "_last", "_limits", "_pending", "attempts",
        "attempts_dropped", "client", "handshake", "is_over", "outcome", "requests_dropped",
        "server", "unseen",
    )  # fmt: skip

    def __init__(self, limits: Limits, keys: Keys | None, budget: Budget | None = None) -> None:
        self._limits = limits
        self._keys = keys
        self._pending: list[Request] = []
        self._held: Request | None = None
        self._is_alone = False  # the server's side, as far as one can tell
        self._last: Head | None = None  # the last request, for a 101 that comes unasked
        self.client = Reader(Side.CLIENT, limits, budget)
        self.server = Reader(Side.SERVER, limits, budget)
        self.handshake: Handshake | None = None
        self.attempts: list[Handshake] = []
        self.attempts_dropped = 0
        self.requests_dropped = 0
        self._is_plain = False  # a final response came that switched nothing
        self.outcome: Outcome | None = None
        self.unseen: frozenset[Side] = NEITHER
        """Sides whose beginning the capture may lack: their SYN is not in it."""
        self.is_over = False
        """Nothing more will come: stop waiting for it."""

    def reader(self, side: Side) -> Reader:
        """That side's."""
        return self.client if side is Side.CLIENT else self.server

    def advance(self) -> Outcome | None:
        """Read as far as the bytes reach; how the HTTP phase ended, if it did."""
        while self.outcome is None and not self._is_waiting():
            if not (self._read_request() or self._read_response() or self._guess()):
                self._give_up_lost()
                break
        self.client.count()
        self.server.count()
        return self.outcome

    def _is_waiting(self) -> bool:
        """An upgrade request was read, and nothing came behind it or as its answer: often so."""
        client, server = self.client, self.server
        return (
            self._held is not None
            and not (client.is_begun or server.is_begun or server.ended or client.lost)
            and not (server.lost or self.unseen or self.is_over)
        )

    def release(self) -> None:
        """The HTTP phase is over without an upgrade: what still waits is let go."""
        self.client.release()
        self.server.release()

    # ---- requests ---------------------------------------------------------------------------
    def _read_request(self) -> bool:
        if self._held is not None:
            self.client.look()
            return False
        if self._is_begun_late():
            self._is_alone = True
            return False
        head = self.client.next_head()
        opening = self.client.opening
        if opening is not None and opening is not Opening.REQUEST:
            self.outcome = Outcome.HTTP2 if opening is Opening.HTTP2 else Outcome.OTHER
        elif head is not None:
            self._request(head)
            return True
        return False

    def _is_begun_late(self) -> bool:
        """The capture begins with the answer to a request it lacks, and the client goes on with
        what a masked frame begins with (RFC 6455 5.1).
        """
        if self._pending or self.client.offset:
            return False
        return begins_client_frame(self.client.peek(2)) and self.server.peek(12)[8:] == b" 101"

    def _request(self, head: Head) -> None:
        is_upgrade = is_upgrade_request(head)
        if head.version is None and not is_upgrade and head.complete and self.handshake is None:
            self.outcome = Outcome.OTHER  # another text protocol with HTTP's words, such as SIP
            return
        self.client.begin_body(body_length(head))
        request = Request(head.method, head if is_upgrade else None, head.offset, head.packet)
        self._last = head
        if len(self._pending) >= self._limits.requests:
            self._pending.pop(0)
            self.requests_dropped += 1
        self._pending.append(request)
        if is_upgrade:
            self._begin_attempt(head)
        if is_upgrade or head.method == "CONNECT":
            self._held = request

    def _begin_attempt(self, head: Head) -> None:
        if self.handshake is not None:
            self.attempts.append(self.handshake)
            if len(self.attempts) > self._limits.attempts:
                del self.attempts[0]
                self.attempts_dropped += 1
        self.handshake = make_handshake(head, None)
        if self._keys is not None:
            for field in head.all("sec-websocket-key"):
                self._keys.note(field.value)

    # ---- responses --------------------------------------------------------------------------
    def _read_response(self) -> bool:
        self.server.look()
        if self._lacks_response():
            self.server.lose()
            return False
        opening = self.server.opening
        is_http = opening is None or opening is Opening.RESPONSE
        if not is_http and not self._awaits_upgrade():
            self.outcome = Outcome.OTHER
        elif self._pending or not self._may_be_asked():
            head = self.server.next_head()
            if head is not None:
                self._response(head)
                return True
        return False

    def _lacks_response(self) -> bool:
        """Whether a response may stand before all that was captured of the server (its SYN was not)
        and is no response, or nothing but its end.
        """
        server, is_unseen = self.server, Side.SERVER in self.unseen and self._awaits_upgrade()
        if not is_unseen or server.lost or server.offset:
            return False
        return server.is_at_end or server.opening not in {None, Opening.RESPONSE}

    def _awaits_upgrade(self) -> bool:
        return self._held is not None and self._held.head is not None

    def _may_be_asked(self) -> bool:
        """Whether the request to what the server sent may still arrive: captures reorder."""
        if self.server.queued > self._limits.look_ahead:
            self._is_alone = True
        return not (self._is_alone or self.is_over or self.client.lost or self.client.ended)

    def _response(self, head: Head) -> None:
        status = head.status
        is_cut_by_end = self.server.lost and self.server.is_at_end
        if status == 101 and not is_cut_by_end:
            self._switch(head)
        elif status is not None and status < 200 and status != 101:
            self.server.begin_body(0)  # RFC 9110 15.2: interim, the final response follows
        elif status is not None or is_cut_by_end or not self.server.lost:
            self._answer(head)

    def _answer(self, head: Head) -> None:
        """A final response that does not switch protocols."""
        self._is_plain = True
        request = self._pending.pop(0) if self._is_asked() else Request(None, None)
        if request is self._held:
            self._held = None
        if request.head is not None:
            self.handshake = make_handshake(request.head, head)
        self.server.begin_body(body_length(head, request.method))
        if request.method == "CONNECT" and head.status is not None and head.status < 300:
            # RFC 9110 9.3.6: both sides begin anew inside the tunnel.
            self.client.restart()
            self.server.restart()

    def _is_asked(self) -> bool:
        """Of a capture that begins in between, the first response answers a request before."""
        mark = self.server.head_mark
        return bool(self._pending) and self._pending[0].may_be_answered_by(mark)

    def _switch(self, head: Head) -> None:
        """A 101: RFC 9110 15.2.2."""
        request = next((its.head for its in self._pending if its.head is not None), None)
        if request is None and self._was_refused():
            # Two answers to one request: the client has read the first.
            self.outcome = Outcome.OTHER
        elif request is None and not names_websocket(head):
            unless = Outcome.HTTP2 if switches_to_http2(head) else Outcome.OTHER
            self.outcome = unless if head.complete else Outcome.UNREADABLE
        elif request is not None and is_other_protocol(request, head):
            self.outcome = Outcome.OTHER
            self.handshake = make_handshake(request, head)
        else:
            if request is None and self._pending:
                request = self._last
            self.handshake = make_handshake(request, head, self._keys)
            self.outcome = Outcome.UPGRADED

    def _was_refused(self) -> bool:
        """The last request of the client, an upgrade, has its final response already."""
        handshake = self.handshake
        is_unsure = self.client.lost and not self.client.is_at_end
        if self._pending or is_unsure or handshake is None or handshake.response is None:
            return False
        return handshake.request is not None and handshake.request is self._last

    def forget_refusal(self) -> None:
        """A later request, which the capture lacks, was accepted."""
        if self.handshake is not None and self.handshake.response is not None:
            self.attempts.append(self.handshake)
            self.handshake = None

    # ---- what the capture lacks -------------------------------------------------------------
    def _is_answer_missing(self) -> bool:
        """An upgrade request waits and its answer lies in what the capture lacks: in a gap, or
        the server's side was not captured at all.
        """
        if not self._awaits_upgrade():
            return False
        server = self.server
        if server.lost:
            return not server.is_at_end
        is_unseen = server.offset == 0 and not server.queued
        is_silent = server.ended is not None and server.ended[0] != "capture"
        if not is_unseen or is_silent:
            return False
        # What the client acknowledges tells whether the server had sent anything.
        acknowledged = self.client.newest()[2]
        if acknowledged is None:
            return self.is_over
        is_full = self.client.queued > self._limits.waiting
        return acknowledged > 0 and (self.is_over or is_full)

    def _guess(self) -> bool:
        """What the client sends next tells whether an answer that was not captured was a 101.
        True where that made reading on possible.
        """
        if not self._is_answer_missing():
            return False
        start = self.client.peek(4)
        if starts_like_request(start) and start:
            if len(start) == 4:  # it tries again: it was rejected
                self._held = None
                self._pending.clear()
            return len(start) == 4
        # RFC 6455 5.1: a client's frame has MASK set. From the server anything may come.
        is_masked = len(start) > 1 and start[1] >= 0x80
        nothing_more = self.is_over or self.server.ended is not None
        is_there = self.server.queued or Side.SERVER in self.unseen
        if is_masked or (nothing_more and is_there):
            self.outcome = Outcome.UPGRADED
        return False

    def _give_up_lost(self) -> None:
        """Keep nothing of a side that cannot be read; what may be frames stays, for a while."""
        client, server, waits = self.client, self.server, self._awaits_upgrade()
        may_be_plain = self._is_plain and not begins_client_frame(client.behind_gap(2))
        if not (may_be_plain or waits) and (client.lost or server.lost):
            lost = [side.queued for side in (client, server) if side.lost]
            if len(lost) > 1 or self.is_over or max(lost) > self._limits.look_ahead:
                self.outcome = Outcome.UNREADABLE
            return
        if client.lost:
            client.discard()
        if server.lost and not (waits and server.queued < self._limits.waiting):
            server.discard()

    @property
    def limits_hit(self) -> frozenset[str]:
        """The limits that the HTTP phase reached."""
        hit = self.client.limits_hit | self.server.limits_hit
        if self.attempts_dropped:
            hit |= {"attempts"}
        return hit | {"requests"} if self.requests_dropped else hit
