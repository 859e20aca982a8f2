"""The fields of connections, and those that a frame and a connection both have."""

from __future__ import annotations

import ipaddress
from typing import Any

from wsdebug.diagnosis.causes import all_causes
from wsdebug.model.report import Connection, Severity
from wsdebug.query.field import Field, Level
from wsdebug.query.frame_fields import FLAG, NUMBER, SECONDS, TEXT
from wsdebug.query.kinds import EQUAL, ORDER, TEXTUAL, Address, Coded, Name, Text
from wsdebug.query.records import FrameLike
from wsdebug.rules import all_rules

ENDINGS = (
    "clean", "close-handshake-abnormal", "close-one-side", "fin", "rst", "timeout",
    "handshake-rejected", "handshake-timeout", "capture-end",
)  # fmt: skip
RESULTS = ("accepted", "rejected", "no-response", "not-captured", "encrypted")
_SEVERITIES = {one.value: one.rank for one in Severity}


def _names(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _rules() -> list[str]:
    return [name for rule in all_rules() for name in (rule.code.lower(), rule.name)]


def _causes() -> list[str]:
    return [name for each in all_causes() for name in (each.code.lower(), each.name)]


# ---- of either ------------------------------------------------------------------------------
def _rule(frame: FrameLike | None, connection: Connection) -> tuple[str, ...]:
    findings = connection.findings if frame is None else frame.findings
    return tuple(name for one in findings for name in (one.code.lower(), one.name))


def _severity(frame: FrameLike | None, connection: Connection) -> int | None:
    if frame is None:
        return connection.severity.rank
    return max((one.severity.rank for one in frame.findings), default=None)


# ---- of a connection ------------------------------------------------------------------------
def _host(_: FrameLike | None, connection: Connection) -> tuple[str, ...]:
    host = connection.handshake.host
    if host is None:
        return ()
    name, colon, port = host.rpartition(":")
    is_port = bool(colon) and port.isdigit()
    return (host.casefold(), name.casefold()) if is_port else (host.casefold(),)


def _codes(_: FrameLike | None, connection: Connection) -> tuple[int, ...]:
    seen, close = connection.end.seen_by_application, connection.close
    sent = [one.code for one in (close.client, close.server) if one is not None]
    return tuple({code for code in (seen.client, seen.server, *sent) if code is not None})


def _cause(_: FrameLike | None, connection: Connection) -> tuple[str, ...]:
    return tuple(name for one in connection.causes for name in (one.code.lower(), one.name))


def _silence(_: FrameLike | None, connection: Connection) -> float | None:
    lengths = [one.seconds for one in connection.timeline if one.kind == "silence"]
    return max((length for length in lengths if length is not None), default=None)


def _address(text: str) -> Any:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _agreed_deflate(_: FrameLike | None, connection: Connection) -> bool:
    return any(each.startswith("permessage-deflate") for each in connection.handshake.extensions)


def _field(name: str, kind: Any, get: Any, says: str, example: str, **more: Any) -> Field:
    settings = {"level": Level.CONNECTION, **more}
    return Field(name=name, kind=kind, get=get, says=says, example=example, **settings)


_ADDRESS = Address("an address or a network", EQUAL)

_CARRIERS = ("tcp", "tls", "h2c", "h2")
CONNECTION_FIELDS = (
    _field(
        "rule",
        Coded("a code or a name", EQUAL, _rules),
        _rule,
        "a finding, of the connection or of the frame: its code or name",
        "rule == FR104",
        level=Level.EITHER,
    ),
    _field(
        "severity",
        Name("note, warning or error", ORDER, _SEVERITIES),
        _severity,
        "the worst of the connection's ending and findings, or of the frame's findings",
        "severity >= warning",
        level=Level.EITHER,
    ),
    _field(
        "conn",
        NUMBER,
        lambda _, connection: connection.id,
        "number of the connection in the report",
        "conn == 3",
        short=("connection",),
    ),
    _field(
        "stream",
        NUMBER,
        lambda _, connection: connection.tcp_stream,
        "number of the TCP connection",
        "stream == 0",
        wireshark="tcp.stream",
    ),
    _field(
        "h2_stream",
        NUMBER,
        lambda _, connection: connection.h2_stream,
        "number of the stream of HTTP/2, where it is one",
        "h2_stream == 3",
        wireshark="http2.streamid",
    ),
    _field(
        "carrier",
        Name(", ".join(_CARRIERS), EQUAL, _names(*_CARRIERS)),
        lambda _, connection: connection.carrier,
        "what carried it: " + ", ".join(_CARRIERS),
        "carrier == h2",
    ),
    _field(
        "host",
        Text("text, in any case", TEXTUAL, folds=True),
        _host,
        "Host of the request, with or without its port",
        'host == "api.example"',
        wireshark="http.host",
    ),
    _field(
        "path",
        TEXT,
        lambda _, connection: connection.handshake.path,
        "target of the request",
        'path matches "/v2/"',
        wireshark="http.request.uri",
    ),
    _field(
        "subprotocol",
        TEXT,
        lambda _, connection: connection.handshake.subprotocol,
        "subprotocol agreed on",
        "subprotocol == mqtt",
    ),
    _field(
        "handshake",
        Name(", ".join(RESULTS), EQUAL, _names(*RESULTS)),
        lambda _, connection: connection.handshake.result,
        "what came of the opening handshake: " + ", ".join(RESULTS),
        "handshake == rejected",
    ),
    _field(
        "status",
        NUMBER,
        lambda _, connection: connection.handshake.status,
        "status of the answer to the request",
        "status == 502",
        wireshark="http.response.code",
    ),
    _field(
        "deflate",
        FLAG,
        _agreed_deflate,
        "permessage-deflate was agreed on",
        "deflate",
    ),
    _field(
        "client",
        _ADDRESS,
        lambda _, connection: _address(connection.client.address),
        "address of the client",
        "client == 10.0.0.0/8",
    ),
    _field(
        "server",
        _ADDRESS,
        lambda _, connection: _address(connection.server.address),
        "address of the server",
        "server == 127.0.0.1",
    ),
    _field(
        "client.port",
        NUMBER,
        lambda _, connection: connection.client.port,
        "TCP port of the client",
        "client.port == 51514",
    ),
    _field(
        "server.port",
        NUMBER,
        lambda _, connection: connection.server.port,
        "TCP port of the server",
        "server.port in {80 8080}",
    ),
    _field(
        "code",
        NUMBER,
        _codes,
        "close code in a Close frame of either side, or that an application saw",
        "code == 1006",
    ),
    _field(
        "end",
        Name(", ".join(ENDINGS), EQUAL, _names(*ENDINGS)),
        lambda _, connection: connection.end.how,
        "how it ended: " + ", ".join(ENDINGS),
        "end == rst",
    ),
    _field(
        "by",
        Name("client, server, middlebox, unknown", EQUAL,
             _names("client", "server", "middlebox", "unknown")),
        lambda _, connection: connection.end.by,
        "who ended it: client, server, middlebox or unknown",
        "by == server",
    ),
    _field(
        "cause",
        Coded("a code or a name", EQUAL, _causes),
        _cause,
        "why it ended: code or name of a cause",
        "cause == DX202",
    ),
    _field(
        "duration",
        SECONDS,
        lambda _, connection: connection.duration,
        "from its first packet to its last",
        "duration > 1h",
    ),
    _field(
        "silence",
        SECONDS,
        _silence,
        "the silence before its end, where the report tells one",
        "silence > 30s",
    ),
    _field(
        "frames",
        NUMBER,
        lambda _, connection: sum(side.get("total", 0) for side in connection.frames.values()),
        "number of frames, of both sides",
        "frames == 0",
    ),
)  # fmt: skip
