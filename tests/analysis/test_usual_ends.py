"""Ends that are nearly those of others before them are judged like any other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.messages import CLOSE, TEXT, frame, upgrade
from bench.wire import ACK, FIN, Tcp, Trace
from tests.analysis.packed import tell
from tests.analysis.test_usual import read, reported, way
from wsdebug.analysis import Session
from wsdebug.analysis.outcomes import LEFT_OPEN
from wsdebug.diagnosis.why import SILENCE
from wsdebug.model.recurring import Recurring
from wsdebug.model.report import Connection

__all__ = ["reported", "way"]

pytestmark = pytest.mark.usefixtures("way")
Steps = Sequence[tuple[str, str | int]]
TALK: Steps = [("text", "client"), ("text", "server")]
END: Steps = [("close", "server"), ("close", "client"), ("fin", "server"), ("fin", "client")]
LATE = 5_000_001
"""Microseconds after which one that has ended is known to have."""


def written(path: Path, lives: Sequence[Steps]) -> Path:
    """A capture of connections, one after the other; `wait` takes microseconds."""
    with path.open("wb") as out:
        trace = Trace(out, 1)
        for number, steps in enumerate(lives):
            tcp = Tcp(trace, number)
            request, response = upgrade(trace.rng)
            tcp.open()
            tell(tcp, "client", request)
            tell(tcp, "server", response)
            for step in steps:
                take(tcp, *step)
            trace.pass_time(LATE)
        Tcp(trace, 99).open()
    return path


def take(tcp: Tcp, what: str, who: str | int) -> None:
    if isinstance(who, int):
        tcp.trace.pass_time(who)
        return
    key = tcp.trace.rng.getrandbits(32) if who == "client" else None
    if what == "fin":
        one, other = (tcp.client, tcp.server)[:: 1 if who == "client" else -1]
        tcp._packet(one, other, FIN | ACK)
        tcp.acknowledge(other)
    elif what == "close":
        tell(tcp, who, frame(CLOSE, (1000).to_bytes(2), key))
    else:
        tell(tcp, who, frame(TEXT, b"hello", key))


def fins_after(microseconds: int) -> Steps:
    return [*TALK, *END[:3], ("wait", microseconds), END[3]]


def silent_for(microseconds: int) -> Steps:
    return [*TALK, ("wait", microseconds), *END]


ENDS: dict[str, tuple[Steps, bool]] = {
    "as others": ([*TALK, *END], True),
    "FIN before the answer": ([*TALK, END[0], END[2], END[1], END[3]], False),
    "FIN in time": (fins_after(LEFT_OPEN // 1000 - 100_000), True),
    "FIN too late": (fins_after(LEFT_OPEN // 1000 + 1_000), False),
    "Close after a pause": (silent_for(SILENCE // 1000 - 100_000), True),
    "Close after a silence": (silent_for(SILENCE // 1000 + 1_000), False),
}


@pytest.mark.parametrize("name", ENDS)
def test_an_end_that_is_not_quite_that_of_others(
    name: str, tmp_path: Path, reported: list[int]
) -> None:
    steps, is_usual = ENDS[name]
    _, session = read(written(tmp_path / "usual.pcap", [[*TALK, *END]]), waits=False)
    path = written(tmp_path / "made.pcap", [steps, [*TALK, *END]])
    long, _ = read(path, waits=False)
    assert read(path, taught=session)[0] == long
    assert reported == ([1, 2] if is_usual else [2])


@pytest.mark.parametrize("last", [0, 1, 40])
def test_one_that_was_not_written_is_not_counted(last: int, tmp_path: Path) -> None:
    """Ctrl-c comes while a report is written: the summary says how many there are."""
    path = written(tmp_path / "made.pcap", [[*TALK, *END]] * 50)
    session, found, taken = Session([str(path)]), list[Connection](), list[int]()

    def take(one: Recurring) -> None:
        taken.append(one.id)
        if len(taken) == last + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(session.run(found.append, take))
    assert len(taken) > last
    assert session.analysis.summary.connections == len(found) + len(taken) - 1
