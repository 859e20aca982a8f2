"""`wsdebug read`: exit statuses, choices, streams and manners, over a session without analysis."""

from __future__ import annotations

import json

import pytest

from tests.cli.fake import FakeSession, run
from tests.report.samples import cut_by_a_proxy, make_connection, make_finding
from wsdebug.model.errors import UserError
from wsdebug.model.report import Ending, HandshakeReport, Severity


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "WSDEBUG_FORMAT", "WSDEBUG_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def session_of(*connections, stops_with=None):
    return type(
        "Session",
        (FakeSession,),
        {
            "connections": staticmethod(lambda: list(connections)),
            "stops_with": stops_with,
            "started": [],
        },
    )


def encrypted(id_):
    return make_connection(
        id_,
        handshake=HandshakeReport("encrypted"),
        end=Ending("fin", "client", 1.0, 5, Severity.NOTE),
    )


# ---- exit status ----------------------------------------------------------------------------
WARNED = make_connection(1, findings=[make_finding(severity=Severity.WARNING, fatal=False)])


@pytest.mark.parametrize(
    ("connections", "arguments", "status"),
    [
        ([make_connection(1)], [], 0),
        ([cut_by_a_proxy()], [], 1),
        ([cut_by_a_proxy()], ["--fail-on", "never"], 0),
        ([WARNED], [], 0),
        ([WARNED], ["--fail-on", "warning"], 1),
        ([WARNED], ["--fail-on", "warning", "--ignore", "FR101"], 0),
        ([make_connection(1)], ["--fail-on", "note"], 1),
        ([], [], 3),
        ([], ["--allow-empty"], 0),
        ([encrypted(1)], [], 3),
        ([encrypted(1)], ["--allow-empty"], 0),
        ([cut_by_a_proxy(), make_connection(5)], ["-c", "5"], 0),
        ([make_connection(1)], ["-c", "9"], 2),
    ],
)
def test_exit_status(monkeypatch, connections, arguments, status):
    session = session_of(*connections)
    assert run(monkeypatch, "read", "x.pcap", *arguments, session=session).status == status


@pytest.mark.parametrize(
    "arguments",
    [
        ["read"],
        ["read", "--no-such-option", "x.pcap"],
        ["read", "-F", "pdf", "x.pcap"],
        ["read", "--width", "3", "x.pcap"],
        ["read", "-c", "5-3", "x.pcap"],
        ["read", "-c", "all", "x.pcap"],
        ["read", "--select", "FR999", "x.pcap"],
        ["reed"],
        [],
    ],
)
def test_usage_errors_are_2_and_stay_off_stdout(monkeypatch, arguments):
    done = run(monkeypatch, *arguments)
    assert (done.status, done.out) == (2, "")
    assert done.err


def test_what_was_read_is_shown_before_the_error(monkeypatch):
    error = UserError("x.pcap is cut short at packet 3", "capture again")
    session = session_of(cut_by_a_proxy(), make_connection(5), stops_with=(1, error))
    done = run(monkeypatch, "read", "x.pcap", session=session)
    assert done.status == 2
    assert "✗ #3" in done.out
    assert done.err == ("wsdebug: error: x.pcap is cut short at packet 3\nhint: capture again\n")


def test_an_error_before_anything_was_read_prints_no_report(monkeypatch):
    class Refuses(FakeSession):
        def __init__(self, *_, **__):
            raise UserError("x.pcap is no capture")

    done = run(monkeypatch, "read", "x.pcap", "-F", "json", session=Refuses)
    assert (done.status, done.out) == (2, "")
    assert done.err == "wsdebug: error: x.pcap is no capture\n"


@pytest.mark.parametrize("form", ["text", "json"])
def test_ctrl_c_prints_what_was_found_and_is_130(monkeypatch, form):
    session = session_of(make_connection(1), cut_by_a_proxy(), stops_with=(1, KeyboardInterrupt()))
    done = run(monkeypatch, "read", "x.pcap", "-F", form, session=session)
    assert done.status == 130
    assert "1006" in done.out
    assert "stopped by ctrl-c" in done.out
    assert done.err == ""


