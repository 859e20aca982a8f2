from __future__ import annotations

import functools
import zlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol.streams import DEFLATE, KEY, PLAIN, QUIET, frame, frames_of, kinds, read
from wsdebug.model.facts import Close, CutShort, Foreign, Frame, MaskKeys, Message, TextFault
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol.frames import FrameStream
from wsdebug.protocol.liveness import Liveness

NARROW = Agreed(Deflate(True, True, 9, 9))
RESET = Agreed(Deflate(True, True))


# ---- headers --------------------------------------------------------------------------------
def test_masked_hello_of_the_rfc_gives_every_field():
    data = bytes.fromhex("818537fa213d7f9f4d5158")
    limits = Limits(payload=10)
    (told,) = frames_of(data, Side.CLIENT, limits=limits)
    assert (told.fin, told.rsv, told.opcode, told.masked, told.length) == (True, 0, 1, True, 5)
    assert (told.number, told.offset, told.header_length, told.key) == (0, 0, 6, 0x37FA213D)
    assert told.payload == b"Hello"
    assert told.complete
    assert told.missing == 0


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 0xFFFF, 0x10000, 70_000])
def test_next_frame_begins_behind_every_length(length):
    data = frame(2, bytes(length)) + frame(1, b"next")
    first, second = frames_of(data)
    assert first.length == length
    assert second.offset == first.header_length + length
    assert second.number == 1


@pytest.mark.parametrize(
    ("header", "side"),
    [
        (frame(1, b"x" * 40, rsv=2), Side.SERVER),
        (frame(1, b"x" * 40, rsv=4), Side.SERVER),
        (frame(3, b"x" * 40), Side.SERVER),
        (frame(11, b"x" * 40), Side.SERVER),
        (frame(9, b"x", fin=0), Side.SERVER),
        (frame(9, b"x" * 200), Side.SERVER),
        (frame(1, b"x" * 40, form=16), Side.SERVER),
        (frame(1, b"x" * 40, form=64), Side.SERVER),
        (frame(1, b"x" * 40, key=KEY), Side.SERVER),
        (frame(1, b"x" * 40), Side.CLIENT),
    ],
)
def test_faulty_header_never_moves_the_next_border(header, side):
    good = frame(1, b"and so it goes on", key=KEY if side is Side.CLIENT else None)
    told = frames_of(header + good, side, watch=QUIET)
    facts, stream = read(header + good, side)
    assert [fact.offset for fact in told][:1] == [0]
    assert [fact.offset for fact in kinds(facts, Frame)] == [0, len(header)]
    assert not kinds(facts, Foreign)
    assert stream.total == 2


def test_high_bit_ends_the_side():
    data = frame(1, b"ok") + frame(2, b"", form=64, length=1 << 63) + frame(1, b"lost")
    facts, stream = read(data)
    told = kinds(facts, Frame)
    assert [fact.length for fact in told] == [2, 1 << 63]
    assert stream.unsynchronised == [(14, 6)]
    assert not kinds(facts, Foreign, CutShort)


def test_faulty_header_at_the_end_of_the_stream_is_a_frame():
    facts, stream = read(frame(1, b"hello", rsv=4))
    assert stream.total == 1
    assert not kinds(facts, Foreign)


def test_client_that_never_masks_comes_out_as_frames():
    data = b"".join(frame(1, f"message {number}".encode()) for number in range(5))
    facts, stream = read(data[:-3], Side.CLIENT)
    told = kinds(facts, Frame)
    assert [fact.masked for fact in told] == [False] * 5
    assert told[-1].complete is False
    (cut,) = kinds(facts, CutShort)
    assert (cut.what, cut.frame, cut.got, cut.wanted) == ("frame", 4, 6, 9)
    assert not kinds(facts, Foreign)
    assert stream.counts[1] == 5


def test_rsv1_on_every_frame_stays_frames_though_the_last_is_cut():
    data = b"".join(frame(1, bytes(range(40)), rsv=4) for _ in range(4))
    facts, stream = read(data[:-5])
    assert not kinds(facts, Foreign)
    assert stream.total == 4


# ---- what is told ---------------------------------------------------------------------------
def test_watch_tells_only_what_was_asked_for():
    watch = bytearray(QUIET)
    watch[0x8103] = 1
    data = frame(1, b"abc") + frame(1, b"abcd") + frame(2, b"abc")
    assert [told.number for told in frames_of(data, watch=bytes(watch))] == [0]


@pytest.mark.parametrize(
    "data",
    [
        frame(0, b"tail"),
        frame(1, b"x", fin=0) + frame(1, b"inside"),
        frame(8, b"") + frame(1, b"after"),
        frame(1, b"x", form=16),
        frame(1, b"whole", length=90),
    ],
)
def test_unusual_states_are_told_without_watching(data):
    told = frames_of(data, watch=QUIET)
    assert len(told) == 1


