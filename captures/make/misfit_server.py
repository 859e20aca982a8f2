"""A hand-written server that gets one thing wrong in all that it sends. Prints what it is told, one
JSON object a line.

Arguments: PORT HOW, where HOW is
  masked       every frame is masked, as a client's would be
  characters   the length field counts characters where it should count bytes
  two-writers  two threads write their frames to the socket, without a lock
  compressed   the payload is compressed, RSV1 set, and no extension was negotiated
"""

from __future__ import annotations

import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable

from captures.make import violating_server
from captures.make.violations import FIN, RSV1, TEXT, masked, unmasked

PORT, HOW = int(sys.argv[1]), sys.argv[2]
READINGS = (
    '{"place": "Oslo", "degrees": 4}',
    '{"place": "Tromsø", "degrees": "\N{MINUS SIGN}2 °C"}',
    '{"place": "Bergen", "degrees": 7}',
    '{"place": "Bodø", "degrees": 1}',
    '{"place": "Narvik", "degrees": 0}',
)


def with_masks(connection: socket.socket) -> None:
    """Five readings, each masked."""
    for reading in READINGS:
        connection.sendall(masked(TEXT, reading.encode()))
        time.sleep(0.1)


def characters(connection: socket.socket) -> None:
    """Five readings; two of them are longer in bytes than in characters."""
    for reading in READINGS:
        connection.sendall(bytes([FIN | TEXT, len(reading)]) + reading.encode())
        time.sleep(0.02)


def two_writers(connection: socket.socket) -> None:
    """A table, written in two halves, and a reading that comes between them."""
    table = unmasked(TEXT, ("[" + ", ".join(READINGS * 3) + "]").encode())
    half_done, interrupted = threading.Event(), threading.Event()

    def in_halves() -> None:
        connection.sendall(table[: len(table) // 2])
        half_done.set()
        interrupted.wait()
        connection.sendall(table[len(table) // 2 :])

    def between() -> None:
        half_done.wait()
        connection.sendall(unmasked(TEXT, READINGS[0].encode()))
        interrupted.set()

    threads = [threading.Thread(target=writer) for writer in (in_halves, between)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    connection.sendall(unmasked(TEXT, READINGS[2].encode()))


def compressed(connection: socket.socket) -> None:
    """A reading that is compressed as permessage-deflate would, had it been agreed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    for reading in READINGS[:2]:
        packed = packer.compress(reading.encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
        connection.sendall(unmasked(TEXT, packed[:-4], head=FIN | RSV1))


ACTS: dict[str, Callable[[socket.socket], None]] = {
    "masked": with_masks,
    "characters": characters,
    "two-writers": two_writers,
    "compressed": compressed,
}

with socket.create_server(("127.0.0.1", PORT)) as listener:
    violating_server.said("listening", "")
    while True:
        accepted, _ = listener.accept()
        with accepted:
            path = violating_server.open_(accepted, ())
            time.sleep(0.1)
            try:
                ACTS[HOW](accepted)
            except OSError as error:
                violating_server.said("error", path, text=error.strerror)
            code = violating_server.close_code(violating_server.heard(accepted))
        violating_server.said("close", path, status=1006 if code is None else code)
