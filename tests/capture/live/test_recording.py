"""Recording real interfaces: what passes is in the file, as tcpdump has it, and nothing is lost
without being said. As root, by `.ci/run`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.capture.live.full import full_at
from tests.capture.live.test_ring_blocks import FRAMES
from tests.capture.live.wires import (
    Numbered,
    TcpTalk,
    frames_into,
    ip,
    numbers,
    pair,
    tunnel,
    until,
)
from tests.capture.reading import kinds, read
from wsdebug.capture.live import Recorder, Ring
from wsdebug.model.errors import UserError

pytestmark = pytest.mark.lab
BACKENDS = pytest.mark.parametrize("own_ring", [True, False], ids=["ring", "scapy"])
COOKED = 20 + 28


def recorder(interfaces, path, **options):
    names = [interfaces] if isinstance(interfaces, str) else interfaces
    return Recorder(names, out=path, version="0", **options)


def of_process(recording):
    assert recording._process is not None
    return recording._process.pid


@BACKENDS
@pytest.mark.parametrize(("interface", "header"), [("lo", 42), ("any", COOKED)])
def test_each_packet_once_in_order(interface, header, own_ring, tmp_path):
    path = tmp_path / "a.pcapng"
    with Numbered() as datagrams:
        options = {"capture_filter": datagrams.filter, "own_ring": own_ring}
        with recorder(interface, path, **options) as recording:
            datagrams.send(500)
        assert numbers(path, header=header if own_ring else 42) == list(range(500))
    counters = recording.counters()
    assert (counters.packets, counters.dropped) == (500, 0)
    captures, packets = read(path)
    assert counters.bytes == sum(len(packet[3]) for packet in packets)
    assert kinds(captures) == []
    assert recording.ended.why == "stopped"
    assert bool(recording.notes) is not own_ring


@contextlib.contextmanager
def tcpdump(interface, path, text):
    """Beside us."""
    command = ["tcpdump", "-i", interface, "-U", "-B", "16384", "-w", str(path), text]
    command += ["--time-stamp-precision=nano"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while "listening on" not in (line := process.stderr.readline()):
            assert line, "tcpdump is gone"
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.stderr.read()


@pytest.mark.parametrize("interface", ["lo", "any"])
def test_the_same_packets_and_times_as_tcpdump(interface, tmp_path):
    """Of real connections, in both directions, large segments too."""
    ours, theirs = tmp_path / "ours.pcapng", tmp_path / "theirs.pcap"
    with TcpTalk() as talk, tcpdump(interface, theirs, talk.filter):
        recording = recorder(interface, ours, capture_filter=talk.filter)
        with recording:
            talk.run()
        # It has no way to say that it is up to date.
        until(lambda: len(read(theirs)[1]) >= recording.counters().packets)
    (_, here), (_, there) = read(ours), read(theirs)
    assert len(here) > 200
    assert max(len(packet[3]) for packet in here) > 30_000
    assert [packet[2:5] for packet in here] == [packet[2:5] for packet in there]
    # Each socket looks at the clock itself.
    late = [abs(mine[1] - yours[1]) for mine, yours in zip(here, there, strict=True)]
    assert max(late) < 100_000_000


def test_vlan_tags_as_sent(tmp_path):
    path = tmp_path / "a.pcapng"
    with pair() as (near, far), recorder(far, path) as recording:
        frames_into(near, FRAMES)
        until(lambda: recording.counters().packets >= len(FRAMES))
    _, packets = read(path)
    assert [packet[3] for packet in packets] == FRAMES


@BACKENDS
def test_a_filter_for_vlans_sees_the_tags(own_ring, tmp_path):
    path = tmp_path / "a.pcapng"
    options = {"capture_filter": "vlan 42", "own_ring": own_ring}
    with pair() as (near, far), recorder(far, path, **options) as recording:
        frames_into(near, FRAMES)
        until(lambda: recording.counters().packets)
    _, packets = read(path)
    assert [packet[3] for packet in packets] == [FRAMES[1]]


@pytest.mark.parametrize("interface", ["lo", "any"])
@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("udp[12:4] = 7", [7]),  # the number, behind an IP header whose length is looked up
        ("udp[15] & 1 != 0 and ip[8] = 64", [1, 3, 5, 7, 9]),
        ("ip6", []),
        ("ether proto 0x800 and greater 100", list(range(10))),
        ("inbound", list(range(10))),
        ("outbound", []),  # what goes out of loopback comes in again
    ],
)
def test_the_kernel_selects_what_was_asked(interface, text, chosen, tmp_path):
    path = tmp_path / "a.pcapng"
    with (
        Numbered() as datagrams,
        recorder(interface, path, capture_filter=f"{datagrams.filter} and ({text})"),
    ):
        datagrams.send(10)
    assert numbers(path, header=42 if interface == "lo" else COOKED) == chosen


def test_an_interface_without_link_headers(tmp_path):
    path = tmp_path / "a.pcapng"
    packet = bytes.fromhex("4500001c000040004011000001010101020202020001000200080000")
    with (
        tunnel() as (name, write),
        recorder(name, path, capture_filter="udp port 2") as recording,
    ):
        write(packet)
        until(lambda: recording.counters().packets)
    captures, packets = read(path)
    assert [found[3] for found in packets] == [packet]
    assert captures.files[0].link_types == ["RAW"]


def test_nothing_from_before_the_filter(tmp_path):
    """A socket that is opened hears everything until its filter stands: the classic race."""
    command = [sys.executable, "-c", FLOOD]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as flood, Numbered() as datagrams:
        assert flood.stdout.readline()
        for own_ring in (True, False):
            path = tmp_path / f"{own_ring}.pcapng"
            options = {"capture_filter": datagrams.filter, "own_ring": own_ring}
            with recorder("lo", path, **options):
                datagrams.send(1)
        idle = tmp_path / "idle.pcapng"
        with pair() as (_, far), recorder(far, idle):
            datagrams.send(1)
        flood.kill()
    assert read(idle)[1] == []  # nothing of other interfaces
    assert numbers(tmp_path / "True.pcapng") == [0]
    assert numbers(tmp_path / "False.pcapng") == [1]


def test_a_smaller_ring_where_there_is_no_memory():
    """For the address space of this process, as a kernel without memory would."""
    command = [sys.executable, "-c", LITTLE_MEMORY]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert ran.stdout.split() == ["16777216", "Cannot", "allocate", "memory"]


LITTLE_MEMORY = """
import resource
from pathlib import Path
from wsdebug.capture.live.packet_ring import PacketRing, RingRefusedError
MIB = 1 << 20
for room in (20, 1):
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room * MIB, resource.RLIM_INFINITY))
    try:
        ring = PacketRing("lo", 0, None)
        print(len(ring._ring))
        ring.close()
    except RingRefusedError as error:
        print(error)