def test_a_bug_is_a_sentence_and_a_traceback_only_on_request(monkeypatch):
    session = session_of(make_connection(1), stops_with=(0, RuntimeError("boom\x1b[2J")))
    done = run(monkeypatch, "read", "x.pcap", session=session)
    assert done.status == 2
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err
    assert "boom" in done.err
    assert "Traceback" in run(monkeypatch, "read", "x.pcap", "-vv", session=session).err


# ---- what is shown --------------------------------------------------------------------------
def test_the_summary_counts_what_is_shown(monkeypatch):
    done = run(monkeypatch, "read", "x.pcap", "-F", "json", "--ignore", "fr110,PP", "-c", "1,5-7")
    report = json.loads(done.out)
    names = {finding["name"] for each in report["connections"] for finding in each["findings"]}
    assert [each["id"] for each in report["connections"]] == [1, 5, 6, 7]
    assert names == {"reserved-bits-set"}
    assert report["summary"] == {
        "connections": 3,
        "broken": 1,
        "encrypted": 1,
        "findings": {"error": 15, "warning": 0, "note": 0},
    }


def test_select_takes_names_codes_and_beginnings_in_any_case(monkeypatch):
    for wanted in ("Foreign-Bytes", "fr110", "FR11"):
        done = run(monkeypatch, "read", "x.pcap", "-F", "json", "--select", wanted)
        found = [
            one["code"] for each in json.loads(done.out)["connections"] for one in each["findings"]
        ]
        assert found == ["FR110"]


def test_an_unknown_rule_suggests_the_nearest(monkeypatch):
    done = run(monkeypatch, "read", "x.pcap", "--select", "foreign-byte")
    assert done.status == 2
    assert "hint: Did you mean foreign-bytes?" in done.err


def test_chosen_connections_are_shown_in_full(monkeypatch):
    done = run(monkeypatch, "read", "x.pcap", "-c", "1")
    assert "PP101  A ping was never answered" in done.out
    assert "Frames with findings: S3" in done.out


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "markdown"])
def test_a_connection_that_is_not_there_prints_no_report(monkeypatch, form):
    session = session_of(make_connection(1), make_connection(2))
    done = run(monkeypatch, "read", "x.pcap", "-c", "9", "-F", form, session=session)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("wsdebug: error: There is no connection 9 in this capture.\n")
    assert "1 to 2" in done.err


def test_connections_that_are_partly_there_are_shown_and_the_rest_named(monkeypatch):
    session = session_of(make_connection(1), make_connection(2))
    done = run(monkeypatch, "read", "x.pcap", "-c", "2,7,9-12", session=session)
    assert done.status == 0
    assert "#2" in done.out
    assert "no connection 7, 9 in" in done.err
    assert run(monkeypatch, "read", "x.pcap", "-c", "1-99", session=session).err == ""


def test_an_empty_select_hides_nothing(monkeypatch):
    done = run(monkeypatch, "read", "x.pcap", "--select", "")
    assert done.out == run(monkeypatch, "read", "x.pcap").out


def test_quiet_is_the_totals(monkeypatch):
    done = run(monkeypatch, "read", "x.pcap", "-q")
    assert done.out.startswith("2 broken, 1 with warnings, 3 fine, 1 encrypted.")
    assert done.out.count("\n") == 1


def test_payload_and_files_reach_the_session(monkeypatch):
    session = session_of(make_connection(1))
    run(monkeypatch, "a.pcap", "b.pcap", "--payload", "preview", session=session)
    (started,) = session.started
    assert (started["paths"], started["payload"], started["stdin"]) == (
        ["a.pcap", "b.pcap"],
        "preview",
        None,
    )


def test_declared_ports_reach_the_session(monkeypatch):
    session = session_of(make_connection(1))
    run(monkeypatch, "a.pcap", "-d", "8080=ws", "-d", "9000 = ws,deflate", session=session)
    declared = session.started[0]["decode_as"]
    assert {port: agreed.deflate is not None for port, agreed in declared.items()} == {
        8080: False,
        9000: True,
    }


