"""nginx over HTTP/1.1, HTTP/2 and TLS, and TLS alone (openssl s_server)."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from captures.make.other.material import folder
from captures.make.other.running import HOST, Protocol, Serve, Talk, rounds, run, server

_NGINX = """daemon off; error_log stderr; pid {scratch}/nginx.pid; user root;
events {{}}
http {{
    default_type application/octet-stream; access_log off; keepalive_requests 10000;
    client_max_body_size 0; client_body_temp_path {scratch}/body; gzip on; gzip_types *;
    gzip_proxied any; gzip_min_length 100;
    proxy_temp_path {scratch}/p; fastcgi_temp_path {scratch}/f; uwsgi_temp_path {scratch}/u;
    scgi_temp_path {scratch}/s;
    server {{ listen {listen}; root {root}; autoindex on; dav_methods PUT; {tls} }}
}}
"""
_KEY = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
    "-keyout {scratch}/key.pem -out {scratch}/cert.pem"
)


def _nginx(port: int, listen: str, tls: str = "") -> Serve:
    @contextlib.contextmanager
    def serve(scratch: Path) -> Iterator[None]:
        if tls:
            run(_KEY, scratch=scratch)
        root = folder(scratch, 1_000_000)
        settings = scratch / "nginx.conf"
        settings.write_text(
            _NGINX.format(
                scratch=scratch, root=root, listen=listen, tls=tls.format(scratch=scratch)
            )
        )
        with server("nginx -e stderr -c {settings}", port, settings=settings):
            yield

    return serve


def _fetch_at_once(scratch: Path, size: int) -> None:
    """HTTP/2: several streams at a time on one connection."""
    url, names = f"http://{HOST}:8081", sorted(folder(scratch, 1_000_000).iterdir())
    urls = " ".join(f"{url}/{path.name}" for path in names)
    for number in rounds(size, 900_000):
        run(f"h2load -n {len(names)} -c 1 -m 4 {urls}")
        run(f"h2load -n 20 -c 2 -m 4 -H 'accept-encoding: gzip' {url}/text.txt {url}/ {url}/gone")
        upload = scratch / "material" / "packed.gz"
        run(f"curl -sS --http2-prior-knowledge -T {upload} {url}/up-{number}")


def _fetch(url: str, options: str) -> Talk:
    """Keep-alive, chunked (gzip), ranges, directory listings, an upload, a 404."""

    def talk(scratch: Path, size: int) -> None:
        names = sorted(path.name for path in folder(scratch, 1_000_000).iterdir())
        curl = f"curl -sS -k {options} "
        for number in rounds(size, 900_000):
            pieces = "".join(f" -o /dev/null {url}/{name}" for name in names)
            run(curl + pieces)
            run(curl + f"-o /dev/null -H 'Accept-Encoding: gzip' {url}/text.txt {url}/ {url}/gone")
            run(curl + f"-o /dev/null -r 1000-90000,100000-100100 {url}/chance.bin")
            upload = scratch / "material" / "packed.gz"
            run(curl + f"-T {upload} {url}/up-{number}")

    return talk


@contextlib.contextmanager
def _reversing(scratch: Path) -> Iterator[None]:
    run(_KEY, scratch=scratch)
    command = "openssl s_server -accept 4433 -key {scratch}/key.pem -cert {scratch}/cert.pem -rev"
    with server(command, 4433, scratch=scratch):
        yield


def _lines(_: Path, size: int) -> None:
    """Lines of many lengths, which the server sends back reversed; TLS 1.2 and 1.3."""
    for number in rounds(size, 120_000):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)[number % 2]
        with (
            socket.create_connection((HOST, 4433)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            for length in (5, 60, 126, 700, 1_500, 8_000) * 5:
                secure.sendall(b"x" * length + b"\n")
                got = 0
                while got <= length:
                    got += len(secure.recv(65_536))


_NGINX_VERSIONS = ("nginx -v", "curl --version")
PROTOCOLS = {
    "http": Protocol([8080], _nginx(8080, "8080"), _fetch(f"http://{HOST}:8080", "--http1.1"),
                     _NGINX_VERSIONS),
    "http2": Protocol([8081], _nginx(8081, "8081 http2"), _fetch_at_once,
                      ("nginx -v", "h2load --version")),
    "https": Protocol(
        [8443],
        _nginx(8443, "8443 ssl http2",
               "ssl_certificate {scratch}/cert.pem; ssl_certificate_key {scratch}/key.pem;"),
        _fetch(f"https://{HOST}:8443", "--http1.1"), _NGINX_VERSIONS),
    "tls": Protocol([4433], _reversing, _lines, ("openssl version",)),
}  # fmt: skip
