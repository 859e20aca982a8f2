"""The Why line says who did what, in plain sentences, and nothing the bytes do not show."""

from __future__ import annotations

import msgspec
import pytest

from tests.diagnosis.lives import life
from tests.report.samples import make_finding
from wsdebug.diagnosis.application import seen_by_application
from wsdebug.diagnosis.ending import ending
from wsdebug.diagnosis.why import Story, why
from wsdebug.model.place import Part, Side
from wsdebug.model.report import Finding, Severity


def sentence(script, *, fatal=(), reason=None, legs=(), cut=None, **more):
    one = life(script, **more)
    verdict = ending(one)
    seen = seen_by_application(one, verdict.how)
    return why(Story(one, verdict, seen, fatal, reason, legs, cut))


@pytest.mark.parametrize(
    ("name", "side", "says"),
    [
        ("frame-cut-short", Side.SERVER, "closed TCP (FIN) in the middle of a frame after"),
        ("message-cut-short", Side.SERVER, "(FIN) in the middle of a fragmented message after"),
        ("frame-cut-short", Side.CLIENT, "The server closed TCP (FIN) after"),
    ],
)
def test_an_end_inside_a_frame_says_so(name, side, says):
    cut = make_finding(name=name, side=side)
    assert says in sentence("S data @5; S fin @6", cut=cut)


@pytest.mark.parametrize(
    ("script", "more", "expected"),
    [
        (
            "S data @5; S fin @65",
            {},
            (
                "The server closed TCP (FIN) after 60.0 s of silence, and no Close frame came "
                "before it. Both applications see 1006."
            ),
        ),
        (
            "C close 1000 @5; S close 1000 @6",
            {},
            (
                "The client sent Close 1000 (normal closure), the server answered 1000 (normal "
                "closure): a clean close."
            ),
        ),
        (
            "",
            {"handshake": "rejected", "status": 404, "reason": "Not Found"},
            "The server refused the upgrade: 404 Not Found. The client application sees 1006.",
        ),
        (
            "C fin @21",
            {"handshake": "no-response"},
            (
                "The client gave up 20.0 s after its upgrade request; no response came. The client "
                "application sees 1006."
            ),
        ),
        (
            "C rst! @9",
            {},
            (
                "Something between client and server (its TTL is not the sender's) reset the TCP "
                "connection (RST) after 7.0 s of silence, and no Close frame came before it. Both "
                "applications see 1006."
            ),
        ),
        (
            "S data @5; S fin @8",
            {"proxy_side": Side.SERVER, "legs": (2,)},
            (
                "The proxy that joins this connection and #2 into one path closed TCP (FIN) after "
                "3.0 s of silence, and no Close frame came before it. Both applications see 1006."
            ),
        ),
        (
            "C data @5",
            {},
            (
                "The capture ends while the connection is open. If it ended for you, capture some"
                " seconds longer."
            ),
        ),
        (
            "S ladder 9 @5; S data @20; S ladder 50 @20",  # the first one healed
            {},
            (
                "The client stopped answering: the server sent the same bytes again and again for "
                "30.0 s, and no acknowledgement of them was captured. Both applications see 1006."
            ),
        ),
    ],
)
def test_why(script, more, expected):
    assert sentence(script, **more) == expected


def test_closes_that_crossed_are_no_answers():
    one = life("C close 4002 @5; S close 4001 @6")
    assert one.client.close is not None
    assert one.server.close is not None
    sent = msgspec.structs.replace(one.client.close, end=500)
    for acknowledged, words in ((499, "Two Closes crossed: the client sent"), (500, "answered")):
        met = msgspec.structs.replace(one.server.close, acknowledged=acknowledged)
        sides = {
            "client": msgspec.structs.replace(one.client, close=sent),
            "server": msgspec.structs.replace(one.server, close=met),
        }
        now = msgspec.structs.replace(one, **sides)
        verdict = ending(now)
        text = why(Story(now, verdict, seen_by_application(now, verdict.how), ()))
        assert words in text
        assert ("answered" in text) == (acknowledged == 500)


def foreign(preview: str) -> Finding:
    return Finding(
        name="foreign-bytes",
        code="FR110",
        severity=Severity.ERROR,
        side=Side.SERVER,
        frame=0,
        part=Part.STREAM,
        offset=0,
        length=99,
        packet=7,
        time=0.1,
        saw="",
        wanted="",
        section="",
        fatal=True,
        detail={"kind": "http-response", "preview": preview},
    )


def test_the_fatal_finding_comes_first_and_its_bytes_are_quoted_safely():
    text = sentence(
        "S bad @7; C close 1002 @8; S fin @9",
        fatal=[foreign("HTTP/1.1 400 Bad Request\r\n\x1b[31m")],
    )
    assert text.startswith(
        "The server put bytes on the socket that are no frame: an HTTP response, "
        '"HTTP/1.1 400 Bad Request" (packet 7).'
    )
    assert "\x1b" not in text
