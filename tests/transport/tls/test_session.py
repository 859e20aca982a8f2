"""A real session, cut and damaged in every way: the plaintext that comes out is never another."""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stored import tls_capture
from wsdebug.analysis.tls_keys import TlsKeys
from wsdebug.capture import open_captures
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import SIDES, Mark, Side
from wsdebug.model.tls import Keys
from wsdebug.transport import Flow, Half, Transport
from wsdebug.transport.tls import TlsSession

SMALL = ["tls-node", "tls-12-cbc-sha256", "tls-12-aes128-gcm", "tls-key-update", "tls-padded"]


class Segment(NamedTuple):
    side: Side
    data: bytes
    mark: Mark


class Wire:
    """The consumer that only writes down what TCP brings."""

    def __init__(self, flow: Flow) -> None:
        self.segments: list[Segment] = []
        for half in flow.halves:
            half.feed = functools.partial(self._take, half.known_side)

    def _take(self, side: Side, data: bytes, mark: Mark) -> None:
        self.segments.append(Segment(side, data, mark))

    def end(self, *_: object) -> None:
        """Not of interest."""

    gap = overlap = close = end


class Inside:
    """What came out, and where something was missing."""

    def __init__(self) -> None:
        self.streams: defaultdict[Side, bytes] = defaultdict(bytes)
        self.marks: list[Mark] = []
        self.gaps: dict[Side, list[int]] = {side: [] for side in SIDES}

    def data(self, side: Side, data: bytes, mark: Mark) -> None:
        self.streams[side] += data
        self.marks.append(mark)

    def lack(self, side: Side, _: Mark) -> None:
        self.gaps[side].append(len(self.streams[side]))


@functools.cache
def wire(name: str) -> tuple[Segment, ...]:
    """The segments of a stored capture's first TLS connection."""
    wires: list[Wire] = []

    def opener(flow: Flow, *_: Half | bytes) -> None:
        flow.consumer = Wire(flow)
        wires.append(flow.consumer)

    captures = open_captures([str(tls_capture(name)[0])])
    transport = Transport(opener)
    for batch in captures.batches():
        transport.consume(batch)
    transport.finish()
    return tuple(wires[0].segments)


def keys_of(name: str) -> TlsKeys:
    path = tls_capture(name)[1]
    return TlsKeys(str(path), [], DEFAULT_LIMITS)


def read(
    name: str, segments: Iterable[Segment | tuple[Side, int | None]]
) -> tuple[TlsSession, Inside]:
    """Feed segments; a pair of side and length is a gap."""
    inside = Inside()
    session = TlsSession(keys_of(name), inside)
    for each in segments:
        if isinstance(each, Segment):
            session.feed(*each)
        else:
            session.gap(*each, (99, 99, None))
    for side in SIDES:
        session.end(side, (100, 100, None))
    return session, inside


@functools.cache
def whole(name: str) -> dict[Side, bytes]:
    session, inside = read(name, wire(name))
    assert session.facts.keys is Keys.FIT
    assert not any(inside.gaps.values())
    return dict(inside.streams)


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_split_of_the_bytes_gives_the_same_plaintext(name: str, data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 400), min_size=1, max_size=8))
    segments = [
        Segment(one.side, one.data[at : at + size], one.mark)
        for number, one in enumerate(wire(name))
        for size in [sizes[number % len(sizes)]]
        for at in range(0, len(one.data), size)
    ]
    session, inside = read(name, segments)
    assert dict(inside.streams) == whole(name)
    assert not session.facts.lost


