"""What the catalogue says must never be reported: one case an item, packets in, and no finding of
severity error or warning out. `counts` are the frames of client and server that must come out.
"""

import zlib

import pytest
from scapy.layers.inet import IP, fragment
from scapy.layers.l2 import GRE, Dot1Q, Ether

from tests.analysis.conversation import REQUEST, RESPONSE, Conversation, codes, deflated

CASES = []
TEXT = "Grüße, 世界 🌍"


def case(name, client=0, server=0, **start):
    """A case: `start` are options of the upgrade, the play's own under `play`; None in place of
    the counts: they are not judged. `start=None` begins before the SYN."""

    def keep(act):
        CASES.append(pytest.param(act, client, server, start, id=name))
        return act

    return keep


@pytest.mark.parametrize(("act", "client", "server", "start"), CASES)
def test_never_reported(tmp_path, act, client, server, start):
    options = dict(start)
    talk = Conversation(**options.pop("play", {}))
    if options.pop("upgrade", True):
        talk.upgrade(**options)
    act(talk)
    connection = talk.read(tmp_path)
    assert codes(connection, notes=False) == []
    counted = {side: connection.frames[side]["total"] for side in ("client", "server")}
    wanted = {"client": client, "server": server}
    assert counted | {side: None for side in wanted if wanted[side] is None} == wanted


def offset(speaker):
    """Where the next byte of that side stands in its stream."""
    return speaker.seq - speaker.isn - 1


# ---- packets ----------------------------------------------------------------------------------
@case("segments reordered", server=4)
def _(talk):
    begin, wires = offset(talk.server), [talk.wire(talk.server, 1, b"%d" % n) for n in range(4)]
    for wire in wires:
        talk.server.says(wire, captured=False)
    for at in (2, 0, 3, 1):
        talk.server.repeats(begin + 3 * at, wires[at])
    talk.client.acks()


@case("segment retransmitted", client=2, server=1)
def _(talk):
    begin, wire = offset(talk.client), talk.wire(talk.client, 1, b"again")
    talk.client.says(wire)
    talk.waits(300).client.repeats(begin, wire)
    talk.server.acks()
    talk.bye()


@case("packet captured twice", client=1, server=2)
def _(talk):
    talk.server.says(talk.wire(talk.server, 1, b"twice"))
    number, now, linktype, data, length, _ = talk.packets[-1]
    talk.packets.append((number + 1, now, linktype, data, length, number + 1))
    talk.client.acks()
    talk.bye()


@case("every byte in a segment of its own", client=2, server=2)
def _(talk):
    for speaker in (talk.client, talk.server):
        for byte in talk.wire(speaker, 1, b"x" * 200):
            speaker.says(bytes([byte]))
            speaker.peer.acks()
    talk.bye()


@case("many frames in a segment", client=101, server=1)
def _(talk):
    talk.client.says(b"".join(talk.wire(talk.client, 1, b"%d" % n) for n in range(100)))
    talk.server.acks()
    talk.bye()


@case("first frame glued to the 101", server=1, upgrade=False)
def _(talk):
    talk.handshake()
    talk.client.says(REQUEST + b"\r\n")
    talk.server.acks()
    talk.server.says(RESPONSE + b"\r\n" + talk.wire(talk.server, 1, b"glued"))
    talk.client.acks()


@case("offloaded super-packet", client=1, server=2)
def _(talk):
    talk.server.says(talk.wire(talk.server, 2, bytes(60_000)))
    talk.client.acks()
    talk.bye()


@case(
    "sequence numbers wrap",
    client=51,
    server=51,
    play={"client_isn": 2**32 - 300, "server_isn": 2**32 - 700},
)
def _(talk):
    for number in range(50):
        talk.tells(talk.client, 1, b"message %d" % number)
        talk.tells(talk.server, 1, b"message %d" % number * 20)
    talk.bye()


@case("IP fragments", client=0, server=2)
def _(talk):
    talk.server.says(talk.wire(talk.server, 2, bytes(4000)))
    whole = Ether(talk.packets.pop()[3])
    for piece in fragment(whole[IP], 1480):
        talk.add(bytes(Ether(src=whole.src, dst=whole.dst) / piece))
    talk.client.acks()
    talk.tells(talk.server, 1, b"behind them").goes_on(1)


