"""Which byte may become which: each byte of a text has a role, and a role is an alphabet.

What is no letter or digit stays, so JSON stays JSON and a request line one; digits become digits,
a character of three bytes another of three, and what is no UTF-8 stays where it is.
"""

from __future__ import annotations

import re

from wsdebug.anonymise.words import KEPT_LINES, KEPT_VALUES, WORDS, phrases

KEEP, LOWER, UPPER, DIGIT, NONZERO, ANY, HIGH = range(7)
HEX, HEX_UPPER, HEX_LETTER = 7, 8, 14
# RFC 3629 4: what may stand behind a lead byte; nothing that makes a control character.
TAIL, TAIL_E0, TAIL_ED, TAIL_F0, TAIL_F4 = range(9, 14)

_LOWER = bytes(range(97, 123))
_UPPER = bytes(range(65, 91))
_DIGITS = b"0123456789"
ALPHABETS: dict[int, bytes] = {
    LOWER: _LOWER,
    UPPER: _UPPER,
    DIGIT: _DIGITS,
    NONZERO: _DIGITS[1:],
    ANY: bytes(range(256)),
    HIGH: bytes(range(128, 256)),
    HEX: b"0123456789abcdef",
    HEX_UPPER: b"0123456789ABCDEF",
    HEX_LETTER: b"abcdefABCDEF",
    TAIL: bytes(range(0x80, 0xC0)),
    TAIL_E0: bytes(range(0xA0, 0xC0)),
    TAIL_ED: bytes(range(0x80, 0xA0)),
    TAIL_F0: bytes(range(0x90, 0xC0)),
    TAIL_F4: bytes(range(0x80, 0x90)),
}
_CLASSES = bytes(
    LOWER if byte in _LOWER else UPPER if byte in _UPPER else DIGIT if byte in _DIGITS else KEEP
    for byte in range(256)
)
_SAID = 4 << 10
_BEYOND_ASCII = b"abcdefABCDEF"
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|-?[0-9][0-9.eE+-]*', re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_SOCKET_IO = re.compile(
    rb"[0-9]{1,2}$|[0-6](?:[0-6](?:[0-9]{1,6}-)?)?(?=[\[{\"/]|probe$|[0-9]{1,18}[\[{])"
)
"""Packet types of Engine.IO and Socket.IO; two digits alone are nobody's secret."""
_JSON_START = re.compile(rb"\s*(?:(?:[0-9]{0,20}(?:/[^,]*,)?|a)?[\[{\"]|-?[0-9][0-9.eE+-]*\s*$)")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1d\x1f\x7f]")


def text_roles(data: bytes, *, is_said: bool = False) -> bytearray:
    """The role of each byte of a text, which may be JSON and may be no UTF-8. `is_said`: a library
    or a server may have written it; what they are known to say stays, near the beginning.
    """
    roles = bytearray(data.translate(_CLASSES))
    _mark_high(data, roles)
    if _JSON_START.match(data):
        _mark_json(data, roles)
    for found in _WORD.finditer(data):
        if found[0] in WORDS:
            _keep(roles, *found.span())
    for found in phrases().finditer(data, 0, _SAID) if is_said else ():
        _keep(roles, *found.span())
    for pattern in (KEPT_VALUES, KEPT_LINES):
        for found in pattern.finditer(data):
            _keep(roles, *found.span(1))
    marker = _SOCKET_IO.match(data)
    if marker is not None:
        _keep(roles, *marker.span())
    return roles


def secret_roles(data: bytes) -> bytearray:
    """The same where no word is a protocol's."""
    roles = bytearray(data.translate(_CLASSES))
    _mark_high(data, roles)
    return roles


def looks_like_text(data: bytes) -> bool:
    """UTF-8 with hardly a control character in it."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return len(_CONTROL.findall(data)) * 20 <= len(data)


def any_roles(size: int) -> bytearray:
    """Whatever stands there may become anything."""
    return bytearray(bytes((ANY,)) * size)


def _keep(roles: bytearray, start: int, stop: int) -> None:
    roles[start:stop] = bytes(stop - start)


# ---- UTF-8 ----------------------------------------------------------------------------------
def _mark_high(data: bytes, roles: bytearray) -> None:
    """RFC 3629 4. The first byte that fits nowhere stays; behind it nothing is judged."""
    is_faulty = False
    for run in _HIGH_RUN.finditer(data):
        at, stop = run.span()
        while at < stop:
            size, fits = _character(data, at, roles)
            at += size
            if fits:
                continue
            if at < stop:
                roles[at] = HIGH if is_faulty else KEEP
                at += 1
            is_faulty = True


def _character(data: bytes, at: int, roles: bytearray) -> tuple[int, bool]:
    """Gives the bytes of a character their roles, as far as they fit: how many, and whether what
    stands behind them is no fault. A character that the end cuts is none.
    """
    lead = data[at]
    if not 0xC2 <= lead <= 0xF4:
        return 0, False
    size = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    second = {0xE0: TAIL_E0, 0xED: TAIL_ED, 0xF0: TAIL_F0, 0xF4: TAIL_F4}.get(lead, TAIL)
    roles[at] = KEEP
    for place in range(1, size):
        if at + place == len(data):
            return place, True
        role = second if place == 1 else TAIL
        byte = data[at + place]
        if byte not in ALPHABETS[role]:
            return place, False
        if lead == 0xC2:  # U+0080 to U+009F are control characters
            role = TAIL_E0 if byte in ALPHABETS[TAIL_E0] else KEEP
        roles[at + place] = role
    return size, True


# ---- JSON -----------------------------------------------------------------------------------
def _mark_json(data: bytes, roles: bytearray) -> None:
    """RFC 8259 6, 7: no number begins with a zero that did not, and escapes stay escapes."""
    for found in _JSON_TOKEN.finditer(data):
        start, stop = found.span()
        if data[start] == 0x22:
            _mark_escapes(data, roles, start, stop)
            continue
        _mark_number(data, roles, start, stop)


def _mark_number(data: bytes, roles: bytearray, start: int, stop: int) -> None:
    start += data[start] == 0x2D
    if start + 1 < stop and data[start + 1] in _DIGITS:
        roles[start] = NONZERO if data[start] != 0x30 else KEEP
    for at in range(start, stop):
        if roles[at] in (LOWER, UPPER):  # the exponent
            roles[at] = KEEP


def _mark_escapes(data: bytes, roles: bytearray, start: int, stop: int) -> None:
    for found in _ESCAPE.finditer(data, start, stop):
        _keep(roles, *found.span())
        if found[1] is None:
            continue
        # The first digit tells the script, of a surrogate the second too; 00xx stays so.
        at = found.start(1)
        first, second = found[1][:1].lower(), found[1][1:2].lower()
        free = at + (2 if first == b"d" or found[1].startswith(b"00") else 1)
        if found[1].startswith(b"00"):
            _free_digit(data, roles, at + 3)
            if data[at + 2] in _BEYOND_ASCII:
                roles[at + 2] = HEX_LETTER
            continue
        if first == b"2" and second == b"0":
            continue  # U+20xx: separators and marks that steer the direction of text
        for place in range(free, at + 4):
            _free_digit(data, roles, place)


def _free_digit(data: bytes, roles: bytearray, at: int) -> None:
    roles[at] = HEX_UPPER if data[at] in _UPPER else HEX
