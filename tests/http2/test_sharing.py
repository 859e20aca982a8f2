"""What is handed on of WebSockets over HTTP/2: packets, reports, filters; and the words of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import wsdebug
from tests.stored import CAPTURES
from wsdebug.analysis.session import Session
from wsdebug.anonymise import write_anonymised
from wsdebug.display.masking import Masker
from wsdebug.export import export_packets
from wsdebug.model.errors import UserError
from wsdebug.model.report import Connection

FOLDER = CAPTURES / "http2"


def session_of(name: str) -> Session:
    session = Session([str(FOLDER / f"{name}.pcap")], rows=True)
    for _ in session.run(lambda _: None):
        pass
    return session


@pytest.mark.parametrize("name", ["h2c-two-streams", "h2c-haproxy", "h2c-ended", "h2c-beside"])
def test_exported_packets_tell_the_same(name: str, tmp_path: Path) -> None:
    """RFC 7541 2.2: a stream is read with what came before it on its connection, or not at all."""
    session, target = session_of(name), tmp_path / "one.pcapng"
    assert session.store is not None
    whole = wsdebug.read(FOLDER / f"{name}.pcap").connections
    for wanted in (one for one in whole if one.h2_stream is not None):
        with target.open("wb") as stream:
            export_packets(session.store, session.analysis, [wanted.id], stream, session.end)
        again = wsdebug.read(target)
        assert not [note for note in again.captures[0].warnings if note.kind != "exported"]
        same = [one for one in again.connections if one.h2_stream == wanted.h2_stream]
        assert [(one.end.how, one.frames, one.handshake.path) for one in same] == [
            (wanted.end.how, wanted.frames, wanted.handshake.path)
        ]
    session.store.close()


def test_http2_is_not_anonymised() -> None:
    session, stream = session_of("h2c-two-streams"), io.BytesIO()
    with pytest.raises(UserError, match="Connection 1 is a stream of HTTP/2"):
        write_anonymised(session, [1, 2], stream)
    assert stream.getvalue() == b""
    assert session.store is not None
    session.store.close()


def test_what_a_shared_report_masks() -> None:
    """Pseudo-header fields are no secrets, but the authority and a query are."""
    fields = [
        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
        (":path", "/live?token=secret-1"), (":authority", "api.example:8443"),
    ]  # fmt: skip
    mask = Masker(("<", ">"))
    mask.about([], "/live?token=secret-1", fields)
    told = [mask.header(name, value) for name, value in fields]
    assert told == ["CONNECT", "websocket", "https", "/live?token=<masked>", "<host 1>:8443"]
    text = "CONNECT with :protocol websocket over HTTP/2 to api.example:8443, secret-1"
    wanted = "CONNECT with :protocol websocket over HTTP/2 to <host 1>:8443, <masked>"
    assert mask.text(text) == wanted


def stories(name: str) -> list[Connection]:
    return wsdebug.read(FOLDER / f"{name}.pcap").connections


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("h2c-*.pcap")))
def test_nothing_is_upgraded_over_http2(name: str) -> None:
    """RFC 8441 4: a CONNECT is refused or not answered, and there is no 101."""
    for one in (each for each in stories(name) if each.h2_stream is not None):
        said = [one.end.why, *(moment.text for moment in one.timeline)]
        for cause in one.causes:
            said += [cause.title, *(each.text for each in (*cause.because, *cause.against))]
        assert not [text for text in said if "upgrade" in text.lower() or "101" in text]
        # The stream ended before TCP, and not with it.
        assert "TCP" not in one.end.why


@pytest.mark.parametrize(
    ("expression", "numbers"),
    [("h2_stream == 3", [3]), ("carrier == h2c", [1, 3]), ("carrier == tcp", [])],
)
def test_filters_know_streams(expression: str, numbers: list[int]) -> None:
    found = wsdebug.read(FOLDER / "h2c-two-streams.pcap", filter=expression)
    assert [one.h2_stream for one in found.connections] == numbers
