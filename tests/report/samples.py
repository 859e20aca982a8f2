"""Hand-made connections, one of each kind."""

from __future__ import annotations

from wsdebug.model.instant import Instant
from wsdebug.model.place import Part, Side
from wsdebug.model.report import (
    Analysis,
    Capture,
    CaptureNote,
    Cause,
    Certainty,
    CloseReport,
    Connection,
    Ending,
    Endpoint,
    Evidence,
    Finding,
    FindingCounts,
    HandshakePackets,
    HandshakeReport,
    Liveness,
    Logged,
    Moment,
    Offered,
    RoundTrips,
    Severity,
    SideCloses,
    SideCodes,
    SideGap,
    Summary,
    TcpReport,
    TcpSide,
)
from wsdebug.model.tls import Keys, TlsReport

START = 1_795_183_331_000_123_000  # 2026-11-20 14:02:11.000123 UTC


def make_connection(id_: int, **changes: object) -> Connection:
    """An accepted connection that ended clean, with the fields given."""
    fields: dict[str, object] = {
        "id": id_,
        "tcp_stream": id_ - 1,
        "carrier": "tcp",
        "h2_stream": None,
        "tls": None,
        "client": Endpoint("192.0.2.10", 51510 + id_),
        "server": Endpoint("198.51.100.7", 8080),
        "start": Instant(START),
        "duration": 187.052,
        "handshake": HandshakeReport(
            "accepted",
            101,
            "198.51.100.7:8080",
            "/live",
            None,
            Offered(["permessage-deflate"], []),
            ["permessage-deflate; client_max_window_bits=15"],
            [("Host", "198.51.100.7:8080"), ("Upgrade", "websocket")],
            [("Upgrade", "websocket"), ("Server", "nginx/1.25.3")],
            HandshakePackets(12, 14),
        ),
        "frames": {"client": {"total": 2, "text": 2}, "server": {"total": 39, "text": 39}},
        "messages": {"client": 2, "server": 39},
        "gaps": [],
        "unsynchronised": [],
        "liveness": Liveness(),
        "tcp": TcpReport(TcpSide(311, ttl=64), TcpSide(8412, ttl=64)),
        "findings": [],
        "close": SideCloses(),
        "end": Ending(
            "clean",
            "server",
            187.014,
            918,
            Severity.NOTE,
            SideCodes(1000, 1000),
            SideCodes(1000, 1000),
        ),
    }
    return Connection(**{**fields, **changes})  # type: ignore[arg-type]


def make_finding(**changes: object) -> Finding:
    """A reserved bit of the server's first frame."""
    fields: dict[str, object] = {
        "name": "reserved-bits-set",
        "code": "FR101",
        "severity": Severity.ERROR,
        "side": Side.SERVER,
        "frame": 0,
        "part": Part.STREAM,
        "offset": 0,
        "length": 2,
        "packet": 16,
        "time": 0.031,
        "saw": "RSV1 1",
        "wanted": "RSV1 0: no extension was negotiated",
        "section": "RFC 6455 5.2",
        "fatal": True,
    }
    return Finding(**{**fields, **changes})  # type: ignore[arg-type]


_PING = """Send a ping every 25 s from the server.
websockets: serve(..., ping_interval=25)
ws (Node):
    setInterval(() =>
      socket.ping(), 25_000);"""
IDLE = Cause(
    "proxy-idle-timeout",
    "DX202",
    Certainty.LIKELY,
    "An idle timeout between client and server cut the connection",
    because=[
        Evidence("The silence before the end is 60.0 s.", Side.SERVER, 38, 731),
        Evidence(
            "The server closed TCP first, in order (FIN), not by reset.", Side.SERVER, None, 918
        ),
        Evidence("Neither side sent a Close frame (RFC 6455 7.4.1)."),
    ],
    against=[Evidence("No header names a proxy.")],
    considered=["client left (browsers send 1001)", "bad frame (none found before the end)"],
    advice=[
        _PING,
        "Or raise the timeout of the proxy (`proxy_read_timeout 3600s;`).",
    ],
    logged=[
        Logged(side=Side.CLIENT, library="ws", text=None, surfaced=1006),
        Logged(
            side=Side.SERVER,
            library="websockets",
            text="no close frame received or sent",
            code="ConnectionClosedError",
            derived=True,
            assumed=True,
        ),
    ],
)
LEFT = Cause("tcp-fin-without-close", "DX209", Certainty.POSSIBLE, "TCP was closed without a Close")


