"""`wsdebug read -Y`: real captures, every format, and what a bad filter says."""

from __future__ import annotations

import json

import pytest

import wsdebug
from tests.stored import ALL
from wsdebug.cli import main
from wsdebug.query import QueryError

IDLE = str(ALL["nginx-idle"])


def read(capsys, *arguments):
    status = main(["read", "--fail-on", "never", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def ids(out: str) -> list[int]:
    return [connection["id"] for connection in json.loads(out)["connections"]]


@pytest.mark.parametrize(
    ("capture", "text", "wanted"),
    [
        ("nginx-idle", "code == 1006", [1, 2]),
        ("nginx-idle", "conn == 2", [2]),
        ("nginx-idle", "silence > 1s", [1, 2]),
        ("nginx-idle", "server.port == 18081", [1]),
        ("violations-to-ws", "rule == FR104", None),
        ("shutdown-1001-ten", "close.code == 1001 and from == server", None),
    ],
)
def test_chooses_connections_of_real_captures(capsys, capture, text, wanted):
    status, out, err = read(capsys, str(ALL[capture]), "-F", "json", "-Y", text)
    assert (status, err) == (0, "")
    found = ids(out)
    if wanted is not None:
        assert found == wanted
    every = wsdebug.read(ALL[capture]).connections
    again = wsdebug.read(ALL[capture], filter=text)
    assert 0 < len(found) <= len(every)
    assert [connection.id for connection in again.connections] == found
    assert json.loads(out)["summary"]["connections"] == len(found) == again.summary.connections


@pytest.mark.parametrize("capture", ["deflate-shapes", "fragments-and-pings", "socket-io"])
def test_payload_is_read_though_the_report_shows_none(capsys, capture):
    texts = {"deflate-shapes": "a", "fragments-and-pings": "a", "socket-io": "question"}
    _, out, _ = read(capsys, str(ALL[capture]), "-F", "json", "-Y", f'"{texts[capture]}"')
    assert ids(out)
    assert '"payload":' not in out
    _, out, err = read(capsys, str(ALL[capture]), "-F", "json", "-Y", '"never sent"')
    assert ids(out) == []
    assert "none matches the filter" in err


def test_a_message_in_fragments_is_found_as_a_whole(capsys):
    """Four fragments of one byte each make one character."""
    _, out, _ = read(capsys, str(ALL["split-character"]), "-F", "json", "-Y", 'op == cont and "🙂"')
    assert ids(out) == [1]


@pytest.mark.parametrize("form", ["text", "markdown", "json", "jsonl"])
def test_every_format_shows_only_what_matches(capsys, form):
    status, out, _ = read(capsys, IDLE, "-F", form, "-Y", "conn == 2")
    assert status == 0
    whole = read(capsys, IDLE, "-F", form)[1]
    alone = read(capsys, IDLE, "-F", form, "-c", "2")[1]
    assert len(out) < len(whole)
    if form == "json":
        assert json.loads(out)["connections"] == json.loads(alone)["connections"]
    if form == "jsonl":
        lines = [json.loads(line) for line in out.splitlines()]
        assert {line["connection"] for line in lines} == {2, None}


def test_a_filter_that_matches_nothing_says_so_and_makes_no_claim_of_an_empty_capture(capsys):
    status, out, err = read(capsys, IDLE, "-Y", "op == 5")
    assert (status, out) == (0, "")
    assert err == "wsdebug: 2 connections read, none matches the filter.\n"


def test_a_bad_filter_is_a_sentence_with_carets_and_status_2(capsys):
    status, out, err = read(capsys, "no-such-file.pcap", "-Y", "op == ping and opcod == 8")
    assert (status, out) == (2, "")
    assert err.splitlines() == [
        'wsdebug: error: unknown field "opcod" - did you mean opcode?',
        "  op == ping and opcod == 8",
        "                 ^^^^^",
    ]


def test_the_exit_status_is_that_of_what_is_shown(capsys):
    unmasked = str(ALL["unmasked-client"])
    assert main(["read", unmasked, "-Y", "rule == FR104"]) == 1
    assert main(["read", unmasked, "-Y", "not rule"]) == 0
    capsys.readouterr()


def test_a_pattern_that_saw_only_the_beginning_says_so(capsys):
    _, out, err = read(
        capsys, str(ALL["one-megabyte"]), "-Y", "/never.*ever/ or payload matches /never.*ever/"
    )
    assert out == ""
    assert "saw only the beginning" in err


def test_from_python_a_bad_filter_is_a_query_error():
    with pytest.raises(QueryError) as raised:
        wsdebug.read(IDLE, filter="len >")
    assert raised.value.at == 5
