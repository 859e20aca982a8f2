"""Nothing from the wire reaches a reader raw, and nothing private leaves in Markdown."""

from __future__ import annotations

import io
import unicodedata

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report.samples import answered_with_http, cut_by_a_proxy, make_analysis, make_finding
from wsdebug.model.report import Capture, CaptureNote, Endpoint, Moment
from wsdebug.report import FORMATS, View, writer_for
from wsdebug.report.markup import escaped

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
HOSTILE = st.lists(
    st.sampled_from(
        [
            "\x1b[2J",
            "\x9b31m",
            "\x07",
            "\u202e",
            "\u2066",
            "\r\n",
            "\x00",
            "\x7f",
            "\u2028",
            "\ud800",
            "a",
            "é",
            "漢",
            "`",
            "|",
            "<b>",
            "@all",
            "# x",
            "[x](y)",
            "```",
            "~~~",
            " ",
            "\\x1b",
            "…",
        ]
    ),
    max_size=8,
).map("".join)


def poisoned(value, text):
    """`value` with every string in it replaced, but for those that choose how it is shown."""
    kept = {"severity", "side", "part", "how", "by", "carrier", "kind", "result", "name", "code"}
    kept |= {"keys"}
    if isinstance(value, dict):
        return {
            key: each if key in kept or key == "start" else poisoned(each, text)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [poisoned(each, text) for each in value]
    return text if isinstance(value, str) else value


def hostile_connection(sample, text):
    plain = msgspec.to_builtins(sample, enc_hook=lambda _: None)
    plain["start"] = None
    return msgspec.convert(poisoned(plain, text), type(sample))


def report(form, view, connections, analysis):
    stream = io.StringIO()
    writer = writer_for(form, stream, view)
    for connection in connections:
        writer.connection(connection)
    writer.finish(analysis)
    return stream.getvalue()


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40, deadline=None)
@given(text=HOSTILE, ascii_only=st.booleans(), payload=st.booleans())
def test_no_control_character_comes_through(form, text, ascii_only, payload):
    # Six broken ones, so that one is shown in a line only; each with an unknown rule as well.
    sample = answered_with_http()
    strange = make_finding(name=text, code=text, saw=text, detail={"payload": text, "kind": text})
    connections = []
    for number in range(6):
        connection = hostile_connection(sample, text)
        connection.id = number + 1
        connection.findings = [*connection.findings, strange]
        connections.append(connection)
    analysis = make_analysis(connections)
    analysis.captures = [Capture(text, text, warnings=[CaptureNote(text, text)], link_types=[text])]
    view = View(ascii=ascii_only, every=payload, show_payload=payload)
    for shown in (connections, []):
        out = report(form, view, shown, analysis)
        characters = set(out) - {"\n"}
        assert not {c for c in characters if unicodedata.category(c) in HIDDEN}
        if ascii_only or form.startswith("json"):
            assert out.isascii()


def test_a_newline_from_the_wire_makes_no_line():
    connection = cut_by_a_proxy()
    connection.timeline = [Moment("frame", "one\ntwo", 1.0)]
    out = report("text", View(), [connection], make_analysis([connection]))
    assert "one\\x0atwo" in out


def test_what_the_analysis_escaped_is_not_escaped_again():
    connection = cut_by_a_proxy()
    connection.timeline = [Moment("frame", "esc \\x1b[0m", 1.0)]
    out = report("text", View(), [connection], make_analysis([connection]))
    assert "esc \\x1b[0m" in out


SECRETS = [
    "api.example",
    "hunter22",
    "s3cr3tcookie",
    "abcdefghijkl",
    "s3cr3ttoken",
    "edge.corp.example",
    "anothersecret",
    "198.51.100.7",
    "192.0.2.10",
]


def test_markdown_masks_what_is_private_wherever_it_stands():
    connection = answered_with_http()
    connection.findings[-1] = msgspec.structs.replace(
        connection.findings[-1],
        wanted=" ".join(["Cookie: session=s3cr3tcookie", *SECRETS]),
    )
    connection.end = msgspec.structs.replace(connection.end, why="It was " + ", ".join(SECRETS))
    analysis = make_analysis([connection])
    out = report("markdown", View(), [connection], analysis)
    assert not [secret for secret in SECRETS if secret in out]
    # The very same words stand in the report that is not for sharing.
    plain = report("json", View(), [connection], analysis)
    assert all(secret in plain for secret in SECRETS)


def test_markdown_gives_the_same_host_the_same_name():
    one, other = cut_by_a_proxy(), cut_by_a_proxy()
    other.id = 4
    other.server = Endpoint("203.0.113.9", 80)
    other.handshake = msgspec.structs.replace(other.handshake, host="203.0.113.9")
    out = report("markdown", View(), [one, other], make_analysis([one, other]))
    assert "`ws://\u2039host 1\u203a:8080/live`, client `\u2039host 2\u203a:51513`" in out
    assert "`ws://\u2039host 3\u203a/live`, client `\u2039host 2\u203a:51513`" in out


def test_markdown_shows_payload_only_when_asked():
    connection = answered_with_http()
    analysis = make_analysis([connection])
    shared = report("markdown", View(), [connection], analysis)
    assert "HTTP/1.1 502 Bad Gateway" in shared
    assert "X-Trace" not in shared
    assert "X-Trace" in report("markdown", View(show_payload=True), [connection], analysis)


def test_markdown_leaves_out_what_a_sentence_quotes_of_a_payload():
    connection = answered_with_http()
    payload = '{"user": "jane", "card": "4111"}'
    detail = {"kind": "json", "length": 400, "preview": payload}
    connection.findings = [
        make_finding(name="foreign-bytes", saw=f"JSON: {payload}", detail=detail)
    ]
    connection.end = msgspec.structs.replace(connection.end, why=f'It sent "{payload[:16]}".')
    out = report("markdown", View(), [connection], make_analysis([connection]))
    assert "jane" not in out
    assert "user" not in out
    assert "Saw JSON: \u2039masked\u203a" in out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("a|b", "a\\|b"),
        ("see @octocat", "see @<!-- -->octocat"),
        ("as #123 says", "as #<!-- -->123 says"),
        ("https://evil.test", "https://<!-- -->evil.test"),
        ("[x](y)", "\\[x\\](y)"),
        ("# heading", "\\# heading"),
        ("1. item", "\\1. item"),
    ],
)
def test_wire_text_is_no_markup(text, shown):
    assert escaped(text) == shown


def test_a_header_cannot_leave_its_fence():
    connection = cut_by_a_proxy()
    connection.handshake.request_headers = [("```", "x"), ("User-Agent", "````")]
    out = report("markdown", View(), [connection], make_analysis([connection]))
    assert out.count("`````") == 2
