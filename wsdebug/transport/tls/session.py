"""One TLS connection as an observer with its keys sees it: both sides' records and what they say.

Sans I/O: bytes go in with the packets that brought them, plaintext comes out with the same.
"""

from __future__ import annotations

from typing import Protocol

from wsdebug.model.place import SIDES, Mark, Side
from wsdebug.model.tls import Alert, Keys, TlsFacts
from wsdebug.transport.tls import keylog, messages
from wsdebug.transport.tls.alerts import CLOSE_NOTIFY, alert_name, level_name
from wsdebug.transport.tls.hello import (
    TLS12,
    TLS13,
    ClientHello,
    ServerHello,
    client_hello,
    encrypted_extensions,
    server_hello,
    version_name,
)
from wsdebug.transport.tls.protection import Protection, protection_12, protection_13
from wsdebug.transport.tls.schedule import key_block
from wsdebug.transport.tls.side import SideReader
from wsdebug.transport.tls.suites import Suite, suite_name, suite_of

_MOST_ALERTS = 20


class Secrets(Protocol):
    """Where secrets are looked up."""

    def secrets(self, random: bytes) -> dict[str, bytes]:
        """By label; empty where there are none."""

    def master(self, session_id: bytes) -> bytes | None:
        """Of a TLS 1.2 session by its ID."""

    @property
    def may_grow(self) -> bool:
        """Whether what is not there may still come (a live capture)."""


class Inside(Protocol):
    """Who reads the plaintext."""

    def data(self, side: Side, data: bytes, mark: Mark) -> None:
        """The next bytes; `mark` counts acknowledged bytes of the other side's plaintext, None
        where that is not known.
        """

    def lack(self, side: Side, mark: Mark) -> None:
        """Plaintext is missing here; nobody knows how much."""


