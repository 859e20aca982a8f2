"""Stories over TLS, each with the key log of its own throw-away sessions beside it."""

from __future__ import annotations

import contextlib
import functools
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from captures.make.double_upgrade_stories import STORIES as DOUBLE
from captures.make.express_stories import STORIES as EXPRESS
from captures.make.foreign_bytes_stories import STORIES as FOREIGN
from captures.make.namespaces import SERVER, network
from captures.make.node_processes import WS
from captures.make.programs import HERE, pause
from captures.make.proxies import UPGRADE, nginx
from captures.make.recording import Said, need, npm_install, recording
from captures.make.tls_ends import Papers, environment, node_program, python_client, python_server
from captures.make.tricky_stories import CHROMIUM
from captures.make.unmasked_stories import STORIES as UNMASKED

Story = Callable[[Path, Path], Said]


def node(
    target: Path,
    scratch: Path,
    *,
    port: int,
    server: dict[str, Any] | None = None,
    client: dict[str, Any] | None = None,
    send: tuple[str, ...] = ("hello", "hello again"),
) -> Said:
    """An echo of ws on Node's https, which writes the key log, and a client of ws."""
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    more = papers.node(server=server or {}, log=True)
    echo = node_program(modules, "door_ws_server.js", str(port), "plain", "{}", more=more)
    echo.wait_for("listening")
    with recording(target, [port]):
        options: dict[str, Any] = {"rejectUnauthorized": False, "servername": "live.example"}
        options |= {"perMessageDeflate": False, "send": list(send), **(client or {})}
        url = f"wss://127.0.0.1:{port}/live"
        visit = node_program(modules, "door_ws_client.js", url, json.dumps(options))
        said = visit.end()
    papers.sorted_log()
    return said + echo.stop()


def with_certificate(target: Path, scratch: Path, *, port: int) -> Said:
    """The server wants a certificate of the client, and gets one."""
    (scratch / "client").mkdir()
    papers = Papers(target, scratch / "client")
    files = {"key": papers.key, "cert": papers.certificate}
    own = {name: Path(path).read_text() for name, path in files.items()}
    wanting = {"requestCert": True, "ca": papers.certificate}
    return node(target, scratch, port=port, server=wanting, client=own)


def resumed(target: Path, scratch: Path, *, port: int, version: str) -> Said:
    """Two connections, the second with the session of the first."""
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    more = papers.node(server={"maxVersion": version}, log=True)
    echo = node_program(modules, "door_ws_server.js", str(port), "plain", "{}", more=more)
    echo.wait_for("listening")
    with recording(target, [port]):
        url = f"wss://127.0.0.1:{port}/live"
        said = node_program(modules, "resuming_client.js", url).end()
    papers.sorted_log()
    return said + echo.stop()


def python(target: Path, scratch: Path, *, port: int, send: list[str], version: str = "") -> Said:
    """Python websockets at both ends; the server writes the key log."""
    papers = Papers(target, scratch)
    with python_server(papers, port) as server:
        with recording(target, [port]):
            said = python_client(
                f"wss://127.0.0.1:{port}/live", "", send=send, version=version
            ).end()
        papers.sorted_log()
        return said + server.stop()


def through_nginx(
    target: Path, scratch: Path, *, port: int, limit: str = "3s", legs: int = 2
) -> Said:
    """nginx ends TLS, and the connection after `limit`, for nobody pings; the client's leg alone or
    with the plain one behind it."""
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    scratch.chmod(0o755)
    echo = node_program(modules, "door_ws_server.js", str(port + 1), "plain", "{}")
    echo.wait_for("listening")
    rules = f"ssl_certificate {papers.certificate}; ssl_certificate_key {papers.key};"
    rules += f"ssl_protocols TLSv1.2 TLSv1.3; location / {{ proxy_pass http://127.0.0.1:{port + 1};"
    rules += f"{UPGRADE} proxy_read_timeout {limit}; }}"
    ports = [port, port + 1][:legs]
    with nginx(scratch, f"{port} ssl", rules) as log, recording(target, ports):
        url = f"wss://127.0.0.1:{port}/live"
        said = python_client(url, papers.log, send=["hello"], listen=True).end(120)
    papers.sorted_log()
    return said + echo.stop() + log