def cut_by_a_proxy() -> Connection:
    """The 1006 of a proxy's idle timeout."""
    return make_connection(
        3,
        causes=[IDLE, LEFT],
        end=Ending(
            "fin",
            "server",
            187.014,
            918,
            Severity.ERROR,
            SideCodes(),
            SideCodes(1006, 1006),
            "The server closed TCP without a Close frame after 60.0 s of silence. Both applications"
            " saw 1006.",
        ),
        timeline=[
            Moment("request", "GET /live, Upgrade: websocket", 0.0, Side.CLIENT, 12),
            Moment("response", "101, permessage-deflate", 0.023, Side.SERVER, 14),
            Moment("frame", "last frame: text, 212 bytes", 127.004, Side.SERVER, 731, 38),
            Moment("silence", "silence", None, seconds=60.01),
            Moment("fin", "TCP FIN, no Close frame before it", 187.014, Side.SERVER, 918),
            Moment("fin", "TCP FIN, no Close frame before it", 187.052, Side.CLIENT, 920),
        ],
    )


def answered_with_http() -> Connection:
    """An HTTP error on an upgraded connection, and a frame that came before it."""
    preview = "HTTP/1.1 502 Bad Gateway\\x0d\\x0aX-Trace: 7f"
    return make_connection(
        7,
        handshake=HandshakeReport(
            "accepted",
            101,
            "api.example",
            "/chat?token=hunter22&room=5",
            None,
            None,
            [],
            [
                ("Host", "api.example"),
                ("Cookie", "session=s3cr3tcookie"),
                ("Authorization", "Bearer abcdefghijkl"),
                ("Sec-WebSocket-Protocol", "chat, bearer.s3cr3ttoken"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ],
            [("Via", "1.1 edge.corp.example"), ("Set-Cookie", "id=anothersecret; Path=/")],
            HandshakePackets(30, 31),
        ),
        tls=TlsReport("TLS 1.3", "api.example", None, None, Keys.FIT),
        carrier="tls",
        gaps=[SideGap(Side.SERVER, 8412, 1460)],
        liveness=Liveness(4, 4, RoundTrips(0.4, 0.6, 1.9)),
        tcp=TcpReport(TcpSide(311, 3), TcpSide(8412, 0, 0, 1.5)),
        findings=[
            make_finding(frame=number, offset=212 * number, packet=16 + number, fatal=number == 0)
            for number in range(15)
        ]
        + [
            make_finding(
                name="foreign-bytes",
                code="FR110",
                frame=None,
                offset=8412,
                length=120,
                packet=99,
                fatal=False,
                saw=f'an HTTP response: "{preview}"',
                wanted="a frame",
                detail={
                    "kind": "http-response",
                    "length": 120,
                    "preview": preview,
                    "as_frame": {"fin": 0, "rsv": 4, "opcode": 8, "mask": 0, "breaks": ["FR101"]},
                },
            )
        ],
        close=SideCloses(CloseReport(2, 1002, "bad frame", "code", 17, 0.05), None),
        end=Ending(
            "close-one-side",
            "client",
            0.05,
            17,
            Severity.ERROR,
            SideCodes(1002, None),
            SideCodes(1006, 1002),
            "The server put bytes on the socket that are no frame: an HTTP response.",
        ),
        timeline=[
            Moment(
                "request",
                "GET /chat?token=hunter22&room=5, Upgrade: websocket",
                0.0,
                Side.CLIENT,
                30,
            ),
            Moment("close", 'Close 1002 "bad frame"', 0.05, Side.CLIENT, 17, 2),
        ],
    )


def every_kind() -> list[Connection]:
    """One of each kind, not in order."""
    warned = make_finding(
        name="ping-not-answered", code="PP101", severity=Severity.WARNING, fatal=False, frame=3
    )
    noted = make_finding(
        name="pong-unsolicited", code="PP103", severity=Severity.NOTE, fatal=False, frame=5
    )
    tls = make_connection(
        5,
        carrier="tls",
        tls=TlsReport("TLS 1.3", "a.example", None, None, Keys.NONE),
        handshake=HandshakeReport("encrypted"),
        end=Ending("fin", "client", 1.0, 5, Severity.NOTE),
    )
    return [
        make_connection(1, findings=[warned, warned]),
        make_connection(2),
        answered_with_http(),
        make_connection(4, findings=[noted]),
        tls,
        make_connection(6, end=Ending("capture-end", "unknown", None, None, Severity.NOTE)),
        cut_by_a_proxy(),
    ]


def make_analysis(connections: list[Connection]) -> Analysis:
    """The rest of the report, with figures that agree."""
    counts = FindingCounts()
    for connection in connections:
        for finding in connection.findings:
            name = finding.severity.value
            setattr(counts, name, getattr(counts, name) + 1)
    encrypted = sum(each.handshake.result == "encrypted" for each in connections)
    broken = sum(each.is_broken for each in connections)
    return Analysis(
        captures=[
            Capture(
                "trace.pcapng",
                "pcapng",
                packets=48201,
                bytes=9123456,
                first=Instant(START),
                last=Instant(START + 552_000_000_000),
                link_types=["ETHERNET"],
                tcp_connections=12,
                tls_connections=encrypted,
                warnings=[
                    CaptureNote("packets-lost", "14 packets were lost by the capture itself")
                ],
            )
        ],
        summary=Summary(len(connections) - encrypted, broken, encrypted, counts),
        wsdebug="0.1.0",
    )
