"""What is shown and copied of a payload says where it is not all of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.tui.acting import WIDE, act
from wsdebug.model.rows import Payload, RowKind
from wsdebug.tui import clipboard
from wsdebug.tui.bytes_text import Dump, byte_lines
from wsdebug.tui.detail import Detail, read_detail
from wsdebug.tui.payload_text import head_lines


def detail(payload, length):
    view = SimpleNamespace(header=b"\x81\x08")
    raw = view.header + payload.raw
    return Detail(1, SimpleNamespace(length=length), view, raw, payload, [])


HOLED = detail(Payload(b"ab\0\0\0f\ng", False, holes=((2, 3),)), 8)


def test_what_the_capture_lacks_is_no_zero_in_the_dump():
    dump = Dump(HOLED.raw, 2, text=HOLED.payload.raw, total=10, holes=HOLED.holes)
    first, second = (each.text for each in byte_lines(dump, 58))
    assert first == "000000  81 08 61 62 .. .. .. 66 │ ··ab???f"
    assert second.endswith("│ ·g")
    (whole,) = (each.text for each in byte_lines(dump, 80))
    assert " 62 .. .. .. 66 0a 67" in whole


def test_a_hole_may_go_over_lines():
    dump = Dump(bytes(20), text=bytes(20), holes=((6, 12),))
    texts = [each.text.partition("│")[0].split()[1:] for each in byte_lines(dump, 58)]
    assert texts == [["00"] * 6 + [".."] * 2, [".."] * 8, [".."] * 2 + ["00"] * 2]


def test_what_the_capture_lacks_is_no_zero_in_what_is_copied():
    assert clipboard.frame_hex(HOLED) == "81 08 61 62 .. .. .. 66 0a 67"
    assert clipboard.payload_text(HOLED) == "ab[3 bytes missing]f\ng"


@pytest.mark.parametrize(
    ("payload", "length", "says"),
    [
        (Payload(bytes(65536), False), 1_000_000, "first 65 536 of 1 000 000 bytes"),
        (Payload(bytes(8), True), 8, "8 bytes"),
        (Payload(bytes(9), True, bytes(65536)), 9, "first 65 536 bytes, inflated; not all of it"),
        (Payload(bytes(9), True, bytes(40), True), 9, "40 bytes, inflated"),
    ],
)
def test_the_size_says_of_how_much_it_is_the_beginning(payload, length, says):
    assert detail(payload, length).size == says


def test_the_text_beside_the_bytes_is_seen_at_120_columns():
    text = act("shared-socket-json.pcap", "2", "g", "slash", *"op == text", "enter", "4", "]",
               size=WIDE)  # fmt: skip
    dumped = [each for each in text.splitlines() if "║000000 " in each]
    assert "│ ··" in dumped[0]
    assert "{" in "".join(each.rpartition("│ ")[2] for each in text.splitlines() if "║0000" in each)


@pytest.mark.parametrize("kind", [RowKind.FOREIGN, RowKind.HEAD])
def test_what_is_lacking_in_what_is_no_frame_is_no_zero(kind):
    raw = b"HTTP/1.1 4\0\0 No\r\nX: 1\r\n"
    row = SimpleNamespace(kind=kind, at=0, length=len(raw), offset=0, opcode=-1)
    store = SimpleNamespace(
        rows=lambda _: [row],
        frame=lambda *_: SimpleNamespace(header=b"HT", findings=(), row=row),
        raw=lambda *_: raw,
        payload=lambda *_: Payload(raw, False, holes=((10, 2),)),
        packets=lambda *_: [],
    )
    found = read_detail(store, 1, 0)
    assert found.holes == ((10, 2),)
    dump = Dump(found.raw, text=found.raw, holes=found.holes)
    assert " 34 .. .. 20 4e" in byte_lines(dump, 80)[0].text
    assert "4?? No" in byte_lines(dump, 80)[0].text
    assert head_lines(found, 60)[0].text == "HTTP/1.1 4[2 bytes missing] No"
    assert "4[2 bytes missing] No" in clipboard.payload_text(found)
    assert " 34 .. .. 20" in clipboard.frame_hex(found)


def test_a_silence_has_no_packets_and_says_between_which_it_lies():
    text = act("express-408-after-60s.pcap", "2", "g", "s", "4", "]", "]", "]", size=(100, 24))
    assert "No packet belongs to a silence. It lies between packet " in text


def test_the_dump_makes_only_the_lines_that_are_looked_at():
    lines = byte_lines(Dump(bytes(16 << 20), text=bytes(16 << 20), total=16 << 20), 80)
    assert len(lines) == 1 << 20
    assert lines[-1].text.startswith("fffff0 ")
    assert lines.line_of(700_003) == 700_003 // 16
