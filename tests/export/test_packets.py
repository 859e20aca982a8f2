"""Exported packets are judged as the capture they were taken from."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections import Counter

import pytest

from tests.capture import making
from tests.stored import ALL, CAPTURES
from wsdebug.analysis import Session
from wsdebug.analysis.store.attempts import attempts_beside
from wsdebug.capture import open_captures
from wsdebug.export import export_packets
from wsdebug.export.packets import packets_of
from wsdebug.model.place import SIDES
from wsdebug.report.encoding import encoded

OPEN = {path.stem: path for path in sorted((CAPTURES / "open").glob("*.pcap"))}
EVERY = {**ALL, **OPEN}
_PACKET = re.compile(r"\bpackets? (\d+)")


def session_of(*paths, stdin=None):
    session = Session([str(path) for path in paths], stdin=stdin, rows=True)
    for _ in session.run(lambda _: None):
        pass
    return session


def exported(session, ids, path):
    with path.open("wb") as stream:
        export_packets(session.store, session.analysis, ids, stream, session.end)
    return session_of(path)


def shape(connection, numbers=None):
    """The report without what an export must change; packet numbers as `numbers` has them."""
    value = json.loads(encoded(connection))
    for name in ("id", "tcp_stream"):
        value.pop(name)
    return _renumbered(value, numbers)


def _renumbered(value, numbers):
    if isinstance(value, list):
        return [_renumbered(each, numbers) for each in value]
    if isinstance(value, str):
        return _PACKET.sub(lambda found: f"packet {_new(int(found[1]), numbers)}", value)
    if not isinstance(value, dict):
        return value
    return {
        key: _new(each, numbers)
        if key == "packet"
        else {part: _new(number, numbers) for part, number in each.items()}
        if key == "packets"
        else _renumbered(each, numbers)
        for key, each in value.items()
    }


def _new(number, numbers):
    return number if numbers is None or number is None else numbers.get(number, f"? {number}")


@pytest.mark.parametrize("name", sorted(EVERY))
def test_what_was_exported_is_judged_as_before(name, tmp_path):
    before = session_of(EVERY[name])
    ids = [known.id for known in before.store.connections]
    extents = [before.store.extent(each) for each in ids]
    beside = attempts_beside(before.store, ids)
    packets = list(packets_of([*extents, *beside], before.store))
    numbers = {packet[0]: new for new, packet in enumerate(packets, 1)}
    after = exported(before, ids, tmp_path / "all.pcapng")
    assert [shape(known.report) for known in after.store.connections] == [
        shape(known.report, numbers) for known in before.store.connections
    ]
    assert after.analysis.summary == before.analysis.summary
    written = [packet for batch in after.store.batches(1) for packet in batch] if ids else []
    assert [packet[1:5] for packet in written] == [packet[1:5] for packet in packets]


def legs(session):
    """Ids of connections that share a Sec-WebSocket-Key with another one of the capture."""
    keys = {}
    for known in session.store.connections:
        headers = {name.lower(): value for name, value in known.report.handshake.request_headers}
        keys.setdefault(headers.get("sec-websocket-key"), []).append(known.id)
    return {one for ids in keys.values() if len(ids) > 1 for one in ids}


@pytest.mark.parametrize(
    "name",
    ["killed-server-ten", "shutdown-1001-ten", "violations-to-ws", "pcapng", "vlan", "ipv6",
     "interface-any", "nanoseconds", "keepalive-vanished", "uws-vanished-push", "lossy-heals"],
)  # fmt: skip
def test_a_connection_alone_is_judged_as_before(name, tmp_path):
    before = session_of(EVERY[name])
    for known in before.store.connections[:4]:
        if known.id in legs(before):
            continue
        numbers = {
            packet[0]: new
            for new, packet in enumerate(
                packets_of([before.store.extent(known.id)], before.store), 1
            )
        }
        after = exported(before, [known.id], tmp_path / f"{known.id}.pcapng")
        assert [shape(one.report) for one in after.store.connections] == [
            shape(known.report, numbers)
        ]


def test_wireshark_shows_the_findings_at_their_packets(tmp_path):
    if shutil.which("tshark") is None:
        pytest.fail("tshark is missing; on Debian: apt-get install tshark")
    before = session_of(EVERY["violations-to-ws"])
    ids = [known.id for known in before.store.connections][2:6]
    after = exported(before, ids, tmp_path / "some.pcapng")
    shown = subprocess.run(
        ["tshark", "-r", str(tmp_path / "some.pcapng"), "-Y", "frame.comment", "-T", "fields",
         "-e", "frame.number", "-e", "frame.comment"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    comments = dict(line.split("\t", 1) for line in shown.stdout.splitlines())
    findings = [finding for known in after.store.connections for finding in known.report.findings]
    assert findings
    for finding in findings:
        assert f"wsdebug {finding.code} {finding.name}" in comments[str(finding.packet)]


@pytest.mark.usefixtures("tshark")
def test_the_ending_stands_at_the_packet_that_brought_it(tmp_path):
    before = session_of(EVERY["express-408"])
    after = exported(before, [1], tmp_path / "one.pcapng")
    end = after.store.connections[0].report.end
    shown = subprocess.run(
        ["tshark", "-r", str(tmp_path / "one.pcapng"), "-Y", f"frame.number == {end.packet}",
         "-T", "fields", "-e", "frame.comment"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"wsdebug: {end.why}" in shown.stdout


def test_tshark_counts_the_same_frames(tshark, tmp_path):
    before = session_of(EVERY["shutdown-1001-ten"])
    after = exported(before, [2, 5], tmp_path / "two.pcapng")
    judged = tshark(tmp_path / "two.pcapng")
    ours = Counter()
    for known in after.store.connections:
        for side in SIDES:
            ours[known.tcp_stream, side] = known.report.frames[side.value]["total"]
    assert {(stream, side.value): total for (stream, side), total in ours.items() if total} == {
        place: len(frames) for place, frames in judged.items()
    }


def test_a_pipe_is_exported_from_its_copy(tmp_path):
    raw = EVERY["express-408"].read_bytes()
    before = session_of("-", stdin=io.BytesIO(raw))
    after = exported(before, [1], tmp_path / "one.pcapng")
    assert after.analysis.captures[0].packets == 24
    before.store.close()


def test_how_long_the_capture_went_on_is_kept(tmp_path):
    # A Close that nobody answers, and 30 s later a packet of somebody else: it was not answered.
    # With the packets of the connection alone nobody could tell.
    packets = [
        packet
        for batch in open_captures([str(EVERY["close-1000-client"])]).batches()
        for packet in batch
    ]
    whole = session_of(EVERY["close-1000-client"])
    report = whole.store.connections[0].report
    close = min(each.packet for each in (report.close.client, report.close.server) if each)
    kept = [(packet[1], packet[3], packet[4]) for packet in packets if packet[0] <= close]
    late = (kept[-1][0] + 30 * 10**9, packets[0][3].replace(packets[0][3][34:36], b"\x12\x34"), 74)
    path = tmp_path / "before.pcap"
    path.write_bytes(making.pcap([*kept, late], magic=0xA1B23C4D))
    before = session_of(path)
    assert before.store.connections[0].report.end.how == "close-one-side"
    after = exported(before, [1], tmp_path / "after.pcapng")
    assert after.store.connections[0].report.end == before.store.connections[0].report.end
    again = exported(after, [1], tmp_path / "again.pcapng")
    assert again.store.connections[0].report.end == before.store.connections[0].report.end


def test_packets_of_a_later_connection_on_the_same_ports_stay_out(tmp_path):
    packets = [
        packet for batch in open_captures([str(EVERY["express-408"])]).batches() for packet in batch
    ]
    first = [(packet[1], packet[3], packet[4]) for packet in packets]
    shift = 60 * 10**9
    second = [(time + shift, _other_sequence(data), wire) for time, data, wire in first]
    path = tmp_path / "reused.pcap"
    path.write_bytes(making.pcap([*first, *second], magic=0xA1B23C4D))
    before = session_of(path)
    assert len(before.store.connections) == 2
    for each in (1, 2):
        after = exported(before, [each], tmp_path / f"{each}.pcapng")
        assert after.analysis.captures[0].packets == len(first)
        assert len(after.store.connections) == 1


def _other_sequence(data):
    """The same segment of a connection whose both sequence numbers begin elsewhere."""
    seq, ack = (int.from_bytes(data[at : at + 4]) for at in (38, 42))
    more = 0x1000_0000
    numbers = ((seq + more) % 2**32).to_bytes(4)
    # An ACK field without the flag (the first SYN, a RST) is zero.
    numbers += ((ack + more) % 2**32).to_bytes(4) if ack else bytes(4)
    return data[:38] + numbers + data[46:]
