"""Reading beside an interface."""

from __future__ import annotations

import time

import msgspec
import pytest

from tests.stored import ALL
from wsdebug.analysis import judging, loading
from wsdebug.analysis.loading import Loader
from wsdebug.model.errors import UserError
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.rows import State


def until_done(loader):
    changed = []
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        changes = loader.poll()
        changed += changes.connections
        if changes.done:
            return changed, changes
        time.sleep(0.005)
    pytest.fail("the loader does not come to an end")


def test_it_tells_of_each_connection_and_ends():
    loader = Loader([str(ALL["violations-to-ws"])])
    loader.start()
    changed, last = until_done(loader)
    assert set(changed) == {known.id for known in loader.store.connections}
    assert last.progress == 1.0
    assert last.error is None
    assert not last.stopped
    assert loader.poll().connections == ()
    assert loader.analysis.summary.connections == len(loader.store.connections)
    loader.close()


def test_a_connection_is_there_before_it_ends(monkeypatch):
    seen = []
    loader = Loader([str(ALL["express-408"])])
    plain = judging.finish

    def finish(tracker, *rest):
        known = loader.store.connections[0]
        seen.append((known.state, known.path, known.status, len(loader.store.rows(1))))
        return plain(tracker, *rest)

    monkeypatch.setattr(judging, "finish", finish)
    loader.start()
    until_done(loader)
    assert seen == [(State.OVER, "/ws", 101, 16)]
    loader.close()


def test_stop_keeps_what_is_there(tmp_path):
    from bench.make import make

    path = tmp_path / "chat.pcap"
    make("chat", path, scale=0.1)
    loader = Loader([str(path)])
    loader.start()
    while not loader.store.connections:
        time.sleep(0.001)
    loader.stop()
    changes = loader.poll()
    assert changes.done
    assert changes.stopped
    assert 0 < changes.packets < 100_000
    assert all(known.state is State.FINISHED for known in loader.store.connections)
    assert loader.analysis.captures[-1].warnings[-1].kind == "interrupted"
    loader.close()


def test_what_cannot_be_read_is_refused_at_once(tmp_path):
    with pytest.raises(UserError, match="There is no file"):
        Loader([str(tmp_path / "nothing.pcap")])


def test_an_error_on_the_way_keeps_what_was_read(monkeypatch):
    loader = Loader([str(ALL["express-408"])])

    def breaks(_):
        raise ZeroDivisionError("by a test")

    monkeypatch.setattr(loader._session, "_file_of", breaks)
    loader.start()
    _, last = until_done(loader)
    assert last.error is not None
    assert "ZeroDivisionError: by a test" in str(last.error)
    loader.close()


def test_the_switch_interval_is_put_back():
    import sys

    before = sys.getswitchinterval()
    loader = Loader([str(ALL["express-408"])])
    loader.start()
    until_done(loader)
    loader._thread.join(5)
    assert sys.getswitchinterval() == before != loading.GIVE_WAY
    loader.close()


def test_rows_beyond_the_limit_are_counted_and_told():
    limits = msgspec.structs.replace(DEFAULT_LIMITS, lines=10)
    loader = Loader([str(ALL["express-408"])], limits=limits)
    loader.start()
    until_done(loader)
    rows = loader.store.rows(1)
    assert (len(rows), rows.left_out) == (10, 6)
    assert [note.kind for note in loader.analysis.captures[0].limits] == ["lines"]
    assert "6 times" in loader.analysis.captures[0].limits[0].message
    loader.close()
