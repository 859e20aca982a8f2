"""The program as a shell runs it: pipes, closed streams, encodings, exit statuses."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.analysis.test_conclusions import records

ROOT = Path(__file__).parents[2]
BROKEN = "captures/double-upgrade.pcap"
FINE = "captures/public/zeek-websocket.pcap"
OTHER = "captures/public/zeek-http-vlan-0.pcap"

# Nothing from the outside: PYTHONUNBUFFERED would hide what happens when a buffer is flushed.
BARE = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}


def wsdebug(*arguments, stdin=b"", env=None, **options):
    """`python -m wsdebug ARGUMENTS`; the environment is bare but for `env`."""
    return subprocess.run(
        [sys.executable, "-m", "wsdebug", *arguments],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        env={**BARE, **(env or {})},
        **options,
    )


def shell(line):
    return subprocess.run(
        ["bash", "-c", line.replace("wsdebug", f"{sys.executable} -m wsdebug")],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
        env=BARE,
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([FINE], 0),
        ([BROKEN], 1),
        ([BROKEN, "--fail-on", "never"], 0),
        ([OTHER], 3),
        ([OTHER, "--allow-empty"], 0),
        (["no-such-file.pcap"], 2),
        (["README.md.pcap"], 2),
        ([str(ROOT / "pyproject.toml")], 2),
        (["captures"], 2),
        ([], 2),
    ],
)
def test_exit_status(arguments, status):
    done = wsdebug("read", *arguments)
    assert done.returncode == status
    assert b"Traceback" not in done.stderr
    assert b"bug in wsdebug" not in done.stderr


def test_nothing_found_says_what_was_seen():
    done = wsdebug(OTHER)
    assert b"No WebSocket traffic was found in" in done.stdout


@pytest.mark.parametrize(
    ("capture", "says"),
    [
        ("zeek-docker-http-upgrade", b"3 TCP connections (3 HTTP, 0 TLS)"),
        ("zeek-raw_packets", b"no TCP: UDP (18), IEEE 802.3"),
        ("zeek-ipv4_fragmented-3", b"IPv4 fragment (5)"),
    ],
)
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_nothing_found_lists_what_was_there(capture, says, form):
    done = wsdebug(f"captures/public/{capture}.pcap", "-F", form)
    assert done.returncode == 3
    assert says in b" ".join(done.stdout.split())


def test_payload_is_shown_inflated_and_though_a_close_follows():
    wide = ("--width", "120")
    compressed = wsdebug("captures/nginx-idle.pcap", "--payload", "preview", *wide).stdout.decode()
    assert "5 bytes: (inflated) message 2" in compressed
    assert "\\x" not in compressed
    closed = wsdebug("captures/public/zeek-websocket.pcap", "--payload", "full").stdout.decode()
    assert closed.count("last frame: text, 17 bytes:") == 2
    assert "bytes:" not in wsdebug("captures/public/zeek-websocket.pcap").stdout.decode()


def test_files_that_overlap_are_refused_without_a_report(tmp_path):
    other = tmp_path / "again.pcap"
    shutil.copy(ROOT / "captures/nginx-idle.pcap", other)
    done = wsdebug("read", "captures/nginx-idle.pcap", str(other))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"overlap in time" in done.stderr


def test_the_code_that_was_sent_is_the_headline():
    done = wsdebug("captures/public/zeek-message-too-big-status.pcap")
    assert b"closed with 1009" in done.stdout


def test_standard_input():
    done = wsdebug("-", "-F", "json", stdin=(ROOT / BROKEN).read_bytes())
    assert done.returncode == 1
    assert json.loads(done.stdout)["summary"]["broken"] == 1


def at_minute(number: int, packet: bytes) -> bytes:
    """The same packet so many minutes later."""
    return (int.from_bytes(packet[:4], "little") + 60 * number).to_bytes(4, "little") + packet[4:]


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "markdown"])
def test_head_ends_it_quietly(form, tmp_path):
    # Much more than a pipe holds, so that the writer surely meets the closed end.
    header, packets = records(ROOT / BROKEN)
    for number in range(60):
        later = [at_minute(number, packet) for packet in packets]
        (tmp_path / f"{number:02}.pcap").write_bytes(header + b"".join(later))
    done = shell(f"wsdebug {tmp_path}/*.pcap -v -F {form} | head -1; echo ${{PIPESTATUS[0]}} >&2")
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b"141\n"


def test_a_closed_pipe_is_141():
    # A page larger than the buffer meets the closed end while writing, a small one at the end.
    for verb in ("schema", "explain 1006"):
        done = shell(f"(sleep 0.3; wsdebug {verb}; echo $? >&2) | true")
        assert done.stderr == b"141\n"


def test_closed_standard_output_is_a_sentence():
    done = shell(f"wsdebug {BROKEN} >&-")
    assert done.returncode == 2
    assert done.stderr.startswith(b"wsdebug: error: Standard output is closed.\nhint: ")


def test_everything_closed_is_an_exit_status():
    assert shell(f"wsdebug {BROKEN} >&- 2>&- <&-").returncode == 2


def test_ctrl_c_while_the_program_loads_is_no_traceback():
    line = (
        "import signal, sys\n"
        "class Stops:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'wsdebug.cli.commands':\n"
        "            signal.raise_signal(signal.SIGINT)\n"
        "sys.meta_path.insert(0, Stops())\n"
        "from wsdebug.cli import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", line], cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (130, b"")


def test_a_full_disk_is_a_sentence():
    done = shell(f"wsdebug {BROKEN} > /dev/full")
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_encodings(encoding):
    done = wsdebug(BROKEN, env={"PYTHONIOENCODING": encoding})
    first = {"ascii": b"\nx #1", "utf-8": "\n✗ #1".encode()}[encoding]
    assert first in done.stdout


@pytest.mark.parametrize(
    "env", [{}, {"NO_COLOR": "1"}, {"NO_COLOR": ""}, {"TERM": "dumb"}, {"TERM": "xterm-256color"}]
)
def test_a_pipe_gets_no_escape_codes_and_no_progress(env):
    done = wsdebug(BROKEN, env=env)
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""


@pytest.mark.parametrize(("env", "colored"), [({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)])
def test_a_terminal_gets_colour(env, colored):
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "wsdebug", BROKEN],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**BARE, "TERM": "xterm", **env},
    ):
        os.close(theirs)
        out = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not chunk:
                break
            out += chunk
    os.close(ours)
    assert b"#1" in out
    assert (b"\x1b[" in out) is colored


def test_ctrl_c_on_a_pipe_that_stays_open_prints_what_was_found():
    with subprocess.Popen(
        [sys.executable, "-m", "wsdebug", "-", "-F", "json"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdin.write((ROOT / BROKEN).read_bytes())
        process.stdin.flush()
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        out, err = process.stdout.read(), process.stderr.read()
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert json.loads(out)["summary"]["connections"] == 1
