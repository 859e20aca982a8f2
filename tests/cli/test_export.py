"""`wsdebug export`: what is written, what is refused, and what is said."""

from __future__ import annotations

import itertools
import json
import os

import pytest

from tests.stored import ALL, CAPTURES
from wsdebug.capture.again import GoneError
from wsdebug.cli import main

TRACE = str(ALL["express-408"])


@pytest.fixture
def export(capsys):
    def run(*arguments):
        status = main(["export", *map(str, arguments), "--no-progress"])
        out = capsys.readouterr()
        return status, out.out, out.err

    return run


def test_packets_of_chosen_connections(export, tmp_path):
    out = tmp_path / "some.pcapng"
    status, shown, said = export(ALL["violations-to-ws"], "-c", "2-3", "-o", out)
    assert (status, shown) == (0, "")
    assert "packets of 2 connections" in said
    assert main(["read", str(out), "-F", "json", "-o", str(tmp_path / "r.json")]) == 1
    report = json.loads((tmp_path / "r.json").read_text())
    assert [one["id"] for one in report["connections"]] == [1, 2]


@pytest.mark.parametrize(
    ("name", "begins"),
    [("r.json", '{"schema"'), ("r.jsonl", '{"type"'), ("r.md", "###"), ("r.txt", "")],
)
def test_reports_by_the_end_of_the_name(export, tmp_path, name, begins):
    out = tmp_path / name
    status, shown, said = export(TRACE, "-o", out)
    assert (status, shown) == (0, "")
    assert f"wrote {out}" in said
    assert out.read_text("utf-8").startswith(begins)
    assert "express-408" in out.read_text("utf-8") or name == "r.md"


@pytest.mark.parametrize(
    ("frame", "payload"),
    [("1:S0", b'{"type":"welcome"}'), ("S0", b'{"type":"welcome"}'), ("C4", b"\x03\xea")],
)
def test_a_payload(export, tmp_path, frame, payload):
    out = tmp_path / "payload"
    assert export(TRACE, "--payload-of", frame, "-o", out)[0] == 0
    assert out.read_bytes() == payload


def test_a_compressed_payload_is_inflated(export, tmp_path):
    out = tmp_path / "payload"
    assert export(ALL["deflate-shapes"], "--payload-of", "1:C3", "-o", out)[0] == 0
    assert out.read_bytes() == b"short"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--payload-of", "X9"), "names no frame"),
        (("--payload-of", "C99"), "Connection 1 has no frame C99."),
        (("--payload-of", "2:C1"), "There is no connection 2 in this capture."),
        (("-c", "7"), "There is no connection 7 in this capture."),
    ],
)
def test_what_is_not_there_is_said_and_nothing_written(export, tmp_path, arguments, sentence):
    out = tmp_path / "x.pcapng"
    status, _, said = export(TRACE, *arguments, "-o", out)
    assert status == 2
    assert sentence in said
    assert not out.exists()


def test_a_name_that_does_not_tell_the_format(export, tmp_path):
    status, _, said = export(TRACE, "-o", tmp_path / "x.pcap")
    assert status == 2
    assert "does not say what to write" in said
    assert ".pcapng" in said


def test_nothing_is_written_over_without_force(export, tmp_path):
    for name in ("x.pcapng", "x.json"):
        out = tmp_path / name
        out.write_text("mine")
        status, _, said = export(TRACE, "-o", out)
        assert status == 2
        assert "exists already" in said
        assert "--force" in said
        assert out.read_text() == "mine"
        assert export(TRACE, "-o", out, "--force")[0] == 0
        assert out.read_bytes() != b"mine"


def test_never_over_the_capture(export, tmp_path):
    trace = tmp_path / "trace.pcapng"
    trace.write_bytes(ALL["express-408"].read_bytes())
    status, _, said = export(trace, "-o", trace, "--force")
    assert status == 2
    assert "is the capture itself" in said
    assert trace.read_bytes() == ALL["express-408"].read_bytes()


def test_a_place_that_cannot_be_written(export, tmp_path):
    status, _, said = export(TRACE, "-o", tmp_path / "no" / "x.pcapng")
    assert status == 2
    assert "cannot be written" in said


def test_no_websocket_in_it(export, tmp_path):
    out = tmp_path / "x.pcapng"
    status, _, said = export(ALL["plain-http"], "-o", out)
    assert status == 2
    assert "There is no WebSocket in this capture" in said
    assert not out.exists()


@pytest.mark.parametrize("name", ["x.pcapng", "x.json", "x.jsonl", "x.md", "x.txt", "payload"])
def test_an_export_that_fails_leaves_what_was_there(export, tmp_path, name):
    out = tmp_path / name
    wrong = ("--payload-of", "C99") if name == "payload" else ("-c", "99")
    right = ("--payload-of", "C0") if name == "payload" else ()
    assert export(TRACE, *wrong, "-o", out)[0] == 2
    assert list(tmp_path.iterdir()) == []
    assert export(TRACE, *right, "-o", out)[0] == 0  # nothing blocks the next run
    whole = out.read_bytes()
    assert whole
    assert export(TRACE, *wrong, "-o", out, "--force")[0] == 2
    assert out.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [out]


def test_a_partial_export_is_removed(export, tmp_path, monkeypatch):
    """The capture is gone in the midst of it."""

    def broken(*given):
        stream = given[3]
        stream.write(b"half")
        stream.flush()
        seen.extend(tmp_path.iterdir())
        raise GoneError("It is gone.")

    seen = []
    monkeypatch.setattr("wsdebug.cli.export.export_packets", broken)
    out = tmp_path / "x.pcapng"
    status, _, said = export(TRACE, "-o", out)
    assert (status, len(seen)) == (2, 1)
    assert "It is gone." in said
    assert list(tmp_path.iterdir()) == []
    out.write_bytes(b"mine")
    assert export(TRACE, "-o", out, "--force")[0] == 2
    assert list(tmp_path.iterdir()) == [out]
    assert out.read_bytes() == b"mine"