@pytest.mark.parametrize("length", [0, 5, 125])
def test_length_that_is_not_minimal_is_told_without_watching(length):
    data = frame(1, b"first") + frame(1, b"x" * length, form=16) + frame(1, b"last")
    (told,) = frames_of(data, watch=QUIET)
    assert (told.number, told.length) == (1, length)


def test_counts_and_the_last_frame():
    _, stream = read(
        frame(1, b"a") + frame(2, b"bc", fin=0) + frame(9) + frame(0, b"d") + frame(10, b"zz"),
        watch=QUIET,
    )
    assert stream.total == 5
    assert stream.messages == 2
    assert [stream.counts[opcode] for opcode in (0, 1, 2, 9, 10)] == [1, 1, 1, 1, 1]
    assert stream.last is not None
    assert stream.last[:3] == (4, 10, 2)


def test_facts_carry_the_packets_of_first_and_last_byte():
    stream = FrameStream(Side.SERVER, PLAIN)
    data = frame(1, b"hello world")
    facts = [*stream.feed(data[:1], (7, 700, None)), *stream.feed(data[1:6], (8, 800, None))]
    facts += stream.feed(data[6:], (9, 900, None))
    (told,) = facts
    assert (told.packet, told.time, told.last_packet, told.last_time) == (7, 700, 9, 900)


def test_fault_in_text_names_the_packet_of_its_byte():
    stream = FrameStream(Side.SERVER, PLAIN, QUIET)
    data = frame(1, b"good \xe2\x28 bad")
    facts = [*stream.feed(data[:8], (1, 10, None)), *stream.feed(data[8:], (2, 20, None))]
    (fault,) = kinds(facts, TextFault)
    assert (fault.span.offset, fault.span.packet, fault.message_offset) == (8, 2, 6)
    assert fault.reason == "invalid-continuation"
    assert fault.seen == b"\xe2\x28"


def test_truncated_character_is_where_it_began():
    data = frame(1, b"a\xf0", fin=0) + frame(0, b"\x9f", fin=0) + frame(9) + frame(0, b"\x98")
    (fault,) = kinds(read(data)[0], TextFault)
    assert (fault.reason, fault.seen) == ("truncated", b"\xf0\x9f\x98")
    assert (fault.frame, fault.span.offset, fault.message_offset) == (0, 3, 1)


def test_close_body_ack_and_end():
    stream = FrameStream(Side.SERVER, PLAIN, QUIET, base=100)
    data = frame(1, b"x") + frame(8, b"\x03\xe8bye\xff")
    (close,) = stream.feed(data, (4, 5, 321))
    assert (close.body, close.code, close.reason, close.reason_fault) == (
        "code",
        1000,
        b"bye\xff",
        3,
    )
    assert (close.index, close.acknowledged, close.end) == (0, 321, 100 + len(data))
    assert stream.closes == [close]


@pytest.mark.parametrize(("body", "kind"), [(b"", "empty"), (b"\x03", "1-byte")])
def test_short_close_bodies(body, kind):
    (close,) = kinds(read(frame(8, body))[0], Close)
    assert (close.body, close.code) == (kind, None)


def test_reason_that_is_too_long_to_keep_is_no_text_fault():
    facts, _ = read(frame(8, b"\x03\xe8" + "\u00e9".encode() * 100))
    (close,) = kinds(facts, Close)
    assert (close.code, len(close.reason), close.reason_fault) == (1000, 123, None)
    facts, _ = read(frame(8, b"\x03\xe8caf\xc3"))
    assert kinds(facts, Close)[0].reason_fault == 3


def test_second_close_has_index_one():
    facts, stream = read(frame(8) + frame(8) + frame(8))
    assert [close.index for close in kinds(facts, Close)] == [0, 1, 2]
    assert len(stream.closes) == 2


def test_repeated_keys_are_told_once_with_their_count():
    data = b"".join(frame(1, b"text", key=key) for key in (KEY, KEY, b"abcd", b"\0\0\0\0", KEY))
    data += frame(1, b"", key=KEY) + frame(1, b"x", key=b"efgh")
    (keys,) = kinds(read(data, Side.CLIENT)[0], MaskKeys)
    assert (keys.frame, keys.key, keys.count) == (1, 0x37FA213D, 2)
    assert (keys.first.offset, keys.first.length) == (12, 4)


@pytest.mark.parametrize("body", [b"text", b"longer text " * 20])
@pytest.mark.parametrize("rsv", [0, 4])
def test_keys_are_compared_on_every_lane(body, rsv):
    body = compressed(body)[0] if rsv else body
    keys = (b"abcd", KEY, KEY, b"\0\0\0\0", b"efgh")
    data = b"".join(frame(1, body, rsv=rsv, key=key) for key in keys)
    facts, stream = read(data, Side.CLIENT, agreed=DEFLATE, watch=QUIET)
    (told,) = facts
    assert (told.frame, told.count) == (2, 2)
    assert stream.messages == 5


