"""Behind a hole over a header: frames are taken up again, and nothing is held against anybody."""

from __future__ import annotations

import random
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol.streams import DEFLATE, PLAIN, frame, kinds
from wsdebug.model.facts import (
    Bomb,
    CutShort,
    DeflateFault,
    Foreign,
    Frame,
    Message,
    PongDiffers,
    TextFault,
    Unsolicited,
)
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.limits import Limits
from wsdebug.model.place import NO_MARK, Side
from wsdebug.protocol.frames import FrameStream
from wsdebug.protocol.searches import Searches

TALK = [f'{{"type": "price", "n": {n}, "text": "value {n * 7919}"}}'.encode() for n in range(30)]
FAULTS = (Foreign, CutShort, TextFault, DeflateFault, Bomb, PongDiffers, Unsolicited)
RESETTING = Agreed(Deflate(server_no_context_takeover=True, client_no_context_takeover=True))


def talk(side=Side.SERVER, texts=TALK, **named):
    keys = random.Random(1)
    key = keys.randbytes(4) if side is Side.CLIENT else None
    return [frame(1, text, key=key and keys.randbytes(4), **named) for text in texts]


def packed(texts, *, resets=False):
    packer, frames = zlib.compressobj(6, zlib.DEFLATED, -15), []
    for text in texts:
        if resets:
            packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)[:-4]
        frames.append(frame(1, body, rsv=4))
    return frames


def lacking(frames, gone, *, side=Side.SERVER, agreed=PLAIN, known=True, how="fin", payload=0):
    """Each frame in a segment of its own, without those in `gone`."""
    stream = FrameStream(side, agreed, None, Limits(payload=payload))
    facts = []
    for at, data in enumerate(frames):
        if at in gone:
            facts += stream.gap(len(data) if known else None)
        else:
            facts += stream.feed(data, (at + 1, at, None))
    return [*facts, *stream.end(how)], stream


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("gone", [{0}, {3}, {3, 4, 5}, {3, 9, 20}])
def test_every_frame_that_is_there_is_found(side, known, gone):
    facts, stream = lacking(talk(side), gone, side=side, known=known)
    assert {fact.packet - 1 for fact in kinds(facts, Frame)} == set(range(len(TALK))) - gone
    assert not kinds(facts, *FAULTS)
    assert stream.unsynchronised == []
    assert not stream.is_lost


def test_what_stands_before_the_next_border_is_unsynchronised():
    frames = talk()
    stream = FrameStream(Side.SERVER, PLAIN)
    whole = b"".join(frames)
    stream.feed(frames[0])
    stream.gap(len(frames[1]) + 5)
    begin = len(frames[0]) + len(frames[1]) + 5
    stream.feed(whole[begin:])
    stream.end("fin")
    ((start, length),) = stream.unsynchronised
    assert start == begin
    assert length >= len(frames[2]) - 5
    assert stream.total >= len(TALK) - 4  # no segment begins where frames do: one or two are lost


def test_the_first_message_behind_a_hole_is_not_judged():
    broken = frame(0, b"rest \xff", fin=1)
    facts, _ = lacking([*talk()[:3], *talk()[:2], broken, *talk()[3:]], {3, 4})
    assert not kinds(facts, TextFault)
    told = [fact for fact in kinds(facts, Frame) if not fact.synchronised]
    assert [fact.opcode for fact in told] == [0]


def test_what_is_wrong_later_is_told_all_the_same():
    wrong = frame(1, b"bad \xff text")
    facts, _ = lacking([*talk(), wrong, *talk()], {2})
    (fault,) = kinds(facts, TextFault)
    assert fault.span.packet == len(TALK) + 1


def test_a_header_that_does_not_fit_soon_after_a_border_is_no_finding():
    """Two frames and then chance: the border was none, or the sender is at fault; who can tell?"""
    noise = random.Random(5).randbytes(40).replace(b"\x81", b"\x7f")
    facts, stream = lacking([*talk()[:4], b"?" * 30, *talk()[4:6], b"\xf7" + noise], {4})
    assert not kinds(facts, Foreign)
    assert stream.unsynchronised


def test_one_or_two_frames_behind_a_border_do_not_make_it_certain():
    """A border of some 30 bits: the header that does not fit comes three frames behind it."""
    frames = [frame(2, random.Random(at).randbytes(20)) for at in range(30)]
    wrong = frame(3, b"?" * 20, rsv=1)
    facts, _ = lacking([*frames[:4], b"?" * 30, *frames[4:8], wrong], {4}, how="capture")
    told = [fact for fact in kinds(facts, Frame) if fact.opcode == 3]
    assert told == []
    assert not kinds(facts, Foreign)
    facts, _ = lacking([*frames[:4], b"?" * 30, *frames[4:], wrong, *frames], {4}, how="capture")
    assert [fact.opcode for fact in kinds(facts, Frame)].count(3) == 1