def test_no_space_is_said_and_nothing_is_left(export, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wsdebug.cli.export.export_packets", full)
    status, _, said = export(TRACE, "-o", tmp_path / "x.pcapng")
    assert status == 2
    assert "x.pcapng cannot be written: No space left on device." in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [(), ("-c", "99")])
@pytest.mark.parametrize("form", ["pcapng", "json"])
def test_a_pipe_stays_one(export, tmp_path, arguments, form):
    pipe = tmp_path / f"x.{form}"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        status = export(TRACE, *arguments, "-o", pipe, "--force")[0]
        assert status == (2 if arguments else 0)
        assert bool(os.read(reader, 10)) is not bool(arguments)
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_link_stays_one_and_rights_stay_as_they_were(export, tmp_path):
    kept = tmp_path / "kept.json"
    kept.write_text("old")
    kept.chmod(0o640)
    link = tmp_path / "x.json"
    link.symlink_to(kept)
    assert export(TRACE, "-o", link, "--force")[0] == 0
    assert link.is_symlink()
    assert kept.read_text("utf-8").startswith("{")
    assert kept.stat().st_mode & 0o777 == 0o640


# ---- anonymised -------------------------------------------------------------------------------
def test_anonymised_packets(export, tmp_path):
    out = tmp_path / "shown.pcapng"
    status, shown, said = export(TRACE, "-o", out, "--anonymise")
    assert (status, shown) == (0, "")
    assert "anonymised: the verdict is the same" in said
    raw = out.read_bytes()
    assert b"127.0.0.1" not in raw
    assert b"FR110" not in raw  # findings quote
    assert main(["read", str(out), "-F", "json", "-o", str(tmp_path / "r.json")]) == 1
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["connections"][0]["causes"][0]["code"] == "DX103"


def test_two_exports_have_nothing_in_common(export, tmp_path):
    for name in ("a.pcapng", "b.pcapng"):
        assert export(TRACE, "-o", tmp_path / name, "--anonymize")[0] == 0
    assert (tmp_path / "a.pcapng").read_bytes() != (tmp_path / "b.pcapng").read_bytes()


@pytest.mark.parametrize("more", [("-o", "{}/r.md"), ("-o", "{}/p", "--payload-of", "S0")])
def test_only_packets_are_anonymised(export, tmp_path, more):
    given = [each.format(tmp_path) for each in more]
    status, _, said = export(TRACE, *given, "--anonymise")
    assert status == 2
    assert "Only packets can be anonymised." in said
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_where_the_verdict_would_be_another(export, tmp_path, monkeypatch):
    from wsdebug.anonymise import checking

    verdicts = itertools.count()
    monkeypatch.setattr(checking, "verdict_of", lambda _: next(verdicts))
    status, _, said = export(TRACE, "-o", tmp_path / "o.pcapng", "--anonymise")
    assert status == 2
    assert "Connection 1 would be judged otherwise" in said
    assert list(tmp_path.iterdir()) == []


def test_some_connections_anonymised(export, tmp_path):
    out = tmp_path / "some.pcapng"
    status, _, said = export(ALL["violations-to-ws"], "-c", "2-3", "-o", out, "--anonymise")
    assert (status, "of 2 connections, anonymised" in said) == (0, True)


def test_what_was_wrong_with_the_capture_is_not_lost(export, tmp_path, capsys):
    out, again = tmp_path / "cut.pcapng", tmp_path / "again.pcapng"
    said = export(ALL["capture-cut-early"], "-o", out)[2]
    assert "of the capture, and kept as a comment: The file ends inside a record" in said
    for path in (out, again):
        main(["read", str(path if path is out else again), "-F", "json"])
        (note,) = json.loads(capsys.readouterr().out)["captures"][0]["warnings"]
        assert note["kind"] == "exported"
        begun = "The capture that this was taken from: The file ends inside a record"
        assert note["message"].startswith(begun)
        export(out, "-o", again, "--force")


def test_only_packets_that_match_are_exported(export, tmp_path):
    out = tmp_path / "some.pcapng"
    status, _, said = export(TRACE, "-f", "tcp and host 192.0.2.77", "-o", out)
    assert status == 2
    assert "no WebSocket" in said
    assert export(TRACE, "-f", "tcp", "-o", out)[0] == 0
    assert export(TRACE, "-f", "tcp or or", "-o", out, "--force")[0] == 2


def test_standard_output_without_a_format_gets_a_hint_of_its_own(export):
    status, _, said = export(TRACE, "-o", "-")
    assert status == 2
    assert "Standard output has no name" in said
    assert "--format pcapng" in said


def test_what_was_decrypted_is_not_anonymised(export, tmp_path):
    tls = min((CAPTURES / "tls").glob("tls-1*.pcap"))
    out = tmp_path / "o.pcapng"
    status, _, said = export(tls, "--keylog", tls.with_suffix(".keys"), "-o", out, "--anonymise")
    assert status == 2
    assert "came inside TLS" in said
    assert export(tls, "-o", out, "--anonymise")[0] == 0  # without keys nothing of it is known
    status, _, said = export(TRACE, "-o", out, "--anonymise", "--with-keys", "--force")
    assert (status, "exclude each other" in said) == (2, True)
