"""What `-Y` selects, by tshark and by wsdebug: packets that bring the end of a matching frame."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import wsdebug
from wsdebug.analysis import choosing
from wsdebug.query import Filter, FrameRecord, Sieve, parse

_TSHARK = ["tshark", "-n", "-o", "tcp.reassemble_out_of_order:TRUE"]


def _ran(*arguments: str) -> str:
    ran = subprocess.run(
        [*_TSHARK, *arguments], check=False, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0 or "cut short in the middle" in ran.stderr, ran.stderr
    return ran.stdout


def tshark_packets(path: Path, text: str) -> set[int]:
    """The packets that `tshark -Y` selects."""
    out = _ran("-r", str(path), "-Y", text, "-T", "fields", "-e", "frame.number")
    return {int(line) for line in out.split()}


def tshark_streams(path: Path, text: str) -> set[int]:
    """The TCP connections of which `tshark -Y` selects a packet."""
    out = _ran("-r", str(path), "-Y", text, "-T", "fields", "-e", "tcp.stream")
    return {int(line) for line in out.split()}


def tshark_counts(path: Path, texts: Iterable[str]) -> dict[str, int]:
    """How many packets each filter selects, in one pass (`-z io,stat`)."""
    texts = list(texts)
    out = _ran("-q", "-r", str(path), "-z", ",".join(["io,stat,0", *texts]))
    row = next(line for line in out.splitlines() if "<>" in line)
    cells = [cell.strip() for cell in row.split("|")][2:-1]
    frames = [int(cell) for cell in cells if re.fullmatch(r"\d+", cell)][::2]
    assert len(frames) == len(texts)
    return dict(zip(texts, frames, strict=True))


class _Collecting(Sieve):
    """Notes the packets of frames that match."""

    def __init__(self, wanted: Filter, packets: set[int]) -> None:
        super().__init__(wanted)
        self._packets = packets

    def frame(self, key: int, frame: FrameRecord) -> None:
        if self.filter.rest(frame) is True and frame.last_packet is not None:
            self._packets.add(frame.last_packet)
        super().frame(key, frame)


def our_packets(monkeypatch, path: Path, text: str) -> set[int]:
    """The packets that bring the last byte of a frame that our filter selects."""
    packets: set[int] = set()
    monkeypatch.setattr(choosing, "Sieve", lambda wanted: _Collecting(wanted, packets))
    wsdebug.read(path, filter=text)
    return packets


def our_streams(path: Path, text: str) -> set[int]:
    """The TCP connections that our filter selects."""
    assert not parse(text).needs_frames
    return {connection.tcp_stream for connection in wsdebug.read(path, filter=text).connections}
