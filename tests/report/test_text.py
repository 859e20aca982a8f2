"""What the text report shows in full, in a line, or only counts, and what it says of nothing."""

from __future__ import annotations

import io

import msgspec
import pytest

from tests.report.samples import (
    answered_with_http,
    cut_by_a_proxy,
    make_analysis,
    make_connection,
    make_finding,
)
from wsdebug.model.place import Side
from wsdebug.model.report import Ending, HandshakeReport, Moment, Severity, SideCodes
from wsdebug.report import View, words, writer_for


def text(connections, analysis=None, **view):
    stream = io.StringIO()
    writer = writer_for("text", stream, View(**view))
    for connection in connections:
        writer.connection(connection)
    writer.finish(analysis or make_analysis(connections))
    return stream.getvalue()


def numbered(make, count):
    connections = [make() for _ in range(count)]
    for number, connection in enumerate(connections, 1):
        connection.id = number
    return connections


def test_five_broken_ones_in_full_and_the_others_in_a_line():
    out = text(numbered(cut_by_a_proxy, 8))
    assert out.count("What happened") == 5
    assert [line[:4] for line in out.splitlines() if line.startswith("✗")] == [
        f"✗ #{number}" for number in range(1, 9)
    ]
    assert out.endswith("8 broken.   Details: wsdebug read trace.pcapng -c 6,7,8\n")


@pytest.mark.parametrize(("count", "lines"), [(2, 2), (5, 5), (6, 0)])
def test_a_few_fine_ones_get_a_line_and_many_are_counted(count, lines):
    out = text([make_connection(number) for number in range(1, count + 1)])
    assert out.count("✓ #") == lines
    assert ("✓ 6 connections ended well or are open." in out) is (count == 6)
    assert out.endswith(f"0 broken, {count} fine.\n")


def test_the_only_connection_is_shown_in_full():
    assert "Frames with findings: none" in text([make_connection(1)])


def test_five_encrypted_ones_and_the_rest_counted():
    def encrypted():
        return make_connection(
            1,
            handshake=HandshakeReport("encrypted"),
            end=Ending("fin", "client", 1.0, 5, Severity.NOTE),
        )

    out = text([make_connection(9), *numbered(encrypted, 7)])
    assert out.count("encrypted, no keys") == 5
    assert "? 2 more connections in TLS without keys." in out
    assert out.endswith("0 broken, 1 fine, 7 encrypted.\n")


def test_worst_first_and_findings_that_say_the_same_are_counted():
    out = text([make_connection(1), answered_with_http(), make_connection(2)])
    assert out.index("✗ #7") < out.index("✓ #1") < out.index("✓ #2")
    assert out.count("FR101  A reserved bit") == 1
    assert "error x 15" in out
    assert text([answered_with_http()], every=True).count("FR101  A reserved bit") == 15


def test_a_fatal_finding_says_so_once():
    out = text([answered_with_http()])
    assert out.count("FATAL   the receiver had to fail the connection here") == 1


@pytest.mark.parametrize(
    ("change", "says", "says_not"),
    [
        ({"packets": 0, "tcp_connections": 0}, "The capture holds no packet", "filter was too"),
        ({"tcp_connections": 0}, "There is no TCP in it (link type ETHERNET)", "upgrade request"),
        ({"tls_connections": 3}, "3 connections are TLS", "no packet"),
        ({}, "--decode-as PORT=ws", "TLS, and"),
        ({"http_connections": 12}, "(12 HTTP, 0 TLS)", "began after the handshake"),
        ({"http_connections": 12}, "No HTTP request asks for a WebSocket", "interface"),
        ({"skipped": {"UDP": 3, "ARP": 9}}, "no TCP: ARP (9), UDP (3).", "cannot look into"),
        (
            {"skipped": {"IPv4 fragment": 5}, "tcp_connections": 0},
            "IPv4 fragment (5): wsdebug cannot look into",
            "wrong interface",
        ),
    ],
)
def test_nothing_found_gives_the_reasons_that_the_figures_allow(change, says, says_not):
    analysis = make_analysis([])
    analysis.captures = [msgspec.structs.replace(analysis.captures[0], **change)]
    out = " ".join(text([], analysis).split())
    assert "No WebSocket traffic was found in" in out
    assert says in out
    assert says_not not in out


