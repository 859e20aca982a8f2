"""A capture that is read while it grows has the report of one that is read afterwards.

A third of the stored captures; all of them with WSDEBUG_LAB=all.
"""

from __future__ import annotations

import gzip
import os

import pytest

import wsdebug
from tests.live.replay import SECOND, paced, plain, replayed
from tests.stored import ALL, CAPTURES
from wsdebug.analysis import Session

CHOSEN = list(ALL) if os.environ.get("WSDEBUG_LAB") == "all" else list(ALL)[::3]
QUICK = (
    "double-upgrade", "unmasked-client-kills-server", "nginx-idle", "express-408", "killed-client",
    "close-1000-client", "close-empty", "rejected-503", "killed-server-ten", "handshakes-to-ws",
)  # fmt: skip


@pytest.mark.parametrize("name", CHOSEN)
def test_in_pieces(name, tmp_path):
    """Cut anywhere, in the middle of records too."""
    got, told = replayed(ALL[name], tmp_path, seed=len(name))
    assert plain(got) == plain(wsdebug.read(ALL[name]))
    # What was told last is the report.
    last = {event[2].id: event[2] for event in told.of("judged")}
    assert [last[id_] for id_ in sorted(last)] == got.connections
    befell = {(event[2].code, event[2].server, event[2].culprit) for event in told.of("befell")}
    assert {(cause.code, cause.server, cause.culprit) for cause in got.fleet} <= befell


INSIDE = (
    "tls/tls-nginx-idle", "tls/tls-double-upgrade", "tls/tls-vanished", "http2/h2-two-streams",
    "http2/h2c-not-enabled", "http2/h2c-refused", "http2/h2c-haproxy", "http2/h2-chromium",
)  # fmt: skip


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("name", INSIDE)
def test_inside_tls_and_http2(name, rows, tmp_path):
    """What carries a connection cannot be copied; the connection can."""
    capture, keys = CAPTURES / f"{name}.pcap", CAPTURES / f"{name}.keys"
    keylog = str(keys) if keys.exists() else None
    got, told = paced(capture, tmp_path, longest=5 * SECOND, keylog=keylog, rows=rows)
    whole = Session([str(capture)], keylog=keylog)
    connections = []
    for _ in whole.run(connections.append):
        pass
    whole.analysis.connections = sorted(connections, key=lambda connection: connection.id)
    assert plain(got) == plain(whole.analysis)
    revisions = {}
    for _, _, connection, revision in told.of("judged"):
        assert revision == revisions.get(connection.id, 0) + 1
        revisions[connection.id] = revision
    assert revisions
    assert max(revisions.values()) <= 3


def test_under_compression(tmp_path):
    packed = tmp_path / "packed.pcap.gz"
    packed.write_bytes(gzip.compress(ALL["double-upgrade"].read_bytes()))
    got, _ = replayed(packed, tmp_path, pieces=9)
    assert plain(got) == plain(wsdebug.read(packed))


def test_half_a_record_at_the_end_is_damage_only_when_nobody_writes_any_more(tmp_path):
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(ALL["double-upgrade"].read_bytes()[:-5])
    got, _ = replayed(cut, tmp_path)
    assert [note.kind for note in got.captures[0].warnings] == ["truncated-file"]
    assert plain(got) == plain(wsdebug.read(cut))


@pytest.mark.parametrize("name", QUICK)
def test_the_verdict_comes_within_a_second_of_the_end(name, tmp_path):
    _, told = paced(ALL[name], tmp_path)
    first = {}
    for time, _, connection, _ in told.of("judged"):
        first.setdefault(connection.id, (time, connection))
    assert first
    for time, connection in first.values():
        if connection.end.how != "capture-end":
            ended = connection.start.ns + round(connection.end.time * SECOND)
            assert time - ended <= SECOND, connection.id


@pytest.mark.parametrize("name", ["nginx-idle", "unmasked-client-kills-server"])
def test_what_befell_several_is_told_live(name, tmp_path):
    """Both legs of a proxy, and a culprit with its victims, while the capture still goes on."""
    got, told = paced(ALL[name], tmp_path)
    if got.fleet:
        ((time, _, cause, revision),) = told.of("befell")
        assert (cause, revision) == (got.fleet[0], 1)
        assert cause.culprit is not None
        assert time < told.now
    causes = {event[2].causes[0].code for event in told.of("judged")}
    assert causes == {connection.causes[0].code for connection in got.connections}
