"""WebSocket by hand through `openssl s_server` and `openssl s_client`: what no library's API does.

Both read what they send from their standard input; K and k at the start of a write are their
commands for a key update (with and without asking the other side for one).
"""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence

from captures.make.raw import KEY, frame

REQUEST = (
    b"GET /live HTTP/1.1\r\nHost: live.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: " + KEY + b"\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPT = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: 5DOU9n9KSogc2YH5oev2In1kZUs=\r\n\r\n"
)
STEP = 0.25
"""Seconds between two writes, so that each is a record of its own."""


class End:
    """One of the two programs, driven by what it is given to send."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            ["openssl", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def send(self, data: bytes) -> None:
        """One write."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()
        time.sleep(STEP)

    def quit(self) -> None:
        """Ends it: s_client and s_server send close_notify on Q."""
        with contextlib.suppress(OSError):
            self.send(b"Q\n")
        self.kill()

    def kill(self) -> None:
        """Ends it with nothing said."""
        self._process.kill()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # what it has not read by now
                self._process.stdin.close()
        self._process.wait(timeout=5)


@contextlib.contextmanager
def openssl_server(port: int, key: str, certificate: str, options: Sequence[str]) -> Iterator[End]:
    """`openssl s_server` for one or more connections."""
    server = End(
        "s_server", "-accept", f"127.0.0.1:{port}", "-key", key, "-cert", certificate, *options
    )
    time.sleep(0.5)
    try:
        yield server
    finally:
        server.kill()


def openssl_client(port: int, options: Sequence[str] = ()) -> End:
    """`openssl s_client`, once it has shaken hands."""
    client = End(
        "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "live.example", *options
    )
    time.sleep(0.6)
    return client


TEXT, CLOSE = 1, 8


def say(end: End, text: str, *, mask: bool) -> None:
    """A text frame in one write."""
    end.send(frame(TEXT, text.encode(), mask=mask))


def goodbye(client: End, server: End) -> None:
    """Close 1000 from the client, answered."""
    client.send(frame(CLOSE, b"\x03\xe8"))
    server.send(frame(CLOSE, b"\x03\xe8", mask=False))
