"""Records as JSON and back. What is written is ASCII: no terminal can be steered by it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import msgspec

from wsdebug.display.escape import printable
from wsdebug.model.instant import Instant
from wsdebug.model.report import Connection

_SURROGATE = re.compile("[\ud800-\udfff]")
_PAST_ASCII = re.compile("[^\x00-\x7e]")


def encoded(record: Any) -> bytes:
    """One JSON value on one line."""
    try:
        raw = _ENCODER.encode(record)
    except UnicodeEncodeError:  # a file name that is no UTF-8 carries lone surrogates
        raw = _ENCODER.encode(_scrubbed(msgspec.to_builtins(record, enc_hook=_from_instant)))
    if raw.isascii() and b"\x7f" not in raw:
        return raw
    return _PAST_ASCII.sub(_escape, raw.decode()).encode("ascii")


def connection_from(raw: bytes) -> Connection:
    """The connection that `encoded` wrote."""
    return _DECODER.decode(raw)


def _escape(found: re.Match[str]) -> str:
    r"""`\uNNNN`, twice for what lies beyond the 16-bit plane (RFC 8259 7)."""
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 | code >> 10:04x}\\u{0xDC00 | code & 0x3FF:04x}"


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value) if _SURROGATE.search(value) else value
    if isinstance(value, dict):
        return {_scrubbed(key): _scrubbed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(each) for each in value]
    return value


def _from_instant(value: Any) -> str:
    if isinstance(value, Instant):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a report")


def _to_instant(kind: type, value: Any) -> Any:
    if kind is not Instant:
        raise TypeError(f"{kind.__name__} has no place in a report")
    whole, _, fraction = str(value).removesuffix("Z").partition(".")
    day = dt.datetime.fromisoformat(whole + "+00:00")
    seconds = (day - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // _SECOND
    return Instant(seconds * 1_000_000_000 + int(fraction.ljust(9, "0")))


_SECOND = dt.timedelta(seconds=1)
_ENCODER = msgspec.json.Encoder(enc_hook=_from_instant)
_DECODER = msgspec.json.Decoder(Connection, dec_hook=_to_instant)