@pytest.mark.parametrize(
    ("how", "seen", "status", "said"),
    [
        ("clean", SideCodes(1000, 1000), 101, "ended as 1000"),
        ("close-one-side", SideCodes(1006, 1000), 101, "ended as 1006/1000"),
        ("fin", SideCodes(None, 1006), 101, "ended as 1006"),
        ("fin", SideCodes(), 101, "ended by FIN"),
        ("rst", SideCodes(), 101, "ended by RST"),
        ("timeout", SideCodes(), 101, "timed out"),
        ("capture-end", SideCodes(), 101, "still open"),
        ("handshake-rejected", SideCodes(1006), 403, "rejected with 403"),
        ("handshake-timeout", SideCodes(1006), None, "never answered"),
    ],
)
def test_endings_in_words(how, seen, status, said):
    connection = make_connection(
        1, end=Ending(how, "server", 1.0, 1, Severity.ERROR, SideCodes(), seen)
    )
    connection.handshake.status = status
    assert words.ended(connection) == said


@pytest.mark.parametrize(
    ("how", "by", "codes", "said"),
    [
        ("close-handshake-abnormal", "client", SideCodes(1009, 1000), "closed with 1009"),
        ("close-handshake-abnormal", "server", SideCodes(1000, 1011), "closed with 1011"),
        ("close-one-side", "server", SideCodes(None, 1002), "closed with 1002"),
        ("close-one-side", "client", SideCodes(1000, None), "ended as 1006/1000"),
        ("close-one-side", "client", SideCodes(1005, None), "ended as 1006/1000"),
        ("close-handshake-abnormal", "client", SideCodes(None, 1002), "ended as 1006/1000"),
        ("clean", "client", SideCodes(1000, 1000), "ended as 1006/1000"),
    ],
)
def test_the_code_of_a_failure_that_was_sent_is_the_headline(how, by, codes, said):
    end = Ending(how, by, 1.0, 1, Severity.ERROR, codes, SideCodes(1006, 1000))
    assert words.ended(make_connection(1, end=end)) == said


def test_different_codes_are_said_once():
    seen = SideCodes(1000, 1009)
    why = "The client application sees 1000, the server application 1009."
    end = Ending("close-one-side", "client", 1.0, 1, Severity.ERROR, SideCodes(), seen)
    assert words.seen_differently(make_connection(1, end=end)) is not None
    end = msgspec.structs.replace(end, why=why)
    assert words.seen_differently(make_connection(1, end=end)) is None


def test_findings_outside_of_frames_leave_no_line_about_frames():
    foreign = make_finding(name="foreign-bytes", code="FR110", frame=None)
    assert "Frames with findings" not in text([make_connection(1, findings=[foreign])])
    assert "Frames with findings: none" in text([make_connection(1)])
    both = [foreign, make_finding(frame=7)]
    assert "Frames with findings: S7" in text([make_connection(1, findings=both)])


def test_advice_stands_once_for_findings_of_one_kind():
    findings = [make_finding(frame=at, saw=f"RSV{at} 1") for at in (1, 2, 3)]
    out = text([make_connection(1, findings=findings)])
    assert out.count("FR101") == 4  # each finding, and what to ask for
    assert out.count("      fix ") == 1


