"""Several files, pipes, and every way in which a name is no capture."""

import gzip
import io
import os
import struct
import threading
from pathlib import Path

import pytest

from tests.capture import making
from tests.capture.making import SAMPLE, START
from tests.capture.reading import facts, kinds, read
from wsdebug.capture import open_captures
from wsdebug.model.errors import UserError


def at(second, count=1):
    return [((START + second) * 10**9 + n, b"x", 1) for n in range(count)]


def test_rotated_files_are_one_capture_in_time_order(tmp_path):
    paths = [tmp_path / name for name in ("a", "b", "c", "empty")]
    paths[0].write_bytes(making.pcap(at(20, 3)))
    paths[1].write_bytes(gzip.compress(making.pcapng(at(0, 2))))
    paths[2].write_bytes(making.pcap(at(10, 4), order=">"))
    paths[3].write_bytes(making.pcap([]))
    captures, packets = read(*paths)
    assert [file.file[-1] for file in captures.files] == ["b", "c", "a", "y"]
    assert [file.first_packet for file in captures.files] == [1, 3, 7, 10]
    assert [file.packets for file in captures.files] == [2, 4, 3, 0]
    assert [packet[0] for packet in packets] == list(range(1, 10))
    assert [packet[5] >> 48 for packet in packets] == [0, 0, 1, 1, 1, 1, 2, 2, 2]
    assert captures.progress == 1.0


