"""What README shows is what wsdebug does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from wsdebug.rules import all_rules

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wsdebug", *arguments]
    environment = {"PATH": "", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", env=environment, check=False
    )


def test_the_report_is_the_real_one():
    first, _, report = blocks("console")[0].partition("\n")
    assert first.startswith("$ wsdebug read ")
    assert report.strip() == run(*first.split()[2:]).stdout.strip()


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_python_runs(number, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    code = blocks("python")[number]
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    promised = re.findall(r"# (\[.*?\])", code)
    assert printed
    assert all(promise in printed for promise in promised)


def test_the_number_of_rules_is_right():
    assert f"[{len(all_rules())} rules]" in TEXT


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("read", "captures/public/zeek-reply-ping-coalesced.pcap"), 0),
        (("read", "captures/double-upgrade.pcap"), 1),
        (("read", "captures/missing.pcap"), 2),
        (("read", "captures/public/zeek-100-continue.pcap"), 3),
        (("read", "--allow-empty", "captures/public/zeek-100-continue.pcap"), 0),
        (("read", "--fail-on", "never", "captures/double-upgrade.pcap"), 0),
    ],
)
def test_the_exit_status(arguments, status):
    assert run(*arguments).returncode == status


def test_every_command_is_there():
    commands = set(re.findall(r"\| `wsdebug (\w+)", TEXT))
    listed = run("--help").stdout
    assert commands == {"read", "live", "export", "explain", "rules", "schema"}
    assert all(re.search(rf"^  {command}\b", listed, re.MULTILINE) for command in commands)


def test_the_line_that_runs_the_tests_is_what_ci_runs():
    line = next(block for block in blocks("sh") if "pytest" in block)
    command = line[line.index("-m pytest") :].strip()
    assert f"\npython {command}\n" in (ROOT / ".ci" / "run").read_text("utf-8")
