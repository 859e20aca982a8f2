"""HTTP/1 heads (RFC 9112), read as far as they can be, with every fault of form kept.

Theory: a recipient may refuse any head that breaks the grammar. Practice: half of them repair it
silently and the other half hang up, and that difference is what a debugger must show. So nothing
is refused: names are kept as written, a line that makes no sense stays as a field with its fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from wsdebug.http.recognise import starts_like_request, starts_like_response
from wsdebug.model.handshake import Fault, Field, Head, HeadFault
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.place import NO_MARK, Mark, Side

# RFC 9112 2.1: the empty line; 2.2: LF alone may end a line. Doubled CRs: text-mode writes.
HEAD_END = re.compile(rb"\n\r{0,2}\n")
# RFC 9110 5.6.2: token = 1*tchar
TCHARS = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_NAME = re.compile(TCHARS)
# RFC 9112 3: request-line = method SP request-target SP HTTP-version
_REQUEST = re.compile(rf"({TCHARS}) ([^\x00-\x20\x7f]+) HTTP/([0-9])\.([0-9])")
# RFC 9112 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]; so many servers leave
# out the last SP where there is no reason, and every client takes it, that it is no fault here.
_STATUS = re.compile(r"HTTP/([0-9])\.([0-9]) ([0-9]{3})(?: ([^\r]*))?")
_LOOSE_VERSION = re.compile(r"HTTP/([0-9]{1,3})(?:\.([0-9]{1,3}))?", re.IGNORECASE)
_LOOSE_STATUS = re.compile(
    r"\s*HTTP/([0-9]{1,3})(?:\.([0-9]{1,3}))?\s+([0-9]{3})\b(.*)", re.IGNORECASE | re.DOTALL
)
_ODD = re.compile(rb"\r+(?!\n|\r)|\r+(?=\r\n)|\x00+|(?<!\r)\n")
_ODD_KINDS = {0x0D: HeadFault.BARE_CR, 0x00: HeadFault.NUL, 0x0A: HeadFault.BARE_LF}


def parse_head(
    data: bytes, side: Side, offset: int = 0, mark: Mark = NO_MARK, limits: Limits = DEFAULT_LIMITS
) -> Head:
    """The head that `data` begins with; `offset` is that of its first byte in the side's stream.

    Not `complete` where no empty line stands within `limits.head` bytes (the last, cut line is
    left out then) or where there are more lines or faults than `limits.fields`.
    """
    found = HEAD_END.search(data, 0, limits.head)
    end = found.end() if found else min(len(data), limits.head)
    # What stands behind the last LF of the lines that are whole.
    lines_end = found.start() + 1 if found else data.rfind(b"\n", 0, end) + 1
    lines = data[: lines_end or end].decode("latin-1").split("\n")
    if lines_end:
        lines.pop()
    faults = _odd_bytes(data, end if found else lines_end, limits)
    start_line = lines[0].rstrip("\r")
    fields = _fields(lines[: limits.fields + 1], faults)
    method, target, version, status, reason = _start(data, side, start_line)
    if not _is_sound(start_line) and lines_end:
        faults.append(Fault(HeadFault.BAD_START_LINE, 0, len(start_line)))
    faults.sort(key=lambda fault: fault.offset)
    within = len(lines) <= limits.fields + 1 and len(faults) <= limits.fields
    return Head(
        side=side,
        start_line=start_line,
        method=method,
        target=target,
        version=version,
        status=status,
        reason=reason,
        fields=tuple(fields),
        faults=tuple(faults[: limits.fields]),
        length=end,
        complete=found is not None and within,
        offset=offset,
        packet=mark[0],
        time=mark[1],
    )


def _odd_bytes(data: bytes, end: int, limits: Limits) -> list[Fault]:
    """Bare CR, NUL and lines that end with LF alone (RFC 9112 2.2, RFC 9110 5.5)."""
    faults: list[Fault] = []
    for found in _ODD.finditer(data, 0, end):
        start, stop = found.span()
        faults.append(Fault(_ODD_KINDS[data[start]], start, stop - start))
        if len(faults) > limits.fields:
            break
    return faults


def _fields(lines: Sequence[str], faults: list[Fault]) -> list[Field]:
    """The header lines behind the start line; what is wrong with them goes to `faults`."""
    fields: list[Field] = []
    at = len(lines[0]) + 1
    for raw in lines[1:]:
        line = raw.rstrip("\r")
        if line[:1] in {" ", "\t"}:
            # RFC 9112 5.2: obs-fold stands for a space. 2.2: before the first field it is nothing.
            faults.append(Fault(HeadFault.FOLDED, at, len(line)))
            if fields:
                fields[-1] = _unfolded(fields[-1], line, at)
        else:
            fields.append(_field(line, at, faults))
        at += len(raw) + 1
    return fields


def _field(line: str, at: int, faults: list[Fault]) -> Field:
    """RFC 9112 5: field-line = field-name ":" OWS field-value OWS. A line without a colon is kept
    as a name with an empty value.
    """
    written, colon, value = line.partition(":")
    name, is_token = _name(written)
    if not (colon and is_token):
        faults.append(Fault(HeadFault.BAD_NAME, at, len(written) if colon else len(line)))
    if len(name) < len(written):
        # RFC 9112 5.1: no white space between name and colon.
        faults.append(Fault(HeadFault.SPACE_BEFORE_COLON, at + len(name), len(written) - len(name)))
    return Field(name, value.strip(" \t\r"), at, len(line))


@lru_cache(maxsize=128)
def _name(written: str) -> tuple[str, bool]:
    """A field name without the white space behind it, and whether it is a token. All heads of a
    capture share a few dozen names: each is looked at, and kept in memory, once.
    """
    name = written.rstrip(" \t")
    return name, _NAME.fullmatch(name) is not None


def _unfolded(field: Field, line: str, at: int) -> Field:
    value = " ".join((field.value, line.strip(" \t\r"))).strip(" ")
    return Field(field.name, value, field.offset, at + len(line) - field.offset)


_Start = tuple[str | None, str | None, tuple[int, int] | None, int | None, str | None]


def _start(data: bytes, side: Side, line: str) -> _Start:
    """Method, target, version, status, reason; what the line looks like decides which, and the
    side where it looks like neither.
    """
    if starts_like_response(data) or (side is Side.SERVER and not starts_like_request(data)):
        return (None, None, *_status(line))
    return (*_request(line), None, None)


def _is_sound(line: str) -> bool:
    return bool(_REQUEST.fullmatch(line) or _STATUS.fullmatch(line))


def _request(line: str) -> tuple[str | None, str | None, tuple[int, int] | None]:
    if found := _REQUEST.fullmatch(line):
        method, target, major, minor = found.groups()
        return method, target, (int(major), int(minor))
    words = line.split()
    version = _LOOSE_VERSION.fullmatch(words[-1]) if len(words) > 1 else None
    target = " ".join(words[1:-1] if version else words[1:])
    return words[0] if words else None, target or None, _version(version)


def _status(line: str) -> tuple[tuple[int, int] | None, int | None, str | None]:
    found = _STATUS.fullmatch(line) or _LOOSE_STATUS.fullmatch(line)
    if found is None:
        return None, None, None
    return _version(found), int(found[3]), (found[4] or "").strip()


def _version(found: re.Match[str] | None) -> tuple[int, int] | None:
    return (int(found[1]), int(found[2] or 0)) if found else None


def tokens(head: Head, name: str) -> list[str]:
    """The elements of a comma-separated list, over all lines of that name (RFC 9110 5.6.1)."""
    found = (part.strip(" \t") for field in head.all(name) for part in field.value.split(","))
    return [part for part in found if part]
