"""What wsdebug says of the captures over TLS is what was written down beside them, with their keys,
and without them it claims nothing of the inside.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

import wsdebug
from tests.stored import CAPTURES, STORIES, TLS, tls_capture
from wsdebug.cli import main
from wsdebug.model.report import Analysis, Connection, Severity
from wsdebug.model.tls import Keys
from wsdebug.tui.why_text import why_lines

every = pytest.mark.parametrize("name", list(TLS))
READABLE = [name for name, truth in TLS.items() if truth.get("keys", True)]
HTTP2 = "h2"
FIELD_REPORTS = {
    "tls-double-upgrade": "double-upgrade",
    "tls-express-408": "express-408",
    "tls-shared-socket-json": "shared-socket-json",
    "tls-unmasked-client": "unmasked-client",
    "tls-vanished": "keepalive-vanished",
}
"""Over TLS -> the same story without."""


@pytest.fixture(scope="module")
def analyses() -> dict[str, Analysis]:
    return {
        name: wsdebug.read(path, keylog=keys) for name in TLS for path, keys in [tls_capture(name)]
    }


def pairs(analysis: Analysis, name: str) -> list[tuple[Connection, dict[str, Any]]]:
    found = {connection.tcp_stream: connection for connection in analysis.connections}
    truths = TLS[name]["connection"]
    assert sorted(found) == sorted(truth["tcp_stream"] for truth in truths)
    return [(found[truth["tcp_stream"]], truth) for truth in truths]


@every
def test_frames_end_and_cause(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        for side in ("client", "server"):
            counts = dict(connection.frames.get(side, {}))
            assert counts.pop("total", 0) == sum(truth[side].values()), side
            assert counts == truth[side], side
        for key, value in truth["end"].items():
            assert getattr(connection.end, key) == value, key
        assert connection.causes[0].code == truth["cause"]
        serious = [one for one in connection.findings if one.severity is not Severity.NOTE]
        assert bool(serious) is (truth["cause"] in ("DX101", "DX103", "DX104", "DX110", "DX207"))


@every
def test_what_is_said_of_tls(analyses, name: str) -> None:
    for connection, truth in pairs(analyses[name], name):
        if "version" not in truth and "proxy_header" not in truth:
            assert connection.tls is None
            assert connection.carrier == "tcp"
            continue
        tls = connection.tls
        assert tls is not None
        assert (tls.version, tls.cipher) == (truth.get("version"), truth.get("cipher"))
        assert tls.keys is (Keys.FIT if name in READABLE else Keys.NONE)
        for fact in ("resumed", "early_data", "key_updates", "renegotiations", "proxy_header"):
            assert getattr(tls, fact) == truth.get(fact, 0), fact
        told = [(one.packet, one.side.value, one.name) for one in tls.alerts]
        for side in ("client", "server"):
            end = getattr(tls.close_notify, side)
            told += [(end.packet, side, "close_notify")] if end is not None else []
        assert sorted(told) == [tuple(one) for one in truth.get("alerts", [])]
        assert not tls.lost


@pytest.mark.parametrize("name", list(FIELD_REPORTS))
def test_the_field_reports_have_the_same_cause_as_without_tls(analyses, name: str) -> None:
    plain = STORIES[FIELD_REPORTS[name]]
    wanted = plain.get("cause") or plain["connection"][0]["cause"]
    (connection,) = analyses[name].connections
    assert connection.causes[0].code in (wanted["code"], *wanted.get("also", []))


@pytest.mark.parametrize("name", READABLE)
def test_without_keys_nothing_is_claimed_of_the_inside(name: str) -> None:
    for connection in wsdebug.read(tls_capture(name)[0]).connections:
        if connection.tls is None:
            continue
        assert connection.handshake.result == "encrypted"
        assert connection.tls.keys is Keys.NONE
        assert not connection.frames
        assert not connection.findings
        assert connection.severity is Severity.NOTE
        assert connection.causes[0].code == "DX405"
        assert "hellos are readable" in connection.causes[0].because[0].text
        assert connection.end.seen_by_application.client is None


def test_an_idle_timeout_shows_without_keys() -> None:
    path, keys = tls_capture("tls-nginx-idle-60s")
    (closed,) = wsdebug.read(path).connections
    texts = [each.text for each in closed.causes[0].because]
    assert any("server" in text and "60.0 s of silence" in text for text in texts), texts
    assert any("nginx" in text for text in texts), texts
    assert closed.end.by == "server"  # although the client's FIN came first
    (read,) = wsdebug.read(path, keylog=keys).connections
    assert (read.end.by, read.causes[0].code) == ("server", "DX202")


def test_the_screen_says_how_to_get_keys(analyses) -> None:
    (closed,) = wsdebug.read(tls_capture("tls-node")[0]).connections
    (read,) = analyses["tls-node"].connections
    texts = [" ".join(line.text for line in why_lines(one, 80)) for one in (closed, read)]
    assert ["node --tls-keylog=keys.log" in text for text in texts] == [True, False]


def test_both_legs_of_a_proxy_are_known_through_tls(analyses) -> None:
    front, back = analyses["tls-nginx-idle"].connections
    assert (front.carrier, back.carrier) == ("tls", "tcp")
    assert "same Sec-WebSocket-Key" in str([one.text for one in front.causes[0].because])


def test_an_alert_says_who_refused_what(analyses) -> None:
    (connection,) = analyses["tls-certificate-refused"].connections
    cause = connection.causes[0]
    assert (cause.code, cause.certainty.value) == ("DX218", "certain")
    assert "unknown_ca" in cause.title
    assert cause.because[0].packet == 8
    assert any("-showcerts" in each for each in cause.advice)


def test_an_alert_that_answers_the_end_is_not_its_cause(analyses) -> None:
    (connection,) = analyses["tls-server-killed"].connections
    assert "DX218" not in [cause.code for cause in connection.causes]
    assert connection.tls.alerts[0].name == "decode_error"


def test_a_proxy_header_in_front_of_tls_is_named(analyses) -> None:
    (connection,) = analyses["tls-proxy-header-unexpected"].connections
    cause = connection.causes[0]
    assert (cause.code, cause.certainty.value) == ("DX106", "very likely")
    assert "in front of the ClientHello" in cause.because[0].text
    assert connection.tls.sni == "live.example"
    assert analyses["tls-behind-proxy-header"].connections[0].causes[0].code == "DX401"


def test_a_port_without_tls_is_named_with_a_key_log_too() -> None:
    path, keys = CAPTURES / "tls-to-plain-port.pcap", tls_capture("tls-node")[1]
    for log in (None, keys):
        for connection in wsdebug.read(path, keylog=log).connections:
            assert (connection.causes[0].code, connection.causes[0].certainty.value) == (
                "DX105",
                "certain",
            )


# ---- keys that are not the right ones ---------------------------------------------------------
def test_a_key_log_of_another_run_is_named() -> None:
    analysis = wsdebug.read(tls_capture("tls-node")[0], keylog=tls_capture("tls-padded")[1])
    (note,) = analysis.captures[0].warnings
    assert note.kind == "keylog"
    assert "keys of 1 TLS session, and none is of a TLS connection" in note.message
    assert analysis.connections[0].causes[0].title.endswith("no keys of this session")


def test_an_empty_key_log_is_named(tmp_path: Path) -> None:
    log = tmp_path / "empty.keys"
    log.write_text("")
    (note,) = wsdebug.read(tls_capture("tls-node")[0], keylog=log).captures[0].warnings
    assert "holds no keys" in note.message


def test_a_cut_key_log_is_named(tmp_path: Path) -> None:
    log = tmp_path / "cut.keys"
    log.write_bytes(tls_capture("tls-node")[1].read_bytes()[:-200])
    analysis = wsdebug.read(tls_capture("tls-node")[0], keylog=log)
    (connection,) = analysis.connections
    assert connection.tls.keys is Keys.CUT
    assert "1 line of" in analysis.captures[0].warnings[0].message
    assert connection.frames == {}


def test_what_is_no_key_log_is_read_for_what_it_has(tmp_path: Path) -> None:
    log = tmp_path / "some.keys"
    log.write_bytes(b"\x00\xff\n" * 30 + tls_capture("tls-node")[1].read_bytes())
    analysis = wsdebug.read(tls_capture("tls-node")[0], keylog=log)
    assert analysis.connections[0].tls.keys is Keys.FIT
    assert "30 lines" in analysis.captures[0].warnings[0].message


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_a_key_log_that_cannot_be_read_is_a_sentence_and_exit_2(
    what: str, tmp_path, capsys
) -> None:
    log = tmp_path if what == "folder" else tmp_path / "none.keys"
    assert main(["read", str(tls_capture("tls-node")[0]), "-k", str(log)]) == 2
    said = capsys.readouterr().err
    assert "cannot be read" in said
    assert "wsdebug explain keylog" in said
    assert "Traceback" not in said


def test_the_usual_variable_names_the_key_log(monkeypatch, capsys) -> None:
    path, keys = tls_capture("tls-node")
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    assert main(["read", str(path), "-F", "text"]) == 0
    assert "wss://127.0.0.1:26020/live" in capsys.readouterr().out
    monkeypatch.setenv("SSLKEYLOGFILE", "no/such/file")
    assert main(["read", str(path), "-F", "text"]) == 3


# ---- keys inside the capture ------------------------------------------------------------------
def with_secrets(name: str, target: Path) -> Path:
    """The capture as pcapng with its key log in a secrets block."""
    import wsdebug as package
    from wsdebug.capture import open_captures
    from wsdebug.capture.writing import PcapngWriter

    path, keys = tls_capture(name)
    with target.open("wb") as stream:
        writer = PcapngWriter(stream, package.__version__)
        writer.secrets(keys.read_bytes())
        for batch in open_captures([str(path)]).batches():
            for packet in batch:
                writer.packet(packet)
    return target


@pytest.mark.parametrize("name", ["tls-node", "tls-12-resumed"])
def test_secrets_inside_a_pcapng_are_used_by_themselves(name: str, tmp_path: Path) -> None:
    inside = wsdebug.read(with_secrets(name, tmp_path / "with.pcapng"))
    beside = wsdebug.read(tls_capture(name)[0], keylog=tls_capture(name)[1])
    assert [one.frames for one in inside.connections] == [one.frames for one in beside.connections]
    assert all(one.tls.keys is Keys.FIT for one in inside.connections)
    assert not inside.captures[0].warnings


def test_an_export_has_the_keys_only_where_that_was_asked_for(tmp_path: Path, capsys) -> None:
    path, keys = tls_capture("tls-resumed")
    line = keys.read_text().splitlines()[-1].encode()
    for options, has in (([], False), (["--with-keys"], True)):
        target = tmp_path / f"{has}.pcapng"
        command = ["export", str(path), "-k", str(keys), "-c", "2", "-o", str(target), *options]
        assert main(command) == 0
        assert (line.split()[-1] in target.read_bytes()) is has
        (connection,) = wsdebug.read(target).connections
        assert (connection.handshake.result == "accepted") is has
    # Of the connection that was not chosen there are no keys in it.
    other = keys.read_text().splitlines()[0].encode()
    assert other.split()[-1] not in target.read_bytes()
    capsys.readouterr()


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "markdown"])
def test_no_report_holds_keys_or_payload(form: str, capsys) -> None:
    path, keys = tls_capture("tls-node")
    assert main(["read", str(path), "-k", str(keys), "-F", form]) == 0
    said = capsys.readouterr().out
    assert "hello" not in said
    assert not any(line.split()[-1] in said for line in keys.read_text().splitlines())


# ---- a capture that lacks its beginning or a piece ----------------------------------------------
def without(name: str, target: Path, *dropped: int) -> Path:
    """The capture without the packets with these numbers."""
    data = tls_capture(name)[0].read_bytes()
    out, at, number = data[:24], 24, 0
    while at < len(data):
        size = 16 + struct.unpack_from("<I", data, at + 8)[0]
        number += 1
        out += b"" if number in dropped else data[at : at + size]
        at += size
    target.write_bytes(out)
    return target


def test_a_capture_begun_behind_the_hellos_says_so(tmp_path: Path) -> None:
    path = without("tls-node", tmp_path / "late.pcap", *range(1, 10))
    analysis = wsdebug.read(path, keylog=tls_capture("tls-node")[1])
    (connection,) = analysis.connections
    assert connection.tls.keys is Keys.NO_HELLO
    assert "lacks the hellos" in connection.end.why
    assert analysis.captures[0].tls_connections == 1


def test_a_lost_record_is_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    path = without("tls-node", tmp_path / "hole.pcap", 11)
    (connection,) = wsdebug.read(path, keylog=tls_capture("tls-node")[1]).connections
    assert connection.tls.lost == {"client": 1}
    assert connection.frames["client"] == {"total": 2, "text": 1, "close": 1}
    assert connection.frames["server"]["text"] == 2
    assert connection.end.how == "clean"
    (gap,) = connection.gaps
    assert (gap.side.value, gap.length) == ("client", None)


@pytest.mark.parametrize("name", ["tls-node", "tls-12-cbc-sha1", "tls-key-update", "tls-resumed"])
def test_whatever_packet_is_missing_nobody_is_accused(name: str, tmp_path: Path) -> None:
    keys = tls_capture(name)[1]
    for number in range(1, 45):
        path = without(name, tmp_path / "hole.pcap", number)
        for connection in wsdebug.read(path, keylog=keys).connections:
            assert connection.end.severity is not Severity.ERROR, number
            serious = [one for one in connection.findings if one.severity is not Severity.NOTE]
            assert not serious, number