def test_an_empty_frame_repeats_no_key():
    data = frame(1, b"x", key=KEY) + frame(1, b"", key=KEY) + frame(1, b"y", key=b"abcd")
    assert not kinds(read(data, Side.CLIENT)[0], MaskKeys)


# ---- order of fragments ---------------------------------------------------------------------
def test_messages_inside_a_message_are_read_by_themselves():
    data = frame(1, b"be", fin=0) + frame(2, b"inner") + frame(0, b"gin")
    facts, stream = read(data, limits=Limits(payload=100))
    told = [(message.opcode, message.payload) for message in kinds(facts, Message)]
    assert told == [(2, b"inner"), (1, b"begin")]
    assert [fact.in_message for fact in kinds(facts, Frame)] == [False, True, True]
    assert stream.messages == 2


def test_ping_inside_a_message_leaves_it_alone():
    facts, _ = read(frame(1, b"a\xc3", fin=0) + frame(9, b"p") + frame(0, b"\xa9"))
    assert not kinds(facts, TextFault)


def test_message_cut_short_by_the_end():
    facts, stream = read(frame(1, b"abc", fin=0) + frame(0, b"de", fin=0), how="rst")
    (cut,) = kinds(facts, CutShort)
    assert (cut.what, cut.frame, cut.got, cut.wanted, cut.how) == ("message", 0, 5, None, "rst")
    assert stream.in_message


def test_capture_end_cuts_nothing_short():
    facts, _ = read(frame(1, b"hello")[:4], how="capture")
    assert not kinds(facts, CutShort)


def test_end_in_a_header_is_a_frame_cut_short():
    (cut,) = kinds(read(frame(1, b"ok") + b"\x81")[0], CutShort)
    assert (cut.frame, cut.got, cut.wanted, cut.span.length) == (1, 0, None, 1)


# ---- gaps -----------------------------------------------------------------------------------
def gapped(data, start, length, *, side=Side.SERVER, agreed=PLAIN, known=True):
    stream = FrameStream(side, agreed, None, Limits(payload=1000))
    facts = [*stream.feed(data[:start])]
    facts += stream.gap(length if known else None)
    facts += stream.feed(data[start + length :])
    facts += stream.end("fin")
    return facts, stream


def test_gap_inside_a_payload_costs_nothing():
    data = frame(1, b"a" * 8 + b"\xff" * 42) + frame(1, b"next")
    facts, stream = gapped(data, 10, 30)
    first, second = kinds(facts, Frame)
    assert (first.missing, first.complete, second.offset) == (30, True, 52)
    assert not kinds(facts, TextFault)
    assert stream.unsynchronised == []
    assert stream.gaps == [(10, 30)]


def test_gap_to_the_very_end_of_a_payload_keeps_the_border():
    data = frame(2, bytes(50)) + frame(1, b"next")
    facts, stream = gapped(data, 10, 42)
    assert [fact.offset for fact in kinds(facts, Frame)] == [0, 52]
    assert stream.unsynchronised == []


@pytest.mark.parametrize(("start", "length"), [(10, 43), (52, 1), (53, 1), (1, 1), (0, 3)])
def test_gap_over_a_header_ends_decoding(start, length):
    data = frame(2, bytes(50)) + frame(1, b"next") + frame(1, b"more")
    facts, stream = gapped(data, start, length)
    assert sum(size for _, size in stream.unsynchronised) >= len(data) - start - length
    assert len(kinds(facts, Frame)) == (1 if start >= 10 else 0)
    assert not kinds(facts, Foreign, CutShort)


def test_gap_of_unknown_length_ends_decoding():
    facts, stream = gapped(frame(2, bytes(50)) + frame(1, b"next"), 10, 5, known=False)
    assert len(kinds(facts, Frame)) == 1
    assert stream.unsynchronised
    assert stream.gaps == [(10, None)]


# ---- every split ----------------------------------------------------------------------------
def compressed(*texts, bits=15):
    packer = zlib.compressobj(6, zlib.DEFLATED, -bits)
    return [packer.compress(t) + packer.flush(zlib.Z_SYNC_FLUSH)[:-4] for t in texts]