class TlsSession:
    """`facts` grows while the connection is read. Where `secrets` is None, or has nothing for this
    connection, the hellos and the alerts before encryption are read, and no more.
    """

    __slots__ = (
        "_ahead", "_application", "_handshake", "_inside", "_pending", "_secrets", "_suite",
        "client", "early", "early_accepted", "facts", "has_data", "is_closed_book", "is_waiting",
        "server", "sides",
    )  # fmt: skip

    def __init__(self, secrets: Secrets | None, inside: Inside) -> None:
        self._secrets = secrets
        self._inside = inside
        self.facts = TlsFacts(keys=Keys.NONE if secrets is None else Keys.NO_HELLO)
        self.client: ClientHello | None = None
        self.server: ServerHello | None = None
        self.sides = {side: SideReader(self, side) for side in SIDES}
        self._ahead: ServerHello | None = None
        """It stands before the ClientHello in the capture."""
        self._suite: Suite | None = None
        self._application: dict[Side, Protection] = {}
        self._handshake: Protection | None = None
        """Of the client."""
        self._pending: dict[Side, Protection] = {}
        """Keys of TLS 1.2 that the next ChangeCipherSpec brings."""
        self.early: Protection | None = None
        self.early_accepted: bool | None = None
        self.has_data = False
        """Plaintext of either side was handed on."""
        self.is_waiting = True
        """Records under keys wait: for the ServerHello, or for their keys."""
        self.is_closed_book = secrets is None
        """The inside will not be read: `facts.keys` says why."""

    def feed(self, side: Side, data: bytes, mark: Mark) -> None:
        """The next bytes of a side's TCP stream."""
        self.sides[side].records.feed(data, mark)

    def gap(self, side: Side, length: int | None, mark: Mark) -> None:
        """Bytes that the capture lacks."""
        self.sides[side].records.gap(length, mark)

    def end(self, side: Side, mark: Mark) -> None:
        """A side's TCP stream is over."""
        self.sides[side].end(mark)

    def retry(self) -> None:
        """Keys may have come since."""
        if self.server is not None and self.is_waiting and not self.is_closed_book:
            self._find_keys(self.server)

    @property
    def is_13(self) -> bool:
        """TLS 1.3 was agreed."""
        return self.server is not None and self.server.version == TLS13

    @property
    def may_be_13(self) -> bool:
        """TLS 1.3 was agreed, or still may be."""
        server = self.server or self._ahead
        return server is None or server.version == TLS13

    # ---- what the sides tell ----------------------------------------------------------------
    def message(self, side: Side, kind: int, body: bytes) -> None:
        """A handshake message."""
        if kind == messages.CLIENT_HELLO and side is Side.CLIENT:
            self._client_hello(client_hello(body))
        elif kind == messages.SERVER_HELLO and side is Side.SERVER:
            self._server_hello(server_hello(body))
        elif not self.is_13:
            return
        elif kind == messages.ENCRYPTED_EXTENSIONS:
            told = encrypted_extensions(body)
            self.facts.alpn = told.alpn
            self.settle_early(accepted=told.early_data)
        elif kind == messages.FINISHED:
            self.sides[side].keys.change(self._application.get(side))
        elif kind == messages.END_OF_EARLY_DATA and self._handshake is not None:
            self.sides[side].keys.change(self._handshake)
        elif kind == messages.KEY_UPDATE:
            current = self.sides[side].keys.current
            self.facts.key_updates += 1
            self.sides[side].keys.change(current.after() if current is not None else None)

    def alert(self, side: Side, level: int, code: int, mark: Mark) -> None:
        """An alert, in the clear or decrypted."""
        # RFC 9293 3.4: a FIN counts as one, and no record is as short.
        is_answer = mark[2] == self.sides[side.other].records.offset + 1
        one = Alert(side, level_name(level), alert_name(code), mark[0], mark[1], is_answer)
        if code == CLOSE_NOTIFY:
            self.facts.close_notify = {side: one, **self.facts.close_notify}
        elif len(self.facts.alerts) < _MOST_ALERTS:
            self.facts.alerts = [*self.facts.alerts, one]

    def change_cipher_spec(self, side: Side) -> None:
        """TLS 1.2: the next record of this side has the new keys."""
        protection, keys = self._pending.pop(side, None), self.sides[side].keys
        # Where the first one is missing, its keys were found by the records behind it.
        if protection is not None and protection is not keys.current:
            keys.change(protection)

    def data(self, side: Side, data: bytes, mark: Mark) -> None:
        """Plaintext of the application."""
        packet, time, acked = mark
        if acked is not None:
            peer = self.sides[side.other]
            # What is acknowledged and not read yet (packets out of order) may be data or not.
            acked = peer.places.plain(acked) if acked <= peer.reached else None
        self._inside.data(side, data, (packet, time, acked))

    def lacks(self, side: Side, mark: Mark) -> None:
        """Plaintext is missing."""
        self._inside.lack(side, mark)

    def lost(self, side: Side, records: int) -> None:
        """Records that never came or cannot be read."""
        self.facts.lost = {**self.facts.lost, side: records}

    def give_up(self, why: Keys) -> None:
        """The inside cannot be read."""
        self.facts.keys = why
        self.is_closed_book = True
        for reader in self.sides.values():
            reader.drop()

    # ---- hellos and keys --------------------------------------------------------------------
    def _client_hello(self, hello: ClientHello | None) -> None:
        if hello is None:
            return
        if self.server is not None:
            self.facts.renegotiations += 1
        self.client = hello
        self.facts.random = hello.random if self.server is None else self.facts.random
        # After a HelloRetryRequest, early data stand before the second hello and were refused.
        if self.is_waiting:
            self.sides[Side.CLIENT].drop()
        self.facts.sni = hello.sni or self.facts.sni
        self.facts.offered_alpn = hello.alpn
        ahead, self._ahead = self._ahead, None
        self._server_hello(ahead)

    def _server_hello(self, hello: ServerHello | None) -> None:
        if hello is None or hello.is_retry:
            return
        # RFC 8446 4.1.3, RFC 5246 7.4.1.3: each handshake draws another, and has keys of its own.
        if self.server is not None and hello.random == self.server.random:
            return
        if self.client is None and not self.is_closed_book:
            self._ahead = hello
            return
        self.server = hello
        facts = self.facts
        facts.version, facts.cipher = version_name(hello.version), suite_name(hello.suite)
        facts.alpn = hello.alpn or facts.alpn
        client_id = self.client.session_id if self.client is not None else b""
        facts.resumed = hello.psk or (
            hello.version <= TLS12 and bool(client_id) and client_id == hello.session_id
        )
        self._suite = suite_of(hello.suite)
        if self._secrets is not None:
            self._find_keys(hello)

    def _find_keys(self, hello: ServerHello) -> None:
        assert self._secrets is not None
        suite, client = self._suite, self.client
        if client is None:
            self.give_up(Keys.NO_HELLO)
            return
        if suite is None or hello.version not in (TLS12, TLS13):
            self.give_up(Keys.UNSUPPORTED)
            return
        secrets = self._secrets.secrets(client.random)
        found = (
            self._keys_13(suite, secrets, client)
            if hello.version == TLS13
            else self._keys_12(suite, secrets, client, hello)
        )
        if found:
            is_whole = hello.version != TLS13 or bool(self._application)
            self.facts.keys = Keys.FIT if is_whole else Keys.CUT
            if self.is_waiting:  # in a renegotiation nothing is
                self.is_waiting = False
                self._release()
        else:
            self.facts.keys = Keys.CUT if secrets else Keys.ABSENT
            if not self._secrets.may_grow:
                self.give_up(self.facts.keys)

    def _release(self) -> None:
        """What waited is read in the order of its packets: who spoke first matters inside."""
        readers = self.sides.values()
        while held := [reader for reader in readers if reader.held]:
            min(held, key=lambda reader: reader.next_packet).release()

    def _keys_13(self, suite: Suite, secrets: dict[str, bytes], client: ClientHello) -> bool:
        """RFC 8446 7.1. Without those of the data, the handshake's own secrets still tell how that
        ended; without the handshake's, the data can be read. Half of the data's would mislead.
        """
        names = {Side.CLIENT: keylog.CLIENT_TRAFFIC, Side.SERVER: keylog.SERVER_TRAFFIC}
        data: dict[Side, Protection | None] = {
            side: protection_13(suite, secrets.get(name)) for side, name in names.items()
        }
        known = {side: protection for side, protection in data.items() if protection is not None}
        self._application = known if len(known) == len(names) else {}
        shake = protection_13(suite, secrets.get(keylog.SERVER_HANDSHAKE))
        if shake is None and not self._application:
            return False
        if not self._application and self._secrets is not None and self._secrets.may_grow:
            return False
        self.sides[Side.SERVER].follow([shake, self._application.get(Side.SERVER)])
        self._handshake = protection_13(suite, secrets.get(keylog.CLIENT_HANDSHAKE))
        if client.early_data:
            self.early = protection_13(suite, secrets.get(keylog.CLIENT_EARLY))
        chain = [self.early, self._handshake, self._application.get(Side.CLIENT)]
        self.sides[Side.CLIENT].follow(chain)
        if shake is None:
            assert self.server is not None
            self.settle_early(accepted=self.server.psk)
        return True

    def _keys_12(
        self, suite: Suite, secrets: dict[str, bytes], client: ClientHello, hello: ServerHello
    ) -> bool:
        """RFC 5246 6.3."""
        assert self._secrets is not None
        master = secrets.get(keylog.MASTER) or self._secrets.master(hello.session_id)
        if master is None or suite.code >> 8 == 0x13:
            return False
        sides = key_block(suite, master, client.random, hello.random)
        for side, keys in zip(SIDES, sides, strict=True):
            outside = hello.encrypt_then_mac
            self._pending[side] = protection_12(suite, keys, is_outside=outside)
            # Should the capture lack the ChangeCipherSpec.
            self.sides[side].keys.later = [self._pending[side]]
        return True

    def settle_early(self, *, accepted: bool) -> None:
        """Whether the server took the early data (RFC 8446 4.2.10)."""
        if self.early_accepted is None:
            self.early_accepted = accepted
            self.facts.early_data = accepted
            self.sides[Side.CLIENT].settle_early(accepted=accepted)