def test_masked_data_that_repeats_brings_no_phantom():
    """Zeros under a key are the key again and again: read as a header it says what it likes."""
    dice = random.Random(9)
    frames = [frame(2, bytes(2_000), key=dice.randbytes(4)) for _ in range(12)]
    key = bytes.fromhex("81c2b8d7")
    frames.insert(6, frame(2, bytes(2_000), key=key))
    stream = FrameStream(Side.CLIENT, PLAIN)
    told = list(stream.feed(b"".join(frames[:6])))
    told += stream.gap(1_448)
    told += stream.feed((frames[6] + b"".join(frames[7:]))[1_448:])
    told += stream.end("fin")
    assert {(fact.opcode, fact.length) for fact in kinds(told, Frame)} == {(2, 2_000)}
    assert stream.total == 10  # the two behind the hole are passed over


def test_an_http_response_behind_a_hole_is_told():
    page = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"
    pings = [frame(9)] * 12
    facts, _ = lacking([*pings, page], {3})
    (found,) = kinds(facts, Foreign)
    assert found.kind == "http-response"
    assert len(kinds(facts, Frame)) == 11


# ---- compression ------------------------------------------------------------------------------
def test_inflating_goes_on_where_each_message_stands_alone():
    facts, stream = lacking(packed(TALK, resets=True), {4}, agreed=RESETTING, payload=200)
    read = [fact.payload for fact in kinds(facts, Message)]
    assert read == TALK[:4] + TALK[5:]
    assert stream.unreadable == 0


def test_messages_that_refer_to_missing_ones_are_not_readable_and_no_fault():
    facts, stream = lacking(packed(TALK), {4}, agreed=DEFLATE, payload=200)
    assert not kinds(facts, *FAULTS)
    told = kinds(facts, Message)
    assert len(told) == len(TALK) - 1
    assert stream.unreadable == sum(fact.payload is None for fact in told) > 0
    assert all(
        fact.payload in (None, TALK[fact.last_frame + (fact.last_frame > 3)]) for fact in told
    )


def test_inflating_goes_on_once_the_window_is_filled_anew():
    noise = random.Random(3)
    big = [noise.randbytes(9_000).hex().encode() for _ in range(8)]
    facts, stream = lacking(packed([*TALK[:3], *big, *TALK]), {1}, agreed=DEFLATE, payload=20_000)
    told = [fact.payload for fact in kinds(facts, Message)]
    assert told[-len(TALK) + 10 :] == TALK[10:]
    assert not kinds(facts, DeflateFault)
    assert stream.unreadable < len(told) // 2


# ---- cost -------------------------------------------------------------------------------------
def test_bytes_without_any_border_are_searched_in_linear_time_and_little_memory():
    def cost(size: int) -> float:
        stream = FrameStream(Side.SERVER, PLAIN)
        stream.gap(None)
        dice = random.Random(7)
        begin = time.process_time()
        for _ in range(size >> 14):
            stream.feed(dice.randbytes(1 << 14), NO_MARK)
            assert stream._lost is not None
            assert len(stream._lost.data) <= 400 << 10
        return time.process_time() - begin

    cost(1 << 20)
    ratios = [cost(4 << 20) / cost(2 << 20) for _ in range(3)]
    assert min(ratios) < 3, ratios


def test_borders_that_are_lost_again_and_again_cost_no_more_than_the_stream_allows():
    """Each five frames look like frames, then comes chance: a search for every one of them."""
    dice = random.Random(2)
    stream = FrameStream(Side.SERVER, PLAIN)
    stream.gap(None)
    for number in range(400):
        stream.feed(b"".join(talk()[:5]) + b"\xff" + dice.randbytes(600), (number, number, None))
    stream.end("fin")
    assert stream.total <= 2_000
    assert len(stream.unsynchronised) <= Limits().events


def test_one_byte_segments_take_no_memory_of_their_own():
    stream = FrameStream(Side.SERVER, PLAIN)
    stream.gap(None)
    for _ in range(60_000):
        stream.feed(b"\xff")
    assert stream._lost is not None
    assert len(stream._lost._places) <= 20_000


def test_searches_beyond_the_limit_give_way_to_new_ones():
    searches = Searches(2_500)
    streams = [FrameStream(Side.SERVER, PLAIN) for _ in range(3)]
    for stream in streams:
        stream.searches = searches
        stream.gap(None)
        stream.feed(b"\xff" * 1_000)
    assert searches.given_up == 1
    held = [len(stream._lost.data) for stream in streams if stream._lost is not None]
    assert held == [0, 1_000, 1_000]
    for stream in streams:
        stream.end("fin")
    assert (searches._open, searches._total) == ({}, 0)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(st.binary(min_size=1, max_size=60), st.integers(1, 70_000), st.none()),
        max_size=30,
    ),
    st.sampled_from(list(Side)),
    st.sampled_from([PLAIN, DEFLATE, Agreed(known=False)]),
    st.sampled_from(["fin", "rst", "capture"]),
)
def test_no_bytes_and_no_holes_raise_and_every_byte_is_accounted_for(pieces, side, agreed, how):
    stream = FrameStream(side, agreed)
    size = 0
    for piece in pieces:
        if isinstance(piece, bytes):
            stream.feed(piece)
            size += len(piece)
        else:
            stream.gap(piece)
            size += piece or 0
    stream.end(how)
    assert stream.offset == size
    assert all(0 <= start <= start + length <= size for start, length in stream.unsynchronised)