@pytest.mark.parametrize(
    ("kind", "preview", "says"),
    [
        ("http-response", "HTTP/1.1 400 Bad Request", "second WebSocket server"),
        ("http-response", "HTTP/1.1 408 Request Timeout", "Node's request timer"),
        ("tls-record", "\\x16\\x03", "wss://"),
        ("json", '{"a":1}', "send()"),
        ("unknown", "", "second writer"),
    ],
)
def test_what_to_do_about_foreign_bytes_depends_on_what_they_are(kind, preview, says):
    finding = make_finding(
        name="foreign-bytes", code="FR110", detail={"kind": kind, "preview": preview}
    )
    assert says in (words.fix(finding) or "")


def test_a_headline_that_does_not_fit_gets_a_line_of_its_own():
    unanswered = make_finding(name="ping-not-answered", code="PP101", severity=Severity.WARNING)
    connections = [make_connection(1, findings=[unanswered]), make_connection(2)]
    assert "\n      PP101 A ping was never answered\n" in text(connections)
    assert "  PP101 A ping was never answered\n" in text(connections, width=120)


def test_a_narrow_terminal_gets_no_column_for_packets():
    narrow = text([cut_by_a_proxy()], width=40)
    assert max(map(len, narrow.splitlines())) <= 40
    assert "packet 12" in " ".join(narrow.split())
    short = {line.strip() for line in narrow.splitlines() if 0 < len(line.strip()) < 4}
    assert short == {"Fix"}


def test_an_empty_capture_says_so_to_the_end():
    analysis = make_analysis([])
    analysis.captures = [msgspec.structs.replace(analysis.captures[0], packets=0)]
    said = " ".join(text([], analysis).split())
    assert "nothing was sent while it ran, or tcpdump was stopped too soon" in said
    assert said.endswith("(`--immediate-mode`: at once).")


def test_packets_that_could_hide_tcp_are_named_beside_what_was_found():
    analysis = make_analysis([make_connection(1)])
    analysis.captures[0].skipped = {"IPv4 fragment": 5, "UDP": 1}
    assert "Not read, though TCP may be in them: IPv4 fragment (5)." in text(
        [make_connection(1)], analysis
    )


@pytest.mark.parametrize(
    ("how", "codes", "seen", "says"),
    [
        ("fin", SideCodes(), SideCodes(1006, 1006), "More: wsdebug explain 1006"),
        ("handshake-rejected", SideCodes(), SideCodes(1006), "More: wsdebug explain 403"),
        ("close-one-side", SideCodes(None, 1011), SideCodes(1011, 1006), "explain 1011"),
    ],
)
def test_the_ending_is_explained_too(how, codes, seen, says):
    end = Ending(how, "server", 1.0, 1, Severity.ERROR, codes, seen)
    connection = make_connection(1, end=end)
    connection.handshake.status = 403
    assert says in text([connection])
    assert "explain" not in text([make_connection(1)])


def test_a_title_that_does_not_fit_goes_on_in_the_next_line():
    missing = make_finding(name="upgrade-header-missing", code="HS104")
    out = text([make_connection(1, findings=[missing])], width=70)
    assert "for, or confirm, a WebSocket" in " ".join(out.replace("error", "").split())


def test_an_encrypted_connection_has_no_line_about_frames():
    end = Ending("fin", "client", 1.0, 9, Severity.NOTE)
    tls = make_connection(1, handshake=HandshakeReport("encrypted"), end=end)
    assert "Frames with findings" not in text([tls])


def test_payload_that_was_asked_for_is_shown_to_its_end():
    payload = "word " * 2000 + "END"
    finding = make_finding(detail={"payload": payload})
    moment = Moment("frame", f"last frame: text, 9 bytes: {payload}", 1.0, Side.SERVER, 5, 0)
    connection = make_connection(1, findings=[finding], timeline=[moment])
    assert text([connection]).count("END") == 2


def test_a_rule_without_a_section_and_one_we_do_not_know():
    strange = make_finding(name="not-ours", code="ZZ1", section="—", wanted="peace")
    out = text([make_connection(1, findings=[strange])])
    assert "ZZ1  not-ours" in out
    assert "wanted  peace\n" in out
