"""Opening handshakes that break one rule each: requests of a raw client, answers of a raw server.

Arguments: client PORT, or server PORT. The path names what is wrong. Prints what the raw side is
told, one JSON object a line. A side that lets it pass gets, or sends, a Close 1000.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import struct
import sys
from collections.abc import Iterator

from captures.make import violating_client, violating_server
from captures.make.violations import CLOSE, TEXT, masked, unmasked

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
GOODBYE = struct.pack("!H", 1000)
REQUEST = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}
ANSWER = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Accept": "",
}
EXTENSIONS, SUBPROTOCOLS = "Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"
ON_BOTH_SIDES = {
    "space-before-colon": "X-Note : 1",
    "folded": "X-Note: one\r\n two",
    "nul": "X-Note: \0",
}


def head(first: str, fields: dict[str, str], *more: str, without: str = "") -> bytes:
    """The first line, fields but the one `without`, lines as they are, and the empty line."""
    lines = [f"{name}: {value}" for name, value in fields.items() if name != without]
    return "\r\n".join([first, *lines, *more, "", ""]).encode()


def requests(port: int) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each request."""
    get, fields = "GET /{} HTTP/1.1", {"Host": f"127.0.0.1:{port}", **REQUEST}

    def asks(name: str, *more: str, **changed: str) -> tuple[str, bytes]:
        other = {key.replace("_", "-"): value for key, value in changed.items()}
        return name, head(get.format(name), {**fields, **other}, *more)

    def lacks(name: str, field: str) -> tuple[str, bytes]:
        return name, head(get.format(name), fields, without=field)

    yield "method-post", head("POST /method-post HTTP/1.1", fields)
    yield "http-1.0", head("GET /http-1.0 HTTP/1.0", fields)
    yield lacks("host-missing", "Host")
    yield asks("host-twice", "Host: other.example")
    yield asks("host-bad", Host="two words")
    yield asks("connection-without-upgrade", Connection="keep-alive")
    yield asks("upgrade-other", Upgrade="websockets")
    yield lacks("key-missing", "Sec-WebSocket-Key")
    yield asks("key-twice", f"Sec-WebSocket-Key: {KEY}")
    yield asks("key-short", Sec_WebSocket_Key="c2hvcnQ=")
    yield lacks("version-missing", "Sec-WebSocket-Version")
    yield asks("version-12", Sec_WebSocket_Version="12")
    for name, line in ON_BOTH_SIDES.items():
        yield asks(name, line)
    yield "bare-lf", head(get.format("bare-lf"), fields).replace(b"\r\n", b"\n")
    yield asks("offer-bits-7", f"{EXTENSIONS}: permessage-deflate; client_max_window_bits=7")
    yield asks("offer-unknown", f"{EXTENSIONS}: permessage-deflate; level=9")
    yield asks("offer-malformed", f"{EXTENSIONS}: permessage-deflate;;")
    yield asks("subprotocol-twice", f"{SUBPROTOCOLS}: chat, chat")
    yield asks("subprotocol-no-token", f"{SUBPROTOCOLS}: chat room")
    yield asks("subprotocol-ignored", f"{SUBPROTOCOLS}: chat")
    yield "frame-before-101", asks("frame-before-101")[1] + masked(TEXT, b"early")


def answers() -> Iterator[tuple[str, str, list[str], str]]:
    """Name, first line, more lines and the field that it lacks, of each answer."""
    ok = "HTTP/1.1 101 Switching Protocols"
    yield "http-1.0", "HTTP/1.0 101 Switching Protocols", [], ""
    yield "upgrade-missing", ok, [], "Upgrade"
    yield "upgrade-other", ok, ["Upgrade: websockets"], "Upgrade"
    yield "connection-missing", ok, [], "Connection"
    yield "accept-missing", ok, [], "Sec-WebSocket-Accept"
    yield "accept-twice", ok, ["Sec-WebSocket-Accept: c2Vjb25k"], ""
    for name, line in ON_BOTH_SIDES.items():
        yield name, ok, [line], ""
    yield "bare-lf", ok, [], ""
    deflate = f"{EXTENSIONS}: permessage-deflate"
    yield "extensions-twice", ok, [deflate, deflate], ""
    yield "extension-conflict", ok, [f"{deflate}, permessage-deflate"], ""
    yield "extension-bits-16", ok, [f"{deflate}; server_max_window_bits=16"], ""
    yield "extension-unknown", ok, [f"{deflate}; level=9"], ""
    yield "extension-malformed", ok, [f"{deflate};;"], ""
    yield "subprotocols-two", ok, [f"{SUBPROTOCOLS}: chat.v1, chat.v2"], ""
    yield "content-length-0", ok, ["Content-Length: 0"], ""
    yield "content-length-5", ok, ["Content-Length: 5"], ""
    yield "chunked", ok, ["Transfer-Encoding: chunked"], ""
    yield "version", ok, ["Sec-WebSocket-Version: 13"], ""


def ask(port: int) -> None:
    """As a client: one connection for each request."""
    for path, request in requests(port):
        with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
            connection.sendall(request)
            answer, ended = violating_client.heard(connection)
            if answer.startswith(b"HTTP/1.1 101"):
                connection.sendall(masked(CLOSE, GOODBYE))
                more, ended = violating_client.heard(connection)
                answer += more
        first, _, rest = answer.partition(b"\r\n")
        violating_client.said("answer", path, text=first.decode("latin-1"), ended=ended)
        if first.startswith(b"HTTP/1.1 101"):
            code = violating_client.close_code(rest.partition(b"\r\n\r\n")[2])
            violating_client.said("close", path, status=1006 if code is None else code)


def answer(port: int) -> None:
    """As a server: the path that the client asks for is the answer that it gets."""
    known = {name: rest for name, *rest in answers()}
    with socket.create_server(("127.0.0.1", port)) as listener:
        violating_server.said("listening", "")
        while True:
            connection, _ = listener.accept()
            with connection:
                path, accept = _asked(connection)
                first, more, lacking = known[path[1:]]
                fields = {**ANSWER, "Sec-WebSocket-Accept": accept}
                sent = head(first, fields, *more, without=lacking)
                connection.sendall(sent.replace(b"\r\n", b"\n") if path == "/bare-lf" else sent)
                got = violating_server.heard(connection)
                code = violating_server.close_code(got)
                if code is not None:
                    connection.sendall(unmasked(CLOSE, GOODBYE))
            violating_server.said("close", path, status=1006 if code is None else code)


def _asked(connection: socket.socket) -> tuple[str, str]:
    """The path and the accept that the request asks for."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(4096)
    found = re.search(rb"(?is)^GET (\S+).*sec-websocket-key: *(\S+)", request)
    assert found
    digest = hashlib.sha1(found[2] + violating_server.GUID).digest()
    return found[1].decode(), base64.b64encode(digest).decode()


if __name__ == "__main__":
    {"client": ask, "server": answer}[sys.argv[1]](int(sys.argv[2]))
