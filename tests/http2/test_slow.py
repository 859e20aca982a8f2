"""Flow control (RFC 9113 5.2): who does not read is named, and nobody else."""

from __future__ import annotations

from pathlib import Path

import wsdebug
from tests.fuzz.http2 import captured
from tests.fuzz.tape import FEED, Step
from tests.http2.test_reading import PREFACE, Talk, frame, setting
from tests.protocol.streams import frame as ws_frame
from wsdebug.http.http2.header import DATA, END_STREAM, PING, RST_STREAM
from wsdebug.model.place import Side
from wsdebug.model.report import Connection

SERVER = Side.SERVER
FULL = ws_frame(1, b"x" * 8)


def story(path: Path, *last: bytes, window: int) -> Connection:
    """A window of so many bytes, a message of ten, seven seconds and the end: a packet a second."""
    opened = Talk().opened()
    opened[0] = opened[0][0], PREFACE + setting(4, window)
    steps = [Step(FEED, int(side is SERVER), data) for side, data in opened]
    steps += [Step(FEED, 1, frame(DATA, 1, FULL))]
    steps += [Step(FEED, 0, frame(PING, 0, bytes(8)))] * 7
    steps += [Step(FEED, 1, data) for data in last]
    path.write_bytes(captured(steps, is_start=True))
    (one,) = wsdebug.read(path).connections
    return one


def test_a_receiver_that_gives_no_window_is_a_slow_consumer(tmp_path: Path) -> None:
    reset = frame(RST_STREAM, 1, (11).to_bytes(4, "big"))
    one = story(tmp_path / "slow.pcap", reset, window=len(FULL))
    assert one.causes[0].code == "DX212"
    texts = [each.text for each in one.causes[0].because]
    assert "left the stream without a flow control window" in texts[0]
    assert "reset the stream (RST_STREAM, ENHANCE_YOUR_CALM)" in texts[1]
    assert one.tcp.client.zero_window_s > 5


def test_a_window_that_is_not_used_up_is_no_matter(tmp_path: Path) -> None:
    reset = frame(RST_STREAM, 1, (11).to_bytes(4, "big"))
    one = story(tmp_path / "well.pcap", reset, window=len(FULL) + 1)
    assert one.causes[0].code == "DX219"
    assert one.tcp.client.zero_window_s == 0


def test_who_has_ended_its_stream_waits_for_no_window(tmp_path: Path) -> None:
    end = frame(DATA, 1, ws_frame(8, b"\x03\xe8"), END_STREAM)
    one = story(tmp_path / "end.pcap", end, window=len(FULL) + 4)
    assert one.causes[0].code != "DX212"
    assert one.tcp.client.zero_window_s == 0
