"""`wsdebug live -i lo` beside real software, as root: the report is that of its file.

With WSDEBUG_LAB=all every story is recorded so.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from captures.make.stories import STORIES as RECORD
from captures.make.stories import file_of
from tests.capture.live.wires import ip, pair

pytestmark = pytest.mark.lab

QUICK = ("close-1000-client", "double-upgrade", "unmasked-client-kills-server", "nginx-idle")
CHOSEN = list(RECORD) if os.environ.get("WSDEBUG_LAB") == "all" else QUICK
CAUSES = {"double-upgrade": "DX101", "nginx-idle": "DX202", "close-1000-client": "DX401"}
PROGRAM = [sys.executable, "-m", "wsdebug"]
PATIENCE = 60


class Live:
    """`wsdebug live ARGUMENTS` that has begun to capture."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [*PROGRAM, "live", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        line = self.process.stderr.readline()
        assert b"watching" in line, (line, self.process.communicate()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def ended(self, number=signal.SIGINT):
        """Status and lines of standard output after a signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        assert b"Traceback" not in err
        return self.process.returncode, out.decode().splitlines()


def recorded(name, folder):
    """Runs a story beside whoever captures."""
    scratch = folder / "scratch"
    scratch.mkdir()
    for each in (folder, folder.parent, folder.parent.parent):
        each.chmod(0o755)  # nginx's worker is another user
    RECORD[name](folder / file_of(name), scratch)


def newest(lines):
    """Of JSON lines, those of each connection's highest revision, without the revision."""
    told = [json.loads(line) for line in lines]
    highest = {}
    for each in told:
        if each["connection"] is not None:
            highest[each["connection"]] = max(highest.get(each["connection"], 0), each["revision"])
    kept = [each for each in told if highest.get(each["connection"]) == each["revision"]]
    return sorted(json.dumps({**each, "revision": 0}) for each in kept)


def read(path, *options):
    done = subprocess.run([*PROGRAM, "read", str(path), *options], capture_output=True, check=False)
    return done.returncode, done.stdout.decode().splitlines()


def fleet(lines):
    told = [json.loads(line) for line in lines if '"type":"fleet"' in line]
    newest_told = {each["culprit"]: {**each, "revision": 0} for each in told}
    return list(newest_told.values())


@pytest.mark.parametrize("name", CHOSEN)
def test_live_reports_what_read_reports_of_its_file(name, tmp_path):
    kept = tmp_path / "live.pcapng"
    with Live("-i", "lo", "-f", "tcp", "-w", kept, "--format", "jsonl") as live:
        recorded(name, tmp_path)
        time.sleep(1.5)
        status, lines = live.ended()
    assert status == 130
    _, wanted = read(kept, "--format", "jsonl")
    assert newest(lines) == newest(wanted)
    assert fleet(lines) == fleet(wanted)
    causes = {json.loads(line)["code"] for line in lines if '"type":"cause"' in line}
    assert CAUSES.get(name) in causes | {None}
    if name == "unmasked-client-kills-server":
        (crash,) = fleet(lines)
        assert (crash["code"], len(crash["victims"])) == ("DX501", 12)


def test_it_is_told_before_the_capture_ends(tmp_path):
    """The end of a real connection, within a second or so of wall time."""
    kept = tmp_path / "live.pcapng"
    with Live("-i", "lo", "-f", "tcp", "-w", kept, "--format", "text") as live:
        recorded("double-upgrade", tmp_path)
        lines = [live.process.stdout.readline().decode() for _ in range(3)]
        live.ended()
    assert "opened" in lines[0]
    assert "FR110" in lines[1]
    assert "DX101 Two owners took the same upgrade. Certain." in lines[2]


def test_kill_9_leaves_a_capture_that_is_read_to_its_last_whole_packet(tmp_path):
    kept = tmp_path / "live.pcapng"
    with Live("-i", "lo", "-f", "tcp", "-w", kept) as live:
        recorded("double-upgrade", tmp_path)
        time.sleep(0.5)
        live.ended(signal.SIGKILL)
    status, lines = read(kept)
    assert status == 1
    assert any("DX101" in line for line in lines)


def test_a_connection_that_was_open_before_is_recognised(tmp_path):
    """Joining in the middle is the normal case."""
    kept = tmp_path / "live.pcapng"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        port = server.stdout.readline().decode().strip()  # its client is connected by then
        with Live("-i", "lo", "-f", f"tcp port {port}", "-w", kept, "--format", "jsonl") as live:
            line = live.process.stdout.readline()
            opened = json.loads(line)
            assert opened["type"] == "opened"
            assert opened["recognised"]["by"] == "masking"
            assert opened["server"]["port"] == int(port)
            live.ended()
    finally:
        server.kill()
        server.communicate()


SERVER = """
import asyncio, websockets
async def echo(socket):
    async for message in socket:
        await socket.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}/", compression=None) as client:
            print(port, flush=True)
            while True:
                await client.send("hello from before")
                await client.recv()
                await asyncio.sleep(0.05)
asyncio.run(main())
"""


def test_an_interface_that_goes_is_said_while_others_go_on(tmp_path):
    kept = tmp_path / "live.pcapng"
    with pair() as (near, _), Live("-i", near, "-i", "lo", "-w", kept) as live:
        ip(f"link del {near}")
        line = live.process.stderr.readline().decode()
        assert line == f"wsdebug: {near} disappeared. The other interfaces go on.\n"
        status, _ = live.ended()
    assert status == 130


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-i", "no-such-0"], b'There is no interface "no-such-0".'),
        (["-i", "lo", "-f", "portt 80"], b"portt 80"),
    ],
)
def test_what_cannot_be_captured_is_a_sentence(arguments, says):
    done = subprocess.run([*PROGRAM, "live", *arguments], capture_output=True, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert b"hint:" in done.stderr


def test_without_rights_it_says_what_to_run(tmp_path):
    without = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
    kept = tmp_path / "live.pcapng"
    done = subprocess.run(
        [*without, *PROGRAM, "live", "-i", "lo", "-w", str(kept)], capture_output=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "sudo tcpdump" in " ".join(done.stderr.decode().split())
    assert not kept.exists()