@pytest.mark.parametrize("name", SMALL)
def test_a_byte_at_a_time(name: str) -> None:
    segments = [
        Segment(one.side, one.data[at : at + 1], one.mark)
        for one in wire(name)
        for at in range(len(one.data))
    ]
    assert dict(read(name, segments)[1].streams) == whole(name)


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_hole_loses_records_and_nothing_is_made_up(name: str, data: st.DataObject) -> None:
    """Some bytes of one side are missing; what comes out is the plaintext without some of it."""
    segments = list(wire(name))
    first = next(at for at, one in enumerate(segments) if one.side is Side.SERVER) + 1
    at = data.draw(st.integers(first, len(segments) - 1))
    side, whole_data, mark = segments[at]
    begin = data.draw(st.integers(0, len(whole_data) - 1))
    size = data.draw(st.integers(1, len(whole_data) - begin))
    segments[at : at + 1] = [
        *([Segment(side, whole_data[:begin], mark)] if begin else []),
        (side, data.draw(st.sampled_from([size, None]))),
        *([Segment(side, rest, mark)] if (rest := whole_data[begin + size :]) else []),
    ]
    _, inside = read(name, segments)
    for each in SIDES:
        if each is not side:
            assert inside.streams[each] == whole(name).get(each, b"")
        else:
            pieces = [0, *inside.gaps[each], len(inside.streams[each])]
            parts = [inside.streams[each][a:b] for a, b in itertools.pairwise(pieces)]
            place = 0
            for part in parts:
                found = whole(name).get(each, b"").find(part, place)
                assert found >= 0
                place = found + len(part)
            if len(inside.streams[each]) < len(whole(name).get(each, b"")):
                assert inside.gaps[each]


@pytest.mark.parametrize("name", SMALL)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_damaged_byte_costs_its_record_alone(name: str, data: st.DataObject) -> None:
    segments = list(wire(name))
    first = next(at for at, one in enumerate(segments) if one.side is Side.SERVER) + 1
    at = data.draw(st.integers(first, len(segments) - 1))
    side, whole_data, mark = segments[at]
    place = data.draw(st.integers(0, len(whole_data) - 1))
    changed = bytearray(whole_data)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    segments[at] = Segment(side, bytes(changed), mark)
    _, inside = read(name, segments)
    assert inside.streams[side.other] == whole(name).get(side.other, b"")
    got, expected = inside.streams[side], whole(name).get(side, b"")
    assert len(got) <= len(expected)
    assert all(part in expected for part in split_at(got, inside.gaps[side]))


def split_at(data: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *places, len(data)]
    return [data[a:b] for a, b in itertools.pairwise(borders)]


def test_acknowledged_bytes_are_counted_in_plaintext() -> None:
    _, inside = read("tls-node", wire("tls-node"))
    acked = [mark[2] for mark in inside.marks]
    assert all(count is not None and 0 <= count <= 200 for count in acked)
    # The server's 101 acknowledges the whole request.
    assert acked[1] == len(whole("tls-node")[Side.CLIENT].partition(b"\r\n\r\n")[0]) + 4


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("tls-early-data", {}),
        ("tls-key-update", {"key_updates": 3}),
        ("tls-12-renegotiated", {"renegotiations": 1}),
        ("tls-hello-retry", {"version": "TLS 1.3"}),
        ("tls-chromium", {"alpn": "http/1.1", "sni": "localhost"}),
    ],
)
def test_what_the_handshake_says(name: str, facts: dict[str, object]) -> None:
    session, _ = read(name, wire(name))
    assert {key: getattr(session.facts, key) for key in facts} == facts


def test_without_handshake_secrets_the_data_can_be_read_all_the_same(tmp_path) -> None:
    log = tls_capture("tls-node")[1].read_text().splitlines()
    some = tmp_path / "some.keys"
    some.write_text("\n".join(line for line in log if "TRAFFIC_SECRET_0" in line))
    inside = Inside()
    session = TlsSession(TlsKeys(str(some), [], DEFAULT_LIMITS), inside)
    for segment in wire("tls-node"):
        session.feed(*segment)
    assert dict(inside.streams) == whole("tls-node")
    assert session.facts.keys is Keys.FIT


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (lambda line: "SERVER_TRAFFIC_SECRET_0" not in line, Keys.CUT),
        (lambda line: "TRAFFIC_SECRET_0" not in line, Keys.CUT),
        (lambda _: False, Keys.ABSENT),
    ],
    ids=["one-side-of-the-data", "no-data", "nothing"],
)
def test_a_key_log_without_the_secrets_of_the_data(kept, told: Keys, tmp_path) -> None:
    lines = tls_capture("tls-node")[1].read_text().splitlines()
    log = tmp_path / "some.keys"
    log.write_text(
        "\n".join([*filter(kept, lines), "CLIENT_RANDOM " + "00" * 32 + " " + "00" * 48])
    )
    inside = Inside()
    session = TlsSession(TlsKeys(str(log), [], DEFAULT_LIMITS), inside)
    for segment in wire("tls-node"):
        session.feed(*segment)
    assert session.facts.keys is told
    assert not inside.streams


