"""Compressed messages (RFC 7692): other literals, the same codes.

Each literal is replaced by another of its block whose Huffman code is as long; matches stay. So
the frames stay as long, every fault stays where it is, and what inflates is another text of the
same shape. A literal may be copied into many places, in later messages too: it is replaced only
by what may stand in all of them, so all messages of a side are looked at before one is changed.
"""

from __future__ import annotations

import re
from array import array

from wsdebug.anonymise.bits import BrokenError, Literal, Match, Reader
from wsdebug.anonymise.roles import (
    ALPHABETS,
    DIGIT,
    KEEP,
    LOWER,
    UPPER,
    any_roles,
    looks_like_text,
    text_roles,
)
from wsdebug.anonymise.secret import Secret

_TAIL = b"\x00\x00\xff\xff"
_UNKNOWN = -1
_SETS = {role: sum(1 << byte for byte in letters) for role, letters in ALPHABETS.items()}
_LETTERS = (_SETS[LOWER], _SETS[UPPER])
_SIGNS = sum(1 << byte for byte in range(0x20, 0x7F) if byte not in b'"\\')
"""What may stand in any string of JSON."""
_WORDS = _SETS[LOWER] | _SETS[UPPER] | _SETS[DIGIT]
_RUN = 8
_FOLLOWED = 1 << 20
"""Inflated bytes of one message, and of one side, that are looked at in their place. Beyond them a
literal stays in its own class of bytes, whatever it stands for."""
_MOST = 32 << 20
"""Inflated bytes of one side."""
_HISTORY = 1 << 15
# RFC 3629 4: a byte behind a lead byte may change within its part without breaking any character.
_TAILS = (range(0x80, 0x90), range(0x90, 0xA0), range(0xA0, 0xC0))


def _class_of(byte: int) -> int:
    """What a byte may become in any text in which it may stand."""
    for letters in (ALPHABETS[LOWER], ALPHABETS[UPPER], b"123456789", *_TAILS):
        if byte in letters:
            return sum(1 << each for each in letters)
    return 1 << byte


class Packed:
    """One message: its bytes before and after, and where its inflated ones are in the side's."""

    def __init__(self, data: bytes, start: int) -> None:
        self.data = data
        self.new = bytearray(data)
        self.start = start
        self.stop = start
        self.first = 0
        """Its first literal."""
        self.broken: BrokenError | None = None


