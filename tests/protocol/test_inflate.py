from __future__ import annotations

import random
import tracemalloc
import zlib

import pytest

from tests.protocol.streams import DEFLATE, QUIET, frame, kinds, read
from wsdebug.model.facts import Bomb, DeflateFault, Message, TextFault
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol.frames import FrameStream

KEPT = Limits(payload=1 << 20)
RESET = Agreed(Deflate(server_no_context_takeover=True))
NARROW = Agreed(Deflate(server_max_window_bits=9))
NOISE = random.Random(7).randbytes


def packer(bits=15, level=6):
    return zlib.compressobj(level, zlib.DEFLATED, -bits)


def pack(text, with_=None, *, flush=zlib.Z_SYNC_FLUSH):
    with_ = with_ or packer()
    return (with_.compress(text) + with_.flush(flush)).removesuffix(b"\0\0\xff\xff")


def told(data, agreed=DEFLATE, *, limits=KEPT, **named):
    facts, _ = read(data, agreed=agreed, watch=QUIET, limits=limits, **named)
    quick, _ = read(data, agreed=agreed, watch=QUIET, **named)
    assert quick == [fact for fact in facts if not isinstance(fact, Message)]
    return [(fault.reason, fault.frame) for fault in kinds(facts, DeflateFault)], [
        message.payload for message in kinds(facts, Message)
    ]


def texts(*bodies):
    return b"".join(frame(1, body, rsv=4) for body in bodies)


# ---- legal ----------------------------------------------------------------------------------
@pytest.mark.parametrize("agreed", [DEFLATE, RESET, NARROW])
@pytest.mark.parametrize("body", [b"\x00", b"\x02\x00"])
def test_empty_messages(agreed, body):
    assert told(texts(body, body), agreed) == ([], [b"", b""])


def test_context_is_taken_over():
    shared = packer()
    bodies = [pack(text, shared) for text in (b"hello hello", b"hello again", b"hello")]
    assert told(texts(*bodies)) == ([], [b"hello hello", b"hello again", b"hello"])


def test_uncompressed_messages_do_not_enter_the_window():
    shared = packer()
    one, two = pack(b"alpha beta", shared), pack(b"alpha beta", shared)
    data = texts(one) + frame(1, b"gamma") + texts(two)
    assert told(data) == ([], [b"alpha beta", b"gamma", b"alpha beta"])


def test_the_examples_of_the_rfc():
    hello = bytes.fromhex("f248cdc9c90700")
    again = bytes.fromhex("f200110000")
    stored = bytes.fromhex("000500faff48656c6c6f00")
    final = bytes.fromhex("f348cdc9c9070000")
    two_blocks = bytes.fromhex("f248050000 00ffffcac9c90700".replace(" ", ""))
    bodies = (hello, again, stored, final, two_blocks)
    assert told(texts(*bodies)) == ([], [b"Hello"] * 5)


def test_history_lives_on_behind_a_final_block():
    first = zlib.compressobj(6, zlib.DEFLATED, -15)
    before = b"a history worth referring to"
    final = first.compress(before) + first.flush() + b"\0"
    second = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=before)
    body = second.compress(before) + second.flush(zlib.Z_SYNC_FLUSH)[:-4]
    assert len(body) < 12
    assert told(texts(final, body)) == ([], [before, before])


def test_final_block_in_the_middle_of_a_message():
    first = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = first.compress(b"one ") + first.flush() + pack(b"two")
    assert told(texts(body)) == ([], [b"one two"])


def test_final_block_without_the_empty_one_behind_it():
    first = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = first.compress(b"one ") + first.flush()
    assert told(texts(body, pack(b"two"))) == ([], [b"one ", b"two"])


def test_fragments_cut_anywhere():
    body = pack(b"fragments are cut where the sender likes")
    for cut in range(len(body) + 1):
        data = frame(1, body[:cut], rsv=4, fin=0) + frame(9) + frame(0, body[cut:])
        assert told(data) == ([], [b"fragments are cut where the sender likes"])


def test_large_message_in_a_small_window():
    text = b"".join(b"%d " % number for number in range(20_000))
    body = pack(text, packer(9))
    assert told(texts(body), NARROW) == ([], [text])


def test_zlib_with_nine_bits_passes_where_eight_were_agreed():
    agreed = Agreed(Deflate(server_max_window_bits=8))
    text = NOISE(300) * 3
    assert told(frame(2, pack(text, packer(9)), rsv=4), agreed) == ([], [text])


# ---- refused --------------------------------------------------------------------------------
def test_empty_payload_is_cut_off():
    assert told(texts(b""))[0] == [("cut-off", 0)]


def test_message_cut_anywhere_is_noticed_or_whole():
    body = pack(b"a message of which the end is missing")
    for cut in range(1, len(body) - 1):
        faults, _ = told(texts(body[:cut]))
        assert [reason for reason, _ in faults] in (["cut-off"], ["zlib-error"])


def test_message_cut_off_inside_a_stored_block():
    stored = b"\x00\x40\x00\xbf\xffonly the beginning"
    for opcode in (1, 2):
        data = frame(opcode, pack(b"one"), rsv=4) + frame(opcode, stored, rsv=4)
        assert told(data)[0] == [("cut-off", 1)]


def test_tail_left_on_is_legal():
    assert told(texts(pack(b"tail") + b"\0\0\xff\xff" + b"\0")) == ([], [b"tail"])


def test_zlib_error():
    assert told(texts(b"\xff\xff\xff"))[0] == [("zlib-error", 0)]


