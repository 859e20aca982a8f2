"""tshark as a judge of frames: what its WebSocket dissector makes of a capture."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

OPCODES = {0: "cont", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
FIELDS = (
    "frame.number",
    "tcp.stream",
    "tcp.srcport",
    "http.request.method",
    "websocket.fin",
    "websocket.rsv",
    "websocket.opcode",
    "websocket.mask",
    "websocket.payload_length",
    "websocket.payload_length_ext_16",
    "websocket.payload_length_ext_64",
)


class JudgedFrame(NamedTuple):
    """One frame as tshark has it. `packet` is the one that brought its last byte."""

    packet: int
    fin: bool
    rsv: int
    opcode: int
    masked: bool
    length: int


Judged = dict[tuple[int, str], list[JudgedFrame]]
"""(tcp.stream, "client" or "server") -> its frames in order."""


def judge(path: Path, keylog: Path | None = None) -> Judged:
    """The frames of each side of each connection. The client is who sent the first request."""
    judged: Judged = {}
    clients: dict[int, str] = {}
    for number, stream, port, method, *columns in _rows(path, keylog):
        if method:
            clients.setdefault(int(stream), port)
        side = "client" if clients.get(int(stream)) == port else "server"
        frames = list(_frames(int(number), [column.split(",") for column in columns]))
        if frames:
            judged.setdefault((int(stream), side), []).extend(frames)
    return judged


def _rows(path: Path, keylog: Path | None) -> Iterator[list[str]]:
    """A row for each packet with a request or frames; columns hold a value for each frame."""
    command = ["tshark", "-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-r", str(path)]
    command += ["-o", f"tls.keylog_file:{keylog}"] if keylog is not None else []
    command += ["-Y", "websocket or http.request", "-T", "fields"]
    command += [part for field in FIELDS for part in ("-e", field)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    # A file that ends inside a packet is told with status 2, behind all that it holds.
    assert ran.returncode == 0 or "cut short in the middle" in ran.stderr, ran.stderr
    for line in ran.stdout.splitlines():
        yield line.split("\t")


def _frames(packet: int, columns: list[list[str]]) -> Iterator[JudgedFrame]:
    """tshark lists an extended length only for the frames that have one."""
    *bits, lengths, words, quads = columns
    extended = {"126": iter(words), "127": iter(quads)}
    if lengths == [""]:
        return
    for fin, rsv, opcode, mask, length in zip(*bits, lengths, strict=True):
        yield JudgedFrame(
            packet=packet,
            fin=fin in {"1", "True"},
            rsv=int(rsv, 16),
            opcode=int(opcode),
            masked=mask in {"1", "True"},
            length=int(next(extended[length]) if length in extended else length),
        )