class Side:
    """The compressed messages of one side, in order."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret
        self._messages: list[Packed] = []
        self._literals: list[Literal] = []
        self._owners: list[Packed] = []
        self._allowed: list[int] = []
        self._old = bytearray()
        self._sources = array("i")
        """Of each inflated byte: the literal it comes from."""
        self._choices: dict[int, bytes] = {}

    def add(self, data: bytes, *, is_text: bool, is_whole: bool) -> Packed:
        """The next message; `new` is filled in by `solve`."""
        message = Packed(data, len(self._old))
        message.first = len(self._literals)
        self._messages.append(message)
        self._read(message, is_whole=is_whole)
        message.stop = len(self._old)
        self._judge(message, is_text=is_text)
        if not is_whole:
            self.lose()
        return message

    def lose(self) -> None:
        """What follows may refer to what the capture lacks."""
        self._old += bytes(_HISTORY)
        self._sources.extend([_UNKNOWN] * _HISTORY)

    # ---- reading ----------------------------------------------------------------------------
    def _read(self, message: Packed, *, is_whole: bool) -> None:
        reader = Reader(message.data + (_TAIL if is_whole else b""))
        old, sources = self._old, self._sources
        most = len(old) + _FOLLOWED if len(old) < _MOST else 0
        try:
            for symbol in reader.symbols():
                is_followed = len(old) < most
                if isinstance(symbol, Match):
                    if is_followed:
                        self._copy(symbol)
                    continue
                if is_followed:
                    old.append(symbol.byte)
                    sources.append(len(self._literals))
                self._literals.append(symbol)
                self._owners.append(message)
                self._allowed.append(-1 if is_followed else _class_of(symbol.byte))
        except BrokenError as error:
            message.broken = error
        if len(old) >= most:
            self.lose()

    def _copy(self, match: Match) -> None:
        old, sources = self._old, self._sources
        length, distance = match
        missing = min(length, max(0, distance - len(old)))
        old += bytes(missing)
        sources.extend([_UNKNOWN] * missing)
        length -= missing
        while length > 0:  # a match may run into what it makes itself
            start = len(old) - distance
            step = min(length, distance)
            old += old[start : start + step]
            sources.extend(sources[start : start + step])
            length -= step

    def _judge(self, message: Packed, *, is_text: bool) -> None:
        """What each literal may become, by what it stands for in this message."""
        data = bytes(self._old[message.start : message.stop])
        roles = text_roles(data) if is_text or looks_like_text(data) else any_roles(len(data))
        allowed, sources, start = self._allowed, self._sources, message.start
        for at, role in enumerate(roles):
            source = sources[start + at]
            if source != _UNKNOWN:
                allowed[source] &= _SETS[role] if role != KEEP else 1 << data[at]

    # ---- writing ----------------------------------------------------------------------------
    def solve(self) -> int:
        """Fill in what the messages become; how many bytes of one run stayed although they should
        not, at worst. A run counts from 8 bytes on.
        """
        shifts = b"".join(
            self._secret.stream(b"deflate", message.data, stop - message.first)
            for message, stop in zip(self._messages, self._stops(), strict=True)
        )
        chosen = bytearray(len(self._literals))
        for index, literal in enumerate(self._literals):
            chosen[index] = self._choose(index, literal, shifts[index])
        for index, byte in enumerate(chosen):
            if byte != self._literals[index].byte:
                self._write(index, byte)
        for message in self._messages:
            self._spoil(message)
        return self._longest(chosen)

    def _stops(self) -> list[int]:
        firsts = [message.first for message in self._messages]
        return [*firsts[1:], len(self._literals)][: len(firsts)]

    def _choose(self, index: int, literal: Literal, shift: int) -> int:
        size = len(self._owners[index].data) * 8
        allowed = self._allowed[index]
        if literal.table is None:
            alike, bits = -1, 8
        else:
            _, bits = literal.table.codes[literal.byte]
            alike = literal.table.alike[bits]
        if literal.at + bits > size:  # in the four bytes that are not sent
            return literal.byte
        other = ~(1 << literal.byte)
        choices = self._bytes(allowed & alike & other)
        if not choices and allowed in _LETTERS:  # another case, a digit, or what is no letter
            choices = self._bytes(_WORDS & alike & other) or self._bytes(_SIGNS & alike & other)
        return choices[shift % len(choices)] if choices else literal.byte

    def _bytes(self, mask: int) -> bytes:
        known = self._choices.get(mask)
        if known is None:
            known = bytes(byte for byte in range(256) if mask >> byte & 1)
            self._choices[mask] = known
        return known

    def _write(self, index: int, byte: int) -> None:
        literal, new = self._literals[index], self._owners[index].new
        if literal.table is None:
            change = literal.byte ^ byte
        else:
            change = literal.table.codes[literal.byte][0] ^ literal.table.codes[byte][0]
        change <<= literal.at & 7
        at = literal.at >> 3
        while change:
            new[at] ^= change & 0xFF
            change >>= 8
            at += 1

    def _spoil(self, message: Packed) -> None:
        """What is no block stays none: a block of the type that does not exist, then anything."""
        broken = message.broken
        if broken is None or broken.is_cut:
            return
        size = len(message.data)
        at = broken.at >> 3
        if at >= size:
            return
        noise = bytearray(self._secret.stream(b"broken", message.data, size - at))
        kept = (1 << (broken.at & 7)) - 1
        bits = (message.new[at] & kept) | 6 << (broken.at & 7)
        noise[0] = bits & 0xFF | noise[0] & 0xFF & ~(kept | 7 << (broken.at & 7)) & 0xFF
        if len(noise) > 1:
            over = (broken.at & 7) + 3 - 8
            if over > 0:
                noise[1] = noise[1] & ~((1 << over) - 1) & 0xFF | bits >> 8
        message.new[at:] = noise

    def _longest(self, chosen: bytearray) -> int:
        """Of runs that stayed: how many bytes had not to, but for the code."""
        same = bytearray(len(self._old))
        for at, source in enumerate(self._sources):
            if source == _UNKNOWN or chosen[source] != self._literals[source].byte:
                continue
            free = self._allowed[source] & self._allowed[source] - 1
            same[at] = 2 if free else 1
        runs = re.findall(rb"[\x01\x02]{%d,}" % _RUN, bytes(same))
        return max((run.count(2) for run in runs), default=0)
