"""How cost grows: time with the number of connections and of frames, and no more; memory not at
all with the size of a message. Ratios only: no absolute time says anything on another machine.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bench.frames
from bench.make import chat, many
from bench.messages import BINARY, TEXT, frame, upgrade
from bench.wire import SUPER, Tcp, Trace

TIME = """
import sys, time
from wsdebug.analysis import Session
begin, read = time.process_time(), []
for _ in Session([sys.argv[1]]).run(read.append):
    pass
print(time.process_time() - begin, len(read))
"""
PEAK = """
import sys, tracemalloc
from wsdebug.analysis import Session
tracemalloc.start()
read = []
for _ in Session([sys.argv[1]]).run(read.append):
    pass
print(tracemalloc.get_traced_memory()[1], len(read))
"""
CALLS = """
import cProfile, io, pstats, sys
from wsdebug.analysis import Session
from wsdebug.report import View, writer_for
writer = writer_for("json", io.StringIO(), View())
session, profile, seen = Session([sys.argv[1]]), cProfile.Profile(), []
def take(connection):
    seen.append(connection.id)
    writer.connection(connection)
profile.enable()
for _ in session.run(take):
    pass
writer.finish(session.analysis)
profile.disable()
print(pstats.Stats(profile).total_calls, len(seen))
"""
HELD = """
import os, sys, tracemalloc
from wsdebug.analysis import Session
from wsdebug.report import View, writer_for
writer = writer_for("jsonl", open(os.devnull, "w"), View())
session, seen = Session([sys.argv[1]]), []
tracemalloc.start()
def take(connection):
    seen.append(None)
    writer.connection(connection)
for _ in session.run(take):
    pass
writer.finish(session.analysis)
print(tracemalloc.get_traced_memory()[1], len(seen))
"""
RESIDENT = """
import resource, sys
from wsdebug.analysis import Session
read = []
for _ in Session([sys.argv[1]]).run(read.append):
    pass
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, len(read))
"""
TEN_TIMES = 13.0
TWICE = 2.6
"""Twice the work may take so much longer; quadratic growth takes four times."""
ATTEMPTS = 4
"""On a busy machine one run in a few is disturbed; growth that is real shows in each."""
KEPT = 2_500
"""Bytes of a finished connection that may stay in memory; an open one takes 13 000."""
MORE = 1 << 20
"""Bytes that sixteen times the payload may add to the peak."""


def measured(script: str, path: Path) -> tuple[float, int]:
    """What `script` prints of reading `path` in a process of its own: cost and connections."""
    command = [sys.executable, "-c", script, str(path)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    cost, read = ran.stdout.split()
    return float(cost), int(read)


def connections(path: Path, count: int, apart: int = 1_000) -> None:
    """`count` short connections, one after the other, twice `apart` microseconds each and more."""
    with path.open("wb") as out:
        trace = Trace(out, 1)
        for number in range(count):
            for _ in many(trace, number, 2):
                trace.pass_time(apart)


def frames(path: Path, count: int) -> None:
    """One connection with `count` exchanges."""
    with path.open("wb") as out:
        for _ in chat(Trace(out, 1), 0, count):
            pass


def message(path: Path, size: int, opcode: int) -> None:
    """One connection with one message of the server."""
    with path.open("wb") as out:
        trace = Trace(out, 1)
        tcp = Tcp(trace, 0, SUPER)
        request, response = upgrade(trace.rng)
        tcp.open()
        tcp.send(tcp.client, request)
        tcp.send(tcp.server, response)
        tcp.send(tcp.server, frame(opcode, bytes(size)))
        tcp.close()


@pytest.mark.parametrize(("write", "count"), [(connections, 500), (frames, 6_000)])
def test_twice_as_many_take_twice_as_long(
    write: Callable[[Path, int], None], count: int, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.pcap", tmp_path / "two.pcap"
    write(one, count)
    write(two, 2 * count)
    ratios: list[float] = []
    for _ in range(ATTEMPTS):
        ratios.append(measured(TIME, two)[0] / measured(TIME, one)[0])
        if ratios[-1] <= TWICE:
            return
    pytest.fail(f"twice the {write.__name__} took {ratios} times as long")


def test_each_connection_takes_as_many_calls_as_the_one_before(tmp_path: Path) -> None:
    """Counted, not timed: however many came before, the cost of one does not change."""
    costs = []
    for count in (100, 200, 500):
        path = tmp_path / f"{count}.pcap"
        connections(path, count)
        calls, read = measured(CALLS, path)
        assert read == count
        costs.append(calls)
    few, more = (costs[1] - costs[0]) / 100, (costs[2] - costs[1]) / 300
    assert more == pytest.approx(few, rel=0.05)


def test_of_a_connection_that_is_over_little_is_kept(tmp_path: Path) -> None:
    """A few figures for the fleet and for `tcp.stream`; its report is written."""
    peaks = []
    for count in (150, 550):
        path = tmp_path / f"{count}.pcap"
        connections(path, count, apart=50_000)  # of 5 s in which it may go on, 100 of them
        peak, read = measured(HELD, path)
        assert read == count
        peaks.append(peak)
    assert (peaks[1] - peaks[0]) / 400 <= KEPT


def test_a_frame_costs_the_same_in_a_connection_of_ten_times_as_many(tmp_path: Path) -> None:
    few, many_more = tmp_path / "few.pcap", tmp_path / "many.pcap"
    bench.frames.write(few, 10_000)
    bench.frames.write(many_more, 100_000)
    ratios: list[float] = []
    for _ in range(ATTEMPTS):
        ratios.append(measured(TIME, many_more)[0] / measured(TIME, few)[0])
        if ratios[-1] <= TEN_TIMES:
            break
    else:
        pytest.fail(f"ten times the frames took {ratios} times as long")
    peaks = [measured(RESIDENT, path)[0] for path in (few, many_more)]
    assert peaks[1] - peaks[0] <= MORE, f"{peaks} bytes"


@pytest.mark.parametrize("opcode", [BINARY, TEXT])
def test_a_message_is_never_kept_whole(opcode: int, tmp_path: Path) -> None:
    peaks = []
    for megabytes in (4, 64):
        path = tmp_path / f"{megabytes}.pcap"
        message(path, megabytes << 20, opcode)
        peak, read = measured(PEAK, path)
        assert read == 1
        peaks.append(peak)
        path.unlink()
    assert peaks[1] - peaks[0] <= MORE, f"{peaks} bytes"
