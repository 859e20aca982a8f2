"""What seldom happens to connections that wait, and must say the same as without waiting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.make import make
from tests.analysis.test_conclusions import records
from tests.analysis.test_usual import in_order, key_in, moved, nested, read, reported, streams, way
from tests.analysis.test_usual import with_key as keyed
from wsdebug.analysis import Session
from wsdebug.analysis.paths import Nested, Shake
from wsdebug.model.limits import Limits
from wsdebug.model.place import Packet
from wsdebug.model.report import Connection
from wsdebug.transport import Transport
from wsdebug.transport.parked import MOST_BYTES

__all__ = ["reported", "way"]

SERVER, OTHERS = b"\xc0\x00\x02\x0a", (b"\xc0\x00\x02\x63", b"\xc0\x00\x02\x64")
pytestmark = pytest.mark.usefixtures("way")


def made(tmp_path: Path, scale: float = 0.00008) -> tuple[Path, bytes, list[list[bytes]]]:
    """A capture of healthy connections, its header and the packets of each connection."""
    whole = tmp_path / "whole.pcap"
    make("many", whole, scale=scale)
    header, packets = records(whole)
    return whole, header, list(streams(packets).values())


def behind(packets: list[bytes], client: bytes, server: bytes) -> list[bytes]:
    """The same connection from `SERVER` to `server`, as a proxy opens it for `client`."""
    return [moved(moved(one, SERVER, server), client, SERVER) for one in packets]


def after(seconds: int, packets: list[bytes]) -> bytes:
    """As `in_order`, so much later."""
    header = bytes([seconds]) + b"\0\0\x60" + bytes(4)
    return b"".join(header + packet[8:] for packet in packets)


def client_of(packets: list[bytes]) -> bytes:
    return packets[0][42:46]


def ported(packets: list[bytes], old: bytes, new: bytes) -> list[bytes]:
    """With another client port."""
    return [one[:50] + one[50:54].replace(old, new) + one[54:] for one in packets]


# ---- legs of paths ---------------------------------------------------------------------------
def test_a_connection_opened_for_another_is_reported_as_itself(tmp_path: Path) -> None:
    """They wait for each other, and turn out to be no path."""
    whole, header, (front, other, *_) = made(tmp_path)
    path = tmp_path / "made.pcap"
    back = behind(other, client_of(other), OTHERS[0])
    path.write_bytes(header + in_order(nested(front, back)))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    again, _ = read(path, taught=session)
    assert [one["id"] for one in json.loads(again)["connections"]] == [1, 2]
    assert again == long


def test_two_connections_opened_for_one_are_both_looked_at(tmp_path: Path) -> None:
    """When one of them is over, the other is not more of a leg than it was; nor is there one at the
    end of the capture that nobody has taken away meanwhile.
    """
    whole, header, (front, other, third, *_) = made(tmp_path)
    path = tmp_path / "made.pcap"
    short = behind(other, client_of(other), OTHERS[0])
    same = ported(front, front[0][50:52], third[0][50:52])
    same = behind(keyed(same, key_in(third)), client_of(front), OTHERS[1])
    packets = [*front[:4], *same[:6], *short[:6], *front[4:7], *short[6:]]
    path.write_bytes(header + in_order(packets) + after(6, front[7:9]))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    assert read(path, taught=session)[0] == long


# ---- limits ----------------------------------------------------------------------------------
def test_heads_read_to_a_limit_are_counted(tmp_path: Path) -> None:
    _, header, lives = made(tmp_path)
    path, limits = tmp_path / "made.pcap", Limits(fields=5)
    long = []
    for one in lives:
        asked = next(packet for packet in one if b"GET " in packet)
        at = one.index(asked)
        fuller = asked.replace(b"\r\n\r\n", b"\r\nX-A: b\r\n\r\n")
        size = (len(fuller) - 16).to_bytes(4, "little")
        total = (len(fuller) - 30).to_bytes(2)
        one[at] = fuller[:8] + size * 2 + fuller[16:32] + total + fuller[34:]
        long += [*one[: at + 1], *(_later(packet, one[at], 8) for packet in one[at + 1 :])]
    path.write_bytes(header + b"".join(long))
    slow, session = read(path, waits=False, limits=limits)
    assert '"kind":"fields"' in slow
    assert session._conclusions._known
    assert read(path, taught=session, limits=limits)[0] == slow


def _later(packet: bytes, longer: bytes, by: int) -> bytes:
    """A packet behind one that is longer now: its number, or what it acknowledges, moves."""
    at = 16 + 34 + (4 if packet[42:54] == longer[42:54] else 8)
    number = int.from_bytes(packet[at : at + 4]) + by
    return packet[:at] + number.to_bytes(4) + packet[at + 4 :]


def test_bytes_behind_the_payload_count_as_waiting() -> None:
    """What is captured behind an IP packet may be longer than what it says."""
    for size in (0, 100, MOST_BYTES - 200, MOST_BYTES, MOST_BYTES * 2):
        packets = [syn(1, 1, 1), syn(2, 2, 2)]
        packets = [(*one[:3], one[3] + bytes(size), *one[4:]) for one in packets]
        answer = swapped(packets[0], 3)
        table = consumed([*packets, answer])._table
        waiting = {half.whole.index: half.whole for half in table.parked.values()}
        for one in waiting.values():
            assert sum(len(packet[3]) for packet in one.packets) <= MOST_BYTES
        assert len(waiting) == (2 if size <= 100 else 1 if size < MOST_BYTES else 0)


# ---- clocks ----------------------------------------------------------------------------------
def test_time_zero_is_a_time(tmp_path: Path, reported: list[int]) -> None:
    whole, header, lives = made(tmp_path)
    path = tmp_path / "made.pcap"
    path.write_bytes(header + b"".join(bytes(8) + one[8:] for one in lives[0]))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    assert json.loads(long)["connections"][0]["duration"] == 0
    assert read(path, taught=session)[0] == long
    assert reported == [1]


class _Nobody:
    """Nothing is ordinary."""

    begin = left = staticmethod(lambda _: None)
    over = staticmethod(lambda _: False)


def consumed(packets: Sequence[Packet]) -> Transport:
    transport = Transport(lambda flow, *_: flow.ignore())
    transport.park(_Nobody())  # type: ignore[arg-type]
    transport.consume(packets)
    return transport


def syn(number: int, time: int | None, port: int) -> Packet:
    ports = port.to_bytes(2) + b"\0\x50"
    ip = bytes.fromhex("4500002800004000400600000a0000010a000002")
    tcp = ports + bytes(8) + b"\x50\x02\x20\0" + bytes(4)
    return number, time, 1, bytes(12) + b"\x08\0" + ip + tcp, 54, 0


def swapped(packet: Packet, number: int) -> Packet:
    """The SYN-ACK that answers it."""
    _, time, link, data, size, place = packet
    ends = data[30:34] + data[26:30] + data[36:38] + data[34:36]
    data = data[:26] + ends + bytes(4) + (1).to_bytes(4) + b"\x50\x12" + data[48:]
    return number, time and time + 5, link, data, size, place


def test_the_clock_is_that_of_the_last_packet_that_had_one() -> None:
    assert consumed([syn(1, 100, 1), syn(2, None, 2)]).now == 100
    assert consumed([(1, 200, 1, b"", 0, 0), syn(2, 100, 1)]).now == 100
    assert consumed([syn(1, 100, 1), (2, 200, 1, b"", 0, 0)]).now == 200


def test_no_clock_is_too_far_off() -> None:
    transport = consumed([syn(1, 1 << 63, 1), syn(2, 5, 2)])
    assert transport.tcp_connections == 2
    transport.finish()


# ---- who takes the reports ---------------------------------------------------------------------
def test_a_report_that_nobody_took_is_not_made_again(tmp_path: Path) -> None:
    whole, header, (first, *rest) = made(tmp_path)
    path = tmp_path / "made.pcap"
    later = [packet for one in rest for packet in one]
    path.write_bytes(header + in_order(first) + after(9, later))
    _, taught = read(whole, waits=False)
    session = Session([str(path)])
    session._conclusions._known.update(taught._conclusions._known)
    session._usual._handshakes.known.update(taught._usual._handshakes.known)
    found: list[int] = []

    def take(connection: Connection) -> None:
        found.append(connection.id)
        if len(found) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        for _ in session.run(take):
            pass
    assert sorted(found) == list(range(1, len(found) + 1))


@pytest.mark.parametrize("size", range(50, 54))
def test_a_packet_cut_in_its_tcp_header_is_skipped(size: int, tmp_path: Path) -> None:
    whole, header, lives = made(tmp_path)
    path = tmp_path / "made.pcap"
    for number, one in enumerate(lives):
        at = number % 3  # SYN, SYN-ACK, ACK
        one[at] = one[at][:8] + size.to_bytes(4, "little") + one[at][12 : 16 + size]
    path.write_bytes(header + in_order([packet for one in lives for packet in one]))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    assert '"skipped":{"cut inside the TCP header":' in long
    assert read(path, taught=session)[0] == long


@pytest.mark.parametrize("flows", [1, 2, 3, 5])
def test_who_waits_is_not_spared_in_a_full_table(flows: int, tmp_path: Path) -> None:
    """Others that begin without a SYN take the place of the connection used least recently."""
    whole, header, lives = made(tmp_path, 0.0004)
    path, limits = tmp_path / "made.pcap", Limits(flows=flows)
    late = lives[1::3]
    begun = [packet for one in lives if one not in late for packet in one]
    for number, one in enumerate(late):
        begun[30 * number + 7 : 30 * number + 7] = one[6:]
    path.write_bytes(header + in_order(begun))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False, limits=limits)
    assert read(path, taught=session, limits=limits)[0] == long


def test_a_fin_that_was_acknowledged_before_it_was_captured_is_seen(tmp_path: Path) -> None:
    """The answer to the first Close acknowledges one byte more: the FIN had come before it."""
    whole, header, lives = made(tmp_path)
    path = tmp_path / "made.pcap"
    for one in lives:
        fin = next(place for place, packet in enumerate(one) if packet[16 + 47] & 1)
        place = max(at for at in range(fin) if len(one[at]) > 16 + 66)
        number = int.from_bytes(one[place][16 + 42 : 16 + 46]) + 1
        one[place] = one[place][: 16 + 42] + number.to_bytes(4) + one[place][16 + 46 :]
    path.write_bytes(header + in_order([packet for one in lives for packet in one]))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    assert read(path, taught=session)[0] == long
    assert read(path, taught=session, waits=False)[0] == long


def test_who_is_only_looked_at_pushes_out_nobody() -> None:
    """On one machine both legs of a path come from the same address, of which few are kept."""
    nested_ones, here, there = Nested(), b"\x7f\0\0\1", (b"\x7f\0\0\1", 80)
    for number in range(4):
        packets = (20 + number, 30 + number)
        nested_ones.remember(Shake(number, number, here, (here, 8000 + number), packets))
    front = Shake("front", 9, here, there, (10, 50))
    assert len(nested_ones.within(front)) == 4
    assert len(nested_ones.within(front)) == 4
    assert nested_ones.behind(front) is None
    assert len(nested_ones.within(front)) == 3


# ---- what the end of a connection that waited is asked for -----------------------------------
PAYLOAD, SEQ, ACK = 16 + 66, 16 + 38, 16 + 42
"""Where they stand in a packet with its record header."""


def is_clients(packet: bytes) -> bool:
    return packet[52:54] == b"\x1f\x90"


def with_ack(packet: bytes, ack: bytes) -> bytes:
    return packet[:ACK] + ack + packet[ACK + 4 :]


def closed_by_client(path: Path) -> tuple[bytes, list[bytes]]:
    """A connection of which the client sends the first Close."""
    header, packets = records(path)
    for life in streams(packets).values():
        closes = [packet for packet in life if packet[PAYLOAD : PAYLOAD + 1] == b"\x88"]
        if is_clients(closes[0]):
            return header, life
    raise AssertionError("no client closes")


@pytest.mark.parametrize(
    "what", ["frames before the 101 came", "text behind the other's Close", "Closes that crossed"]
)
@pytest.mark.usefixtures("way")
def test_what_only_acknowledgements_tell_is_read(
    what: str, tmp_path: Path, reported: list[int]
) -> None:
    whole, path = tmp_path / "whole.pcap", tmp_path / "made.pcap"
    make("many", whole, scale=0.0004)
    header, life = closed_by_client(whole)
    if what.startswith("frames"):
        at = next(i for i, packet in enumerate(life) if b"HTTP/1.1 101" in packet)
        first = next(i for i in range(at, len(life)) if is_clients(life[i]) and life[i][PAYLOAD:])
        changed = [*life[: at + 1], with_ack(life[first], life[at][SEQ : SEQ + 4])]
        changed += life[first + 1 :]
    elif what.startswith("Closes"):
        close, answer = (i for i, one in enumerate(life) if one[PAYLOAD : PAYLOAD + 1] == b"\x88")
        crossed = with_ack(life[answer], life[close][SEQ : SEQ + 4])
        changed = [*life[: close + 1], crossed, *life[answer + 1 :]]
    else:
        close = next(i for i, packet in enumerate(life) if packet[PAYLOAD : PAYLOAD + 1] == b"\x88")
        last = max(i for i in range(close) if not is_clients(life[i]) and life[i][PAYLOAD:])
        late = with_ack(life[close], life[last][SEQ : SEQ + 4])
        # In the same moment: only the order of packets tells.
        changed = [*life[:last], late, late[:8] + life[last][8:], *life[close + 1 :]]
    path.write_bytes(header + b"".join(changed))
    _, session = read(whole, waits=False)
    long, _ = read(path, waits=False)
    assert read(path, taught=session)[0] == long
    assert reported == []
