"""While a capture is read: connections appear, esc stops, errors leave what is there."""

from __future__ import annotations

import pytest

from tests.report.samples import make_connection
from tests.tui.acting import SMALLEST, WIDE, act, play, settled, text_of
from tests.tui.synthetic import State, Synthetic
from wsdebug.model.errors import UserError
from wsdebug.model.report import CaptureNote
from wsdebug.tui.header_line import header_line
from wsdebug.tui.options import Options
from wsdebug.tui.trace import Trace

OPTIONS = Options(("made.pcap",))


def header(source, elapsed=5.0):
    trace = Trace(source, source.analysis)
    return header_line(trace, source.state, elapsed).text


def test_the_header_says_how_far_it_is_and_how_long_it_takes():
    source = Synthetic(1)
    source.state = State(progress=0.25, packets=1000, done=False)
    assert "▸ 25 %  15 s left  esc stops" in header(source)
    source.state = State(progress=None, packets=48201, done=False)
    assert "48 201 packets  esc stops" in header(source)


@pytest.mark.parametrize("name", ["made.pcap", "a-capture-with-a-name-that-is-rather-long.pcapng"])
def test_how_to_stop_is_seen_at_the_smallest_size(name):
    source = Synthetic(1)
    source.analysis.captures[0].file = name
    source.finish(make_connection(1))

    async def look(screen, pilot):
        for panel in "1234":
            source.state = State()
            await pilot.press(panel)
            await settled(screen.app, pilot)
            source.state = State(progress=0.31, packets=123_456, done=False)
            screen.took = 60.0
            screen.renew_titles()
            headers.append(text_of(screen.app).splitlines()[0])
        source.state = State()

    headers = []
    play(source, (), SMALLEST, look, OPTIONS)
    assert len(headers) == 4
    for header in headers:
        assert header.endswith("▸ 31 %  134 s left  esc stops")
        assert header.startswith((f" {name[:7]}", f" wsdebug  {name[:7]}"))
        assert len(header) <= SMALLEST[0]


def test_the_header_says_what_the_capture_lacks():
    source = Synthetic(1)
    source.analysis.captures[0].warnings.append(CaptureNote("lost", "14 packets were lost.", None))
    assert "! 14 packets were lost." in header(source)


def test_an_error_after_the_start_is_said_and_the_data_stays():
    source = Synthetic(1)
    source.finish(make_connection(1))
    source.state = State(error=UserError("made.pcap cannot be read any more."))
    text = play(source, (), (200, 40), None, OPTIONS)
    assert "✗ made.pcap cannot be read any more." in text
    assert "1000 of 1000" in text or "of 1000" in text


def test_escape_stops_loading_and_keeps_what_is_there():
    source = Synthetic(1)

    async def look(screen, pilot):
        source.state = State(progress=0.5, packets=10, done=False)
        await pilot.press("escape")
        await pilot.pause(0.3)
        assert source.stops == 1
        assert screen.frames.count == 1000
        await settled(screen.app, pilot)

    text = play(source, (), WIDE, look, OPTIONS)
    assert "stopped" in text


def test_connections_appear_while_it_is_read():
    source = Synthetic(1)
    first = source.connections.pop()
    source.changes.clear()

    async def look(screen, pilot):
        assert screen.connections.count == 0
        source.connections.append(first)
        source.changes.append(1)
        await pilot.pause(0.3)
        assert screen.connections.count == 1
        assert screen.trace.chosen == 1
        source.finish(make_connection(1))
        await pilot.pause(0.3)
        assert any("ended" in each.text or "#1" in each.text for each in screen.why.lines)

    play(source, (), WIDE, look, OPTIONS)


@pytest.mark.parametrize("name", ["vlan.pcap", "close-1000-client.pcap", "pcapng.pcapng"])
def test_fine_captures_blame_nobody(name):
    text = act(name)
    assert "✗" not in text
    assert "✓" in text