@case("IP fragments of which one is missing", client=None, server=None)
def _(talk):
    talk.server.says(talk.wire(talk.server, 2, bytes(4000)))
    whole = Ether(talk.packets.pop()[3])
    for piece in fragment(whole[IP], 1480)[::2]:
        talk.add(bytes(Ether(src=whole.src, dst=whole.dst) / piece))
    talk.client.acks()
    talk.tells(talk.server, 1, b"behind them").goes_on(1)


@case("the same packets in a tunnel and outside, their TCP checksums not yet computed", 2, 3)
def _(talk):
    talk.tells(talk.server, 1, b"told once").tells(talk.client, 1, b"once too")
    talk.tells(talk.server, 2, bytes(300)).bye()
    packets, talk.packets = talk.packets, []
    for _, now, _, data, _, _ in packets:
        talk.now = now
        talk.add(data[:50] + b"\x12\x34" + data[52:])
        tunnel = Ether() / IP(src="198.51.100.1", dst="198.51.100.2") / GRE(proto=0x6558)
        talk.add(bytes(tunnel / Ether(data)))


@case("VLAN and stacked VLAN", client=1, server=2)
def _(talk):
    talk.tells(talk.server, 1, b"tagged").bye()
    for at, (number, now, linktype, data, _, place) in enumerate(talk.packets):
        ether = Ether(data)
        tagged = Ether(src=ether.src, dst=ether.dst) / Dot1Q(vlan=7)
        if at % 2:
            tagged /= Dot1Q(vlan=8)
        raw = bytes(tagged / ether.payload)
        talk.packets[at] = (number, now, linktype, raw, len(raw), place)


@case("snap length", client=1, server=3)
def _(talk):
    talk.server.says(talk.wire(talk.server, 2, bytes(1000)), cut=800)
    talk.client.acks()
    talk.waits(100).tells(talk.server, 1, b"behind it").bye()


@case("holes in the capture", client=1, server=None)
def _(talk):
    for number in range(30):
        wire = talk.wire(talk.server, 1, TEXT.encode() + b"%d" % number)
        talk.server.says(wire, captured=number not in (5, 6, 20))
        talk.client.acks()
        talk.waits(20)
    talk.bye()


@case("keep-alives", client=1, server=2)
def _(talk):
    for _ in range(3):
        talk.waits(30_000).server.repeats(offset(talk.server) - 1, b"\x00", flags="A")
        talk.client.acks()
    talk.tells(talk.server, 1, b"alive").bye()


@case("RST after both Closes", client=1, server=1)
def _(talk):
    talk.closes(talk.client).closes(talk.server)
    talk.client.resets()
    talk.goes_on(30)


@pytest.mark.parametrize("first", [2, 3, 4, 5, 6, 17])
def test_capture_that_starts_in_mid_stream(tmp_path, first):
    talk = Conversation().upgrade()
    for number in range(40):
        talk.tells(talk.client, 1, b"message number %d of the client" % number)
        talk.tells(talk.server, 1, b"message number %d of the server" % number)
    talk.bye()
    del talk.packets[:first]
    analysis = talk.analysis(tmp_path)
    assert [codes(one, notes=False) for one in analysis.connections] in ([], [[]])
    assert analysis.summary.broken == 0


def test_tls_that_ends_without_close_notify(tmp_path):
    talk = Conversation().handshake()
    talk.client.says(bytes.fromhex("16030100c8010000c40303") + bytes(194))
    talk.server.acks()
    talk.server.says(bytes.fromhex("160303003a020000360303") + bytes(52))
    talk.client.acks()
    talk.server.says(bytes.fromhex("1703030020") + bytes(32))
    talk.client.acks()
    analysis = talk.hangs_up().analysis(tmp_path)
    assert analysis.summary.broken == 0
    assert analysis.summary.encrypted == 1
    assert [codes(one) for one in analysis.connections] == [[]]