def through_haproxy(target: Path, scratch: Path, *, port: int) -> Said:
    """HAProxy ends TLS, and its own log is the key log; the client's leg."""
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    both = scratch / "both.pem"
    both.write_text(Path(papers.certificate).read_text() + Path(papers.key).read_text())
    echo = node_program(modules, "door_ws_server.js", str(port + 1), "plain", "{}")
    echo.wait_for("listening")
    settings = (HERE / "haproxy_tls.cfg").read_text()
    values = {"LISTEN": str(port), "BACKEND": str(port + 1), "PEM": str(both)}
    for name, value in values.items():
        settings = settings.replace(f"@{name}@", value)
    (scratch / "haproxy.cfg").write_text(settings)
    proxy = subprocess.Popen(
        ["haproxy", "-db", "-f", str(scratch / "haproxy.cfg")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    time.sleep(0.6)
    with recording(target, [port]):
        said = python_client(f"wss://127.0.0.1:{port}/live", "", send=["hello"]).end()
        pause(1)
    proxy.terminate()
    lines = proxy.communicate(timeout=10)[0].split("|")
    papers.log.write_text("".join(f"{line.strip()}\n" for line in lines if "_" in line))
    papers.sorted_log()
    return said + echo.stop()


def behind_proxy_header(
    target: Path, scratch: Path, *, port: int, header: str, expected: bool
) -> Said:
    """HAProxy passes TLS on behind a PROXY header, to nginx that expects it, or to Node that does
    not; the leg behind HAProxy."""
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    scratch.chmod(0o755)
    tls = {} if expected else papers.node(server={})
    echo_port = port + 2 if expected else port + 1
    echo = node_program(modules, "door_ws_server.js", str(echo_port), "plain", "{}", more=tls)
    echo.wait_for("listening")
    settings = (HERE / "haproxy_tcp.cfg").read_text()
    values = {"LISTEN": str(port), "BACKEND": str(port + 1), "HEADER": header}
    for name, value in values.items():
        settings = settings.replace(f"@{name}@", value)
    (scratch / "haproxy.cfg").write_text(settings)
    proxy = subprocess.Popen(["haproxy", "-db", "-f", str(scratch / "haproxy.cfg")])
    rules = f"ssl_certificate {papers.certificate}; ssl_certificate_key {papers.key};"
    rules += f"location / {{ proxy_pass http://127.0.0.1:{port + 2}; {UPGRADE} }}"
    with contextlib.ExitStack() as stack:
        if expected:
            stack.enter_context(nginx(scratch, f"{port + 1} ssl proxy_protocol", rules))
        pause(0.6)
        stack.enter_context(recording(target, [port + 1]))
        said = python_client(f"wss://127.0.0.1:{port}/live", papers.log, send=["hello"]).end()
    proxy.terminate()
    proxy.wait(timeout=10)
    papers.sorted_log()
    return said + echo.stop()


def browser(target: Path, scratch: Path, *, port: int) -> Said:
    """Chromium opens a page that talks to ws over wss://; its key log is Chromium's."""
    need("chromium")
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    echo = node_program(
        modules, "door_ws_server.js", str(port), "plain", "{}", more=papers.node(server={})
    )
    echo.wait_for("listening")
    page = scratch / "page.html"
    text = (HERE / "browser.html").read_text().replace("@PORT@", str(port))
    page.write_text(text.replace("ws://127.0.0.1", "wss://localhost"))
    command = ["chromium", *CHROMIUM.split(), "--ignore-certificate-errors"]
    command += [f"--user-data-dir={scratch}/profile", page.as_uri()]
    with recording(target, [port]), environment({"SSLKEYLOGFILE": str(papers.log)}):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        time.sleep(6)
        process.terminate()
        log = process.communicate(timeout=20)[1]
    papers.sorted_log()
    told = [json.loads(line) for line in re.findall(r'CONSOLE.*?"({.*})", source', log)]
    return told + echo.stop()


def vanished(target: Path, scratch: Path, *, port: int) -> Said:
    """The client's link goes down after an echo; the server pings. Recorded at the server."""
    papers = Papers(target, scratch)
    with network(f"t{port}") as net:
        inside = tuple(net.server)
        with recording(target, [port], interface=net.interface, inside=net.server):
            pings = {"ping_interval": 2, "ping_timeout": 3}
            with python_server(papers, port, SERVER, inside, **pings) as server:
                with environment({}):
                    script = str(HERE / "tls_websockets.py")
                    options = json.dumps({"send": ["hello"], "listen": True,
                                          "ping_interval": 5, "ping_timeout": 3})  # fmt: skip
                    command = [*net.client, sys.executable, script, "client"]
                    command += [f"wss://{SERVER}:{port}/live", "", options]
                    client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
                pause(1.5)
                net.cut()
                server.wait_for("close")
                pause(4)
        papers.sorted_log()
        said = [json.loads(line) for line in client.communicate(timeout=60)[0].splitlines()]
        return server.stop() + said


def over_tls(target: Path, scratch: Path, *, story: Story) -> Said:
    """A story of Node scripts as it is, over TLS (`over_tls.js`); both ends write the key log."""
    papers = Papers(target, scratch)
    with environment(papers.node(server={}, client={}, log=True)):
        said = story(target, scratch)
    papers.sorted_log()
    return said


def refused(target: Path, scratch: Path, *, port: int, version: str = "1.2") -> Said:
    """The client does not know who signed the certificate: an alert from it, no keys."""
    modules, papers = npm_install(scratch, WS), Papers(target, scratch)
    more = papers.node(server={"maxVersion": f"TLSv{version}"})
    echo = node_program(modules, "door_ws_server.js", str(port), "plain", "{}", more=more)
    echo.wait_for("listening")
    with recording(target, [port]):
        arguments = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}"]
        arguments += ["-tls" + version.replace(".", "_")]
        arguments += ["-verify_return_error", "-servername", "live.example"]
        ran = subprocess.run(
            arguments, check=False, input="", capture_output=True, text=True, timeout=20
        )
    found = re.search(r"verify error:.*", ran.stdout + ran.stderr)
    said = [{"side": "client", "event": "error", "text": found[0] if found else ""}]
    return said + echo.stop()


def _suite(name: str, more: int = 0) -> dict[str, Any]:
    return {"maxVersion": "TLSv1.2", "ciphers": name, "secureOptions": more}


NO_ETM, NO_EMS = 1 << 19, 1
"""SSL_OP_NO_ENCRYPT_THEN_MAC, SSL_OP_NO_EXTENDED_MASTER_SECRET of OpenSSL 3."""
BIG = ("x" * 70_000,)
ECDSA = "ECDHE-ECDSA-"
SUITES = {
    "aes128-gcm": {"ciphers": "TLS_AES_128_GCM_SHA256"},
    "aes256-gcm": {"ciphers": "TLS_AES_256_GCM_SHA384"},
    "chacha20": {"ciphers": "TLS_CHACHA20_POLY1305_SHA256"},
    "aes128-ccm": {"ciphers": "TLS_AES_128_CCM_SHA256"},
    "aes128-ccm8": {"ciphers": "TLS_AES_128_CCM_8_SHA256:DEFAULT:@SECLEVEL=0"},
    "12-aes128-gcm": _suite(f"{ECDSA}AES128-GCM-SHA256"),
    "12-aes256-gcm": _suite(f"{ECDSA}AES256-GCM-SHA384"),
    "12-chacha20": _suite(f"{ECDSA}CHACHA20-POLY1305"),
    "12-aes128-ccm": _suite(f"{ECDSA}AES128-CCM"),
    "12-aes256-ccm8": _suite(f"{ECDSA}AES256-CCM8:@SECLEVEL=0"),
    "12-cbc-sha1": _suite(f"{ECDSA}AES128-SHA"),
    "12-cbc-sha256": _suite(f"{ECDSA}AES128-SHA256"),
    "12-cbc-sha384": _suite(f"{ECDSA}AES256-SHA384"),
    "12-cbc-sha1-mac-then-encrypt": _suite(f"{ECDSA}AES256-SHA", NO_ETM | NO_EMS),
    "12-cbc-sha384-mac-then-encrypt": _suite(f"{ECDSA}AES256-SHA384", NO_ETM),
}
"""Cipher families of 1.3, and of 1.2 behind `12-`."""

STORIES: dict[str, Story] = {
    f"tls-{name}": functools.partial(
        node, port=26000 + at, server=suite, client={"ciphers": suite["ciphers"]}
    )
    for at, (name, suite) in enumerate(SUITES.items())
}
STORIES |= {
    "tls-node": functools.partial(node, port=26020),
    "tls-node-big": functools.partial(node, port=26021, send=("hello", *BIG, "bye")),
    "tls-hello-retry": functools.partial(node, port=26022, server={"ecdhCurve": "P-384"}),
    "tls-client-certificate": functools.partial(with_certificate, port=26023),
    "tls-resumed": functools.partial(resumed, port=26024, version="TLSv1.3"),
    "tls-12-resumed": functools.partial(resumed, port=26025, version="TLSv1.2"),
    "tls-python": functools.partial(python, port=26026, send=["hello", "x" * 40_000]),
    "tls-12-python": functools.partial(python, port=26027, send=["hello"], version="TLSv1_2"),
    "tls-nginx-idle": functools.partial(through_nginx, port=26028),
    "tls-nginx-idle-60s": functools.partial(through_nginx, port=26030, limit="60s", legs=1),
    "tls-haproxy": functools.partial(through_haproxy, port=26032),
    "tls-chromium": functools.partial(browser, port=26034),
    "tls-behind-proxy-header": functools.partial(
        behind_proxy_header, port=26040, header="send-proxy", expected=True
    ),
    "tls-behind-proxy-header-v2": functools.partial(
        behind_proxy_header, port=26043, header="send-proxy-v2", expected=True
    ),
    "tls-proxy-header-unexpected": functools.partial(
        behind_proxy_header, port=26046, header="send-proxy", expected=False
    ),
    "tls-vanished": functools.partial(vanished, port=26035),
    "tls-double-upgrade": functools.partial(over_tls, story=DOUBLE["double-upgrade"]),
    "tls-express-408": functools.partial(over_tls, story=EXPRESS["express-408"]),
    "tls-shared-socket-json": functools.partial(over_tls, story=FOREIGN["shared-socket-json"]),
    "tls-unmasked-client": functools.partial(over_tls, story=UNMASKED["unmasked-client"]),
    "tls-certificate-refused": functools.partial(refused, port=26036),
    "tls-13-certificate-refused": functools.partial(refused, port=26037, version="1.3"),
}
