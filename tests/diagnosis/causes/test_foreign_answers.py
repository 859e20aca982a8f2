"""Who wrote an HTTP response into the stream: named only where the answer itself says it."""

from __future__ import annotations

import gzip

import pytest

from tests.analysis.conversation import Conversation
from tests.diagnosis.causes.scripts import REFUSAL, fails, fin, opened, writes
from wsdebug.model.report import Certainty, Connection

EXPRESS = b"X-Powered-By: Express\r\n"
PAGE = b"<html>\n<body>\n<pre>%s</pre>\n</body>\n</html>"
TWICE = b"Error: server.handleUpgrade() was called more than once with the same socket"


def answer(line: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return b"HTTP/1.1 " + line + b"\r\n" + headers + length + b"\r\n" + body


def died_of(data: bytes, tmp_path, talk: Conversation | None = None) -> Connection:
    return fails(writes(talk or opened(), data)).read(tmp_path)


def first(data: bytes, tmp_path) -> tuple[str, Certainty]:
    cause = died_of(data, tmp_path).causes[0]
    return cause.code, cause.certainty


@pytest.mark.parametrize(
    ("data", "code", "certainty"),
    [
        (REFUSAL, "DX101", "certain"),
        (answer(b"500 Internal Server Error", EXPRESS, PAGE % TWICE), "DX101", "certain"),
        (
            answer(b"500 Internal Server Error", EXPRESS, PAGE % b"Internal Server Error"),
            "DX101",
            "likely",
        ),
        (answer(b"500 Internal Server Error", EXPRESS, PAGE % b"Error: boom"), "DX102", "certain"),
        (answer(b"500 Internal Server Error", b"X-A: b\r\n", b"no"), "DX102", "likely"),
        (answer(b"400 Bad Request", b"X-A: b\r\n", b"no"), "DX102", "likely"),
        (answer(b"400 Bad Request", b"Server: cloudflare\r\nCF-RAY: 1\r\n"), "DX107", "likely"),
        (answer(b"500 Internal Server Error", b"Via: 1.1 squid\r\n"), "DX107", "likely"),
        (answer(b"401 Unauthorized"), "DX102", "likely"),
        (answer(b"404 Not Found", b"Content-Type: text/plain\r\n", b"no"), "DX102", "likely"),
        (answer(b"404 Not Found", EXPRESS, b"no"), "DX102", "certain"),
        (answer(b"200 OK", b"Content-Type: text/html\r\n", b"<p>x"), "DX102", "likely"),
        (answer(b"408 Request Timeout", b"Connection: close\r\n"), "DX103", "certain"),
        (answer(b"408 Request Time-out", b"Server: waitress\r\n"), "DX102", "likely"),
        (answer(b"408 Request Timeout", b"Connection: close\r\nX-A: b\r\n"), "DX102", "likely"),
    ],
)
def test_how_sure_it_is_who_wrote_it(data: bytes, code: str, certainty: str, tmp_path) -> None:
    assert first(data, tmp_path) == (code, certainty)


def test_express_is_named_only_by_its_header_or_its_page(tmp_path) -> None:
    for data, is_named in (
        (answer(b"404 Not Found", b"Content-Type: text/plain\r\n", b"no"), False),
        (answer(b"404 Not Found", b"", PAGE % b"Cannot GET /ws"), True),
        (answer(b"404 Not Found", EXPRESS, b"no"), True),
    ):
        told = [one.text for one in died_of(data, tmp_path).causes[0].because]
        assert any("Express" in text for text in told) is is_named, data


def test_a_bare_401_is_a_write_of_another_listener_and_no_routes_fault(tmp_path) -> None:
    cause = died_of(answer(b"401 Unauthorized"), tmp_path).causes[0]
    assert any("another 'upgrade' listener" in one.text for one in cause.because)
    assert [text for text in cause.advice if "another 'upgrade' listener" in text] == cause.advice


def test_it_stands_right_behind_the_101_only_where_nothing_is_between(tmp_path) -> None:
    for talk, is_right_behind in ((Conversation().upgrade(), True), (opened(), False)):
        cause = died_of(answer(b"404 Not Found"), tmp_path, talk).causes[0]
        assert ("right behind the 101" in cause.because[0].text) is is_right_behind


@pytest.mark.parametrize("pause", [0.5, 3, 70])
def test_nodes_timer_is_counted_from_the_clients_first_frame(pause: float, tmp_path) -> None:
    data = answer(b"408 Request Timeout", b"Connection: close\r\n")
    cause = died_of(data, tmp_path, opened().waits(pause * 1000)).causes[0]
    told = [one.text for one in cause.because if "after the client's first frame" in one.text]
    assert len(told) == 1
    assert ("headersTimeout or requestTimeout" in told[0]) is (pause < 60)
    assert "-" not in told[0]


GZIP = gzip.compress(b"hello hello hello", mtime=0)


@pytest.mark.parametrize("end", ["close", "fin"])
def test_who_met_foreign_bytes_did_not_just_close(end: str, tmp_path) -> None:
    talk = opened()
    talk.client.says(GZIP)
    talk.server.acks()
    talk = talk.closes(talk.server, 1002).hangs_up() if end == "close" else fin(talk)
    connection = talk.read(tmp_path)
    assert connection.findings[0].name == "foreign-bytes"
    assert connection.causes[0].code not in ("DX201", "DX209", "DX210")
    assert not any("none found" in text for one in connection.causes for text in one.considered)


def test_two_owners_on_ws_8_end_the_process_and_no_close_is_asked_for(tmp_path) -> None:
    talk = Conversation().upgrade()
    cause = fin(talk.tells(talk.server, 1, b"hi")).read(tmp_path).causes[0]
    assert cause.code == "DX214"
    assert any("uncaught exception" in text for text in cause.considered)
    assert any("handleUpgrade" in text for text in cause.advice)
    assert not any("sent the Close" in text for text in cause.advice)


@pytest.mark.parametrize(("code", "first"), [(1002, "DX403"), (1007, "DX403"), (4001, "DX403")])
@pytest.mark.parametrize("lost", [True, False])
def test_a_complaint_over_bytes_that_are_missing_is_nobodys_choice(code, first, lost, tmp_path):
    talk = opened()
    talk.client.says(talk.wire(talk.client, 1, b"gone"), captured=not lost)
    talk.server.acks()
    causes = talk.closes(talk.server, code).hangs_up().read(tmp_path).causes
    assert ("DX201" in [one.code for one in causes]) is (code == 4001)
    if lost:
        assert causes[0].code == first
