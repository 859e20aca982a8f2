"""What payloads are shown as: cases as data, real software's messages, and hostile bytes."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wsdebug
from tests.stored import ALL
from wsdebug.model.place import Side
from wsdebug.views import summary, view_of, views_of
from wsdebug.views.choose import LONGEST_LINE, LONGEST_SUMMARY, MOST_LINES
from wsdebug.views.mqtt import MqttStream
from wsdebug.views.payload import DEEPEST, LOOKED_AT
from wsdebug.views.registry import VIEWS

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))["case"]
PACKETS = tomllib.loads((HERE / "mqtt_packets.toml").read_text(encoding="utf-8"))["packet"]


def asked(case) -> tuple:
    data = case["text"].encode() if "text" in case else bytes.fromhex(case["hex"])
    opcode = case.get("opcode", 1 if "text" in case else 2)
    return data, opcode, case.get("subprotocol"), case.get("path")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["summary"][:40])
def test_view_and_summary(case):
    name, lines = view_of(*asked(case))
    assert name == case["view"]
    assert summary(*asked(case)) == case["summary"]
    for line in case.get("lines", []):
        assert line in lines


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_has_cases(view):
    shown = {case["view"] for case in CASES} | ({"mqtt"} if PACKETS else set())
    assert view.name in shown


# ---- MQTT -----------------------------------------------------------------------------------
@pytest.mark.parametrize("packet", PACKETS, ids=lambda packet: packet["summary"][:40])
def test_packets_of_both_versions_as_another_program_writes_them(packet):
    data = bytes.fromhex(packet["hex"])
    name, lines = view_of(data, 2, "mqtt")
    assert name == "mqtt"
    assert summary(data, 2, "mqtt") == packet["summary"]
    assert "sesame" not in " ".join(lines)


def test_a_will_a_user_and_properties_are_named():
    _, lines = view_of(bytes.fromhex(PACKETS[0]["hex"]), 2, "mqtt")
    assert {"  version: 3.1.1", "  will: gone bye", "  user: reader", "  password: 6 bytes"} <= set(
        lines
    )
    _, lines = view_of(bytes.fromhex(PACKETS[1]["hex"]), 2, "mqtt")
    assert {"  version: 5", "  session expiry: 120", "  user property: a=b"} <= set(lines)


def test_several_packets_in_one_message_and_a_piece_behind_them():
    data = b"\xc0\x00\xd0\x00\x30\x7f\x00"
    assert summary(data, 2, "mqtt") == "PINGREQ; PINGRESP; piece of a packet, 3 bytes"


@given(st.data())
def test_packets_in_any_pieces_are_put_together(data):
    whole = b"".join(bytes.fromhex(packet["hex"]) for packet in PACKETS)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=40)))
    stream, found = MqttStream(), []
    for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += stream.feed(whole[begin:end])
    assert found == [packet["summary"] for packet in PACKETS]


def test_what_is_held_of_a_packet_in_pieces_is_limited():
    stream = MqttStream()
    assert stream.feed(b"\x30\xff\xff\xff\x7f") == []
    for _ in range(100):
        assert stream.feed(bytes(4096)) == []
    assert len(stream._held) < 2 * LOOKED_AT
    assert stream.feed(b"\xc0\x00") == []


# ---- messages of real software --------------------------------------------------------------
def told(name: str) -> dict[Side, list[tuple[str, str]]]:
    """View and summary of each data message of a capture, by side."""
    shown = defaultdict(list)
    by_stream = {one.tcp_stream: one.handshake for one in wsdebug.read(ALL[name]).connections}
    for stream, frame in wsdebug.frames(ALL[name], payload=LOOKED_AT):
        handshake = by_stream[stream]
        if not frame.is_control:
            asked_of = (frame.payload, frame.opcode, handshake.subprotocol, handshake.path)
            shown[frame.side].append((view_of(*asked_of)[0], summary(*asked_of)))
    return shown


REAL = {
    "application-graphql": (
        "graphql",
        ["CONNECTION_INIT", "SUBSCRIBE id=", "CONNECTION_INIT", "SUBSCRIBE id="],
        ["CONNECTION_ACK", "NEXT id=", "COMPLETE id=", "CONNECTION_ACK", "NEXT id=", "NEXT id=",
         "COMPLETE id="],
    ),
    "application-stomp": (
        "stomp",
        ["CONNECT ", "SUBSCRIBE id=", 'SEND destination=/topic/price {"bid":41}', "heart-beat",
         "DISCONNECT receipt="],
        ["CONNECTED version=1.2", "MESSAGE subscription=", "RECEIPT receipt-id="],
    ),
    "application-signalr": (
        "signalr",
        ["handshake json ", "Ping", 'Invocation Subscribe id=0 ["EURUSD"]', "Ping", "Close"],
        ["handshake ok", '2 records: Invocation price [{"bid":41}]; Completion id=0 "ok"'],
    ),
    "socket-io": (
        "socket.io",
        ["2 ping probe", "5 upgrade", '42 event id=0 question "hello"', "41 disconnect"],
        ["3 pong probe", '43 ack id=0 ["echo: hello"]'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REAL))
def test_messages_of_real_software(name):
    view, client, server = REAL[name]
    shown = told(name)
    for side, begins in ((Side.CLIENT, client), (Side.SERVER, server)):
        assert {one for one, _ in shown[side]} == {view}
        lines = [line for _, line in shown[side]]
        assert len(lines) == len(begins), lines
        for line, begin in zip(lines, begins, strict=True):
            assert line.startswith(begin)


def test_mqtt_of_real_software_comes_in_pieces():
    streams, found = defaultdict(MqttStream), defaultdict(list)
    for _, frame in wsdebug.frames(ALL["application-mqtt"], payload=LOOKED_AT):
        if frame.opcode == 2:
            assert view_of(frame.payload, 2, "mqtt")[0] == "mqtt"
            found[frame.side] += streams[frame.side].feed(frame.payload)
    kinds = {side: [line.partition(" ")[0] for line in lines] for side, lines in found.items()}
    assert kinds[Side.CLIENT] == ["CONNECT", "SUBSCRIBE", "PUBLISH", "PUBACK", "DISCONNECT"]
    assert kinds[Side.SERVER] == ["CONNACK", "SUBACK", "PUBACK", "PUBLISH"]
    assert found[Side.SERVER][3].endswith('qos=1 {"bid":41}')


# ---- hostile bytes --------------------------------------------------------------------------
BEGINS = [
    b"", b"42[", b"451-[", b'{"jsonrpc":', b'{"type":', b"CONNECT\n", b"\x10", b"\x30\x05", b"\x82",
    b"[" * 70_000, b'{"a":' * 70_000, b"\x91" * 5_000, b"42" + b"[" * 5_000,
    b"[" * 100 + b"]" * 100,
    b"MESSAGE\n\n" * 9_000, b"\x1e" * 9_000, b"{}\x1e" * 9_000, b"\xc0\x00" * 40_000,
    b"\n" * 70_000,
    b'"' + b"\x1b" * 70_000, b"\xf0\x9f\x99" + bytes(70_000), "é".encode() * 40_000,
    b'[{"jsonrpc":1},' * 4_000 + b'{"jsonrpc":[]}]',
    b'{"type":"subscribe","id":[],"payload":{"query":7}}',
    b'{"type":[],"payload":7}', b'{"type":1e999}\x1e', b"\x82\xd6\xff\xff\xff\xff\xff\xc1\x01",
    b"\x92\xc7\x0c\xff" + b"\xff" * 12 + b"\x01", b"[" * 60 + b"1," * 30_000 + b"1" + b"]" * 60,
]  # fmt: skip
SUBPROTOCOLS = [
    None,
    "",
    "mqtt",
    "mqttv3.1",
    "v12.stomp",
    "graphql-ws",
    "graphql-transport-ws",
    "\x1b",
]
PATHS = [None, "/socket.io/?EIO=4", "/"]


def check(data, opcode, subprotocol, path):
    line = summary(data, opcode, subprotocol, path)
    assert line.isprintable()
    assert len(line) <= LONGEST_SUMMARY
    found = views_of(data, opcode, subprotocol, path)
    assert found[0] == view_of(data, opcode, subprotocol, path)
    assert found[-1][0] == "hex"
    assert len({name for name, _ in found}) == len(found)
    for _, lines in found:
        assert len(lines) <= MOST_LINES + 2
        assert all(line.isprintable() and len(line) <= LONGEST_LINE for line in lines)


@pytest.mark.parametrize("begin", BEGINS, ids=lambda begin: repr(begin[:12]))
def test_hostile_payloads(begin):
    for subprotocol in SUBPROTOCOLS:
        for opcode in (1, 2):
            check(begin, opcode, subprotocol, "/socket.io/")


@given(
    st.sampled_from([each for each in BEGINS if len(each) < 100]),
    st.one_of(st.binary(), st.text().map(lambda text: text.encode(errors="surrogatepass"))),
    st.integers(0, 15),
    st.sampled_from(SUBPROTOCOLS),
    st.sampled_from(PATHS),
)
def test_any_bytes(begin, data, opcode, subprotocol, path):
    check(begin + data, opcode, subprotocol, path)


def test_what_is_left_out_is_said():
    _, lines = view_of(b"\n" * (LOOKED_AT + 1000), 1)
    assert lines[-2] == "… 60 537 more lines"
    assert lines[-1] == "… 1 000 more bytes"


def test_json_deeper_than_anybody_reads_is_shown_as_it_came():
    for depth, lines in ((DEEPEST, 2 * DEEPEST + 1), (DEEPEST + 1, 1)):
        assert len(view_of(b"[" * depth + b"1" + b"]" * depth, 1)[1]) == lines
