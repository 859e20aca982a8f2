"""Frames as bytes, and what a FrameStream tells of them: shared by this room's tests."""

from __future__ import annotations

from itertools import pairwise

from wsdebug.model.facts import Frame
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol.frames import FrameStream

KEY = bytes.fromhex("37fa213d")
QUIET = bytes(0x10000)
PLAIN = Agreed()
DEFLATE = Agreed(Deflate())


def frame(opcode, payload=b"", *, fin=1, rsv=0, key=None, form=None, length=None):
    """Bytes of a frame; `form` 7, 16 or 64 forces how the length is written."""
    length = len(payload) if length is None else length
    form = form or (7 if length < 126 else 16 if length < 0x10000 else 64)
    mask = 0 if key is None else 0x80
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if form == 7:
        head += bytes([mask | length])
    elif form == 16:
        head += bytes([mask | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([mask | 127]) + length.to_bytes(8, "big")
    if key is None:
        return head + payload
    return head + key + bytes(byte ^ key[at & 3] for at, byte in enumerate(payload))


def read(data, side=Side.SERVER, *, agreed=PLAIN, watch=None, limits=None, how="fin", cuts=()):
    """Facts and stream of bytes fed in pieces cut at `cuts`."""
    stream = FrameStream(side, agreed, watch, limits or Limits())
    facts = []
    edges = sorted({0, len(data), *(cut for cut in cuts if 0 < cut < len(data))})
    for start, stop in pairwise(edges):
        facts += stream.feed(data[start:stop], (None, None, None))
    facts += stream.end(how)
    return facts, stream


def kinds(facts, *wanted):
    return [fact for fact in facts if isinstance(fact, wanted)]


def frames_of(data, side=Side.SERVER, **named):
    return kinds(read(data, side, **named)[0], Frame)
