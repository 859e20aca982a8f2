"""What `x` writes is whole, or is not there."""

from __future__ import annotations

import errno

import pytest

from tests.tui.acting import act, settled
from wsdebug.analysis.store import Store
from wsdebug.export import FrameName, export_payload
from wsdebug.tui import saving


def saved(capture, folder, want, monkeypatch, key="p"):
    """What was told and the files there, after saving at the first row that `want` takes."""
    monkeypatch.chdir(folder)
    told = {}

    async def look(screen, pilot):
        store = screen.loader.store
        places = ((each.id, row.at) for each in store.connections for row in store.rows(each.id)
                  if want(row))  # fmt: skip
        screen.show_place(*next(places))
        await settled(screen.app, pilot)
        name = screen.frames.row.name
        assert isinstance(store, Store)
        await pilot.press("x", key)
        await settled(screen.app, pilot)
        told["says"] = [each.message for each in screen.app._notifications][-1]
        if not screen.frames.row.missing and name:
            told["whole"] = export_payload(store, FrameName.parsed(f"{screen.trace.chosen}:{name}"))

    act(capture, then=look)
    return told, list(folder.iterdir())


def test_an_inflated_payload_is_saved_whole(tmp_path, monkeypatch):
    told, files = saved("deflate-shapes.pcap", tmp_path, lambda row: row.name == "C0", monkeypatch)
    assert "2 640 bytes were written" in told["says"]
    assert [len(each.read_bytes()) for each in files] == [2640]
    assert files[0].read_bytes() == told["whole"]


def test_a_payload_with_holes_is_not_saved(tmp_path, monkeypatch):
    told, files = saved("open/snap-length-96.pcap", tmp_path, lambda row: row.missing, monkeypatch)
    assert "cannot be read whole" in told["says"]
    assert "bytes are in the capture" in told["says"]
    assert files == []


@pytest.mark.parametrize(
    ("key", "breaks"),
    [("t", "writer_for"), ("o", "writer_for"), ("w", "export_packets")],
)
def test_a_file_that_could_not_be_finished_is_not_left(tmp_path, monkeypatch, key, breaks):
    def broken(*given, **_):
        stream = next(each for each in given if hasattr(each, "write"))
        stream.write(b"half" if breaks == "export_packets" else "half")
        stream.flush()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(saving, breaks, broken)
    told, files = saved("close-1001-server.pcap", tmp_path, lambda _: True, monkeypatch, key)
    assert "cannot be written: No space left on device." in told["says"]
    assert files == []
