"""WebSockets on one HTTP/2 connection with `h2` and `wsproto`: python h2_client.py PORT ACT.

ACT: `stall` sends one big message, and reads nothing of its echo for two seconds; `many` opens
eighty WebSockets one after another; `beside` has ordinary requests between them, padding and a
header block that goes on in CONTINUATION. Prints what it is told, one JSON object a line.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import Any

import h2.config
import h2.connection
import h2.events
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Message, TextMessage


def said(event: str, **more: Any) -> None:
    """One line."""
    print(json.dumps({"side": "client", "event": event, **more}), flush=True)


class Client:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.authority = f"127.0.0.1:{port}"
        self.tcp = socket.create_connection(("127.0.0.1", port))
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.sockets: dict[int, Connection] = {}
        self.heard: dict[int, int] = {}
        self.closed: set[int] = set()
        self.is_reading = True
        self.flush()
        self.until(lambda event: isinstance(event, h2.events.RemoteSettingsChanged))

    def flush(self) -> None:
        """What waits to be sent."""
        self.tcp.sendall(self.h2.data_to_send())

    def until(self, is_it: Any, most: float = 10) -> bool:
        """Reads until an event comes."""
        end, found = time.monotonic() + most, False
        self.flush()
        while not found and time.monotonic() < end:
            self.tcp.settimeout(max(0.01, end - time.monotonic()))
            try:
                data = self.tcp.recv(65_536)
            except TimeoutError:
                return False
            if not data:
                return False
            for event in self.h2.receive_data(data):
                self.take(event)
                found |= is_it(event)
            self.flush()
        return found

    def take(self, event: Any) -> None:
        """Frames of a stream."""
        if not isinstance(event, h2.events.DataReceived):
            return
        if self.is_reading and event.flow_controlled_length:
            self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        ws = self.sockets.get(event.stream_id)
        if ws is None:
            return
        ws.receive_data(event.data)
        for told in ws.events():
            if isinstance(told, Message):
                size = len(told.data)
                self.heard[event.stream_id] = self.heard.get(event.stream_id, 0) + size
            if isinstance(told, CloseConnection):
                self.closed.add(event.stream_id)
                said("close", stream=event.stream_id, code=told.code)

    def open(self, path: str, *more: tuple[str, str]) -> int:
        """An extended CONNECT, and its answer."""
        number = self.h2.get_next_available_stream_id()
        head = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"),
                (":path", path), (":authority", self.authority), ("sec-websocket-version", "13"),
                ("sec-websocket-protocol", "chat"), *more]  # fmt: skip
        self.h2.send_headers(number, head)
        self.flush()
        self.sockets[number] = Connection(ConnectionType.CLIENT)
        self.until(lambda event: isinstance(event, h2.events.ResponseReceived))
        return number

    def get(self, path: str) -> None:
        """An ordinary request."""
        number = self.h2.get_next_available_stream_id()
        head = [(":method", "GET"), (":scheme", "http"), (":path", path),
                (":authority", self.authority)]  # fmt: skip
        self.h2.send_headers(number, head, end_stream=True)
        self.flush()
        self.until(lambda event: isinstance(event, h2.events.StreamEnded))

    def send(self, number: int, event: Any, pad: int | None = None) -> None:
        """A frame, in as many DATA as the windows want."""
        data = self.sockets[number].send(event)
        while data:
            room = min(self.h2.local_flow_control_window(number), 16_000)
            if room <= 0:
                self.until(lambda event: isinstance(event, h2.events.WindowUpdated))
                continue
            self.h2.send_data(number, data[:room], pad_length=pad)
            data = data[room:]
            self.flush()

    def hear(self, number: int, size: int) -> None:
        """Waits for so many characters."""
        if self.heard.get(number, 0) < size:
            self.until(lambda _: self.heard.get(number, 0) >= size)

    def close(self, number: int) -> None:
        """The closing handshake; the stream is given up once the server has ended it."""
        self.send(number, CloseConnection(1000))
        self.until(lambda _: number in self.closed, 2)
        # hypercorn 0.18 does not survive an END_STREAM behind its own.
        self.h2.reset_stream(number)
        self.flush()


def stall(client: Client) -> None:
    """Reads nothing of its windows for two seconds."""
    number = client.open("/big")
    client.send(number, TextMessage("x" * 70_000))
    client.is_reading = False
    client.until(lambda _: False, 2)
    client.is_reading = True
    for each in (number, None):
        client.h2.increment_flow_control_window(1 << 20, each)
    client.flush()
    client.hear(number, 70_005)
    said("heard", size=client.heard.get(number))
    client.close(number)


def many(client: Client) -> None:
    """One after another."""
    for at in range(80):
        number = client.open(f"/{at}")
        client.send(number, TextMessage(f"hello {at}"))
        client.hear(number, 10)
        client.close(number)


def beside(client: Client) -> None:
    """Between other streams, with padding and CONTINUATION."""
    first = client.open("/a", ("x-long", "y" * 20_000))
    client.get("/page")
    client.send(first, TextMessage("hello 0"), pad=40)
    client.get("/page")
    second = client.open("/b")
    client.send(second, TextMessage("hello 1"), pad=7)
    client.send(first, TextMessage("hello 2"))
    client.hear(first, 24)
    client.get("/page")
    client.close(second)
    client.close(first)


def main() -> None:
    """As the arguments say."""
    client = Client(int(sys.argv[1]))
    {"stall": stall, "many": many, "beside": beside}[sys.argv[2]](client)
    client.h2.close_connection()
    client.flush()
    client.tcp.close()


main()
