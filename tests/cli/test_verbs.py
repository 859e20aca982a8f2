"""Finding the command, help, and the other verbs."""

from __future__ import annotations

import json

import pytest

from tests.cli.fake import Stream, run
from wsdebug.cli.progress import Progress


@pytest.mark.parametrize(
    "arguments", [["x.pcap"], ["-F", "json", "x.pcap"], ["./trace"], ["-q", "x.y"]]
)
def test_a_file_without_a_verb_is_read(monkeypatch, arguments):
    assert run(monkeypatch, *arguments).out == run(monkeypatch, "read", *arguments).out


def test_a_file_that_exists_needs_no_dot(monkeypatch, tmp_path):
    (tmp_path / "trace").touch()
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "trace", "-q").out.startswith("2 broken")


def test_an_unknown_command_suggests_the_nearest(monkeypatch):
    done = run(monkeypatch, "reed")
    assert done.status == 2
    assert done.err.startswith(
        'wsdebug: error: There is no command and no file "reed"; did you mean read?\nhint: '
    )


@pytest.mark.parametrize("word", ["live", "scan", "export", "bogus"])
def test_what_is_far_from_every_command_suggests_none(monkeypatch, word):
    assert "did you mean" not in run(monkeypatch, word).err


@pytest.mark.parametrize(
    "options",
    [
        ["-q"],
        ["-vv"],
        ["-F", "json"],
        ["-Fjson"],
        ["--format=json", "--no-progress"],
        ["--width", "60", "--ascii"],
        ["-qF", "jsonl"],
    ],
)
def test_options_may_stand_before_the_verb(monkeypatch, options):
    done = run(monkeypatch, *options, "read", "x.pcap")
    assert done.out == run(monkeypatch, "read", *options, "x.pcap").out
    assert done.out
    assert done.err == ""


def test_an_option_of_read_before_another_verb_is_named(monkeypatch):
    done = run(monkeypatch, "-q", "explain", "1006")
    assert (done.status, done.out) == (2, "")
    assert "'-q'" in done.err
    assert "`wsdebug explain --help`" in done.err


def test_the_value_of_an_option_is_no_verb(monkeypatch):
    assert run(monkeypatch, "-c", "3", "x.pcap").status == 1
    assert 'no rule "read"' in run(monkeypatch, "--select", "read", "x.pcap").err


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [(["help"], "Usage: wsdebug ["), (["help", "read"], "Usage: wsdebug read")],
)
def test_help_is_a_word_too(monkeypatch, arguments, usage):
    done = run(monkeypatch, *arguments)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(usage)


def test_no_arguments_print_help_and_are_2(monkeypatch):
    done = run(monkeypatch)
    assert (done.status, done.out) == (2, "")
    assert "Usage: wsdebug" in done.err


def test_a_text_from_a_log_needs_no_quotes(monkeypatch):
    done = run(monkeypatch, "explain", "FIN", "must", "be", "set")
    assert done.status == 0
    assert "Invalid WebSocket frame: FIN must be set" in done.out
    assert "48 54  an HTTP response" in done.out


def test_several_names_are_several_pages(monkeypatch):
    done = run(monkeypatch, "explain", "FR104", "1006")
    assert done.status == 0
    assert "FR104  " in done.out
    assert "1006  Abnormal" in done.out


@pytest.mark.parametrize(("terminal", "wide"), [(True, False), (False, True)])
def test_the_rules_fit_a_terminal_and_stay_a_line_each_in_a_pipe(monkeypatch, terminal, wide):
    done = run(monkeypatch, "rules", terminal=terminal)
    assert any(len(line) > 80 for line in done.out.splitlines()) is wide


@pytest.mark.parametrize("asked", ["8185", "CL103", "1006"])
def test_pages_in_ascii_have_no_escapes(monkeypatch, asked):
    done = run(monkeypatch, "explain", asked, encoding="ascii")
    assert done.status == 0
    assert "\\u" not in done.out


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["read", "--help"], ["explain", "-h"]])
def test_help_is_0_on_stdout(monkeypatch, arguments):
    done = run(monkeypatch, *arguments)
    assert (done.status, done.err) == (0, "")
    assert "Usage: wsdebug" in done.out


def test_version(monkeypatch):
    assert run(monkeypatch, "--version").out == "wsdebug 0.1.0\n"


def test_rules_lists_every_rule(monkeypatch):
    done = run(monkeypatch, "rules")
    assert done.status == 0
    assert all(word in done.out for word in ("HS101", "FR110", "foreign-bytes", "TC102"))


def test_explain_takes_codes_and_hex(monkeypatch):
    one = run(monkeypatch, "explain", "FR101")
    both = run(monkeypatch, "explain", "FR101", "FR104")
    assert "reserved-bits-set" in one.out
    assert one.out.rstrip("\n") in both.out
    assert "client-frame-not-masked" in both.out
    assert run(monkeypatch, "explain", "81", "85").out == run(monkeypatch, "explain", "8185").out


def test_explain_what_nobody_knows_is_2(monkeypatch):
    done = run(monkeypatch, "explain", "qqqq\x1b[2J")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("wsdebug: error: ")
    assert "\x1b" not in done.err


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_pages_reach_any_encoding(monkeypatch, encoding):
    for arguments in (["rules"], ["explain", "1006"], ["explain", "FR101"], ["schema"]):
        assert run(monkeypatch, *arguments, encoding=encoding).status == 0


def test_schema_is_json(monkeypatch):
    assert json.loads(run(monkeypatch, "schema").out)["title"] == "wsdebug-report/1"


# ---- progress -------------------------------------------------------------------------------
class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_progress_waits_half_a_second_and_leaves_nothing():
    clock, stream = Clock(), Stream()
    progress = Progress(stream, shown=True, clock=clock)
    progress.update(0.1, 1)
    assert stream.text() == ""
    clock.now = 0.6
    progress.update(0.31, 3)
    assert stream.text().startswith("\r 31 %  3 connections")
    progress.clear()
    *_, blank, rest = stream.text().split("\r")
    assert blank.strip() == rest == ""


def test_no_progress_where_nobody_looks():
    clock, stream = Clock(), Stream()
    progress = Progress(stream, shown=False, clock=clock)
    clock.now = 9.0
    progress.update(None, 3)
    progress.clear()
    assert stream.text() == ""


def test_a_hint_fits_80_columns(monkeypatch) -> None:
    done = run(monkeypatch, "explain", "my cat is on fire")
    assert done.status == 2
    assert "hint: " in done.err
    assert [line for line in done.err.splitlines() if len(line) > 80] == []
