"""Keys that come after the packets they open give the report of keys that were there before."""

from __future__ import annotations

from pathlib import Path

import pytest

import wsdebug
from tests.live.replay import Growing
from tests.stored import TLS, tls_capture
from wsdebug.analysis import Session
from wsdebug.model.report import Connection

HELD = 64 << 10
"""Bytes of one side that wait for keys (`transport.tls.side`)."""
WITH_KEYS = [
    name
    for name in TLS
    for path, keys in [tls_capture(name)]
    if keys is not None and path.stat().st_size < HELD
]


def late(path: Path, keys: Path, folder: Path, share: float) -> list[Connection]:
    """The key log is written when so much of the capture is there."""
    data, log = path.read_bytes(), folder / "keys.log"
    growing = folder / "growing"
    growing.write_bytes(b"")
    growth = Growing(growing)
    session = Session([], growth=growth, keylog=str(log))
    connections: list[Connection] = []
    steps = session.run(connections.append)
    cut = int(len(data) * share)
    with growing.open("ab", buffering=0) as file:
        for piece in (data[:cut], data[cut:]):
            file.write(piece)
            next(steps)
            while not session.is_waiting:
                next(steps)
            log.write_bytes(keys.read_bytes())
        growth.ended = True
        for _ in steps:
            pass
    return connections


def told(connections: list[Connection]) -> list[tuple[object, ...]]:
    """But for their numbers, which are those of their opening, and texts that name them."""
    found: list[tuple[object, ...]] = []
    for one in sorted(connections, key=lambda one: one.tcp_stream):
        end, codes = one.end, [cause.code for cause in one.causes]
        shake = one.handshake.result, one.handshake.packets
        findings = [(finding.code, finding.packet) for finding in one.findings]
        found.append((end.how, end.by, end.packet, one.frames, shake, one.tls, codes, findings))
    return found


@pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
@pytest.mark.parametrize("name", WITH_KEYS)
def test_late_keys_change_nothing(name: str, share: float, tmp_path: Path) -> None:
    path, keys = tls_capture(name)
    assert keys is not None
    found = late(path, keys, tmp_path, share)
    assert told(found) == told(wsdebug.read(path, keylog=keys).connections)