# ---- handshake --------------------------------------------------------------------------------
def exchange(talk, *steps):
    """Heads in turn, the client's first; then a clean close."""
    talk.handshake()
    for at, head in enumerate(steps):
        speaker = talk.server if at % 2 else talk.client
        speaker.says(head)
        speaker.peer.acks()
    talk.bye()


def head(text, old, new):
    assert old in text
    return text.replace(old, new) + b"\r\n"


HEADS = {
    "1xx before the 101": [
        REQUEST + b"\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        + RESPONSE
        + b"\r\n",
    ],
    "Connection: keep-alive, Upgrade": [
        head(REQUEST, b"Connection: Upgrade", b"Connection: keep-alive, Upgrade"),
        head(RESPONSE, b"Connection: Upgrade", b"Connection: keep-alive, Upgrade"),
    ],
    "Upgrade: WebSocket": [
        head(REQUEST, b"Upgrade: websocket", b"Upgrade: WebSocket"),
        head(RESPONSE, b"Upgrade: websocket", b"Upgrade: WebSocket"),
    ],
    "subprotocols in two lines": [
        REQUEST + b"Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: c\r\n\r\n",
        RESPONSE + b"Sec-WebSocket-Protocol: c\r\n\r\n",
    ],
    "extensions in two lines": [
        REQUEST
        + b"Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n"
        + b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
        RESPONSE
        + b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12\r\n\r\n",
    ],
    "quoted values": [
        REQUEST
        + b'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits="12"\r\n\r\n',
        RESPONSE
        + b'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits="10"\r\n\r\n',
    ],
    "Content-Length in the GET": [REQUEST + b"Content-Length: 0\r\n\r\n", RESPONSE + b"\r\n"],
    "Content-Length and a body in the GET": [
        REQUEST + b"Content-Length: 5\r\n\r\nhello",
        RESPONSE + b"\r\n",
    ],
    "401 and retry": [
        REQUEST + b"\r\n",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno",
        REQUEST + b"Authorization: Basic eDp5\r\n\r\n",
        RESPONSE + b"\r\n",
    ],
    "plain request before it": [
        b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        REQUEST + b"\r\n",
        RESPONSE + b"\r\n",
    ],
}


@pytest.mark.parametrize("steps", HEADS.values(), ids=HEADS.keys())
def test_handshake_never_reported(tmp_path, steps):
    talk = Conversation()
    exchange(talk, *steps)
    connection = talk.read(tmp_path)
    assert codes(connection, notes=False) == []
    assert (connection.handshake.result, connection.end.how) == ("accepted", "clean")


# ---- frames and messages ----------------------------------------------------------------------
def fragments(talk, speaker, opcode, pieces, rsv=0):
    """A message in these fragments, a packet each."""
    for at, piece in enumerate(pieces):
        first, last = at == 0, at == len(pieces) - 1
        talk.tells(speaker, opcode if first else 0, piece, fin=int(last), rsv=rsv if first else 0)


@case("character split between fragments", client=1, server=1 + len(TEXT.encode()))
def _(talk):
    fragments(talk, talk.server, 1, [bytes([byte]) for byte in TEXT.encode()])
    talk.bye()


@case("empty first, middle and last fragment", client=6, server=1)
def _(talk):
    fragments(talk, talk.client, 1, [b"", b"a", b"", b"b", b""])
    talk.bye()


@case("uncompressed message under permessage-deflate", client=1, server=4, deflate=True)
def _(talk):
    # Not in the window: the third message refers to the first, over the second.
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)

    def packed(data):
        body = packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)
        return body.removesuffix(b"\x00\x00\xff\xff")

    said = b"the quick brown fox jumps over the lazy dog"
    talk.tells(talk.server, 1, packed(said), rsv=4)
    talk.tells(talk.server, 1, b"plain text in between, of another length")
    talk.tells(talk.server, 1, packed(said), rsv=4).bye()


@case("00 and 02 00 for an empty message", client=3, server=1, deflate=True)
def _(talk):
    talk.tells(talk.client, 1, b"\x00", rsv=4).tells(talk.client, 1, b"\x02\x00", rsv=4).bye()


