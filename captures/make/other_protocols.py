"""`python -m captures.make.other_protocols FOLDER [MEGABYTES [PROTOCOL...]]`: records TCP that is
no WebSocket, made by real software, about MEGABYTES in all (60), one pcap a protocol.

Runs in a network namespace of its own, whose loopback has the segments of a cable (MTU 1500, no
offloading): as root, with tcpdump, ethtool, unshare and the Debian packages in `PACKAGES`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from captures.make.other import databases, plain, queues, screens, shells, web
from captures.make.other.running import Protocol
from captures.make.recording import need, recording

PACKAGES = """
ethtool openssh-server nginx nghttp2-client openssl curl mosquitto mosquitto-clients nats-server
rabbitmq-server postgresql mariadb-server redis-server memcached libmemcached-tools rsync git xvfb
x11-apps tigervnc-standalone-server tigervnc-viewer python3-aiosmtpd python3-pyftpdlib python3-pika
"""
PROTOCOLS: dict[str, Protocol] = {
    **web.PROTOCOLS, **shells.PROTOCOLS, **queues.PROTOCOLS, **databases.PROTOCOLS,
    **plain.PROTOCOLS, **screens.PROTOCOLS,
}  # fmt: skip
MEGABYTES = 60
_MODULE = "captures.make.other_protocols"
_ROOT = Path(__file__).parent.parent.parent
_INSIDE = "WSDEBUG_INSIDE_NAMESPACE"
_CABLE = "ip link set lo mtu 1500 up && ethtool -K lo tso off gso off gro off >/dev/null && exec "


def record_all(folder: Path, size: int, names: list[str]) -> None:
    """Records each protocol into `folder`, `size` bytes in all, in a namespace of its own."""
    for program in ("unshare", "ip", "ethtool", "tcpdump"):
        need(program)
    command = [sys.executable, "-m", _MODULE, str(folder.resolve()), str(size / 1e6), *names]
    environment = {**os.environ, _INSIDE: "1"}
    inside = ["unshare", "--net", "sh", "-c", _CABLE + shlex.join(command)]
    subprocess.run(inside, check=True, env=environment, cwd=_ROOT)


def _record(name: str, target: Path, size: int) -> None:
    protocol = PROTOCOLS[name]
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        with protocol.serve(place), recording(target, list(protocol.ports)):
            protocol.talk(place, size)


def version(name: str) -> str:
    """What the programs of a protocol call themselves."""
    said = []
    for command in PROTOCOLS[name].versions:
        ran = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
        lines = (ran.stdout + ran.stderr).strip().splitlines()
        said.append(" ".join(lines[0].split()))
    return "; ".join(said)


def main(arguments: list[str]) -> None:
    """Records, or enters the namespace first."""
    if not arguments or not set(arguments[2:]) <= set(PROTOCOLS):
        raise SystemExit(f"{__doc__}\nprotocols: {', '.join(PROTOCOLS)}\npackages: {PACKAGES}")
    folder = Path(arguments[0])
    size = int(float(arguments[1]) * 1e6) if arguments[1:] else MEGABYTES * 1_000_000
    names = arguments[2:] or list(PROTOCOLS)
    if _INSIDE not in os.environ:
        record_all(folder, size, names)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        target = folder / f"{name}.pcap"
        _record(name, target, size // len(names))
        print(name, target.stat().st_size, version(name), sep="\t", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
