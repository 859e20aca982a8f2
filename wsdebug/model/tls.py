"""What is known of the TLS around a connection (RFC 8446, RFC 5246), readable or not."""

from __future__ import annotations

import enum

import msgspec

from wsdebug.model.place import Side


class Keys(enum.StrEnum):
    """Whether the inside could be read, and if not, why."""

    FIT = "fit"
    """The key log has the session's secrets, and they open its records."""
    NONE = "none"
    """No key log was given, and the capture holds no secrets."""
    ABSENT = "absent"
    """The key log has nothing of this session."""
    CUT = "cut"
    """The key log has some of the session's lines and lacks those of its data."""
    UNFIT = "unfit"
    """The key log has lines of this session, and its records do not open with them."""
    UNSUPPORTED = "unsupported"
    """A version or a cipher suite that is not read here."""
    NO_HELLO = "no-hello"
    """The capture lacks the ClientHello or the ServerHello, by which keys are found."""


class Alert(msgspec.Struct, frozen=True):
    """One alert (RFC 8446 6). `level`: warning or fatal; `time` in nanoseconds."""

    side: Side
    level: str
    name: str
    packet: int | None
    time: int | None
    is_answer: bool = False
    """Its packet acknowledges a FIN of the other side that was not seen before it."""


class TlsFacts(msgspec.Struct):
    """One TLS connection. `offered_alpn` and `sni` are the client's words, the rest was agreed."""

    keys: Keys = Keys.NONE
    random: bytes = b""
    """Of the ClientHello: the name of the session in a key log."""
    version: str | None = None
    cipher: str | None = None
    sni: str | None = None
    alpn: str | None = None
    offered_alpn: tuple[str, ...] = ()
    proxy_header: bool = False
    """A PROXY protocol header stands before the ClientHello."""
    resumed: bool = False
    early_data: bool = False
    """The client's first data were 0-RTT data that the server took."""
    key_updates: int = 0
    renegotiations: int = 0
    alerts: list[Alert] = []
    """But for close_notify."""
    close_notify: dict[Side, Alert] = {}
    lost: dict[Side, int] = {}
    """Records of a side that the capture lacks or holds damaged."""


# ---- as the report has it -------------------------------------------------------------------
class TlsAlert(msgspec.Struct, frozen=True):
    """An alert other than close_notify. `level`: warning or fatal."""

    side: Side
    level: str
    name: str
    packet: int | None
    time: float | None


class TlsEnd(msgspec.Struct, frozen=True):
    """Where a side's close_notify stands."""

    packet: int | None
    time: float | None


class TlsEnds(msgspec.Struct, frozen=True):
    """Of each side; None where it sent none that could be read."""

    client: TlsEnd | None = None
    server: TlsEnd | None = None


class TlsReport(msgspec.Struct, frozen=True):
    """The TLS around a connection. `keys`: fit, or why its inside could not be read (none, absent,
    cut, unfit, unsupported, no-hello). `lost`: records of each side that the capture lacks.
    """

    version: str | None
    sni: str | None
    alpn: str | None
    cipher: str | None
    keys: Keys
    proxy_header: bool = False
    resumed: bool = False
    early_data: bool = False
    key_updates: int = 0
    renegotiations: int = 0
    alerts: list[TlsAlert] = []
    close_notify: TlsEnds = TlsEnds()
    lost: dict[str, int] = {}