@case("BFINAL and stored blocks", client=1, server=5, deflate=True)
def _(talk):
    for flush, level in ((zlib.Z_FINISH, 6), (zlib.Z_FINISH, 0), (zlib.Z_SYNC_FLUSH, 0)):
        body = deflated(TEXT.encode(), flush=flush, level=level)
        # RFC 7692 7.2.3.4: an empty stored block behind BFINAL, less its last four bytes
        talk.tells(talk.server, 1, body + b"\x00" * (flush == zlib.Z_FINISH), rsv=4)
    talk.tells(talk.server, 1, deflated(TEXT.encode()), rsv=4).bye()


@case("compressed fragments cut anywhere", client=1, server=1 + 30, deflate=True)
def _(talk):
    body = deflated(TEXT.encode() * 30)
    cuts = [*range(29), len(body)]
    pieces = [body[a:b] for a, b in zip([0, *cuts], cuts, strict=False)]
    fragments(talk, talk.server, 1, pieces, rsv=4)
    talk.bye()


@case("ping inside a fragmented message", client=2, server=4)
def _(talk):
    talk.tells(talk.server, 1, b"a", fin=0).tells(talk.server, 9, b"?")
    talk.tells(talk.client, 10, b"?").tells(talk.server, 0, b"b").bye()


@case("text and binary fragments in opposite directions at once", client=4, server=4)
def _(talk):
    for number, fin in ((0, 0), (1, 0), (2, 1)):
        talk.tells(talk.client, 0 if number else 1, b"\xc3\xa9", fin=fin)
        talk.tells(talk.server, 0 if number else 2, b"\xff\xfe", fin=fin)
    talk.bye()


@case("message over 256 KiB", client=2, server=1)
def _(talk):
    wire = talk.wire(talk.client, 1, TEXT.encode() * 20_000)
    for at in range(0, len(wire), 40_000):
        talk.client.says(wire[at : at + 40_000])
        talk.server.acks()
    talk.bye()


# ---- closing ----------------------------------------------------------------------------------
@case("simultaneous Closes with different codes", client=1, server=1)
def _(talk):
    talk.closes(talk.client, 1000, heard=False).closes(talk.server, 1001, b"bye", heard=False)
    talk.hangs_up()


CLOSE_CODES = [1012, 1013, 1014, 3000, 3999, 4000, 4999]


@pytest.mark.parametrize("code", CLOSE_CODES)
def test_close_code_never_reported(tmp_path, code):
    talk = Conversation().upgrade()
    talk.closes(talk.server, code).closes(talk.client, code).hangs_up()
    assert codes(talk.read(tmp_path), notes=False) == []


@case("data in flight after a Close", client=21, server=1)
def _(talk):
    talk.closes(talk.server, 1001)
    for number in range(20):
        talk.tells(talk.client, 1, b"still to be said: %d" % number)
    talk.closes(talk.client, 1001).hangs_up()


@case("trailing bytes after the close handshake", client=1, server=1)
def _(talk):
    talk.closes(talk.client).closes(talk.server)
    talk.server.says(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
    talk.client.acks()
    talk.hangs_up()


@case("half-close after the own Close", client=1, server=4)
def _(talk):
    talk.closes(talk.client)
    talk.client.ends()
    talk.server.acks()
    for number in range(3):
        talk.tells(talk.server, 1, b"the rest %d" % number)
    talk.closes(talk.server)
    talk.server.ends()
    talk.client.acks()


@case("Close inside a fragmented message", client=1, server=2)
def _(talk):
    talk.tells(talk.server, 1, b"half a mess", fin=0)
    talk.closes(talk.server).closes(talk.client).hangs_up()


@case("one pong for several pings", client=2, server=6)
def _(talk):
    for number in range(5):
        talk.waits(10_000).tells(talk.server, 9, b"%d" % number)
    talk.tells(talk.client, 10, b"4").waits(60_000).bye()


@case("unsolicited pongs", client=6, server=1)
def _(talk):
    for _ in range(5):
        talk.waits(30_000).tells(talk.client, 10)
    talk.bye()
