"""A limit that is reached is said, in words; what it gave up is never a finding."""

from __future__ import annotations

import zlib

import pytest

import wsdebug
from tests.analysis.streams import DEFLATE, Capture, accept, request
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.report import Analysis


def notes(analysis: Analysis) -> dict[str, str]:
    return {note.kind: note.message for capture in analysis.captures for note in capture.limits}


def replaced(**changes: int) -> Limits:
    return Limits(**{name: changes.get(name, getattr(DEFAULT_LIMITS, name)) for name in FIELDS})


FIELDS = Limits.__struct_fields__
REFUSED = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"


GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
CASES = [
    ("findings", 2, "1 connection with more than 2 findings",
     [("c", request()), ("s", accept()), ("s", b"\xa1\x01a" * 4)]),
    ("attempts", 2, "more than 2 earlier upgrade requests",
     [("c", request()), ("s", REFUSED)] * 5),
    ("requests", 2, "more than 2 HTTP requests", [("c", GET * 4), ("c", request())]),
    ("head", 200, "an HTTP head of more than 200 bytes", [("c", request(b"X: " + b"x" * 300))]),
    ("waiting", 300, "before the other side's answer", [("c", request()), ("c", b"x" * 900)]),
]  # fmt: skip


@pytest.mark.parametrize(("limit", "most", "said", "talk"), CASES)
def test_limit_is_said(tmp_path, limit, most, said, talk):
    capture = Capture()
    for who, data in talk:
        capture.say(who, data, size=100 if limit == "waiting" else 1_400)
    path = capture.write(tmp_path)
    assert said in notes(wsdebug.read(path, limits=replaced(**{limit: most})))[limit]
    assert notes(wsdebug.read(path)) == {}


def test_contexts_beyond_the_limit_are_given_up_and_nobody_is_blamed(tmp_path):
    capture = Capture()
    talks = [capture.connection(port) for port in (4_001, 4_002, 4_003)]
    packers = [zlib.compressobj(9, zlib.DEFLATED, -15) for _ in talks]
    for talk in talks:
        talk.say("c", request(DEFLATE))
        talk.say("s", accept(DEFLATE))
    for turn in range(4):
        for talk, packer in zip(talks, packers, strict=True):
            text = b"the same words, turn after turn, refer to those before: %d" % turn
            body = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
            talk.say("s", bytes((0xC1, len(body) - 4)) + body[:-4])
    path = capture.write(tmp_path)
    analysis = wsdebug.read(path, limits=replaced(inflaters=2))
    assert "compression context was given up" in notes(analysis)["inflaters"]
    assert [connection.findings for connection in analysis.connections] == [[], [], []]
    assert [connection.messages["server"] for connection in analysis.connections] == [4, 4, 4]
    assert notes(wsdebug.read(path)) == {}
