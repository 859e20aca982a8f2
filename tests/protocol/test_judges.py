"""Other implementations as judges: wsproto of headers, websockets of payloads."""

from __future__ import annotations

import itertools
import random
import tomllib
import zlib
from pathlib import Path

import pytest
from websockets.exceptions import ProtocolError
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode
from websockets.streams import StreamReader
from wsproto.frame_protocol import FrameProtocol, ParseFailed

from tests.protocol.streams import KEY, PLAIN, frame, kinds, read
from wsdebug.model.facts import DeflateFault, Foreign, Frame, Message
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol.header import faults_of_bits, faults_of_length, header_at

DIFFERENCES = tomllib.loads(
    (Path(__file__).parent.parent / "oracles" / "known_differences.toml").read_text("utf-8")
)
SHORT = [(0, None), (5, None), (125, None), (126, None), (200, 16), (5, 16), (125, 16)]
SHORT += [(200, 64), (5, 64)]
LONG = [(0xFFFF, 16), (0x10000, 64), (0xFFFF, 64)]
HEADERS = [
    *itertools.product((0, 1), range(8), range(16), (False, True), SHORT),
    *itertools.product((1,), (0,), (1, 2, 9), (False, True), LONG),
]


def one_frame(*, fin, rsv, opcode, masked, length, form):
    payload = b"\x03\xe8".ljust(length, b"x") if opcode == 8 and length else b"x" * length
    return frame(opcode, payload, fin=fin, rsv=rsv, key=KEY if masked else None, form=form)


def wsproto_refuses(data, side):
    try:
        protocol = FrameProtocol(client=side is Side.SERVER, extensions=[])
        protocol.receive_bytes(data)
        list(protocol.received_frames())
    except ParseFailed:
        return True
    return False


def websockets_refuses(data, side):
    reader = StreamReader()
    reader.feed_data(data)
    parser = TheirFrame.parse(reader.read_exact, mask=side is Side.CLIENT)
    try:
        next(parser)
    except StopIteration:
        return False
    except ProtocolError:
        return True
    raise AssertionError("the judge wants more bytes than the frame has")


def we_refuse(data, side):
    facts, _ = read(data, side)
    if kinds(facts, Foreign):
        return True
    (told,) = kinds(facts, Frame)
    header = header_at(data, 0)
    faults = faults_of_bits(header.bits, side, PLAIN) | faults_of_length(header)
    return bool(faults) or (told.opcode == 0 and not told.in_message)


def is_known(judge, case):
    return any(
        all(case[name] in wanted for name, wanted in entry["where"].items())
        for entry in DIFFERENCES[judge.__name__.removesuffix("_refuses")]
    )


@pytest.mark.parametrize("judge", [wsproto_refuses, websockets_refuses])
@pytest.mark.parametrize("side", list(Side))
def test_judges_accept_and_refuse_the_same_headers(judge, side):
    names = ("fin", "rsv", "opcode", "masked", "length", "form")
    unlike, agreed = [], 0
    for fin, rsv, opcode, masked, (length, form) in HEADERS:
        case = dict(zip(names, (fin, rsv, opcode, masked, length, form or 0), strict=True))
        data = one_frame(**case)
        if judge(data, side) is we_refuse(data, side):
            agreed += 1
        elif not is_known(judge, case):
            unlike.append(case)
    assert unlike == []
    assert agreed > 4_000


def their_payloads(data, extension):
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    payloads, parts = [], []
    while reader.buffer:
        parser = TheirFrame.parse(
            reader.read_exact, mask=True, extensions=[extension] if extension else None
        )
        try:
            next(parser)
        except StopIteration as done:
            told = done.value
        if told.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            parts.append(bytes(told.data))
            if told.fin:
                payloads.append(b"".join(parts))
                parts = []
    return payloads


@pytest.mark.parametrize("takeover", [True, False])
@pytest.mark.parametrize("bits", [9, 12, 15])
def test_payloads_are_those_of_websockets(bits, takeover):
    source = random.Random(bits)
    words = [source.randbytes(source.randrange(1, 40)) for _ in range(30)]
    packer = zlib.compressobj(6, zlib.DEFLATED, -bits)
    data, expected = b"", []
    for number in range(120):
        text = b" ".join(source.choices(words, k=source.randrange(60)))
        if number % 40 == 39:
            text *= 60
        expected.append(text)
        body, rsv = text, 0
        if source.random() < 0.8:
            if not takeover:
                packer = zlib.compressobj(6, zlib.DEFLATED, -bits)
            body, rsv = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH), 4
            body = body[:-4]
        cuts = sorted(source.randrange(len(body) + 1) for _ in range(source.randrange(3)))
        edges = [0, *cuts, len(body)]
        for part, (start, stop) in enumerate(itertools.pairwise(edges)):
            data += frame(
                0 if part else 2,
                body[start:stop],
                fin=int(part == len(edges) - 2),
                rsv=0 if part else rsv,
                key=source.randbytes(4),
            )
            data += frame(9, b"between", key=source.randbytes(4))
    agreed = Agreed(Deflate(client_no_context_takeover=not takeover, client_max_window_bits=bits))
    facts, _ = read(data, Side.CLIENT, agreed=agreed, limits=Limits(payload=1 << 20))
    ours = [message.payload for message in kinds(facts, Message)]
    extension = PerMessageDeflate(not takeover, not takeover, bits, bits)
    assert ours == their_payloads(data, extension) == expected
    assert not kinds(facts, DeflateFault)


def test_unmasked_payload_of_each_length():
    source = random.Random(1)
    for length in [*range(40), 125, 126, 1020, 1023, 1024, 1025, 4097, 16385, 70_001]:
        text = source.randbytes(length)
        data = frame(2, text, key=source.randbytes(4))
        for cuts in ((), (length // 2 + 7,), (3, 11)):
            facts, _ = read(data, Side.CLIENT, limits=Limits(payload=1 << 20), cuts=cuts)
            assert kinds(facts, Frame)[0].payload == text
        assert their_payloads(data, None) == [text]


def test_fast_lane_unmasks_each_length():
    source = random.Random(2)
    for length in [*range(1, 40), 125, 126, 1020, 1023, 1024, 1025, 1026, 4097, 16384, 16385]:
        data = frame(1, b"first", key=b"abcd")
        data += frame(1, b"a" * (length - 1) + b"\x80", key=source.randbytes(4))
        facts, stream = read(data, Side.CLIENT, watch=bytes(0x10000))
        assert stream.total == 2
        assert [fault.message_offset for fault in facts] == [length - 1]
