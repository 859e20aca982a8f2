"""Healthy but tricky: what a decoder must read without a word, against Python websockets."""

from __future__ import annotations

import functools
import socket
from collections.abc import Callable
from pathlib import Path

from captures.make.programs import pause, pip_install, python, serving
from captures.make.raw import RawClient, accept_one, frame
from captures.make.recording import Said, recording

WEBSOCKETS = "websockets==17.4"
SERVE, VISIT = "pywebsockets_server.py", "pywebsockets_client.py"
NO_PINGS = '{"ping_interval": null, "compression": null}'
CONTINUATION, TEXT, BINARY, CLOSE, PING = 0, 1, 2, 8, 9
GOODBYE = frame(CLOSE, b"\x03\xe8")


def deflate_shapes(target: Path, scratch: Path, *, port: int) -> Said:
    """Five connections, one after the other, see deflate_shapes.py."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        return python(path, "deflate_shapes.py", str(port)).end()


def to_echo(target: Path, scratch: Path, *, port: int, act: Callable[[RawClient], None]) -> Said:
    """A client of bare sockets that sends what `act` does, then Close 1000."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        with serving(path, SERVE, "127.0.0.1", str(port), "echo", NO_PINGS) as server:
            client = RawClient(port)
            act(client)
            client.send(GOODBYE)
            told = client.read_to_end()
            client.close()
            pause()
        said = server.end()
    return [*said, {"side": "client", "event": "read", "text": told, "bytes": len(client.rest)}]


def _fragments_and_pings(client: RawClient) -> None:
    """A text in four fragments, pings between them, one fragment empty."""
    client.send(frame(TEXT, b"One ", fin=False))
    client.send(frame(PING, b"first"))
    pause(0.05)
    client.send(frame(CONTINUATION, b"message ", fin=False))
    client.send(frame(PING, b"second") + frame(CONTINUATION, b"", fin=False))
    pause(0.05)
    client.send(frame(CONTINUATION, b"in four."))
    client.wait_for(7 + 8 + 22)


def _split_character(client: RawClient) -> None:
    """U+1F642, four bytes, each in a fragment of its own."""
    face = "\N{SLIGHTLY SMILING FACE}".encode()
    for index in range(4):
        opcode = CONTINUATION if index else TEXT
        client.send(frame(opcode, face[index : index + 1], fin=index == 3))
        pause(0.02)
    client.wait_for(6)


def _tiny_frames(client: RawClient) -> None:
    """300 binary frames of one byte in one write."""
    client.send(b"".join(frame(BINARY, bytes([index % 256])) for index in range(300)))
    client.wait_for(900)


def _byte_by_byte(client: RawClient) -> None:
    """A frame of 300 bytes whose header of eight bytes comes one at a time."""
    whole = frame(TEXT, b"x" * 300)
    for index in range(8):
        client.send(whole[index : index + 1])
        pause(0.02)
    client.send(whole[8:])
    client.wait_for(304)


def glued(target: Path, scratch: Path, *, port: int) -> Said:
    """A server of bare sockets whose first frame is in the same segment as its 101."""
    path = pip_install(scratch, WEBSOCKETS)
    with socket.create_server(("127.0.0.1", port)) as listener, recording(target, [port]):
        client = python(path, VISIT, f"ws://127.0.0.1:{port}/live", "greeted", NO_PINGS)
        taken = accept_one(listener, frame(TEXT, b"welcome", mask=False))
        pause()
        taken.sendall(frame(CLOSE, b"\x03\xe8", mask=False))
        taken.recv(4096)
        taken.close()
        return client.end()


def one_megabyte(
    target: Path, scratch: Path, *, port: int, visit: str, act: str, options: str
) -> Said:
    """A million bytes in one message: a text there and back, compressed, or only noise."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        with serving(path, SERVE, "127.0.0.1", str(port), act, options) as server:
            uri = f"ws://127.0.0.1:{port}/live"
            said = python(path, VISIT, uri, visit, options).end()
            pause()
        said += server.end()
    return said


def ipv6(target: Path, scratch: Path, *, port: int) -> Said:
    """Two echoes and a Close over ::1."""
    path = pip_install(scratch, WEBSOCKETS)
    with recording(target, [port]):
        with serving(path, SERVE, "::1", str(port), "echo", NO_PINGS) as server:
            said = python(path, VISIT, f"ws://[::1]:{port}/live", "close", NO_PINGS).end()
            pause()
        said += server.end()
    return said


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "deflate-shapes": functools.partial(deflate_shapes, port=22050),
    "fragments-and-pings": functools.partial(to_echo, port=22051, act=_fragments_and_pings),
    "split-character": functools.partial(to_echo, port=22052, act=_split_character),
    "tiny-frames": functools.partial(to_echo, port=22053, act=_tiny_frames),
    "header-byte-by-byte": functools.partial(to_echo, port=22054, act=_byte_by_byte),
    "frame-glued-to-101": functools.partial(glued, port=22055),
    "one-megabyte": functools.partial(
        one_megabyte,
        port=22056,
        visit="megabyte",
        act="echo",
        options='{"ping_interval": null}',
    ),
    "megabyte-of-noise": functools.partial(
        one_megabyte, port=22058, visit="noise", act="count", options=NO_PINGS
    ),
    "ipv6": functools.partial(ipv6, port=22057),
}
