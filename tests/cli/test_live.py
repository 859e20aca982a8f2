"""`wsdebug live` and `read --follow` as a shell runs them, over files and pipes, without rights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from tests.cli.test_screen import PROGRAM, Terminal
from tests.stored import CAPTURES
from wsdebug.cli.origin import seconds_from
from wsdebug.model.errors import UserError

BROKEN = CAPTURES / "double-upgrade.pcap"
DATA = BROKEN.read_bytes()
CRASH = (CAPTURES / "unmasked-client-kills-server.pcap").read_bytes()
PATIENCE = 30.0


@pytest.fixture
def live(tmp_path):
    """Starts `wsdebug ARGUMENTS` with a cache of its own; ends what is left."""
    started = []

    def start(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "wsdebug", *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONIOENCODING": "utf-8",
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                **environment,
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def until(process, text):
    """Lines of standard output up to the one that has `text`."""
    lines = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        line = process.stdout.readline().decode()
        lines.append(line)
        if text in line:
            return lines
        if not line:
            break
    raise AssertionError((lines, process.stderr.read() if process.poll() is not None else ""))


def ended(process):
    out, err = process.communicate(timeout=PATIENCE)
    assert b"Traceback" not in err
    assert b"bug in wsdebug" not in err
    return process.returncode, out.decode(), err.decode()


def test_a_file_that_grows_is_told_as_it_grows_and_reported_at_ctrl_c(live, tmp_path):
    path = tmp_path / "grows.pcap"
    path.write_bytes(b"")
    process = live("read", "--follow", path)
    with path.open("ab", buffering=0) as file:
        file.write(DATA[:1000])
        assert "opened  ws://127.0.0.1:18080/live" in until(process, "opened")[-1]
        file.write(DATA[1000:1700])  # in the middle of a record
        time.sleep(0.3)
        file.write(DATA[1700:])
        until(process, "DX101 Two owners took the same upgrade. Certain.")
        file.write(DATA[-9:])  # half a record is no error while it grows
        process.send_signal(signal.SIGINT)
    status, out, err = ended(process)
    assert status == 130
    assert "Why     DX101" in out
    assert out.rstrip().endswith("1 broken.")
    assert "ends inside a record" not in out
    assert err == ""


@pytest.mark.parametrize("what", ["replaced", "shortened"])
def test_a_file_that_changes_under_our_eyes_is_said(live, tmp_path, what):
    path = tmp_path / "grows.pcap"
    path.write_bytes(DATA)
    process = live("read", "--follow", path)
    until(process, "DX101")
    if what == "replaced":
        other = tmp_path / "other.pcap"
        other.write_bytes(CRASH)
        other.replace(path)
    else:
        os.truncate(path, 100)
    status, out, _ = ended(process)
    assert status == 1
    sentence = " ".join(out.split())
    assert "was read: what came later is not in here." in sentence


def test_a_pipe_is_shown_as_it_comes_and_kept(live, tmp_path):
    process = live("live", "-", "--format", "jsonl")
    process.stdin.write(DATA[:1000])
    process.stdin.flush()
    assert json.loads(until(process, "opened")[-1])["revision"] == 0
    process.stdin.write(DATA[1000:])
    process.stdin.flush()
    lines = [json.loads(line) for line in until(process, '"cause"')]
    kinds = [(line["type"], line["revision"]) for line in lines]
    assert kinds == [("finding", 0), ("connection", 1), ("finding", 1), ("end", 1), ("cause", 1)]
    process.stdin.close()
    process.stdin = None
    status, out, err = ended(process)
    assert status == 1
    assert [json.loads(line)["type"] for line in out.splitlines()] == ["capture", "summary"]
    (kept,) = (tmp_path / "cache" / "wsdebug").iterdir()
    assert kept.read_bytes() == DATA
    assert kept.stat().st_mode & 0o777 == 0o600
    assert f"again: wsdebug read {kept}" in err


def test_lines_of_json_stand_in_the_schema(live):
    schema = json.loads(
        subprocess.run(
            [sys.executable, "-m", "wsdebug", "schema"], capture_output=True, check=True
        ).stdout
    )
    process = live("live", "-", "--format", "jsonl")
    process.stdin.write(CRASH)
    process.stdin.close()
    process.stdin = None
    _, out, _ = ended(process)
    lines = [json.loads(line) for line in out.splitlines()]
    check = jsonschema.Draft202012Validator({**schema["$defs"]["Line"], "$defs": schema["$defs"]})
    for line in lines:
        check.validate(line)
    assert {"opened", "finding", "connection", "end", "cause", "fleet", "capture", "summary"} == {
        line["type"] for line in lines
    }


def test_keep_bounds_the_report_and_counts_the_rest(live):
    process = live("live", "-", "--keep", "2")
    process.stdin.write(CRASH)
    process.stdin.close()
    process.stdin = None
    status, out, _ = ended(process)
    assert status == 1
    assert "more with an error, not kept (--keep)" in out
    assert out.rstrip().endswith("13 broken.") or "13 broken." in out


@pytest.mark.parametrize("option", [("--duration", "1s"), ("--max-packets", "8")])
def test_duration_and_packets_end_it_in_order(live, tmp_path, option):
    path = tmp_path / "grows.pcap"
    path.write_bytes(DATA)
    status, out, _ = ended(live("live", path, *option))
    assert status == 1
    assert ("8 packets" if "8" in option else "12 packets") in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["live"], "There is nothing to watch."),
        (["live", "-i", "lo", "x.pcap"], "An interface and a file are two captures."),
        (["read", "--follow", BROKEN, BROKEN], "One file can be watched at a time."),
        (["live", "no-such-file.pcap"], "There is no file no-such-file.pcap."),
        (["live", "-i", "no-such-interface"], 'There is no interface "no-such-interface".'),
        (["live", "-"], "Standard input is empty."),
        (["live", "README.md"], "README.md is not a pcap or pcapng capture"),
        (["live", BROKEN, "-f", "portt 80"], 'the capture filter "portt 80"'),
        (["live", BROKEN, "--duration", "soon"], '"soon" is no length of time.'),
        (["live", BROKEN, "--ring", "2x1MB"], "--ring is for interfaces."),
        (["live", BROKEN, "-w", "x.pcap"], "is a file already."),
        (["live", BROKEN, "--on-finding", "'"], "--on-finding cannot be read"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(live, arguments, says):
    process = live(*arguments)
    process.stdin.close()
    process.stdin = None
    status, _, err = ended(process)
    assert status == 2
    assert says in " ".join(err.split())
    assert "hint:" in err


def test_what_is_there_is_not_written_over(live, tmp_path):
    kept = tmp_path / "keep.pcap"
    kept.write_bytes(b"mine")
    process = live("live", "-", "-w", kept)
    process.stdin.close()
    process.stdin = None
    status, _, err = ended(process)
    assert status == 2
    assert "exists." in err
    assert kept.read_bytes() == b"mine"


def test_on_finding_runs_a_program_with_what_was_found_in_its_environment(live, tmp_path):
    script, log = tmp_path / "told.py", tmp_path / "log"
    script.write_text(
        "import os, sys\n"
        f"with open({str(log)!r}, 'a') as log:\n"
        "    print(*[os.environ.get('WSDEBUG_' + each) for each in"
        " ('EVENT', 'CONNECTION', 'CODE')], *sys.argv[1:], file=log)\n"
    )
    process = live("live", "-", "--on-finding", f"{sys.executable} {script} '$HOME; echo x'")
    process.stdin.write(DATA)
    process.stdin.close()
    process.stdin = None
    status, _, err = ended(process)
    assert status == 1
    assert log.read_text().splitlines() == [
        "finding 1 FR110 $HOME; echo x",
        "end 1 DX101 $HOME; echo x",
    ]
    assert "--on-finding" not in err


def test_a_program_that_fails_is_said_once(live):
    process = live("live", "-", "--on-finding", "/no/such/program")
    process.stdin.write(CRASH)
    process.stdin.close()
    process.stdin = None
    _, _, err = ended(process)
    assert err.count("/no/such/program") == 1


def test_the_screen_opens_over_a_pipe_and_says_where_it_lies(tmp_path):
    shown = Terminal(f"(cat {BROKEN}; sleep 60) | {PROGRAM} live -", XDG_CACHE_HOME=str(tmp_path))
    shown.until("an HTTP response")
    assert "live Standard input" in shown.text
    shown.press("q")
    shown.until("again: wsdebug read")
    shown.close()
    (kept,) = (tmp_path / "wsdebug").iterdir()
    assert kept.read_bytes() == DATA


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("1.5h", 5400), ("2 m", 120), ("250ms", 0.25)]
)
def test_lengths_of_time(text, seconds):
    assert seconds_from(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "1y", "soon", "1e3"])
def test_what_is_no_length_of_time(text):
    with pytest.raises(UserError):
        seconds_from(text)
