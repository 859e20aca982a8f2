"""WebSockets over HTTP/2: heads that are no bytes of the stream, ends that are no TCP."""

from __future__ import annotations

import pytest

from tests.tui.acting import act, settled
from wsdebug.model.rows import RowKind

TWO = "http2/h2c-two-streams.pcap"


@pytest.mark.parametrize(("connection", "path"), [("1", "/a"), ("2", "/b")])
def test_a_head_is_what_it_says_and_no_bytes_of_frames(connection, path):
    async def look(screen, pilot):
        store, id_ = screen.loader.store, int(connection)
        await pilot.press("1", "g", *"j" * (id_ - 1))
        await pilot.press("2", "g", "4")
        await settled(screen.app, pilot)
        assert screen.detail.detail.row.kind is RowKind.HEAD
        assert store.raw(id_, 0) == b""
        assert store.payload(id_, 0).raw == b""

    text = act(TWO, size=(180, 40), then=look)
    assert f"  CONNECT {path}, :protocol websocket" in text
    assert "  200, chat" in text
    assert f":path: {path}" in text
    assert "hello" not in text.split("HTTP ANSWER")[1].splitlines()[0]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("h2c-two-streams", "▸ RST_STREAM          ·  NO_ERROR"),
        ("h2c-stream-reset", "◂ RST_STREAM          ·  INTERNAL_ERROR, no Close frame before it"),
        ("h2c-goaway", "◂ GOAWAY              ·  ENHANCE_YOUR_CALM, no Close frame before it"),
        ("h2c-ended", "◂ END_STREAM          ·"),
    ],
)
def test_an_end_of_a_stream_is_no_end_of_tcp(name, says):
    text = act(f"http2/{name}.pcap", "2", "G", "4", size=(180, 40))
    assert says in text
    assert "TCP FIN " not in text
    assert "TCP RST " not in text