"""

FLOOD = """
import socket
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); sink.bind(("127.0.0.1", 0))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); sender.connect(sink.getsockname())
print(flush=True)
while True: sender.send(b"flood")
"""


@BACKENDS
def test_a_packet_is_in_the_file_while_it_records(own_ring, tmp_path):
    path = tmp_path / "a.pcapng"
    with Numbered() as datagrams:
        options = {"capture_filter": datagrams.filter, "own_ring": own_ring}
        with recorder("lo", path, **options):
            for number in range(3):
                datagrams.send(1)
                until(lambda want=number: numbers(path) == list(range(want + 1)))


def test_several_interfaces_in_the_order_of_time(tmp_path):
    path = tmp_path / "a.pcapng"
    with pair() as (near, far), recorder([near, far], path) as recording:
        for number in range(200):
            frame = FRAMES[0][:14] + number.to_bytes(8, "big").ljust(50)
            frames_into((near, far)[number % 3 == 0], [frame])
        until(lambda: recording.counters().packets >= 400)
        by_interface = [each.packets for each in recording.counters().interfaces]
    captures, packets = read(path)
    assert by_interface == [200, 200]  # out of one, into the other
    assert [packet[1] for packet in packets] == sorted(packet[1] for packet in packets)
    assert [int.from_bytes(packet[3][14:22], "big") for packet in packets] == [
        number for number in range(200) for _ in "io"
    ]
    assert kinds(captures) == []


def test_max_packets_are_exactly_so_many(tmp_path):
    path = tmp_path / "a.pcapng"
    with Numbered() as datagrams:
        options = {"capture_filter": datagrams.filter, "max_packets": 7}
        with recorder("lo", path, **options) as recording:
            datagrams.send(100)
            until(lambda: recording.ended)
    assert recording.ended.why == "max-packets"
    assert numbers(path) == list(range(7))
    assert recording.counters().packets == 7
    captures, packets = read(path)
    assert captures.end == packets[-1][1]  # it knows of nothing later


def test_duration(tmp_path):
    path = tmp_path / "a.pcapng"
    began = time.time_ns()
    with Numbered() as datagrams:
        options = {"capture_filter": datagrams.filter, "duration": 0.5}
        with recorder("lo", path, **options) as recording:
            datagrams.send(1)
            until(lambda: recording.ended)
    assert recording.ended.why == "duration"
    assert recording.ended.message == "0.5 s were captured, as asked."
    assert numbers(path) == [0]
    captures, _ = read(path)
    assert captures.end >= began + 500_000_000  # silence until then was seen


def test_a_ring_of_files_turns(tmp_path):
    with Numbered() as datagrams:
        options = {"capture_filter": datagrams.filter, "ring": Ring(2, 20_000)}
        with recorder("lo", tmp_path / "keep.pcapng", **options) as recording:
            for _ in range(20):
                datagrams.send(10, size=1_000)
                until(lambda: recording.counters().packets == datagrams.sent)
            until(lambda: tuple(sorted(tmp_path.iterdir())) == recording.files)
    assert len(recording.files) == 2
    found = numbers(*recording.files)
    assert found == list(range(200 - len(found), 200))
    for path in recording.files:
        captures, _ = read(path)
        assert kinds(captures) == []


def test_losses_are_counted_and_stand_in_the_file(tmp_path):
    path = tmp_path / "a.pcapng"
    with (
        Numbered() as datagrams,
        recorder("lo", path, capture_filter=datagrams.filter) as recording,
    ):
        os.kill(of_process(recording), signal.SIGSTOP)
        datagrams.send(2_000, size=60_000)  # 120 MB; the ring holds 64 MiB
        os.kill(of_process(recording), signal.SIGCONT)
        until(lambda: recording.counters().dropped)
        until(lambda: "packets-lost" in dict(kinds(read(path)[0])))
        datagrams.send(1)
    counters = recording.counters()
    assert counters.dropped > 100
    assert counters.packets + counters.dropped == datagrams.sent
    captures, packets = read(path)
    assert len(packets) == counters.packets
    lost = [note.message for note in captures.files[0].warnings if note.kind == "packets-lost"]
    assert len(lost) == 1
    assert lost[0].startswith(f"{counters.dropped} packets were lost")


def test_a_full_disk_ends_it_and_loses_nothing_written(tmp_path):
    path = tmp_path / "a.pcapng"
    with Numbered() as datagrams:
        recording = recorder("lo", path, capture_filter=datagrams.filter)
        with full_at(100_000):
            recording.start()
        datagrams.send(200, size=1_000)
        until(lambda: recording.ended)
        recording.stop()
    assert recording.ended.why == "write-failed"
    assert "File too large. What was captured before is kept." in recording.ended.message
    assert recording.counters().packets == 92  # of 1 076 bytes each
    assert numbers(path) == list(range(92))
    assert kinds(read(path)[0]) == []


def test_what_waits_in_the_ring_is_written_at_the_end(tmp_path):
    path = tmp_path / "a.pcapng"
    with Numbered() as datagrams:
        with recorder("lo", path, capture_filter=datagrams.filter) as recording:
            os.kill(of_process(recording), signal.SIGSTOP)
            datagrams.send(50_000)
            os.kill(of_process(recording), signal.SIGCONT)
        assert recording.counters().dropped == 0
    assert numbers(path) == list(range(50_000))


def test_killed_in_the_middle_the_file_is_read_to_its_last_packet(tmp_path):
    path = tmp_path / "a.pcapng"
    with (
        Numbered() as datagrams,
        recorder("lo", path, capture_filter=datagrams.filter) as recording,
    ):
        datagrams.send(50)
        until(lambda: recording.counters().packets == 50)
        os.kill(of_process(recording), signal.SIGKILL)
        until(lambda: recording.ended)
    assert recording.ended.why == "died"
    assert "signal 9" in recording.ended.message
    assert numbers(path) == list(range(50))


def test_the_recording_ends_well_when_its_parent_is_killed(tmp_path):
    path = tmp_path / "a.pcapng"
    with Numbered() as datagrams:
        command = [sys.executable, "-c", PARENT, str(path), datagrams.filter]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
            recording = int(parent.stdout.readline())
            datagrams.send(5)
            parent.kill()
        until(lambda: not Path(f"/proc/{recording}").exists())
    assert numbers(path) == list(range(5))
    captures, packets = read(path)
    assert captures.end > packets[-1][1]


PARENT = """
import sys, time
from wsdebug.capture.live import Recorder
recorder = Recorder(["lo"], out=sys.argv[1], version="0", capture_filter=sys.argv[2])
recorder.start()
print(recorder._process.pid, flush=True)
time.sleep(60)
"""


def test_ctrl_c_is_for_the_parent(tmp_path):
    path = tmp_path / "a.pcapng"
    with (
        Numbered() as datagrams,
        recorder("lo", path, capture_filter=datagrams.filter) as recording,
    ):
        os.kill(of_process(recording), signal.SIGINT)
        os.kill(of_process(recording), signal.SIGTSTP)
        datagrams.send(3)
        until(lambda: recording.counters().packets == 3)
    assert recording.ended.why == "stopped"
    assert numbers(path) == [0, 1, 2]


@BACKENDS
@pytest.mark.parametrize("how", ["link del {}", "link set {} down"])
def test_an_interface_that_goes_away(how, own_ring, tmp_path):
    path = tmp_path / "a.pcapng"
    with pair() as (near, far), recorder(far, path, own_ring=own_ring) as recording:
        frames_into(near, FRAMES)
        ip(how.format(far))
        until(lambda: recording.ended)
    assert recording.ended.why == "interface-gone"
    word = "disappeared" if "del" in how else "went down"
    assert recording.ended.message == f"{far} {word}."
    _, packets = read(path)
    assert [packet[3] for packet in packets] == FRAMES


def test_the_others_go_on(tmp_path):
    path = tmp_path / "a.pcapng"
    with pair() as (_, far), Numbered() as datagrams:
        options = {"capture_filter": datagrams.filter}
        with recorder([far, "lo"], path, **options) as recording:
            ip(f"link del {far}")
            until(lambda: recording.counters().interfaces[0].gone)
            datagrams.send(4)
            until(lambda: recording.counters().packets == 4)
            assert recording.ended is None
    assert numbers(path) == list(range(4))


def refused(path, interfaces="lo", **options):
    """What start() says; it leaves no file."""
    recording = recorder(interfaces, path, **options)
    with pytest.raises(UserError) as caught:
        recording.start()
    assert list(path.parent.iterdir()) == []
    return str(caught.value), caught.value.hint or ""


@BACKENDS
def test_what_cannot_be_recorded_is_refused_before_there_is_a_file(own_ring, tmp_path):
    path = tmp_path / "a.pcapng"
    sentence, hint = refused(path, "lq", own_ring=own_ring)
    assert sentence == 'There is no interface "lq".'
    assert "wsdebug live -D" in hint
    sentence, _ = refused(path, capture_filter="port http or prot 80", own_ring=own_ring)
    assert 'libpcap refuses the capture filter "port http or prot 80"' in sentence
    assert 'it can be read up to "port http"' in sentence
    sentence, _ = refused(path, [], own_ring=own_ring)
    assert sentence == "No interface is named."
    if own_ring:  # scapy has no such interface, but opens each of them
        sentence, hint = refused(path, "any", capture_filter="link[8:2] = 1")
        assert "asks for a link header" in sentence
    sentence, hint = refused(path, ["any", "lo"], own_ring=own_ring)
    assert "every interface already" in sentence
    with pair() as (near, far):
        ip(f"link set {far} down")
        sentence, hint = refused(path, far, own_ring=own_ring)
        assert sentence == f"{far} is down: nothing passes it."
        assert f"ip link set {far} up" in hint
        assert near


@BACKENDS
def test_without_rights_the_sentence_says_what_to_run(own_ring, tmp_path):
    path = tmp_path / "a.pcapng"
    without = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
    command = [*without, sys.executable, "-c", WITHOUT_RIGHTS, str(path), str(int(own_ring))]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    sentence, hint = ran.stdout.splitlines()
    assert sentence == "Capturing on lo needs root's rights (CAP_NET_RAW)."
    assert "`sudo tcpdump -i lo -U -w - 'port 80 or port 81' | wsdebug live -`" in hint
    assert "--cap-add NET_RAW" in hint  # we are root, so sudo would not help
    assert list(tmp_path.iterdir()) == []


WITHOUT_RIGHTS = """
import sys
from wsdebug.capture.live import Recorder
from wsdebug.model.errors import UserError
options = {"capture_filter": "port 80 or port 81", "own_ring": sys.argv[2] == "1"}
try:
    Recorder(["lo"], out=sys.argv[1], version="0", **options).start()
except UserError as error:
    print(error, error.hint, sep="\\n")
"""


def test_a_file_that_is_there_is_not_lost(tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(b"old")
    with pytest.raises(UserError, match="exists"):
        recorder("lo", path).start()
    assert path.read_bytes() == b"old"
