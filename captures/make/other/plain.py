"""Chance through plain sockets, mail (aiosmtpd) and file transfer (pyftpdlib)."""

from __future__ import annotations

import contextlib
import ftplib
import os
import random
import smtplib
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from captures.make.other.material import folder
from captures.make.other.running import HOST, Protocol, rounds, server

_SMTP = """
import asyncio
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
Controller(Sink(), hostname="127.0.0.1", port=2525).start()
asyncio.new_event_loop().run_forever()
"""
_FTP = """
import sys
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
users = DummyAuthorizer()
users.add_anonymous(sys.argv[1], perm="elradfmw")
FTPHandler.authorizer, FTPHandler.passive_ports = users, range(30000, 30010)
FTPServer(("127.0.0.1", 2121), FTPHandler).serve_forever()
"""


@contextlib.contextmanager
def _chance_server(_: Path) -> Iterator[None]:
    """Sends as many bytes of chance as it gets, and waits between them as chance will."""
    listener = socket.create_server((HOST, 9000))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],)).start()

    def answer(one: socket.socket) -> None:
        with one:
            while data := one.recv(1 << 16):
                one.sendall(os.urandom(len(data)))

    threading.Thread(target=serve).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _chance(_: Path, size: int) -> None:
    dice = random.Random(1)
    for number in rounds(size, 300_000):
        with socket.create_connection((HOST, 9000)) as one:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            left = 150_000
            while left > 0:
                data = os.urandom(dice.choice([3, 10, 40, 130, 900] if number % 2 else [30_000]))
                one.sendall(data)
                left -= len(data)
                got = 0
                while got < len(data):
                    got += len(one.recv(1 << 16))


@contextlib.contextmanager
def _mail_server(_: Path) -> Iterator[None]:
    with server("/usr/bin/python3 -c {code}", 2525, code=_SMTP):
        yield


def _mail(scratch: Path, size: int) -> None:
    files = sorted(folder(scratch, 60_000).iterdir())
    for number in rounds(size, 90_000):
        with smtplib.SMTP(HOST, 2525) as post:
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "a@example.org", "b@example.org", "files"
            mail.set_content(f"Number {number}\n" * 20)
            for path in files:
                mail.add_attachment(path.read_bytes(), maintype="application",
                                    subtype="octet-stream", filename=path.name)  # fmt: skip
            post.send_message(mail)


@contextlib.contextmanager
def _ftp_server(scratch: Path) -> Iterator[None]:
    root = folder(scratch, 500_000)
    with server("/usr/bin/python3 -c {code} {root}", 2121, code=_FTP, root=root):
        yield


def _ftp(scratch: Path, size: int) -> None:
    names = sorted(path.name for path in folder(scratch, 500_000).iterdir())
    for number in rounds(size, 600_000):
        with ftplib.FTP() as client:
            client.connect(HOST, 2121)
            client.login()
            client.retrlines("LIST", lambda _: None)
            for name in names:
                client.retrbinary(f"RETR {name}", lambda _: None)
            with (scratch / "material" / "chance.bin").open("rb") as body:
                client.storbinary(f"STOR up-{number}", body)


PROTOCOLS = {
    "chance": Protocol([9000], _chance_server, _chance, ("python3 --version",)),
    "smtp": Protocol([2525], _mail_server, _mail, ("dpkg-query -W python3-aiosmtpd",)),
    "ftp": Protocol(
        [2121, *range(30000, 30010)], _ftp_server, _ftp, ("dpkg-query -W python3-pyftpdlib",)
    ),
}
