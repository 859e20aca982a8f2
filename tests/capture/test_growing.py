"""Captures that grow: what is waited for, how they end, rings of files, pipes that are copied."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from tests.stored import CAPTURES
from wsdebug.capture.copier import Copier
from wsdebug.capture.growing import GrowingCaptures
from wsdebug.model.errors import UserError

DATA = (CAPTURES / "double-upgrade.pcap").read_bytes()
PACKETS = 12
FIRST = 24 + 16 + int.from_bytes(DATA[32:36], "little")
"""Where the second record begins."""


class Growth:
    """`files` and whether it has ended, as a test likes them."""

    def __init__(self, *files, ended=False):
        self.files = [str(file) for file in files]
        self.ended = ended


def numbers(captures):
    return [packet[0] for batch in captures.batches() for packet in batch]


def test_a_record_is_waited_for(tmp_path):
    path = tmp_path / "grows.pcap"
    path.write_bytes(DATA[:10])  # not even its header
    growth = Growth(path)
    captures = GrowingCaptures(growth)
    batches = captures.batches()
    assert next(batches) == []
    with path.open("ab", buffering=0) as file:
        file.write(DATA[10 : FIRST + 20])
        assert [packet[0] for packet in next(batches)] == [1]
        assert next(batches) == []
        file.write(DATA[FIRST + 20 :])
        assert [packet[0] for packet in next(batches)] == list(range(2, PACKETS + 1))
    assert next(batches) == []
    growth.ended = True
    assert [batch for batch in batches if batch] == []
    assert captures.files[0].warnings == []
    assert captures.files[0].packets == PACKETS


def test_what_is_written_in_the_last_moment_is_read(tmp_path):
    """Who writes ends between our look at the file and our question whether he has."""
    path = tmp_path / "grows.pcap"
    path.write_bytes(DATA[:FIRST])

    class Last(Growth):
        asked = 0

        @property
        def ended(self):
            self.asked += 1
            if self.asked == 2:
                with path.open("ab") as file:
                    file.write(DATA[FIRST:])
            return self.asked >= 2

        @ended.setter
        def ended(self, _):
            pass

    assert numbers(GrowingCaptures(Last(path))) == list(range(1, PACKETS + 1))


def test_a_ring_is_read_file_by_file_and_numbered_on(tmp_path):
    one, two = tmp_path / "1.pcap", tmp_path / "2.pcap"
    one.write_bytes(DATA)
    two.write_bytes(DATA)
    captures = GrowingCaptures(Growth(one, two, ended=True))
    assert numbers(captures) == list(range(1, 2 * PACKETS + 1))
    assert [file.first_packet for file in captures.files] == [1, PACKETS + 1]


def test_files_that_a_ring_dropped_before_they_were_read_are_said(tmp_path):
    one, three = tmp_path / "1.pcap", tmp_path / "3.pcap"
    one.write_bytes(DATA)
    three.write_bytes(DATA)
    growth = Growth(one)
    captures = GrowingCaptures(growth)
    batches = captures.batches()
    assert len(next(batches)) == PACKETS
    growth.files, growth.ended = [str(three)], True
    assert sum(map(len, batches)) == PACKETS
    assert [note.kind for note in captures.files[1].warnings] == ["packets-skipped"]


def test_files_that_a_ring_dropped_while_their_names_were_told_are_left_out(tmp_path):
    """What it tells of its files is a quarter of a second old."""
    one, two, three, four = (tmp_path / f"{number}.pcap" for number in range(1, 5))
    one.write_bytes(DATA)
    growth = Growth(one, two, three)
    captures = GrowingCaptures(growth)
    batches = captures.batches()
    assert len(next(batches)) == PACKETS
    assert next(batches) == []
    four.write_bytes(DATA)
    growth.files, growth.ended = [str(three), str(four)], True
    assert sum(map(len, batches)) == PACKETS
    assert [Path(file.file).name for file in captures.files] == ["1.pcap", "4.pcap"]
    assert [note.kind for note in captures.files[1].warnings] == ["packets-skipped"]


def test_a_file_that_was_never_there_is_no_ring(tmp_path):
    with pytest.raises(UserError, match="There is no file"):
        numbers(GrowingCaptures(Growth(tmp_path / "1.pcap")))


@pytest.mark.parametrize("most", [1, 5, PACKETS])
def test_no_more_packets_than_wanted(tmp_path, most):
    path = tmp_path / "grows.pcap"
    path.write_bytes(DATA)
    captures = GrowingCaptures(Growth(path), most=most)
    assert numbers(captures) == list(range(1, most + 1))
    assert captures.files[0].packets == most


def test_checkpoints_of_small_batches_lie_apart(tmp_path):
    path = tmp_path / "grows.pcap"
    path.write_bytes(b"")
    growth = Growth(path)
    captures = GrowingCaptures(growth, keep=True)
    batches = captures.batches()
    with path.open("ab", buffering=0) as file:
        for at in range(0, len(DATA), 50):
            file.write(DATA[at : at + 50])
            next(batches)
    growth.ended = True
    list(batches)
    assert len(captures.again._checkpoints) == 1
    found = [packet[0] for batch in captures.again.batches(5) for packet in batch]
    assert found[-1] == PACKETS


# ---- pipes ------------------------------------------------------------------------------------
def pipe():
    read, write = os.pipe()
    return os.fdopen(read, "rb"), os.fdopen(write, "wb", buffering=0)


def test_a_pipe_is_copied_for_its_owner_alone(tmp_path):
    path = str(tmp_path / "copy.pcap")
    read, write = pipe()
    with read, write:
        copier = Copier(read, path, 1 << 20)
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
        copier.start()
        write.write(DATA)
        write.close()
        copier._thread.join(10)
    assert copier.ended
    assert copier.fault is None
    assert numbers(GrowingCaptures(copier)) == list(range(1, PACKETS + 1))


def test_a_copy_has_a_limit(tmp_path):
    read, write = pipe()
    with read, write:
        copier = Copier(read, str(tmp_path / "copy.pcap"), 100)
        copier.start()
        write.write(DATA)
        copier._thread.join(10)
    assert copier.ended
    assert "--limit spool" in copier.fault


def test_nothing_is_written_over_but_on_demand(tmp_path):
    path = tmp_path / "copy.pcap"
    path.write_bytes(b"mine")
    read, write = pipe()
    with read, write:
        with pytest.raises(UserError, match="exists"):
            Copier(read, str(path), 100)
        assert path.read_bytes() == b"mine"
        Copier(read, str(path), 100, overwrite=True)
        assert path.read_bytes() == b""


def test_closing_the_pipe_waits_for_no_reader(tmp_path):
    """Leaving the screen gives standard input back while nothing comes from the pipe."""
    read, write = pipe()
    with write:
        copier = Copier(read, str(tmp_path / "copy.pcap"), 100)
        copier.start()
        closing = threading.Thread(target=read.close, daemon=True)
        closing.start()
        closing.join(5)
        assert not closing.is_alive()
    copier._thread.join(10)