def test_files_that_overlap_are_refused(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(making.pcap(at(0) + at(12)))
    second.write_bytes(making.pcap(at(10)))
    with pytest.raises(UserError, match=r"first and .*second overlap in time") as refused:
        read(second, first)
    assert "mergecap" in refused.value.hint


def test_a_second_of_overlap_is_allowed(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(making.pcap(at(0) + at(11)))
    second.write_bytes(making.pcap(at(10)))
    assert [packet[1] // 10**9 - START for packet in read(second, first)[1]] == [0, 11, 10]


def test_files_without_times_stay_as_named(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(making.section() + making.interface() + making.simple(b"a", 1))
    second.write_bytes(making.pcap(at(0)))
    assert [packet[3] for packet in read(first, second)[1]] == [b"a", b"x"]
    assert [packet[3] for packet in read(second, first)[1]] == [b"x", b"a"]


def test_many_files_are_not_open_at_once(tmp_path, monkeypatch):
    paths = [tmp_path / str(n) for n in range(40)]
    for n, path in enumerate(paths):
        path.write_bytes(making.pcap(at(n)))
    opened = []
    plain_open = Path.open

    def watched(path, *args, **options):
        assert all(stream.closed for stream in opened)
        opened.append(plain_open(path, *args, **options))
        return opened[-1]

    monkeypatch.setattr(Path, "open", watched)
    assert len(read(*paths)[1]) == 40
    assert all(stream.closed for stream in opened)


class Pipe(io.BytesIO):
    """A stream that hands out what has come, a few bytes at a time, and cannot seek."""

    def read1(self, size=-1):
        return super().read1(min(size, 7))

    def seek(self, *_):
        raise OSError

    def seekable(self):
        return False


def test_standard_input_is_a_stream():
    captures, packets = read("-", stdin=Pipe(making.pcap()))
    assert facts(packets) == SAMPLE
    (file,) = captures.files
    assert (file.file, file.bytes, file.packets) == ("-", len(making.pcap()), 5)
    assert captures.progress is None


def test_standard_input_stays_open():
    stdin = io.BytesIO(making.pcap())
    read("-", stdin=stdin)
    assert not stdin.closed


def test_live_pipe_gives_packets_before_it_ends():
    """What `tcpdump -U -w -` has written is handed on without waiting for more."""
    out, into = os.pipe()
    with os.fdopen(out, "rb") as stdin, os.fdopen(into, "wb", buffering=0) as writer:
        writer.write(making.pcap(SAMPLE[:2]))
        batches = open_captures(["-"], stdin=stdin).batches()
        assert facts(next(batches)) == SAMPLE[:2]
        writer.write(making.pcap(SAMPLE[2:])[24:])
        assert facts(next(batches)) == SAMPLE[2:]
        writer.close()
        assert list(batches) == []


def test_named_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(making.pcap()),))
    writer.start()
    captures, packets = read(path)
    writer.join()
    assert facts(packets) == SAMPLE
    assert captures.progress is None


def test_pipe_beside_files_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(making.pcap())
    with pytest.raises(UserError, match="Standard input is a pipe and can only be read alone"):
        read("-", path, stdin=io.BytesIO(making.pcap()))


def test_file_named_twice_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(making.pcap())
    with pytest.raises(UserError, match="named twice"):
        read(path, tmp_path / "." / "x")


def test_read_error_keeps_what_was_read():
    class Failing(io.BytesIO):
        def read1(self, size=-1):
            data = super().read1(size)
            if not data:
                raise OSError(5, "Input/output error")
            return data

    captures, packets = read("-", stdin=Failing(making.pcap()))
    assert facts(packets) == SAMPLE
    assert kinds(captures) == [("damaged-file", 5)]
    assert "Input/output error" in captures.files[0].warnings[0].message


def test_progress_grows(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(making.pcap([(10**18, bytes(1000), 1000)] * 3000))
    captures = open_captures([str(path)])
    assert captures.progress == 0.0
    seen = [captures.progress for _ in captures.batches()]
    assert seen == sorted(seen)
    assert 0 < seen[0] < 0.5
    assert seen[-1] == 1.0


ERF = struct.pack("<Q", START << 32) + struct.pack(">BBHHH", 2, 4, 82, 0, 64) + bytes(66)
UNKNOWN = {
    "a web page": b"\n<!DOCTYPE html><html><head>",
    "a ZIP archive": b"PK\x03\x04\x14\x00\x00\x00",
    "text": b"14:02:11.000123 IP 192.0.2.10.51514 > 198.51.100.7.8080: Flags [S]\n",
    "JSON": b'{"log": {"version": "1.2"}}',
    "a TLS key log": b"CLIENT_RANDOM 0011 2233\n",
    "a snoop capture (Solaris)": b"snoop\x00\x00\x00\x00\x00\x00\x02",
    "an ERF capture (Endace)": ERF + ERF,
    "an lz4 file": b"\x04\x22\x4d\x18\x64\x40\xa7",
    "a tar archive": bytes(257).replace(b"\x00", b"n") + b"ustar\x00" + bytes(300),
    "nothing but zeros": bytes(1000),
    "a gzip file inside another compressed file": gzip.compress(gzip.compress(making.pcap())),
    "something unknown that begins with de ad be ef 00 01 02 03": bytes.fromhex("deadbeef00010203"),
    "something unknown that begins with 0a 0d 0d 0a 20 20 20 20": b"\n\r\r\n" + b" " * 8 + b"\x00",
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_is_no_capture_is_named(tmp_path, what):
    path = tmp_path / "x"
    path.write_bytes(UNKNOWN[what])
    with pytest.raises(UserError) as refused:
        open_captures([str(path)])
    assert str(refused.value) == f"{path} is not a pcap or pcapng capture: it looks like {what}."
    assert refused.value.hint


# Its time stamp would be in the test's name, and differ between the processes that run the tests.
CUT_SHORT = gzip.compress(making.pcap(), mtime=0)[:5]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty."),
        (gzip.compress(b"", mtime=0), "is an empty gzip file."),
        (CUT_SHORT, "holds no packets: its gzip stream is cut short."),
        (making.pcap(major=3), "is a pcap file of version 3; only version 2 is known."),
        (making.section(major=2), "is a pcapng file of version 2; only version 1 is known."),
    ],
)
def test_sentence_for_files_without_a_readable_capture(tmp_path, content, sentence):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(UserError) as refused:
        open_captures([str(path)])
    assert str(refused.value) == f"{path} {sentence}"
    assert refused.value.hint


def test_missing_directory_and_closed_input(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for path, sentence in [
        (tmp_path / "missing", f"There is no file {tmp_path}/missing."),
        (tmp_path / "file" / "below", f"There is no file {tmp_path}/file/below."),
        (tmp_path, f"{tmp_path} is a directory."),
        ("-", "Standard input is closed."),
    ]:
        with pytest.raises(UserError) as refused:
            open_captures([str(path)])
        assert str(refused.value) == sentence
        assert refused.value.hint


def test_permission(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match="You have no permission to read") as refused:
        open_captures(["x"])
    assert "sudo cat" in refused.value.hint


def test_short_files_of_one_moment_are_refused(tmp_path):
    """Each direction in a file of its own: read one behind the other they would tell nonsense."""
    paths = [tmp_path / name for name in ("client", "server")]
    for path, late in zip(paths, (0, 3), strict=True):
        times = [START * 10**9 + (at + late) * 1_000_000 for at in (0, 20, 400)]
        path.write_bytes(making.pcap([(time, b"x", 1) for time in times]))
    with pytest.raises(UserError, match="overlap in time"):
        read(*paths)
