"""What the reader of half a capture is told: which half it is, and how to get the whole."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STORY = ROOT / "captures" / "double-upgrade.pcap"
HEADER = 24
"""Bytes of a pcap file before its first record."""


def said(*arguments: object) -> tuple[str, int]:
    """Everything `wsdebug read` prints, on one line, and its exit status."""
    command = [sys.executable, "-m", "wsdebug", "read", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60)
    return " ".join((done.stdout + done.stderr).decode().split()), done.returncode


@pytest.mark.parametrize(
    ("direction", "side"), [("src port 18080", "client"), ("dst port 18080", "server")]
)
def test_a_capture_of_one_direction_says_which_is_missing(direction, side):
    text, _ = said(STORY, "-f", direction)
    assert f"! no packet of the {side} is in the capture: capture both directions" in text
    assert "DX404" not in text  # it did not begin in the middle


def test_with_one_direction_nobody_says_that_it_is_still_open():
    text, status = said(STORY, "-f", "dst port 18080 and tcp[13] & 1 = 0")
    assert "Why DX403 Cannot be known from this capture" in text
    assert "No packet of the server is in the capture" in text
    assert status == 0


def test_both_directions_say_no_such_thing():
    text, _ = said(STORY)
    assert "no packet of" not in text.lower()


def test_a_file_cut_in_its_first_packet_blames_no_filter(tmp_path):
    path = tmp_path / "cut.pcap"
    path.write_bytes(STORY.read_bytes()[: HEADER + 40])
    text, status = said(path)
    assert "The file ends before its first packet does" in text
    assert "filter" not in text
    assert status == 3


def test_an_empty_capture_names_what_tcpdump_does(tmp_path):
    path = tmp_path / "empty.pcap"
    path.write_bytes(STORY.read_bytes()[:HEADER])
    text, status = said(path)
    assert "tcpdump was stopped too soon: it writes packets up to a second late" in text
    assert status == 3


def test_all_tls_is_no_matter_of_the_filter():
    path = next((ROOT / "captures" / "tls").glob("*.pcap"))
    text, status = said(path)
    assert "what is inside cannot be read without the keys" in text
    assert "too narrow" not in text
    assert status == 3


def test_a_key_log_without_keys_says_it_once(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("hello\n")
    text, _ = said(STORY, "-k", path)
    assert "1 line of" in text
    assert "holds no keys" in text
    assert "the others were used" not in text


def test_a_number_that_is_not_there():
    text, status = said(STORY, "-c", "4")
    assert text.endswith("There is no connection 4 in this capture. hint: It has one, number 1.")
    assert status == 2


def without_its_beginning(story: str, packets: int) -> bytes:
    """The story's capture without its first packets."""
    raw = (ROOT / "captures" / story).read_bytes()
    at = HEADER
    for _ in range(packets):
        at += 16 + struct.unpack_from("<I", raw, at + 8)[0]
    return raw[:HEADER] + raw[at:]


def test_what_cannot_be_read_without_the_handshake_asks_for_it(tmp_path):
    path = tmp_path / "late.pcap"
    path.write_bytes(without_its_beginning("shared-socket-json.pcap", 7))
    text, _ = said(path)
    assert "Cannot be known from this capture: bytes could not be read as frames" in text
    assert "Start the capture before the connection is opened" in text
