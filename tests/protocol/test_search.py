"""Where frames begin in the middle of bytes: found where there are some, and nowhere else."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol.streams import DEFLATE, PLAIN, frame
from wsdebug.model.handshake import Agreed
from wsdebug.model.place import NO_MARK, Side
from wsdebug.protocol.borders import AT_FIN, Shape
from wsdebug.protocol.run import Run
from wsdebug.protocol.search import find_border

UNKNOWN = Agreed(known=False)
SHAPES = [Shape(side, agreed) for side in Side for agreed in (PLAIN, DEFLATE, UNKNOWN)]
TALK = [f'{{"type": "price", "n": {n}, "bid": {n * 7}}}'.encode() for n in range(8)]


def run_of(*pieces: bytes | int) -> Run:
    """Segments, and numbers for holes."""
    run = Run(0)
    for piece in pieces:
        if isinstance(piece, bytes):
            run.put(piece, NO_MARK)
        else:
            run.put_hole(piece, NO_MARK)
    return run


def masked(*payloads: bytes, opcode: int = 1) -> list[bytes]:
    return [
        frame(opcode, payload, key=random.Random(at).randbytes(4))
        for at, payload in enumerate(payloads)
    ]


def test_the_first_whole_frame_behind_half_a_one_is_found():
    frames = masked(*TALK)
    half = frames[0][17:]
    found = find_border(run_of(half, *frames[1:]), Shape(Side.CLIENT, PLAIN), None)
    assert found is not None
    assert found.at == len(half)
    assert found.bits > 60


@pytest.mark.parametrize("shape", SHAPES)
def test_frames_of_the_other_role_are_none(shape):
    frames = masked(*TALK) if shape.side is Side.SERVER else [frame(1, text) for text in TALK]
    assert find_border(run_of(*frames), shape, AT_FIN) is None


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "data",
    [
        bytes(50_000),
        b"\x82\x01" * 3_000,
        b"\x82\x81" + b"\x82\x81\0\0\0\0\1" * 900,
        b"\x81\x02ab" * 2_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + b"<p>Hello</p>\n" * 4_000,
    ],
    ids=["zeros", "pairs", "sevens", "one message again and again", "a page"],
)
def test_bytes_that_repeat_prove_nothing(shape, data):
    pieces = [data[at : at + 1448] for at in range(1, len(data), 1448)]
    found = find_border(run_of(*pieces), shape, AT_FIN)
    if found is not None:  # one and the same message may be a ticker; only segments speak for it
        assert data.startswith(b"\x81\x02ab")
        assert shape.side is Side.SERVER


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=2, max_size=3_000), st.sampled_from(SHAPES))
def test_chance_looks_like_no_frames(data, shape):
    assert find_border(run_of(data), shape, None) is None


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("shape", SHAPES)
def test_much_chance_looks_like_no_frames(seed, shape):
    dice = random.Random(seed)
    pieces = [dice.randbytes(1_448) for _ in range(20)]
    assert find_border(run_of(*pieces), shape, AT_FIN) is None


def test_a_chain_goes_on_behind_a_hole_whose_length_is_known():
    frames = masked(*TALK)
    pieces = [part for one in frames for part in (one[:20], len(one) - 20)]
    found = find_border(run_of(*pieces), Shape(Side.CLIENT, PLAIN), None)
    assert found is not None
    assert found.at == 0


def test_nothing_is_read_out_of_a_hole():
    frames = masked(*TALK)
    stream = b"".join(frames)
    run = run_of(stream[:5], len(frames[0]) - 5 + 3, stream[len(frames[0]) + 3 :])
    found = find_border(run, Shape(Side.CLIENT, PLAIN), AT_FIN)
    assert found is not None
    assert found.at >= len(frames[0]) + len(frames[1])


def test_a_header_that_ends_by_accident_at_a_border_is_not_taken_up():
    frames = [frame(2, random.Random(at).randbytes(90)) for at in range(12)]
    accident = frame(2, bytes(7))[:2] + random.Random(99).randbytes(7)
    run = run_of(b"\xff" + accident + b"".join(frames))
    found = find_border(run, Shape(Side.SERVER, PLAIN), AT_FIN)
    assert found is not None
    assert found.at > len(accident)


def test_two_chains_as_good_as_each_other_are_no_border():
    """Frames within frames: each chain ends with the bytes, and they never meet."""
    dice = random.Random(4)
    data = bytearray(dice.randbytes(60 * 52).translate(bytes(b & 0x7F for b in range(256))))
    for at in range(0, len(data), 52):
        data[at : at + 2] = bytes((0x82, 50))
        data[at + 20 : at + 22] = bytes((0x82, 50))
    whole = bytes(data[:-32])
    assert find_border(run_of(b"\x7f" + whole[20:]), Shape(Side.SERVER, PLAIN), None) is None
    alone = bytearray(whole)
    for at in range(20, len(alone), 52):
        alone[at : at + 2] = b"\x10\x10"
    found = find_border(run_of(b"\x7f" + bytes(alone[20:])), Shape(Side.SERVER, PLAIN), None)
    assert found is not None


def test_fragments_out_of_order_are_no_chain():
    frames = masked(*TALK, opcode=0)  # final continuations: none of them continues anything
    assert find_border(run_of(*frames), Shape(Side.CLIENT, PLAIN), AT_FIN) is None


def test_with_an_extension_nobody_knows_every_header_may_be_right():
    frames = masked(*TALK)
    shape = Shape(Side.CLIENT, Agreed(unknown=("x-own",)))
    assert find_border(run_of(*frames), shape, AT_FIN) is None


def test_pings_and_pongs_behind_the_border_are_told():
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = packer.compress(b"hello") + packer.flush(zlib.Z_SYNC_FLUSH)[:-4]
    pieces = [*masked(*TALK), frame(10, b"abcd", key=b"1234"), frame(1, body, rsv=4, key=b"5678")]
    found = find_border(run_of(*pieces), Shape(Side.CLIENT, UNKNOWN), AT_FIN)
    assert found is not None
    assert found.beats == ((10, b"abcd"),)