def test_context_used_though_given_up():
    shared = packer()
    bodies = [pack(b"hello hello world", shared) for _ in range(3)]
    faults, payloads = told(texts(*bodies), RESET)
    assert faults == [("context-used", 1)]
    assert payloads == [b"hello hello world"] * 3


@pytest.mark.parametrize("distance", [513, 600, 2_000, 30_000])
def test_distance_beyond_the_window(distance):
    block = NOISE(100)
    text = block + NOISE(distance - 100) + block
    body = pack(text, packer(15, 9))
    faults, payloads = told(frame(2, body, rsv=4) * 1, NARROW)
    assert faults == [("window-exceeded", 0)]
    # Where the fault shows behind the first 16 KiB the message cannot be read a second time.
    assert payloads == [text if distance < 16_000 else None]


def test_distance_of_just_the_window():
    # zlib itself keeps 262 bytes away from it; a stored block and one match, made by hand.
    text = NOISE(512)
    stored = b"\x00" + (512).to_bytes(2, "little") + (512 ^ 0xFFFF).to_bytes(2, "little") + text
    for distance, extra, reasons in ((512, 127, []), (513, 0, ["window-exceeded"])):
        # Fixed Huffman: BFINAL 0, type 01, length 3 (code 257), distance code 17 or 18, the end.
        code = 17 if distance == 512 else 18
        bits = "0" + "10" + "0000001" + f"{code:05b}"
        width = 7 if code == 17 else 8
        bits += f"{extra:0{width}b}"[::-1] + "0000000" + "000"
        bits += "0" * (-len(bits) % 8)
        match = int(bits[::-1], 2).to_bytes(len(bits) // 8, "little")
        text_and_more = stored + (b"" if distance == 512 else b"\x00\x01\x00\xfe\xffx") + match
        faults, _ = told(frame(2, text_and_more, rsv=4), NARROW)
        assert [reason for reason, _ in faults] == reasons


def test_after_an_error_only_what_cannot_depend_on_it_is_judged():
    shared = packer()
    one = pack(b"the beginning", shared)
    two = pack(b"the beginning again", shared)
    alone = pack(b"stands alone", None)
    data = texts(one, b"\xff\xff", two, alone, b"\xff\xff")
    faults, payloads = told(data)
    assert faults == [("zlib-error", 1), ("zlib-error", 4)]
    assert payloads == [b"the beginning", None, None, b"stands alone", None]


def test_reference_to_what_was_lost_is_not_judged():
    shared = packer()
    begin = pack(b"a long and wordy beginning", shared)
    alone = pack(b"stands alone", None)
    again = pack(b"a long and wordy beginning", shared)
    faults, payloads = told(texts(begin, b"\xff\xff", alone, again, alone))
    assert faults == [("zlib-error", 1)]
    assert payloads == [b"a long and wordy beginning", None, b"stands alone", None, b"stands alone"]


def test_resets_make_the_next_message_readable():
    faults, payloads = told(texts(b"\xff\xff", pack(b"fine"), b"\xff\xff"), RESET)
    assert [frame for _, frame in faults] == [0, 2]
    assert payloads[1] == b"fine"


def test_nothing_is_held_against_an_unknown_agreement():
    shared = packer()
    pack(b"the past", shared)
    data = texts(pack(b"the past", shared), pack(b"alone"), b"\xff")
    faults, payloads = told(data, Agreed(known=False))
    assert faults == []
    assert payloads == [None, b"alone", None]


def test_gap_in_a_compressed_message_spoils_the_context():
    shared = packer()
    bodies = [pack(text, shared) for text in (b"alpha beta", b"gamma delta", b"alpha gamma")]
    frames = [frame(1, body, rsv=4) for body in bodies]
    stream = FrameStream(Side.SERVER, DEFLATE, QUIET, KEPT)
    facts = [*stream.feed(frames[0]), *stream.feed(frames[1][:4]), *stream.gap(3)]
    facts += [*stream.feed(frames[1][7:]), *stream.feed(frames[2]), *stream.end()]
    assert kinds(facts, DeflateFault) == []
    assert [message.payload for message in kinds(facts, Message)] == [b"alpha beta", None, None]


# ---- text and bombs -------------------------------------------------------------------------
def test_text_is_checked_after_inflating():
    body = pack(b"caf\xc3!")
    facts, _ = read(frame(9) + frame(1, body, rsv=4), agreed=DEFLATE)
    (fault,) = kinds(facts, TextFault)
    assert (fault.message_offset, fault.compressed, fault.frame) == (4, True, 1)
    assert (fault.span.offset, fault.span.length) == (2, 2 + len(body))


def test_bomb_is_counted_not_kept():
    body = pack(bytes(80 << 20))
    data = frame(2, body, rsv=4)
    stream = FrameStream(Side.SERVER, DEFLATE, QUIET)
    tracemalloc.start()
    facts = [*stream.feed(data)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (bomb,) = kinds(facts, Bomb)
    assert (bomb.inflated, bomb.compressed, bomb.frame) == (80 << 20, len(body), 0)
    assert peak < 2 << 20


def test_bomb_is_given_up_some_way_beyond_the_limit():
    limits = Limits(message=1 << 20)
    data = texts(pack(bytes(40 << 20))) + texts(pack(b"later"))
    facts, stream = read(data, agreed=DEFLATE, limits=limits)
    (bomb,) = kinds(facts, Bomb)
    assert 4 << 20 < bomb.inflated < 5 << 20
    assert not kinds(facts, DeflateFault)
    assert stream.messages == 2
