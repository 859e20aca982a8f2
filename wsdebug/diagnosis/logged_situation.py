"""The first fatal bytes of a side as the other side's library met them."""

from __future__ import annotations

import re

from wsdebug.knowledge.libraries import Situation
from wsdebug.model.place import Side
from wsdebug.model.report import Connection, Finding

_HTTP = "485454502f312e31"
"""`HTTP/1.1`: the beginning of a second 101."""
_FAULTS = {
    "invalid-utf8": "utf8",
    "invalid-utf8-close-reason": "reason-utf8",
    "deflate-data-invalid": "deflate",
}
_CLOSE_FAULTS = {
    "close-payload-1-byte",
    "close-code-invalid",
    "close-code-not-allowed-on-wire",
    "invalid-utf8-close-reason",
}
_SEEN = re.compile(r"[0-9a-f]{2} \(in ((?:[0-9a-f]{2} ?)+)\)")
_ZLIB = re.compile(r"while decompressing data: ([\w ]+)")
_UNFINISHED = "message-cut-short"
_SECOND_BYTES = (0x01, 0x81, 0x7E, 0xFE)
"""Where only one byte came: a short and a long length, with and without MASK."""


def situations_of(connection: Connection, receiver: Side) -> tuple[Situation, ...]:
    """What the receiver met; empty where the other side broke no rule that is fatal."""
    finding = next(
        (one for one in connection.findings if one.fatal and one.side is receiver.other), None
    )
    if finding is None:
        return ()
    deflate = any(one.startswith("permessage-deflate") for one in connection.handshake.extensions)
    if _is_half_a_header(finding, connection):
        return ()
    if finding.name in ("foreign-bytes", "second-101"):
        return _foreign(finding, receiver, deflate=deflate)
    if finding.name in _CLOSE_FAULTS:
        return _close(finding, connection, receiver, deflate=deflate)
    if finding.name in _FAULTS:
        return _payload(finding, receiver, deflate=deflate)
    header = finding.detail.get("header")
    if header is None:
        return ()
    situation = Situation(
        role=receiver,
        header=int(str(header), 16),
        deflate=deflate,
        length=int(finding.detail.get("payload_length", 0)),
        open="either" if finding.detail.get("in_message") else "",
    )
    return (situation,)


def _is_half_a_header(finding: Finding, connection: Connection) -> bool:
    """A single byte behind which nothing came: a library waits for the second one of a header."""
    side = finding.side
    if finding.name != "foreign-bytes" or side is None or finding.detail.get("length") != 1:
        return False
    others = [
        one for one in connection.findings if one.side is side and one.offset > finding.offset
    ]
    total = connection.frames.get(side.value, {}).get("total", 0)
    return not others and total <= int(finding.detail.get("frames_before", 0))


def _foreign(finding: Finding, receiver: Side, *, deflate: bool) -> tuple[Situation, ...]:
    raw = bytes.fromhex(str(finding.detail.get("first_bytes", _HTTP)))
    received = int(finding.detail.get("length", finding.length))
    state = "either" if finding.detail.get("in_message") else ""
    heads = [raw] if len(raw) > 1 else [raw + bytes((second,)) for second in _SECOND_BYTES]
    return tuple(
        Situation(
            role=receiver,
            header=int.from_bytes(head[:2], "big"),
            deflate=deflate,
            length=_length(head),
            received=received if len(raw) > 1 else None,
            open=state,
        )
        for head in heads
    )


def _length(head: bytes) -> int:
    """What a decoder reads as the length; the least its form can mean where bytes are missing."""
    short = head[1] & 0x7F
    size = {126: 2, 127: 8}.get(short, 0)
    if not size:
        return short
    extended = head[2 : 2 + size]
    return int.from_bytes(extended.ljust(size, b"\0"), "big")


def _close(
    finding: Finding, connection: Connection, receiver: Side, *, deflate: bool
) -> tuple[Situation, ...]:
    close = getattr(connection.close, receiver.other.value)
    one_byte = finding.name == "close-payload-1-byte"
    if close is None or (close.code is None and not one_byte):
        return ()
    situation = Situation(
        role=receiver,
        header=_header(0x88, receiver, 1 if one_byte else 2),
        deflate=deflate,
        length=1 if one_byte else 2,
        fault=_FAULTS.get(finding.name, ""),
        code=close.code,
        values={**_reason_values(finding), **_fin_values(connection, receiver.other)},
    )
    return (situation,)


def _fin_values(connection: Connection, side: Side) -> dict[str, str]:
    """Aiohttp's word for the FIN of the last data frame, where it was set: before the first one its
    versions differ.
    """
    is_open = any(one.name == _UNFINISHED and one.side is side for one in connection.findings)
    whole = connection.messages.get(side.value, 0) and not is_open
    return {"fin": "True"} if whole else {}


def _reason_values(finding: Finding) -> dict[str, str]:
    """Python's words for the byte of a reason, which the finding names: `byte ff at 0 of ...`."""
    found = re.match(r"byte ([0-9a-f]{2}) at (\d+) of", finding.saw)
    # Only of a byte that can begin no character it is known what a decoder says.
    if found is None or not 0x80 <= int(found[1], 16) <= 0xC1:
        start = found is not None and int(found[1], 16) >= 0xF5
        if not start:
            return {}
    assert found is not None
    return _python_words("invalid start byte", int(found[2]), found[1])


def _payload(finding: Finding, receiver: Side, *, deflate: bool) -> tuple[Situation, ...]:
    compressed = finding.name == "deflate-data-invalid" or bool(finding.detail.get("compressed"))
    first = 0xC1 if compressed else 0x81
    fault = _FAULTS[finding.name]
    values = _zlib_values(finding)
    if fault == "utf8":
        values = _text_values(finding)
        if finding.detail.get("reason") == "truncated":
            fault = "utf8-cut"
    situation = Situation(
        role=receiver,
        header=_header(first, receiver, 8),
        deflate=deflate,
        length=8,
        fault=fault,
        values=values,
    )
    return (situation,)


def _header(first: int, receiver: Side, length: int) -> int:
    """A header with the mask that the receiver wants (RFC 6455 5.1)."""
    return first << 8 | length | (0x80 if receiver is Side.SERVER else 0)


def _zlib_values(finding: Finding) -> dict[str, str]:
    found = _ZLIB.search(finding.saw)
    return {"zlib": found[1].strip()} if found else {}


_START = {"invalid-start", "too-large", "overlong"}


def _text_values(finding: Finding) -> dict[str, str]:
    """Python's words for a text that is no UTF-8: it counts from the character's first byte."""
    reason = str(finding.detail.get("reason"))
    offset = int(finding.detail.get("message_offset", 0))
    seen = _SEEN.match(finding.saw)
    if reason == "truncated":
        return {"utf8": f"unexpected end of data at position {offset}"}
    if seen is not None:
        character = seen[1].split()
        start = offset - (len(character) - 1)
        return _python_words("invalid continuation byte", start, character[0])
    return _python_words("invalid start byte", offset, finding.saw[:2])


def _python_words(what: str, at: int, byte: str) -> dict[str, str]:
    return {
        "utf8": f"{what} at position {at}",
        "codec": f"'utf-8' codec can't decode byte 0x{byte} in position {at}: {what}",
    }
