"""MQTT (mosquitto), NATS and AMQP (RabbitMQ)."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from captures.make.other.material import folder
from captures.make.other.running import HOST, Protocol, rounds, run, server

_AMQP = """
import os, sys, pika
for _ in range(int(sys.argv[1])):
    one = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", 15672))
    channel = one.channel()
    channel.queue_declare("prices")
    for length in (5, 60, 130, 900, 4_000, 30_000) * 8:
        channel.basic_publish("", "prices", os.urandom(length))
    for _ in range(48):
        while channel.basic_get("prices", auto_ack=True)[0] is None:
            pass
    one.close()
"""


@contextlib.contextmanager
def _mosquitto(scratch: Path) -> Iterator[None]:
    settings = scratch / "mosquitto.conf"
    settings.write_text("listener 11883 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
    with server("mosquitto -c {settings}", 11883, settings=settings):
        yield


def _mqtt(scratch: Path, size: int) -> None:
    """Each quality of service, MQTT 3.1.1 and 5; small messages, JSON, and files."""
    dice = random.Random(1)
    for number in rounds(size, 700_000):
        quality, version = number % 3, ("mqttv311", "mqttv5")[number % 2]
        where = f"-h {HOST} -p 11883 -q {quality} -V {version}"
        with subprocess.Popen(
            ["mosquitto_sub", *where.split(), "-t", "#", "-W", "60"], stdout=subprocess.DEVNULL
        ) as subscriber:
            time.sleep(0.3)
            lines = [f'{{"price": {dice.random():.{dice.randint(2, 17)}f}}}' for _ in range(800)]
            run(f"mosquitto_pub {where} -t prices/live -l", given="\n".join(lines).encode())
            for name in ("chance.bin", "text.txt", "zeros.bin", "small-1.json"):
                run(f"mosquitto_pub {where} -t files -f {folder(scratch, 400_000) / name}")
            time.sleep(0.3)
            subscriber.terminate()


@contextlib.contextmanager
def _nats(_: Path) -> Iterator[None]:
    with server("nats-server -a 127.0.0.1 -p 14222", 14222):
        yield


def _nats_talk(_: Path, size: int) -> None:
    for number in rounds(size, 500_000):
        with socket.create_connection((HOST, 14222)) as one:
            one.sendall(b'CONNECT {"verbose":false}\r\nSUB prices.* 1\r\n')
            for length in (3, 40, 126, 700, 5_000) * 40:
                body = os.urandom(length)
                one.sendall(b"PUB prices.%d %d\r\n%s\r\n" % (number, length, body))
                got = b""
                while body not in got:
                    got += one.recv(65_536)


@contextlib.contextmanager
def _rabbitmq(scratch: Path) -> Iterator[None]:
    settings = (
        f"RABBITMQ_NODE_PORT=15672 RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 HOME={scratch} "
        f"RABBITMQ_MNESIA_BASE={scratch} RABBITMQ_LOG_BASE={scratch} "
        f"RABBITMQ_NODENAME=wsdebug@localhost RABBITMQ_PID_FILE={scratch}/pid"
    )
    scratch.chmod(0o755)
    with server(f"env {settings} /usr/lib/rabbitmq/bin/rabbitmq-server", 15672):
        yield
    run("epmd -kill")


def _amqp(_: Path, size: int) -> None:
    run("/usr/bin/python3 -c {code} {times}", code=_AMQP, times=len(rounds(size, 600_000)))


PROTOCOLS = {
    "mqtt": Protocol([11883], _mosquitto, _mqtt, ("mosquitto -h",)),
    "nats": Protocol([14222], _nats, _nats_talk, ("nats-server --version",)),
    "amqp": Protocol([15672], _rabbitmq, _amqp, ("dpkg-query -W rabbitmq-server",)),
}
