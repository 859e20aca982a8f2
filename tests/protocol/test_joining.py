"""A connection that the capture joins in the middle: WebSocket or not, and who is the client."""

from __future__ import annotations

import random

import pytest

from tests.protocol.streams import frame, kinds
from wsdebug.analysis.handshakes import recognised
from wsdebug.model.facts import Frame
from wsdebug.model.place import Side
from wsdebug.protocol import Decoder, joining
from wsdebug.protocol.search import Found
from wsdebug.rules import judge

C, S = Side.CLIENT, Side.SERVER
DICE = random.Random(11)
TEXTS = [f'{{"type": "tick", "n": {n}}}'.encode() for n in range(20)]
ASKED = [frame(1, text, key=DICE.randbytes(4)) for text in TEXTS]
TOLD = [frame(1, text) for text in TEXTS]


def join(client, server, *, swapped=False, how="fin"):
    """Both sides' pieces by turns; `swapped`: who is called the client is the server."""
    decoder, facts = Decoder(midstream=True), []
    for at in range(max(len(client), len(server))):
        for side, pieces in ((C, client), (S, server)):
            if at < len(pieces):
                called = side.other if swapped and not decoder.streams else side
                facts += decoder.feed(called, pieces[at], (2 * at + (side is S) + 1, at, None))
    for side in (C, S):
        facts += decoder.end(side.other if swapped and not decoder.streams else side, how)
    return decoder, [*facts, *decoder.finish()]


@pytest.mark.parametrize("swapped", [False, True])
def test_both_directions_tell_who_the_client_is(swapped):
    decoder, facts = join(ASKED, TOLD, swapped=swapped)
    assert decoder.is_websocket
    assert decoder.is_swapped is swapped
    assert decoder.joined.confidence == recognised(decoder).confidence == "certain"
    assert {side: decoder.streams[side].total for side in (C, S)} == {C: 20, S: 20}
    assert not [breach for fact in facts for breach in judge(fact)]
    assert decoder.result == "not-captured"


def test_begun_within_a_frame():
    decoder, facts = join([ASKED[0][9:], *ASKED[1:]], [TOLD[0][5:], *TOLD[1:]])
    assert len(kinds(facts, Frame)) == 38
    assert decoder.streams[C].unsynchronised == [(0, len(ASKED[0]) - 9)]


@pytest.mark.parametrize("pieces", [(ASKED, ()), ((), TOLD)])
def test_one_direction_alone_needs_more(pieces):
    decoder, _ = join(*pieces)
    assert decoder.is_websocket
    assert decoder.joined.bits >= 60
    # A server that masks looks like a client.
    assert recognised(decoder).confidence == "likely"
    few, _ = join(pieces[0][:1], pieces[1][:2])
    assert not few.is_websocket


def test_both_sides_masked_or_neither_is_no_websocket():
    assert not join(ASKED, ASKED)[0].is_websocket
    assert not join(TOLD, TOLD)[0].is_websocket


def test_a_file_that_holds_frames_is_no_websocket():
    """Half a megabyte of noise with a capture of a WebSocket in it goes by in one direction."""
    noise = [DICE.randbytes(1_448) for _ in range(200)]
    decoder, _ = join([*noise, *ASKED, *noise[:60]], [])
    assert not decoder.is_websocket


def test_frames_at_the_beginning_of_a_file_are_no_websocket():
    noise = [DICE.randbytes(1_448) for _ in range(60)]
    decoder, _ = join([b"".join(ASKED[:9]), *noise], [])
    assert not decoder.is_websocket


def test_roles_that_fit_both_ways_are_not_told(monkeypatch):
    """Each direction is found in either role, as well as in the other."""
    monkeypatch.setattr(joining, "find_border", lambda *_: Found(0, 45.0))
    decoder, _ = join(ASKED, TOLD)
    assert not decoder.is_websocket


def test_echoed_pings_are_evidence():
    pings = [frame(9, DICE.randbytes(4)) for _ in range(2)]
    pongs = [frame(10, ping[2:], key=DICE.randbytes(4)) for ping in pings]
    strangers = [frame(10, DICE.randbytes(4), key=DICE.randbytes(4)) for _ in pings]
    assert join(pongs, pings)[0].joined.bits > join(strangers, pings)[0].joined.bits + 20
    assert join(pongs, pings)[0].is_websocket


def test_noise_and_silence_are_no_websocket():
    noise = [DICE.randbytes(1_000) for _ in range(60)]
    assert not join(noise, noise[::-1])[0].is_websocket
    assert not join([], [])[0].is_websocket
    assert not join([bytes(9_000)] * 9, [bytes(9_000)] * 9)[0].is_websocket


def test_a_megabyte_without_frames_is_given_up():
    decoder = Decoder(midstream=True)
    for _ in range(80):
        decoder.feed(C, DICE.randbytes(16_384))
    assert decoder.is_websocket is False


def test_compression_is_told_as_likely_when_a_message_inflates():
    import zlib

    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = [packer.compress(t) + packer.flush(zlib.Z_SYNC_FLUSH)[:-4] for t in TEXTS]
    decoder, facts = join(ASKED, [frame(1, body, rsv=4) for body in packed])
    assert decoder.streams[S].inflated == 20
    late, _ = join(ASKED, [frame(1, body, rsv=4) for body in packed[5:]])
    assert late.streams[S].unreadable > 0
    assert not [breach for fact in facts for breach in judge(fact)]