@pytest.mark.parametrize("name", ["tls-node", "tls-12-cbc-sha256", "tls-12-chacha20"])
def test_secrets_of_another_session_under_this_random_do_not_fit(name: str, tmp_path) -> None:
    log = tmp_path / "wrong.keys"
    lines = tls_capture(name)[1].read_text().splitlines()
    log.write_text(
        "\n".join(line[:-4] + ("0000" if line[-4:] != "0000" else "1111") for line in lines)
    )
    inside = Inside()
    session = TlsSession(TlsKeys(str(log), [], DEFAULT_LIMITS), inside)
    for segment in wire(name):
        session.feed(*segment)
    assert session.facts.keys is Keys.UNFIT
    assert not inside.streams


def test_keys_that_come_later_open_what_waited(tmp_path) -> None:
    log = tmp_path / "live.keys"
    log.write_text("")
    inside = Inside()
    keys = TlsKeys(str(log), [], DEFAULT_LIMITS, may_grow=True)
    session = TlsSession(keys, inside)
    segments = wire("tls-node")
    for segment in segments[:-2]:
        session.feed(*segment)
    assert not inside.streams
    assert session.is_waiting
    log.write_bytes(tls_capture("tls-node")[1].read_bytes())
    session.retry()
    for segment in segments[-2:]:
        session.feed(*segment)
    assert dict(inside.streams) == whole("tls-node")
    keys.close()


def test_a_key_log_may_appear_while_the_capture_runs(tmp_path) -> None:
    log = tmp_path / "later.keys"
    keys = TlsKeys(str(log), [], DEFAULT_LIMITS, may_grow=True)
    session = TlsSession(keys, Inside())
    for segment in wire("tls-node")[:3]:
        session.feed(*segment)
    assert session.is_waiting
    log.write_bytes(tls_capture("tls-node")[1].read_bytes()[:-30])
    session.retry()
    assert session.is_waiting  # the last line is not whole yet
    log.write_bytes(tls_capture("tls-node")[1].read_bytes())
    session.retry()
    assert session.facts.keys is Keys.FIT
    keys.close()


def test_records_wait_for_keys_only_up_to_a_limit(tmp_path) -> None:
    log = tmp_path / "live.keys"
    log.write_text("")
    keys = TlsKeys(str(log), [], DEFAULT_LIMITS, may_grow=True)
    session = TlsSession(keys, Inside())
    for segment in wire("tls-node-big"):
        session.feed(*segment)
    assert session.is_closed_book
    assert session.facts.keys is Keys.ABSENT
    assert not any(reader.held for reader in session.sides.values())
    keys.close()


def test_what_waited_for_keys_comes_in_the_order_of_its_packets(tmp_path) -> None:
    path = tmp_path / "keys.log"
    path.touch()
    keys = TlsKeys(str(path), (), DEFAULT_LIMITS, may_grow=True)
    inside = Inside()
    session = TlsSession(keys, inside)
    for side, data, mark in wire("tls-node"):
        session.feed(side, data, mark)
    assert not inside.marks
    log = tls_capture("tls-node")[1]
    assert log is not None
    path.write_bytes(log.read_bytes())
    session.retry()
    keys.close()
    assert inside.marks == read("tls-node", wire("tls-node"))[1].marks
