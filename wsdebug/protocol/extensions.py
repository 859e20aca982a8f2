"""Sec-WebSocket-Extensions: its grammar (RFC 6455 9.1), what a 101 switches on (RFC 7692 7.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from wsdebug.model.handshake import Agreed, Deflate, Extension, Field, Head, Parameter, of_kind

HEADER = "sec-websocket-extensions"
DEFLATE = "permessage-deflate"

# RFC 6455 9.1: extension-param = token [ "=" (token | quoted-string) ]
_TCHARS = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_NAME = re.compile(rf"[ \t]*({_TCHARS})[ \t]*(?=[;,]|\Z)")
_PARAMETER = re.compile(
    rf';[ \t]*({_TCHARS})[ \t]*(?:=[ \t]*(?:({_TCHARS})|"((?:[^"\\]|\\.)*)")[ \t]*)?(?=[;,]|\Z)'
)
_IS_TCHARS = re.compile(_TCHARS)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# What is wrong is stepped over up to the next comma that stands outside quotes.
_REST = re.compile(r'(?:[^",]++|"(?:[^"\\]|\\.?)*+(?:"|\Z))*+', re.DOTALL)
# RFC 7692 7.1.2.1: a decimal integer from 8 to 15 without leading zeroes
_WINDOW_BITS = re.compile(r"[89]|1[0-5]")
_PLAIN = Agreed()


def read_extensions(head: Head | None) -> tuple[tuple[Extension, ...], tuple[Field, ...]]:
    """The extensions of a head in order, and its lines that break the grammar."""
    return _extensions(head) if head is not None else ((), ())


@of_kind
def _extensions(head: Head) -> tuple[tuple[Extension, ...], tuple[Field, ...]]:
    extensions: list[Extension] = []
    faults: list[Field] = []
    for field in head.all(HEADER):
        found, is_sound = _read_line(field)
        extensions += found
        if not is_sound:
            faults.append(field)
    return tuple(extensions), tuple(faults)


def _read_line(field: Field) -> tuple[list[Extension], bool]:
    """The elements of one line; False where any of it, or all of it, is missing or malformed.

    RFC 6455 9.1 takes the list rule of RFC 2616 2.1: empty elements are allowed, one must be there.
    """
    text, at = field.value, 0
    found: list[Extension] = []
    is_sound = True
    while at <= len(text):
        if name := _NAME.match(text, at):
            parameters, at, is_whole = _read_parameters(text, name.end())
            is_sound = is_sound and is_whole
            found.append(Extension(name[1], parameters, field))
        rest = _REST.match(text, at)
        assert rest is not None
        is_sound = is_sound and not rest[0].strip(" \t")
        at = rest.end() + 1
    return found, is_sound and bool(found)


def _read_parameters(text: str, at: int) -> tuple[tuple[Parameter, ...], int, bool]:
    parameters: list[Parameter] = []
    is_sound = True
    while found := _PARAMETER.match(text, at):
        at = found.end()
        quoted = found[3] is not None
        value = _ESCAPED.sub(r"\1", found[3]) if quoted else found[2]
        # RFC 6455 9.1: a quoted value must be a token once unescaped.
        is_sound = is_sound and not (quoted and not _IS_TCHARS.fullmatch(value))
        parameters.append(Parameter(found[1], value, quoted))
    return tuple(parameters), at, is_sound


def agree(offers: Iterable[Extension], accepted: Sequence[Extension]) -> Agreed:
    """What the 101 switched on. The server's answer is what it will do, offered or not; rules
    judge whether it was allowed to.
    """
    if not accepted:
        return _PLAIN
    deflate = next((its for its in accepted if its.name == DEFLATE), None)
    offered = {offer.name for offer in offers}
    unknown = dict.fromkeys(
        its.name for its in accepted if its.name != DEFLATE and its.name in offered
    )
    return Agreed(deflate=_deflate(deflate) if deflate else None, unknown=tuple(unknown))


def _deflate(answer: Extension) -> Deflate:
    """RFC 7692 7.1: the first of each parameter counts; no legal value leaves the window full."""
    values: dict[str, str | None] = {}
    for parameter in answer.parameters:
        values.setdefault(parameter.name, parameter.value)
    return Deflate(
        server_no_context_takeover="server_no_context_takeover" in values,
        client_no_context_takeover="client_no_context_takeover" in values,
        server_max_window_bits=_window_bits(values.get("server_max_window_bits")),
        client_max_window_bits=_window_bits(values.get("client_max_window_bits")),
    )


def _window_bits(value: str | None) -> int:
    return int(value) if value is not None and _WINDOW_BITS.fullmatch(value) else 15
