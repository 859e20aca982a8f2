"""Markdown masks what must not leave the machine; `--reveal` lifts it item by item, and no more."""

from __future__ import annotations

import io

import msgspec
import pytest

from tests.report.samples import (
    IDLE,
    answered_with_http,
    make_analysis,
    make_connection,
    make_finding,
)
from wsdebug.cli import main
from wsdebug.display.masking import MARKS, REVEALED
from wsdebug.model.report import Evidence
from wsdebug.report import View, writer_for

QUOTES = [
    Evidence("It says Location: https://api.example/chat?token=hunter22."),
    Evidence("The cookie session=s3cr3tcookie came from 203.0.113.9."),
    Evidence('"X-Trace: 7f" stands where a frame should.'),
]
SECRETS = {
    "hosts": ("api.example", "203.0.113.9", "198.51.100.7", "edge.corp.example"),
    "headers": ("hunter22", "s3cr3tcookie", "abcdefghijkl", "s3cr3ttoken", "anothersecret"),
    "payload": ("X-Trace",),
}


def markdown(*reveal: str) -> str:
    connection = answered_with_http()
    connection.causes = [msgspec.structs.replace(IDLE, because=QUOTES)]
    stream = io.StringIO()
    view = View(reveal=reveal, show_payload="payload" in reveal)
    writer = writer_for("markdown", stream, view)
    writer.connection(connection)
    writer.finish(make_analysis([connection]))
    return stream.getvalue()


def shown(text: str) -> set[str]:
    return {item for item, words in SECRETS.items() if any(word in text for word in words)}


def test_nothing_is_shown_unless_asked_for() -> None:
    text = markdown()
    assert shown(text) == set()
    assert f"{MARKS[0]}host " in text
    assert "**Because**" in text


@pytest.mark.parametrize("item", REVEALED)
def test_each_item_lifts_its_own_mask_and_no_other(item: str) -> None:
    text = markdown(item)
    assert shown(text) == {item}
    assert [word for word in SECRETS[item] if word not in text] in ([], ["198.51.100.7"])


def test_everything_is_shown_where_everything_was_asked_for() -> None:
    text = markdown(*REVEALED)
    assert shown(text) == set(REVEALED)
    assert MARKS[0] not in text


def test_the_command_line_takes_items_with_commas(capsys) -> None:
    path = "captures/double-upgrade.pcap"
    assert main(["read", path, "-F", "markdown", "--reveal", "hosts, payload"]) == 1
    text = capsys.readouterr().out
    assert "127.0.0.1:18080" in text
    assert "--reveal hosts,payload" in text


def test_an_item_that_is_none_is_an_error_with_the_next_step(capsys) -> None:
    assert main(["read", "captures/double-upgrade.pcap", "--reveal", "passwords"]) == 2
    error = capsys.readouterr().err
    assert '"passwords" is nothing that --reveal knows' in error
    assert "hosts, headers, payload" in error


def test_what_a_ping_carried_is_payload() -> None:
    connection = make_connection(
        1,
        findings=[
            make_finding(
                name="pong-payload-differs",
                code="PP102",
                saw='pong payload "hunter-pong"',
                wanted='the payload of the ping that waits: "hunter-ping"',
            )
        ],
    )
    for reveal, is_shown in (((), False), (("payload",), True)):
        stream = io.StringIO()
        writer = writer_for(
            "markdown", stream, View(reveal=reveal, show_payload="payload" in reveal)
        )
        writer.connection(connection)
        writer.finish(make_analysis([connection]))
        assert ("hunter-p" in stream.getvalue()) is is_shown


def test_hosts_of_a_foreign_response_are_masked_where_a_cause_quotes_them() -> None:
    detail = {"kind": "http-response", "headers": {"via": "1.1 via.corp.example"}}
    connection = make_connection(1, findings=[make_finding(detail=detail)])
    said = Evidence("It says to come from 1.1 via.corp.example, which the 101 does not.")
    connection.causes = [msgspec.structs.replace(IDLE, because=[said])]
    stream = io.StringIO()
    writer = writer_for("markdown", stream, View())
    writer.connection(connection)
    writer.finish(make_analysis([connection]))
    assert "It says to come from" in stream.getvalue()
    assert "corp.example" not in stream.getvalue()
