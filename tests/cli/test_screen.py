"""The screen in a real terminal: when it opens, where its keys come from, how it leaves."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.stored import CAPTURES
from wsdebug.cli.read import Reading, Request
from wsdebug.cli.screen import expression, is_wanted, kept, show
from wsdebug.model.errors import UserError

CAPTURE = CAPTURES / "double-upgrade.pcap"
PROGRAM = f"{shlex.quote(sys.executable)} -m wsdebug"
SHOWN = "an HTTP response"
COLOUR = re.compile(r"\x1b\[[\d;]*[34]8;[25];")
PATIENCE = 40.0


class Terminal:
    """A shell command on a terminal of its own, 120 by 30."""

    def __init__(self, command: str, **environment: str) -> None:
        kept = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        settings = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            os.execvpe("/bin/sh", ["sh", "-c", f"stty rows 30 cols 120; {command}"], settings)
        self.raw = ""

    def until(self, text: str) -> str:
        """Read until it was written; what was, without what steers the terminal."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.text and time.monotonic() < deadline:
            if not self._read():
                break
        assert text in self.text, self.text[-2000:]
        return self.text

    @property
    def text(self) -> str:
        return re.sub(r"\x1b(\[[\d;?<>=$ ]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9]|.)", "", self.raw)

    def press(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def status(self) -> int:
        """Of the command, once it has ended."""
        while self._read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def hang_up(self) -> None:
        """The window is closed."""
        os.close(self._descriptor)

    def ends_in(self, seconds: float) -> bool:
        """Whether the program ends; it is killed if not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return True
            time.sleep(0.05)
        self.close()
        os.waitpid(self.pid, 0)
        return False

    def _read(self) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], PATIENCE)
        try:
            data = os.read(self._descriptor, 65536) if ready else b""
        except OSError:  # Linux says so when the other side is gone
            return False
        self.raw += data.decode(errors="replace")
        return bool(data)


def test_a_terminal_gets_the_screen_and_gets_itself_back():
    shown = Terminal(f"{PROGRAM} read {CAPTURE}")
    shown.until(SHOWN)
    assert "\x1b[?1049h" in shown.raw
    shown.press("q")
    assert shown.status() == 0
    assert "\x1b[?1049l" in shown.raw


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back_and_ends_the_program(number):
    shown = Terminal(f"exec {PROGRAM} read {CAPTURE}")
    shown.until(SHOWN)
    os.kill(shown.pid, number)
    assert shown.status() == -number
    assert "\x1b[?1049l" in shown.raw
    assert "\x1b[?25h" in shown.raw


@pytest.mark.parametrize(
    "command",
    [
        f"{PROGRAM} read -F text {CAPTURE}",
        f"{PROGRAM} read {CAPTURE} | cat",
        f"{PROGRAM} read -v {CAPTURE}",
        f"TERM=dumb {PROGRAM} read {CAPTURE}",
        f"{PROGRAM} read --ignore FR101 {CAPTURE}",
    ],
)
def test_what_asks_for_text_gets_text(command):
    shown = Terminal(command)
    shown.status()
    assert "\x1b[?1049h" not in shown.raw
    assert "What happened" in shown.text


@pytest.mark.parametrize(
    "command", [f"cat {CAPTURE} | {PROGRAM} read -", f"{PROGRAM} read {CAPTURE} < /dev/null"]
)
def test_keys_come_from_the_terminal_where_data_comes_from_standard_input(command):
    shown = Terminal(command)
    shown.until(SHOWN)
    shown.press("?")
    shown.until("a page down")
    shown.press("q")
    time.sleep(0.5)
    shown.press("q")
    assert shown.status() == 0


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)],
)
def test_an_empty_no_color_is_none(environment, coloured):
    shown = Terminal(f"{PROGRAM} read {CAPTURE}", **environment)
    shown.until(SHOWN)
    shown.press("q")
    assert shown.status() == 0
    assert bool(COLOUR.search(shown.raw)) == coloured


def test_what_cannot_be_read_never_opens_the_screen(tmp_path):
    wrong = tmp_path / "text.pcap"
    wrong.write_text("no capture at all, just words\n" * 9)
    shown = Terminal(f"{PROGRAM} read {wrong}")
    assert shown.status() == 2
    assert "\x1b[?1049h" not in shown.raw
    assert "wsdebug: error:" in shown.text
    assert "hint:" in shown.text


def test_a_crash_gives_the_terminal_back_and_names_the_log():
    code = (
        "from wsdebug.tui.main_screen import MainScreen\n"
        "def broken(self): raise RuntimeError('on purpose')\n"
        "MainScreen.action_mark = broken\n"
        "from wsdebug.cli import main\n"
        f"raise SystemExit(main(['read', {str(CAPTURE)!r}]))"
    )
    shown = Terminal(f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}")
    shown.until(SHOWN)
    shown.press("m")
    assert shown.status() == 2
    assert "\x1b[?1049l" in shown.raw
    assert "Traceback" not in shown.text
    found = re.search(r"what happened is in (\S+?\.log)", shown.text)
    assert found is not None
    log = Path(found[1])
    assert "on purpose" in log.read_text()
    log.unlink()


def test_connections_that_were_asked_for_become_a_filter():
    assert expression("3,5-7") == "conn == 3 or (conn >= 5 and conn <= 7)"
    assert expression(None) == ""
    assert expression("3", "op == ping or len > 9") == "(conn == 3) and (op == ping or len > 9)"


def test_a_wrong_filter_is_said_before_the_screen_opens():
    shown = Terminal(f"{PROGRAM} read {CAPTURE} -Y 'opcod == 8'")
    assert shown.status() == 2
    assert "\x1b[?1049h" not in shown.raw
    assert 'unknown field "opcod"' in shown.text


@pytest.mark.parametrize("chosen", ["0", "2-1", "3-", "-3", "x"])
def test_a_wrong_choice_of_connections_is_said_as_the_text_report_says_it(chosen, monkeypatch):
    monkeypatch.setattr("wsdebug.tui.run_screen", lambda *_: pytest.fail("opened"), raising=False)
    with pytest.raises(UserError) as screen:
        show(Request((str(CAPTURE),), connections=chosen))
    with pytest.raises(UserError) as text:
        Reading(Request((str(CAPTURE),), form="text", connections=chosen)).run()
    assert str(screen.value) == str(text.value)


def test_no_terminal_no_screen():
    ran = subprocess.run(
        [sys.executable, "-m", "wsdebug", "read", str(CAPTURE)],
        check=False, capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert b"\x1b" not in ran.stdout
    assert not is_wanted(Request((str(CAPTURE),), output="x.txt"), {"TERM": "xterm"})


def test_connections_of_which_there_is_none_end_it_as_in_text():
    shown = Terminal(f"{PROGRAM} read -c 98-99,77 {CAPTURE}")
    assert shown.status() == 2
    assert "\x1b[?1049l" in shown.raw
    assert "There is no connection 98, 77 in this capture." in shown.text
    assert "hint: It has one, number 1." in shown.text


def test_the_screen_reads_only_packets_that_match():
    shown = Terminal(f"{PROGRAM} read -f 'host 192.0.2.77' {CAPTURE}")
    shown.until("No WebSocket traffic was found")
    shown.press("q")
    assert shown.status() == 0


def test_a_command_is_told_what_it_needs_to_show_the_same():
    request = Request(
        ("a.pcap",), capture_filter="tcp", filter="op == 8", decode_as=("9=ws",),
        limit=("flows=9",), keylog="k.log",
    )  # fmt: skip
    wanted = (
        ("-k", "k.log"),
        ("-f", "tcp"),
        ("-Y", "op == 8"),
        ("-d", "9=ws"),
        ("--limit", "flows=9"),
    )
    assert kept(request) == wanted
    assert kept(Request(("a.pcap",))) == ()


def test_a_terminal_that_is_gone_ends_the_program():
    """Much is drawn while a capture is read: nobody takes it any more."""
    code = (
        "from wsdebug.tui.main_screen import MainScreen\n"
        "from wsdebug.cli import main\n"
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "ready = MainScreen.on_mount\n"
        "def busy(self):\n"
        "    ready(self)\n"
        "    self.set_interval(0.01, lambda: self.app._driver.write('much' * 999))\n"
        "MainScreen.on_mount = busy\n"
        f"raise SystemExit(main(['read', {str(CAPTURE)!r}]))"
    )
    shown = Terminal(f"exec {shlex.quote(sys.executable)} -c {shlex.quote(code)}")
    shown.until(SHOWN)
    shown.hang_up()
    assert shown.ends_in(PATIENCE)
