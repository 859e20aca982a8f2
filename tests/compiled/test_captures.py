"""Every stored capture is read the same with what is compiled and without."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench.make import make
from tests.compiled.built import need_built, pure
from tests.stored import CAPTURES
from wsdebug.analysis import Session

STORED = sorted(path.relative_to(CAPTURES) for path in CAPTURES.rglob("*.pcap*") if path.is_file())


def told(path: Path) -> bytes:
    """Everything that a report of the capture could say."""
    keys = path.with_suffix(".keys")
    found: list[object] = []
    reading = Session([str(path)], keylog=str(keys) if keys.exists() else None)
    for _ in reading.run(found.append):
        pass
    return msgspec.json.encode([found, reading.analysis.fleet], enc_hook=str)


def both_agree(path: Path) -> None:
    with pure():
        expected = told(path)
    assert told(path) == expected


@pytest.mark.parametrize("name", STORED, ids=str)
def test_a_stored_capture(name: Path) -> None:
    need_built()
    both_agree(CAPTURES / name)


@pytest.mark.parametrize("name", ["many", "chat", "bulk", "deflate"])
def test_healthy_traffic(name: str, tmp_path: Path) -> None:
    need_built()
    path = tmp_path / "made.pcap"
    make(name, path, scale=0.002)
    both_agree(path)
