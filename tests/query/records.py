"""Frames and connections that filters are asked about."""

from __future__ import annotations

from tests.report.samples import cut_by_a_proxy, make_connection, make_finding
from wsdebug.model.place import Side
from wsdebug.model.report import (
    Cause,
    Certainty,
    CloseReport,
    Connection,
    Ending,
    Endpoint,
    HandshakeReport,
    Moment,
    Severity,
    SideCloses,
    SideCodes,
)
from wsdebug.query import FrameRecord

OPCODES = {"cont": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}


def frame(op: str = "text", payload: bytes | None = b"hello", **changes) -> FrameRecord:
    """The server's frame S38 of packets 731 and 733, 127 s after the start and 4 s after the one
    before, with the changes given; `header` is made of `op`, `fin`, `rsv` and `masked`.
    """
    fin, rsv = changes.pop("fin", True), changes.pop("rsv", 0)
    masked = changes.pop("masked", False)
    opcode = OPCODES[op]
    fields = {
        "side": Side.SERVER,
        "number": 38,
        "header": fin << 15 | rsv << 12 | opcode << 8 | masked << 7,
        "length": len(payload or b""),
        "packet": 731,
        "last_packet": 733,
        "time": 127.004,
        "gap": 4.0,
        "kind": opcode,
        "read": lambda: payload,
    }
    return FrameRecord(**{**fields, **changes})


def json_frame(text: str) -> FrameRecord:
    return frame(payload=text.encode())


FRAMES: dict[str, FrameRecord] = {
    "text": frame(),
    "price": json_frame(
        '{"type":"price","bid":1.25,"live":true,"note":null,"odd name":{"x":"y"},'
        '"items":[{"id":7},{"id":8}]}'
    ),
    "list": json_frame('["price",{"id":"a"}]'),
    "no json": json_frame("{broken"),
    "deep": json_frame("[" * 100_000),
    "socket.io": frame(payload=b'42["price",{"bid":1}]'),
    "binary": frame("binary", b"\x00\xffhello"),
    "large": frame("binary", b"", length=70_000),
    "64k": frame("binary", b"", length=65_536),
    "client": frame(side=Side.CLIENT, number=1, masked=True, key=0x37FA213D),
    "no mask": frame(side=Side.CLIENT, number=1),
    "zero key": frame(side=Side.CLIENT, masked=True, key=0),
    "fragment": frame(fin=False),
    "last fragment": frame("cont", b"hello, world", kind=1),
    "compressed": frame(rsv=4),
    "compressed ping": frame("ping", rsv=4),
    "unreadable": frame(payload=None),
    "ping": frame("ping", b"beat"),
    "pong": frame("pong", b"beat"),
    "close": frame("close", b"\x0f\xa0going away"),
    "empty close": frame("close", b""),
    "first": frame(number=0, gap=None, time=None, packet=None, last_packet=None),
    "late": frame(gap=60.0, time=187.0),
    "faulty": frame(findings=(make_finding(),)),
    "noted": frame(findings=(make_finding(severity=Severity.NOTE, code="FR104"),)),
}


def _ended(how: str, by: str, **codes: int) -> Ending:
    return Ending(how, by, 1.0, 9, Severity.WARNING, SideCodes(), SideCodes(**codes))


CONNECTIONS: dict[str, Connection] = {
    "fine": make_connection(3),
    "cut": make_connection(
        7,
        end=cut_by_a_proxy().end,
        causes=[Cause("proxy-idle-timeout", "DX202", Certainty.LIKELY, "An idle timeout")],
        timeline=[Moment("silence", "silence", None, seconds=60.0)],
    ),
    "reset": make_connection(4, end=_ended("rst", "middlebox", client=1006), duration=7200.0),
    "closed": make_connection(5, close=SideCloses(server=CloseReport(3, 4001, "", "code", 9, 1.0))),
    "found": make_connection(6, findings=[make_finding()]),
    "refused": make_connection(
        8,
        handshake=HandshakeReport("rejected", 502, "Api.Example:8443", "/v2/live?x=1"),
        frames={},
    ),
    "mqtt": make_connection(
        9,
        handshake=HandshakeReport("accepted", 101, "mq.example", "/mqtt", "mqtt"),
        client=Endpoint("10.1.2.3", 40022),
        server=Endpoint("2001:db8::7", 9001),
    ),
    "h2": make_connection(11, carrier="h2c", h2_stream=3),
    "unseen": make_connection(10, handshake=HandshakeReport("not-captured"), duration=None),
}
