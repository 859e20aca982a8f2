"""PostgreSQL, MariaDB, Redis and memcached."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from captures.make.other.material import folder
from captures.make.other.running import HOST, Protocol, rounds, run, server


def _newest(program: str) -> str:
    """Where Debian keeps PostgreSQL's own programs."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(found[-1]) if found else program


@contextlib.contextmanager
def _postgres(scratch: Path) -> Iterator[None]:
    """It refuses to run as root."""
    data = scratch / "postgres"
    data.mkdir()
    scratch.chmod(0o755)
    shutil.chown(data, "postgres")
    asuser = "runuser -u postgres -- "
    run(asuser + "{initdb} -A trust -D {data}", initdb=_newest("initdb"), data=data)
    command = asuser + "{postgres} -D {data} -p 15432 -c listen_addresses=127.0.0.1 -k {data}"
    with server(command, 15432, postgres=_newest("postgres"), data=data):
        yield


def _pgbench(scratch: Path, size: int) -> None:
    """The simple, the extended and the prepared protocol, and COPY both ways."""
    where = f"-h {HOST} -p 15432 -U postgres postgres"
    run(f"pgbench -q -i -s 1 {where}")
    for _ in rounds(size, 3_000_000):
        for mode in ("simple", "extended", "prepared"):
            run(f"pgbench -n -c 4 -t 200 -M {mode} {where}")
        chance = (folder(scratch, 500_000) / "chance.bin").read_bytes().hex()
        run(f"psql -q {where}", given=f"select md5('{chance}'), repeat('ab', 90000);".encode())
        copy = "copy (select * from pgbench_accounts limit 9000) to stdout binary"
        run(f"psql -q {where} -c '{copy}'")


@contextlib.contextmanager
def _mariadb(scratch: Path) -> Iterator[None]:
    data = scratch / "mariadb"
    run("mariadb-install-db --no-defaults --datadir={data} --user=root --skip-test-db "
        "--auth-root-authentication-method=normal", data=data)  # fmt: skip
    command = "mariadbd --no-defaults --datadir={data} --user=root --port=13306 --socket={data}/s"
    with server(command + " --bind-address=127.0.0.1", 13306, data=data):
        yield


def _mysql(_: Path, size: int) -> None:
    where = f"-h {HOST} -P 13306 -u root --skip-ssl"
    slap = (
        f"mariadb-slap --no-defaults {where} --auto-generate-sql --concurrency=4 --no-drop "
        "--create-schema=slap --auto-generate-sql-load-type=mixed --number-of-queries=60 "
        "--auto-generate-sql-write-number=50 --number-char-cols=8 --number-int-cols=4"
    )
    for _ in rounds(size, 2_400_000):
        run(slap)
        run(f"mariadb-dump --no-defaults {where} slap")
        run(f"mariadb --no-defaults {where} -e 'select random_bytes(1000), repeat(0x00, 200000)'")
        run(f"mariadb --no-defaults {where} -e 'drop schema slap'")


@contextlib.contextmanager
def _redis(scratch: Path) -> Iterator[None]:
    command = "redis-server --port 16379 --bind 127.0.0.1 --save '' --dir {scratch}"
    with server(command, 16379, scratch=scratch):
        yield


def _redis_talk(scratch: Path, size: int) -> None:
    where = f"-h {HOST} -p 16379"
    for _ in rounds(size, 1_500_000):
        run(f"redis-benchmark -q {where} -n 300 -c 5 -d 40 -t set,get,lpush,lrange_100,mset")
        run(f"redis-benchmark -q {where} -n 300 -c 2 -P 8 -d 200 -r 1000 -t set,get")
        chance = (folder(scratch, 500_000) / "chance.bin").read_bytes()
        run(f"redis-cli {where} -x set chance", given=chance)
        run(f"redis-cli {where} --no-raw get chance")
        run(f"redis-cli {where} -3 get chance")


@contextlib.contextmanager
def _memcached(_: Path) -> Iterator[None]:
    with server("memcached -u nobody -l 127.0.0.1 -p 21211 -U 0", 21211):
        yield


def _memcached_talk(scratch: Path, size: int) -> None:
    """The text protocol and the binary one."""
    root = folder(scratch, 500_000)
    names = " ".join(path.name for path in sorted(root.iterdir()))
    where = f"--servers={HOST}:21211"
    for _ in rounds(size, 1_300_000):
        for form in ("", "--binary"):
            paths = " ".join(f"{root}/{name}" for name in names.split())
            run(f"memccp {where} {form} {paths}")
            run(f"memccat {where} {form} {names}")
        run(f"memcslap {where} --concurrency=2 --execute-number=100 --initial-load=100")


PROTOCOLS = {
    "postgresql": Protocol([15432], _postgres, _pgbench, ("psql --version",)),
    "mariadb": Protocol([13306], _mariadb, _mysql, ("mariadbd --version",)),
    "redis": Protocol([16379], _redis, _redis_talk, ("redis-server --version",)),
    "memcached": Protocol([21211], _memcached, _memcached_talk, ("memcached --version",)),
}
