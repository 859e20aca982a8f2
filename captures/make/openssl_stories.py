"""Stories over TLS by `openssl s_server` and `s_client`: key updates, early data, padding."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path

from captures.make.openssl_ends import (
    ACCEPT,
    REQUEST,
    End,
    goodbye,
    openssl_client,
    openssl_server,
    say,
)
from captures.make.raw import frame
from captures.make.recording import Said, recording
from captures.make.tls_ends import Papers

KEEP = "-keylogfile"


def key_update(target: Path, scratch: Path, *, port: int) -> Said:
    """Both sides change their keys: the client asks for it, the server does it unasked."""
    papers = Papers(target, scratch)
    log = [KEEP, str(papers.log)]
    server_end = openssl_server(port, papers.key, papers.certificate, [])
    with server_end as server, recording(target, [port]):
        client = openssl_client(port, log)
        _open(client, server)
        say(client, "before", mask=True)
        client.send(b"K\n")  # update, and asks the server for one
        say(client, "after", mask=True)
        say(server, "answer", mask=False)
        server.send(b"k\n")  # update alone
        say(server, "answer again", mask=False)
        goodbye(client, server)
        client.quit()
    return []


def early_data(target: Path, scratch: Path, *, port: int) -> Said:
    """The second connection sends its upgrade request as 0-RTT data."""
    papers, session = Papers(target, scratch), str(scratch / "session.pem")
    request = scratch / "request.txt"
    request.write_bytes(REQUEST)
    log = [KEEP, str(papers.log)]
    options = ["-early_data", "-max_early_data", "4096"]
    server_end = openssl_server(port, papers.key, papers.certificate, options)
    with server_end as server, recording(target, [port]):
        client = openssl_client(port, [*log, "-sess_out", session])
        _open(client, server)
        goodbye(client, server)
        client.quit()
        time.sleep(0.5)
        client = openssl_client(port, [*log, "-sess_in", session, "-early_data", str(request)])
        server.send(ACCEPT)
        say(client, "early", mask=True)
        say(server, "late", mask=False)
        goodbye(client, server)
        client.quit()
    return []


def padded(target: Path, scratch: Path, *, port: int) -> Said:
    """Records padded to 512 bytes."""
    papers = Papers(target, scratch)
    padding = ["-record_padding", "512"]
    server_end = openssl_server(port, papers.key, papers.certificate, padding)
    with server_end as server, recording(target, [port]):
        client = openssl_client(port, [KEEP, str(papers.log), *padding])
        _open(client, server)
        say(client, "hello", mask=True)
        say(server, "hello", mask=False)
        goodbye(client, server)
        client.quit()
    return []


def cut(target: Path, scratch: Path, *, port: int, options: tuple[str, ...] = ()) -> Said:
    """The server's process is killed: a FIN without close_notify."""
    papers = Papers(target, scratch)
    server_end = openssl_server(port, papers.key, papers.certificate, options)
    with server_end as server, recording(target, [port]):
        client = openssl_client(port, [KEEP, str(papers.log)])
        _open(client, server)
        say(client, "hello", mask=True)
        say(server, "hello", mask=False)
        server.kill()
        time.sleep(0.3)
        client.kill()
    return []


def renegotiated(target: Path, scratch: Path, *, port: int) -> Said:
    """TLS 1.2; the client shakes hands once more in the middle."""
    papers = Papers(target, scratch)
    options = ["-tls1_2", "-client_renegotiation"]
    server_end = openssl_server(port, papers.key, papers.certificate, options)
    with server_end as server, recording(target, [port]):
        client = openssl_client(port, [KEEP, str(papers.log), "-tls1_2"])
        _open(client, server)
        say(client, "before", mask=True)
        client.send(b"R\n")
        say(client, "after", mask=True)
        say(server, "answer", mask=False)
        goodbye(client, server)
        client.quit()
    return []


def violation(target: Path, scratch: Path, *, port: int) -> Said:
    """A reserved opcode of the client inside TLS; the server closes with 1002."""
    papers = Papers(target, scratch)
    server_end = openssl_server(port, papers.key, papers.certificate, [])
    with server_end as server, recording(target, [port]):
        client = openssl_client(port, [KEEP, str(papers.log)])
        _open(client, server)
        say(client, "hello", mask=True)
        client.send(frame(3, b"what is this"))
        server.send(frame(8, b"\x03\xeaunknown opcode", mask=False))
        server.quit()
        time.sleep(0.3)
        client.kill()
    return []


def _open(client: End, server: End) -> None:
    client.send(REQUEST)
    server.send(ACCEPT)


STORIES: dict[str, Callable[[Path, Path], Said]] = {
    "tls-key-update": functools.partial(key_update, port=26050),
    "tls-early-data": functools.partial(early_data, port=26051),
    "tls-padded": functools.partial(padded, port=26052),
    "tls-server-killed": functools.partial(cut, port=26053),
    "tls-12-renegotiated": functools.partial(renegotiated, port=26054),
    "tls-violation": functools.partial(violation, port=26055),
}
