"""The shapes: a library and its checks as they stand in `data`, the situation they are asked
about, and what came of it.
"""

from __future__ import annotations

import msgspec

from wsdebug.model.place import Side

EXECUTED, DERIVED, SOURCE, UNVERIFIED = "executed", "derived", "source", "unverified"
"""How a text is known: the real library said it over a socket; its order of checks was read and
the outcome worked out; the text was read in its source; neither."""


class Check(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing a library looks at, and what it does where `when` holds.

    `when` is written as in `conditions`. In texts, words in braces stand for figures of the
    situation. `sent` and `surfaced` are close codes; "none": none; "same": the one received;
    "sent": the one it sent. What is left out comes from the library's `default`.
    """

    when: str = ""
    text: str | None = None
    """None: it logs nothing."""
    code: str | None = None
    """An error code, or the class of the exception."""
    cause: str | None = None
    """What stands under it in a traceback."""
    sent: int | str | None = None
    reason: str | None = None
    surfaced: int | str | None = None
    evidence: str | None = None
    plain: bool = False
    """The text stands as it is, not inside the library's `form`."""
    joined: bool = False
    """It goes on looking, and says all that it found in one sentence."""
    unknown: bool = False
    """It objects, and what it says is not known."""
    waits: bool = False
    """It does nothing before more bytes, or the end of the stream, have come."""


class Saying(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text that does not come from bytes: when it is said, and the causes it points to."""

    text: str
    why: str
    code: str | None = None
    causes: tuple[str, ...] = ()
    evidence: str = SOURCE


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Defaults that end connections: bytes and seconds; None where not known."""

    message: int | None = None
    """The largest message or frame it takes, in bytes."""
    close_timeout: float | None = None
    """How long it waits for the answer to its Close."""
    ping_interval: float | None = None
    ping_timeout: float | None = None
    idle_timeout: float | None = None
    open_timeout: float | None = None
    """How long its client waits for the answer to the upgrade unless told otherwise."""


class Signs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a handshake betrays the library; all are regular expressions, each one enough.

    The orders are matched against the names of the headers, in lower case, joined by spaces. That
    of a response is a weak sign: it has few headers.
    """

    user_agent: tuple[str, ...] = ()
    server: tuple[str, ...] = ()
    request_order: tuple[str, ...] = ()
    response_order: tuple[str, ...] = ()


class Mute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What differs in those versions of a library that hang up where others send a Close: their
    application sees the code of the complaint.
    """

    versions: str
    no_codes: str
    """How the error codes begin that they do not have."""

    def instead_of(self, said: Said) -> Said:
        """What they say instead."""
        has_code = said.code is not None and not said.code.startswith(self.no_codes)
        return msgspec.structs.replace(
            said,
            sent=None,
            reason=None,
            surfaced=said.sent,
            code=said.code if has_code else None,
        )


class Library(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A library, or anything else that speaks WebSocket and writes logs."""

    name: str
    title: str
    """How people call it."""
    versions: str
    """Which versions the facts were taken from."""
    evidence: str
    roles: tuple[Side, ...] = ()
    """As which it is known to look at frames; empty: it never looks at them."""
    deflate: bool = True
    """Whether it can agree on permessage-deflate at all."""
    form: str = "{text}"
    cause: str | None = None
    default: Check = Check()
    client: Check = Check()
    """What differs from `default` where it is the client."""
    checks: tuple[Check, ...] = ()
    """In the order in which it looks."""
    on: dict[str, Check] = {}
    """What it says to an event: see `EVENTS`."""
    says: tuple[Saying, ...] = ()
    mute: Mute | None = None
    limits: Limits = Limits()
    signs: Signs = Signs()
    note: str = ""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """A frame header, or what stands at the place of one, as a receiver meets it."""

    role: Side
    """The receiver's."""
    header: int
    """The first two bytes, big-endian."""
    deflate: bool = False
    """permessage-deflate was agreed."""
    length: int = 0
    """Bytes of payload that the header declares."""
    received: int | None = None
    """Bytes there from the header's first on; None: at least the whole frame."""
    open: str = ""
    """A message of this sender that is unfinished: "", "plain", "compressed", "either"."""
    fault: str = ""
    """What is wrong with the payload: "", utf8, utf8-cut (it ends inside a character),
    reason-utf8 (of a Close), deflate."""
    code: int | None = None
    """Of a Close with a body of two bytes or more."""
    limit: int | None = None
    """The receiver's limit for messages in bytes, where it is known not to be the default."""
    values: dict[str, str] = {}
    """More figures for the texts: `utf8` ("invalid start byte at position 4"), `codec` (Python's
    sentence), `zlib`, `body` (as Python writes bytes), `received_close`."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to an endpoint without a faulty frame; `name` is one of `EVENTS`."""

    role: Side
    name: str
    values: dict[str, str] = {}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a library logs and does."""

    library: str
    text: str | None = None
    code: str | None = None
    cause: str | None = None
    sent: int | None = None
    """The code of the Close it writes."""
    reason: str | None = None
    surfaced: int | str | None = None
    """The close code its application sees, or the word for it."""
    derived: bool = False
    """Worked out from the order of its checks, not seen from the running library."""
    waiting: bool = False
    """It waits for more bytes; the text is what it says if the stream ends instead."""


EVENTS = {
    "fin": "TCP was closed (FIN) and no Close frame had come",
    "fin-in-frame": "TCP was closed (FIN) in the middle of a frame",
    "rst": "TCP was reset (RST) and no Close frame had come",
    "received-then-sent": "the other side closed first, and the Close was answered",
    "sent-then-received": "it closed first, and the other side answered",
    "sent-only": "it sent a Close and none came back",
    "received-only": "a Close came, and none went back",
    "ping-timeout": "a ping was not answered in time",
    "idle": "nothing came for longer than its idle limit",
    "rejected": "the upgrade was answered with an HTTP status other than 101",
    "redirected": "the upgrade was redirected",
    "redirected-to-http": "the upgrade was redirected to an http: address",
    "handshake-timeout": "the upgrade request was not answered in time",
    "handshake-given-up": "its program closed or cancelled it while the upgrade was under way",
    "handshake-cut": "the connection ended before the upgrade was answered",
    "wrong-accept": "the 101 carried a wrong Sec-WebSocket-Accept",
    "extension-not-requested": "the 101 named an extension that was not offered",
    "extension-none-requested": "the 101 named an extension and none was offered",
    "subprotocol-not-requested": "the 101 named a subprotocol that was not offered",
    "subprotocol-none-requested": "the 101 named a subprotocol and none was offered",
    "no-upgrade": "the 101 came without `Upgrade: websocket`",
    "connection-not-alone": "the 101 named more than Upgrade in Connection",
    "message-too-big": "a message was larger than its limit",
}
"""What can happen to an endpoint, by name."""