PIECES = st.one_of(
    st.builds(frame, st.sampled_from([0, 1, 2, 8, 9, 10]), st.binary(max_size=20)),
    st.builds(
        functools.partial(frame, key=KEY), st.sampled_from([0, 1, 2, 9]), st.binary(max_size=20)
    ),
    st.builds(
        frame,
        st.integers(0, 15),
        st.binary(max_size=140),
        fin=st.integers(0, 1),
        rsv=st.integers(0, 7),
        form=st.sampled_from([None, 16, 64]),
    ),
    st.sampled_from(
        [
            b"\n",
            b'{"a": [1, 2]}',
            b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 3\r\n\r\nabc",
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            b"\x16\x03\x01\x00\x05hello",
            b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
            b"SSH-2.0-x\r\n",
            b"5\r\n",
            bytes(9),
            frame(1, b"caf\xc3", fin=0) + frame(0, b"\xa9"),
            *(frame(1, data, rsv=4) for data in compressed(b"one one one", b"one two one")),
        ]
    ),
    st.binary(max_size=12),
)


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(PIECES, max_size=8),
    cuts=st.lists(st.integers(1, 400), max_size=12),
    side=st.sampled_from(list(Side)),
    agreed=st.sampled_from(
        [PLAIN, DEFLATE, Agreed(Deflate(True, True, 9, 9)), Agreed(known=False)]
    ),
    watched=st.booleans(),
    how=st.sampled_from(["fin", "capture"]),
)
def test_any_split_gives_the_same_facts(*, pieces, cuts, side, agreed, watched, how):
    data = b"".join(pieces)
    watch = None if watched else QUIET
    limits = Limits(payload=16 if watched else 0, look_ahead=256)
    named = {"side": side, "agreed": agreed, "watch": watch, "how": how, "limits": limits}
    whole, one = read(data, **named)
    cut, other = read(data, cuts=cuts, **named)
    single, third = read(data, cuts=range(len(data)), **named)
    assert cut == whole
    assert single == whole
    for stream in (other, third):
        assert (stream.counts, stream.messages) == (one.counts, one.messages)
        assert stream.last == one.last
        assert stream.unsynchronised == one.unsynchronised


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=600), st.integers(0, 600), st.integers(1, 200), st.sampled_from(list(Side))
)
def test_no_bytes_and_no_gap_raise(data, start, length, side):
    _, stream = gapped(data, start, length, side=side, agreed=DEFLATE)
    assert stream.gaps == [(min(start, len(data)), length)]
    _, stream = gapped(data, start, length, side=side, agreed=Agreed(unknown=("x",)), known=False)
    assert stream.gaps == [(min(start, len(data)), None)]


SHARED = zlib.compressobj(6, zlib.DEFLATED, -15)
FINAL = zlib.compressobj(6, zlib.DEFLATED, -15)
BODIES = [
    *(SHARED.compress(b"over and over") + SHARED.flush(zlib.Z_SYNC_FLUSH) for _ in range(3)),
    FINAL.compress(b"over and out") + FINAL.flush() + b"\0" + b"tail",
    b"\xff\xffgarbage",
    compressed(b"caf\xc3 is no text")[0] + b"tail",
    compressed(bytes(100_000))[0] + b"tail",
    b"tail",
]
PACKED = st.builds(
    lambda body, cut, key, fin: frame(1, body[:-4][: cut or None], rsv=4, key=key, fin=fin),
    st.sampled_from(BODIES),
    st.sampled_from([0, 0, 0, 3, 8]),
    st.sampled_from([None, KEY, b"abcd"]),
    st.sampled_from([1, 1, 1, 0]),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECES | PACKED | PACKED, max_size=8),
    st.sampled_from(list(Side)),
    st.sampled_from([PLAIN, DEFLATE, NARROW, RESET, Agreed(known=False)]),
)
def test_fast_lanes_see_what_the_slow_one_does(pieces, side, agreed):
    data = b"".join(pieces)
    told, slow = read(data, side, agreed=agreed)
    quiet, fast = read(data, side, agreed=agreed, watch=QUIET)
    assert (fast.counts, fast.messages, fast.last) == (
        slow.counts,
        slow.messages,
        slow.last,
    )
    assert [fact for fact in quiet if not isinstance(fact, Frame)] == [
        fact for fact in told if not isinstance(fact, Frame)
    ]
    one, other = fast._liveness, slow._liveness
    assert (one.pings, one.pongs, one.waiting) == (other.pings, other.pongs, other.waiting)


def test_every_fact_can_be_encoded():
    facts, _ = read(frame(1, b"\xff") + b"\n" + frame(8, b"\x03\xe8"))
    assert msgspec.json.encode(facts)


def test_memory_does_not_grow_with_the_payload():
    import tracemalloc

    stream = FrameStream(Side.CLIENT, PLAIN, QUIET, Limits(), Liveness(Limits()))
    head = frame(1, b"", key=KEY, form=64, length=1 << 26)
    block = frame(1, b"a" * 65532, key=KEY)[-65532:]
    stream.feed(head)
    tracemalloc.start()
    for _ in range(200):
        stream.feed(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert stream.in_frame
    assert peak < 300_000
