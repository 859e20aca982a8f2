from __future__ import annotations

import random

import pytest

from tests.protocol.streams import DEFLATE, KEY, PLAIN, QUIET, frame, frames_of, kinds, read
from wsdebug.model.facts import CutShort, Foreign, Frame
from wsdebug.model.handshake import Agreed, SecondAnswer
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol import borders
from wsdebug.protocol.foreign import PREVIEW
from wsdebug.protocol.frames import FrameStream

RESPONSE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 11\r\n\r\nRequest end"
CHUNKED = b"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
TLS = b"\x16\x03\x01\x00\x30" + bytes(range(0x80, 0xB0)) + b"\x14\x03\x03\x00\x01\x01"

CASES = [
    ("http-response", RESPONSE),
    ("http-response", CHUNKED),
    ("http-response", b"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n<h1>Oops</h1>\n"),
    ("http-response", RESPONSE + RESPONSE),
    ("http-request", b"GET /live HTTP/1.1\r\nHost: example.com\r\n\r\n"),
    ("http-request", b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\x81\x03ab"),
    ("tls-record", TLS),
    ("proxy-header", b"PROXY TCP4 192.0.2.1 198.51.100.2 4711 80\r\n"),
    ("proxy-header", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(range(12))),
    ("ssh-banner", b"SSH-2.0-OpenSSH_9.6\r\n"),
    ("newline", b"\n"),
    ("newline", b"\r\n"),
    ("newline", b"\n\n\n"),
    ("json", b'{"error": "unauthorised"}'),
    ("json", b'[1, 2, {"a": "\xc3\xa9"}]\n'),
    ("text", b"Internal Server Error"),
    ("text", b"x"),
    ("chunk-size", b"1a\r\n"),
    ("zeros", bytes(16)),
]


def around(foreign, side, opcode=1):
    key = KEY if side is Side.CLIENT else None
    before = frame(opcode, b"the frame before", key=key)
    after = frame(opcode, b"the first behind", key=key) + frame(opcode, b"another", key=key)
    return before, before + foreign + after


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("opcode", [1, 2])
@pytest.mark.parametrize(("kind", "foreign"), CASES)
def test_one_fact_for_the_run_and_frames_again_behind_it(kind, foreign, opcode, side):
    before, data = around(foreign, side, opcode)
    facts, stream = read(data, side)
    (told,) = kinds(facts, Foreign)
    assert (told.kind, told.span.offset, told.span.length) == (kind, len(before), len(foreign))
    assert told.preview == foreign[:PREVIEW]
    assert told.header == int.from_bytes(foreign[:2].ljust(2, b"\0"), "big")
    assert told.frame == 1
    assert [fact.length for fact in kinds(facts, Frame)] == [16, 16, 7]
    assert stream.total == 3


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("first", [b"", b"\n", bytes(9)])
@pytest.mark.parametrize(("kind", "foreign"), CASES)
def test_byte_by_byte_the_same(kind, foreign, first, side):
    _, data = around(first + foreign, side)
    whole, _ = read(data, side)
    assert read(data, side, cuts=range(len(data)))[0] == whole
    assert kind in {fact.kind for fact in kinds(whole, Foreign)} or first


@pytest.mark.parametrize(("kind", "foreign"), CASES)
def test_foreign_bytes_alone_before_the_end(kind, foreign):
    data = frame(1, b"hello") + foreign
    facts, stream = read(data)
    if foreign in (b"\n", b"x"):
        assert [fact.span.length for fact in kinds(facts, Foreign)] == [1]
        return
    (told,) = kinds(facts, Foreign)
    assert (told.kind, told.span.length, stream.total) == (kind, len(foreign), 1)
    assert not kinds(facts, CutShort)


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("opcode", [1, 2])
def test_line_feed_behind_every_frame(side, opcode):
    key = KEY if side is Side.CLIENT else None
    data = b"".join(frame(opcode, b"%d" % number, key=key) + b"\n" for number in range(20))
    facts, stream = read(data, side, watch=QUIET)
    assert [fact.kind for fact in kinds(facts, Foreign)] == ["newline"] * 20
    assert stream.total == 20


def test_chunked_websocket():
    data = b"".join(b"7\r\n" + frame(1, b"hello") + b"\r\n" for _ in range(5))
    facts, stream = read(data, watch=QUIET)
    assert {fact.kind for fact in kinds(facts, Foreign)} <= {"chunk-size", "newline"}
    assert stream.total == 5


def test_binary_of_no_kind_is_stepped_over():
    noise = random.Random(3).randbytes(300)
    before, data = around(b"\xf7\x93" + noise, Side.SERVER)
    data += frame(1, b"some more text that is plain to see") * 3
    facts, stream = read(data)
    (told,) = kinds(facts, Foreign)
    assert (told.kind, told.span.offset, told.span.length) == ("unknown", len(before), 302)
    assert stream.total == 6


def test_long_text_does_not_fill_memory():
    page = b"<html>" + b"not found. " * 30_000
    _, data = around(page, Side.SERVER)
    data += frame(1, b"some more text that is plain to see") * 8
    stream = FrameStream(Side.SERVER, PLAIN, QUIET)
    facts = []
    for at in range(0, len(data), 1460):
        facts += stream.feed(data[at : at + 1460])
        assert len(stream._held.data) <= 2 * Limits().look_ahead
    facts += stream.end()
    (told,) = kinds(facts, Foreign)
    assert (told.kind, told.span.length) == ("text", len(page))
    assert stream.total == 11


def test_second_101_is_no_foreign_byte():
    answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    before, data = around(answer, Side.SERVER)
    facts, stream = read(data)
    (told,) = kinds(facts, SecondAnswer)
    assert (told.span.offset, told.span.length, told.head.status) == (len(before), len(answer), 101)
    assert not kinds(facts, Foreign)
    assert stream.total == 3


def test_after_the_own_close():
    facts, _ = read(frame(8, b"\x03\xe8") + b"HTTP/1.1 200 OK\r\n\r\n")
    (told,) = kinds(facts, Foreign)
    assert told.after_close


def test_inside_a_message():
    facts, _ = read(frame(1, b"be", fin=0) + b"\n" + frame(0, b"gin"))
    (told,) = kinds(facts, Foreign)
    assert told.in_message


def test_packet_of_the_first_byte():
    stream = FrameStream(Side.SERVER, PLAIN, QUIET)
    facts = [*stream.feed(frame(1, b"ok"), (1, 10, None)), *stream.feed(b"{", (2, 20, None))]
    facts += [*stream.feed(b'"a":1}', (3, 30, None)), *stream.feed(frame(1, b"k") * 3, (4, 40, 0))]
    facts += stream.end()
    (told,) = kinds(facts, Foreign)
    assert (told.span.packet, told.span.time) == (2, 20)


def test_end_of_a_body_in_a_gap():
    stream = FrameStream(Side.SERVER, PLAIN, QUIET)
    facts = [*stream.feed(RESPONSE[:-8]), *stream.gap(5), *stream.feed(RESPONSE[-3:])]
    facts += [*stream.feed(frame(1, b"hello") * 2), *stream.end()]
    (told,) = kinds(facts, Foreign)
    assert told.span.length == len(RESPONSE)
    assert stream.total == 2


def test_extension_we_do_not_know_may_own_the_bits():
    agreed = Agreed(unknown=("x-own",))
    facts, stream = read(frame(3, b"abc", rsv=3) + frame(1, b"ok", rsv=1), agreed=agreed)
    assert stream.total == 2
    assert not kinds(facts, Foreign)
    assert kinds(read(RESPONSE, agreed=agreed)[0], Foreign)


def test_compressed_frames_are_found_again():
    compressed = bytes.fromhex("f248cdc9c90700")
    data = frame(1, compressed, rsv=4) + b"\n" + frame(1, compressed, rsv=4) * 3
    facts, stream = read(data, agreed=DEFLATE)
    (told,) = kinds(facts, Foreign)
    assert told.span.length == 1
    assert stream.total == 4


def test_random_bytes_give_one_run_and_no_phantom_frames():
    source = random.Random(5)
    frames = 0
    for _ in range(200):
        data = b"\xff\xff" + source.randbytes(400)
        frames += len(frames_of(data, source.choice(list(Side)), agreed=DEFLATE))
    assert frames <= 2


@pytest.mark.parametrize("pattern", [b"\xa1\x01x\x0a", b"\x81\0", b"\x83\0", b"{\x81", b"a"])
def test_doubtful_bytes_cost_no_more_than_their_length(pattern):
    import time

    spent = []
    for count in (1_500, 6_000):
        data = b"\xff\xff" + pattern * count
        stream = FrameStream(Side.SERVER, PLAIN, QUIET)
        start = time.process_time()
        for at in range(0, len(data), 7):
            stream.feed(data[at : at + 7])
        stream.end()
        spent.append(time.process_time() - start)
    assert spent[1] < 8 * spent[0] + 0.1


def test_a_search_does_not_walk_empty_frames_from_each_of_its_starts(monkeypatch):
    """From each place of `81 00 81 00 ...` a chain of empty frames begins, and proves nothing."""
    looks = 0
    evidence = borders.evidence

    def counted(*asked):
        nonlocal looks
        looks += 1
        return evidence(*asked)

    monkeypatch.setattr(borders, "evidence", counted)
    stream = FrameStream(Side.SERVER, Agreed())
    stream.feed(b"\xff\xff\xff\xff\x13" + b"\x81\x00" * 2_000)
    assert looks < 10 * 2_000
