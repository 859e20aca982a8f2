"""One side of a TLS connection: its records opened, and what is in them handed on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from wsdebug.model.place import NO_MARK, Mark, Side
from wsdebug.model.tls import Keys
from wsdebug.transport.tls.direction import Direction
from wsdebug.transport.tls.messages import Messages
from wsdebug.transport.tls.places import Places
from wsdebug.transport.tls.protection import Protection
from wsdebug.transport.tls.records import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    HEADER,
    Record,
    Records,
)

if TYPE_CHECKING:
    from wsdebug.transport.tls.session import TlsSession

_MOST_HELD = 64 << 10
"""Bytes of records that wait for their keys."""
_PATIENCE = 3
"""Records in a row that do not open, before one with data has, until keys count as wrong."""
_BLIND_PATIENCE = 64
"""The same where the handshake's own keys are missing: so many records may be of the handshake."""
_HOPELESS = 256
"""Records in a row that do not open behind others that did: no more are tried."""


_RECORD_COST = 128
"""What keeping an empty record takes."""
Hole: TypeAlias = tuple[int | None, Mark]
"""Length of what is missing, and where it was noticed."""


class SideReader:
    """What `Records` tells of one side (`records.Taker`)."""

    __slots__ = (
        "_early", "_gap", "_has_data", "_is_blind", "_last", "_messages", "_session", "_waiting",
        "held", "is_sealed", "keys", "places", "plain", "records", "side",
    )  # fmt: skip

    def __init__(self, session: TlsSession, side: Side) -> None:
        self._session = session
        self.side = side
        self.records = Records(self)
        self.keys = Direction()
        self.places = Places()
        self.plain = 0
        """Bytes of plaintext handed on."""
        self.held: deque[Record | Hole] = deque()
        self._waiting = 0
        self._early: list[tuple[bytes, Record, bool, Mark | None]] = []
        self._messages = Messages()
        self._gap: Mark | None = None
        """Something was missing since the last record that opened."""
        self._last: Mark = NO_MARK
        """Of the latest packet that brought data."""
        self._has_data = False
        self._is_blind = False
        self.is_sealed = False
        """Without keys nothing more can be read of this side."""

    def follow(self, chain: Sequence[Protection | None]) -> None:
        """The keys that follow each other from now on; None where one is missing."""
        self._is_blind = chain[-2] is None
        known = [protection for protection in chain if protection is not None]
        self.keys.later = known[0 if chain[0] is None else 1 :]
        self.keys.change(chain[0])

    # ---- what `Records` tells ---------------------------------------------------------------
    def record(self, record: Record) -> None:
        """The next record."""
        if self._session.is_closed_book:
            # In TLS 1.3 a ChangeCipherSpec means nothing (RFC 8446 5), and a hello may follow it.
            is_change = record.kind == CHANGE_CIPHER_SPEC and not self._session.may_be_13
            self.is_sealed |= is_change or record.kind == APPLICATION_DATA
            if not self.is_sealed:
                self._clear(record)
        elif self._must_wait(record):
            self._hold(record)
        elif record.kind == APPLICATION_DATA or self._is_protected:
            self._protected(record)
        else:
            self._clear(record)

    def _must_wait(self, record: Record) -> bool:
        """TLS 1.2, with keys that may still come: from ChangeCipherSpec on, any record."""
        session = self._session
        if not session.is_waiting or session.may_be_13:
            return False
        return record.kind == CHANGE_CIPHER_SPEC or bool(self.held)

    @property
    def _is_protected(self) -> bool:
        """TLS 1.2: behind a ChangeCipherSpec every type of record is. In 1.3 they all look like
        application data.
        """
        return not self._session.is_13 and self.keys.current is not None

    def probe(self, record: Record) -> bool:
        """A record that opens is one; before there are keys, a ChangeCipherSpec is."""
        keys, session = self.keys, self._session
        if keys.current is None and record.kind == CHANGE_CIPHER_SPEC:
            self.record(record)
            return record.body == b"\1"
        if session.is_waiting or (keys.current is None and not keys.later):
            return False
        if session.is_13 and record.kind != APPLICATION_DATA:
            return False
        opened = keys.open(record.kind, record.body, is_record=False)
        if opened is None:
            return False
        self._opened(*opened, record)
        return True

    def missing(self, length: int | None, mark: Mark) -> None:
        """A hole in the stream; behind records that wait for their keys it waits too."""
        self._messages.lose()
        if self.held:
            self.held.append((length, mark))
            self._waiting += _RECORD_COST
            return
        self._lose(length, mark)

    def _lose(self, length: int | None, mark: Mark) -> None:
        self.keys.missing(length)
        self._gap = mark

    def strange(self) -> None:
        """No TLS any more. What could be read until then stands."""
        if not self._session.is_closed_book and not self._has_data and not self._session.server:
            self._session.give_up(Keys.NO_HELLO)

    def end(self, mark: Mark) -> None:
        """The TCP stream is over: a hole at its end is one of the plaintext too."""
        self.records.end()
        if self._early:
            self._settle_unasked()
        if self._gap is not None and self._session.has_data:
            self._session.lacks(self.side, mark)
            self._gap = None

    # ---- records without and with protection ------------------------------------------------
    def _clear(self, record: Record) -> None:
        if record.kind == CHANGE_CIPHER_SPEC:
            self._session.change_cipher_spec(self.side)
        elif record.kind in (HANDSHAKE, ALERT):
            self._inside(record.kind, record.body, record)

    def _protected(self, record: Record) -> None:
        session = self._session
        if session.is_waiting:
            self._hold(record)
            return
        if self.keys.failed > _HOPELESS:
            return
        opened = self.keys.open(record.kind, record.body)
        if opened is not None:
            self._opened(*opened, record)
        else:
            self._failed(record)

    def _hold(self, record: Record) -> None:
        session = self._session
        self.held.append(record)
        self._waiting += len(record.body) + _RECORD_COST
        if self._waiting > _MOST_HELD:
            session.give_up(Keys.NO_HELLO if session.server is None else Keys.ABSENT)

    def drop(self) -> None:
        """What waits is of no use."""
        self.held.clear()
        self._waiting = 0

    @property
    def reached(self) -> int:
        """Bytes of the TCP stream up to which records are opened, but for one that is not whole."""
        for one in self.held:
            if isinstance(one, Record):
                return one.end - len(one.body) - HEADER
        return self.records.offset

    @property
    def next_packet(self) -> int:
        """The packet of what waits first."""
        one = self.held[0]
        mark = one.pieces[-1][1] if isinstance(one, Record) else one[1]
        return mark[0] or 0

    def release(self) -> None:
        """The keys have come: what waits first is read."""
        one = self.held.popleft()
        self._waiting -= _RECORD_COST
        if isinstance(one, Record):
            self._waiting -= len(one.body)
            self.record(one)
        else:
            self._lose(*one)

    def _failed(self, record: Record) -> None:
        patience = _BLIND_PATIENCE if self._is_blind else _PATIENCE
        session = self._session
        if session.has_data:
            if self._has_data or self.keys.failed >= patience:
                self._gap = self._gap or record.pieces[-1][1]
        elif self.keys.failed >= patience and self._gap is None:
            session.give_up(Keys.CUT if session.facts.keys is Keys.CUT else Keys.UNFIT)

    def _opened(self, kind: int, plain: bytes, record: Record) -> None:
        if self.keys.lost or (self._gap is not None and self._has_data):
            self._session.lost(self.side, max(1, self.keys.lost))
        elif not self._has_data:
            self._gap = None  # by its number, no record under these keys is missing
        if kind == CHANGE_CIPHER_SPEC:
            self._session.change_cipher_spec(self.side)
        elif kind == APPLICATION_DATA:
            self._data(plain, record)
        else:
            self._inside(kind, plain, record)

    def _inside(self, kind: int, plain: bytes, record: Record) -> None:
        mark = record.pieces[-1][1] if record.pieces else NO_MARK
        if kind == HANDSHAKE:
            for message, body in self._messages.feed(plain):
                self._session.message(self.side, message, body)
        elif kind == ALERT and len(plain) == 2:  # encrypted ones of a closed book are longer
            if (self._last[0] or 0) > (mark[0] or 0):  # captured out of order: it is behind these
                mark = *self._last[:2], mark[2]
            self._session.alert(self.side, plain[0], plain[1], mark)

    # ---- plaintext --------------------------------------------------------------------------
    def _data(self, plain: bytes, record: Record) -> None:
        session = self._session
        is_early = session.early is not None and self.keys.current is session.early
        if session.early_accepted is None and (is_early or self._early):
            # What comes behind early data waits with them, in its place behind a hole.
            self._early.append((plain, record, is_early, self._gap))
            self._gap = None
            self._waiting += len(plain) + _RECORD_COST
            if self._waiting > _MOST_HELD:
                self._settle_unasked()
            return
        if is_early and not session.early_accepted:
            return
        self._deliver(plain, record)

    def _settle_unasked(self) -> None:
        """Nobody has said whether early data count: they do where the PSK was taken."""
        server = self._session.server
        self._session.settle_early(accepted=server is not None and server.psk)

    def settle_early(self, *, accepted: bool) -> None:
        """The server has told whether it took the early data."""
        held, self._early = self._early, []
        # What is missing since then is missing behind them.
        behind, self._gap = self._gap, None
        for plain, record, is_early, gap in held:
            self._gap = self._gap or gap
            if accepted or not is_early:
                self._deliver(plain, record)
        self._gap = self._gap or behind

    def _deliver(self, plain: bytes, record: Record) -> None:
        """Each byte with the packet that brought it; the last ones with the packet that completed
        the record, for nobody could read them before.
        """
        session, side, pieces = self._session, self.side, record.pieces
        if self._gap is not None:
            if self._has_data or self.keys.lost:
                session.lacks(side, self._gap)
            self._gap = None
        self._has_data = session.has_data = True
        if not plain:
            return
        self._last = max(self._last, pieces[-1][1], key=lambda mark: mark[0] or 0)
        self.plain += len(plain)
        self.places.add(record.end, self.plain)
        if len(pieces) == 1:
            session.data(side, plain, pieces[0][1])
            return
        current = self.keys.current
        before, at = current.starts() if current is not None else 0, 0
        for end, mark in pieces[:-1]:
            stop = end - before
            if at < stop < len(plain):
                session.data(side, plain[at:stop], mark)
                at = stop
        session.data(side, plain[at:], pieces[-1][1])