@pytest.mark.parametrize("wrong", ["8080", "ws", "8080=mqtt", "0=ws", "70000=ws", "8080=ws,gzip"])
def test_a_wrong_declaration_is_told_with_the_right_form(monkeypatch, wrong):
    done = run(monkeypatch, "a.pcap", "-d", wrong, session=session_of(make_connection(1)))
    assert done.status == 2
    assert "-d 8080=ws" in done.err


def test_markdown_says_how_it_was_made(monkeypatch):
    done = run(monkeypatch, "x.pcap", "-F", "markdown", "-c", "3")
    assert "made by `wsdebug read trace.pcapng -c 3 -F markdown`; payload left out" in done.out


# ---- environment and streams ------------------------------------------------------------------
def test_options_come_from_the_environment_too(monkeypatch):
    monkeypatch.setenv("WSDEBUG_FORMAT", "jsonl")
    monkeypatch.setenv("WSDEBUG_FAIL_ON", "never")
    done = run(monkeypatch, "read", "x.pcap")
    assert done.status == 0
    assert json.loads(done.out.splitlines()[0])["type"] == "connection"


@pytest.mark.parametrize(
    ("environment", "arguments", "terminal", "colored"),
    [
        ({}, [], False, False),
        ({}, [], True, True),
        ({"NO_COLOR": "1"}, [], True, False),
        ({"NO_COLOR": ""}, [], True, True),
        ({"TERM": "dumb"}, [], True, False),
        ({"FORCE_COLOR": "1"}, [], False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False, True),
        ({"FORCE_COLOR": ""}, [], False, False),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], True, False),
        ({"NO_COLOR": "1"}, ["--color", "always"], False, True),
    ],
)
def test_colour(monkeypatch, environment, arguments, terminal, colored):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = run(monkeypatch, "read", "x.pcap", *arguments, terminal=terminal)
    assert ("\x1b[" in done.out) is colored


def test_colour_only_adds(monkeypatch):
    import re

    plain = run(monkeypatch, "read", "x.pcap").out
    colored = run(monkeypatch, "read", "x.pcap", "--color", "always").out
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize("form", ["text", "markdown", "json", "jsonl"])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_other_encodings_get_ascii(monkeypatch, form, encoding):
    connection = cut_by_a_proxy()
    connection.handshake.path = "/größe/漢"
    done = run(
        monkeypatch, "read", "x.pcap", "-F", form, encoding=encoding, session=session_of(connection)
    )
    assert done.status == 1
    assert done.out.isascii()


def test_ascii_on_request(monkeypatch):
    done = run(monkeypatch, "read", "x.pcap", "--ascii")
    assert done.out.isascii()
    assert "\nx #3" in done.out
    assert "\n! #1" in done.out


@pytest.mark.parametrize("width", [40, 60, 80, 132])
@pytest.mark.parametrize("more", [[], ["-v"], ["-q"]])
def test_no_line_is_wider_than_asked(monkeypatch, width, more):
    done = run(monkeypatch, "read", "x.pcap", *more, "--width", str(width))
    lines = [line for line in done.out.splitlines() if not line.startswith("Details: ")]
    assert max(map(len, lines)) <= width


def test_output_goes_to_the_file(monkeypatch, tmp_path):
    target = tmp_path / "report.md"
    done = run(monkeypatch, "x.pcap", "-F", "markdown", "-o", str(target))
    assert (done.status, done.out, done.err) == (1, "", "")
    assert target.read_text(encoding="utf-8").startswith("### WebSocket ended as 1006")


def test_the_capture_is_never_overwritten(monkeypatch, tmp_path):
    capture = tmp_path / "x.pcap"
    capture.write_bytes(b"precious")
    done = run(monkeypatch, str(capture), "-o", str(tmp_path / "." / "x.pcap"))
    assert done.status == 2
    assert capture.read_bytes() == b"precious"


def test_an_output_that_cannot_be_written_is_an_error_with_a_hint(monkeypatch, tmp_path):
    done = run(monkeypatch, "x.pcap", "-o", str(tmp_path / "no" / "such" / "folder"))
    assert done.status == 2
    assert "cannot be written" in done.err
    assert "hint:" in done.err
