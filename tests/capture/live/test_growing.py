"""The file grows by whole blocks; a ring turns; what cannot be written is cut off and said."""

import os
import re
import stat

import pytest

from tests.capture.live.full import full_at
from tests.capture.reading import facts, kinds, read
from wsdebug.capture.live.growing import GrowingFile
from wsdebug.capture.live.records import Order, Ring
from wsdebug.capture.live.ring_blocks import enhanced_packet
from wsdebug.capture.writing import interface_block, section_block, statistics_block
from wsdebug.model.errors import UserError

HEAD = section_block("0") + interface_block(1, "eth0")


def tail():
    return statistics_block(0, 5, dropped=0)


def growing(path, ring=None, **options):
    return GrowingFile(Order(("eth0",), str(path), "0", ring=ring, **options), HEAD, tail)


def packets(count, size=1_000, first=0):
    """Each says its number."""
    numbers = range(first, first + count)
    return [enhanced_packet(0, n, n.to_bytes(4, "big") * (size // 4), size) for n in numbers]


def numbers(*paths):
    """Of the packets in the files, which end well."""
    captures, found = read(*paths)
    assert kinds(captures) == []
    return [int.from_bytes(data[:4], "big") for _, data, _ in facts(found)]


def test_every_write_is_in_the_file_at_once(tmp_path):
    file = growing(tmp_path / "a.pcapng")
    assert file.write(packets(2)) == 2
    assert numbers(tmp_path / "a.pcapng") == [0, 1]
    assert file.write(packets(1, first=2)) == 1
    assert numbers(tmp_path / "a.pcapng") == [0, 1, 2]
    file.close()
    assert (tmp_path / "a.pcapng").read_bytes().endswith(tail())


def test_only_the_owner_reads_it(tmp_path):
    previous = os.umask(0)
    try:
        growing(tmp_path / "a.pcapng").close()
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "a.pcapng").stat().st_mode) == 0o600


def test_the_owner_is_who_called_sudo(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(os, "fchown", lambda number, *to: given.append((os.fstat(number), to)))
    growing(tmp_path / "a.pcapng", owner=(1000, 1001)).close()
    assert given[0][0].st_ino == (tmp_path / "a.pcapng").stat().st_ino
    assert [to for _, to in given] == [(1000, 1001)]


def test_a_ring_keeps_the_newest_files_each_complete(tmp_path):
    file = growing(tmp_path / "keep.pcapng", Ring(3, 10_000))
    written = packets(100)
    for at in range(0, 100, 7):
        assert file.write(written[at : at + 7]) == len(written[at : at + 7])
    file.close()
    assert sorted(tmp_path.iterdir()) == file.files
    assert len(file.files) == 3
    assert all(re.fullmatch(r"keep_\d{5}_\d{14}\.pcapng", path.name) for path in file.files)
    found = [numbers(path) for path in file.files]
    kept = [number for each in found for number in each]
    assert kept == list(range(100 - len(kept), 100))
    # A file is turned when it is full, be it in the middle of a write.
    assert [len(each) for each in found[:2]] == [10, 10]
    assert all(10_000 <= path.stat().st_size < 11_500 for path in file.files[:2])


def test_an_older_file_is_left_alone(tmp_path):
    path = tmp_path / "a.pcapng"
    path.write_bytes(b"old")
    with pytest.raises(UserError, match=r"a\.pcapng exists"):
        growing(path)
    assert path.read_bytes() == b"old"
    growing(path, overwrite=True).close()
    assert path.read_bytes() == HEAD + tail()


def test_only_plain_files_are_written_over(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UserError, match="no plain file"):
        growing(pipe, overwrite=True)
    assert pipe.exists()


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="exists"):
        growing(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_no_folder_no_file(tmp_path):
    with pytest.raises(UserError, match="cannot be written: No such file or directory"):
        growing(tmp_path / "no" / "a.pcapng")


@pytest.mark.parametrize("room", [0, 1, 1_031, 1_032, 1_033, 5_000])
def test_a_full_disk_keeps_whole_packets_and_is_said(room, tmp_path):
    path = tmp_path / "a.pcapng"
    file = growing(path)
    with full_at(len(HEAD) + room):
        assert file.write(packets(10)) == room // 1_032
        assert "a.pcapng cannot be written: File too large" in file.fault
        assert file.write(packets(1)) == 0
        file.close()
    assert numbers(path) == list(range(room // 1_032))


def test_a_tail_that_does_not_fit_is_left_out(tmp_path):
    path = tmp_path / "a.pcapng"
    file = growing(path)
    file.write(packets(1))
    with full_at(len(HEAD) + 1_032 + 5):
        file.close()
    assert path.stat().st_size == len(HEAD) + 1_032


def test_no_room_for_the_head_no_file(tmp_path):
    with full_at(5), pytest.raises(UserError, match="cannot be written: File too large"):
        growing(tmp_path / "a.pcapng")
    assert list(tmp_path.iterdir()) == []


def test_a_ring_that_cannot_turn_says_so(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    file = growing(folder / "a.pcapng", Ring(2, 1_000))
    file.write(packets(1))
    first = file.files[0]
    moved = tmp_path / "moved"
    folder.rename(moved)
    assert file.write(packets(1)) == 0
    assert "cannot be written" in file.fault
    file.close()
    assert numbers(moved / first.name) == [0]
