"""Every recording without one of its packets, and begun at each of them: less is read, nothing else
is said.
"""

from __future__ import annotations

import random
import struct
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.fuzz.packets import Pcap
from tests.stored import CAPTURES
from wsdebug.analysis.session import Session
from wsdebug.http.http2.borders import find_border
from wsdebug.model.report import Analysis, Severity
from wsdebug.model.rows import RowKind

FOLDER = CAPTURES / "http2"
PLAIN = sorted(path.stem for path in FOLDER.glob("h2c-*.pcap"))
every_story = pytest.mark.parametrize("name", PLAIN)

Said: TypeAlias = dict[tuple[object, ...], Counter[tuple[int | None, bytes]]]
"""By who said it on which stream: opcode and payload of each frame."""


KNOWN_NO_MORE = "HTTP/2 header table of 1 connection is not known"


def read(path: Path) -> tuple[Said, Analysis]:
    session = Session([str(path)], rows=True)
    analysis = session.analysis
    analysis.connections = []
    for _ in session.run(analysis.connections.append):
        pass
    store, said = session.store, defaultdict(Counter)
    assert store is not None
    for one in analysis.connections:
        rows = store.rows(one.id)
        for at in range(len(rows)):
            if (row := rows[at]).kind is RowKind.FRAME:
                payload = bytes(store.payload(one.id, at, 200).raw)
                key = one.client.port, one.h2_stream, row.side
                said[key][row.opcode, payload] += 1
    store.close()
    return said, analysis


@cache
def whole(name: str) -> tuple[Said, set[tuple[int | None, str]]]:
    said, analysis = read(FOLDER / f"{name}.pcap")
    assert notes(analysis) == []
    return said, accusations(analysis)


def accusations(analysis: Analysis) -> set[tuple[int | None, str]]:
    return {
        (one.h2_stream, finding.code)
        for one in analysis.connections
        for finding in one.findings
        if finding.severity is not Severity.NOTE
    }


def lessened(name: str, tmp_path: Path, *, begun: bool) -> Iterator[tuple[int, Said, Analysis]]:
    """Without each packet, or without all before it."""
    file = Pcap.parsed((FOLDER / f"{name}.pcap").read_bytes())
    assert file is not None
    packets = file.packets
    target = tmp_path / "less.pcap"
    for at in range(1, len(packets)):
        left = packets[at:] if begun else packets[: at - 1] + packets[at:]
        target.write_bytes(Pcap(file.link, left).bytes())
        yield at, *read(target)


@pytest.mark.parametrize("begun", [False, True])
@every_story
def test_nothing_is_read_that_is_not_there(name: str, begun: bool, tmp_path: Path) -> None:
    """Not another frame, not another payload, nobody taken for the other side, nobody accused."""
    all_said, accused = whole(name)
    unknown: list[str] = []
    for at, said, analysis in lessened(name, tmp_path, begun=begun):
        for key, frames in said.items():
            assert not frames - all_said.get(key, Counter()), (at, key)
        assert accusations(analysis) <= accused, at
        found = notes(analysis)
        unknown += [note for note in found if KNOWN_NO_MORE in note]
        assert len(found) <= 1
    # RFC 7541 2.2: behind a missing header block no later one can be read, and that is said.
    assert unknown


def notes(analysis: Analysis) -> list[str]:
    return [
        note.message
        for capture in analysis.captures
        for note in capture.warnings
        if note.kind == "http2-header-table"
    ]


def test_what_else_is_there_is_not_taken_for_http2() -> None:
    """Lists of small numbers and of zeros, as binary messages have them, begun anywhere."""
    dice = random.Random(8441)
    for form in (">I", ">Q", "<I", ">H", ">d"):
        for most in (4, 20, 200):
            data = b"".join(struct.pack(form, dice.randrange(most)) for _ in range(4_000))
            assert find_border(data) is None, (form, most)
