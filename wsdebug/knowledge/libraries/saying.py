"""Walks a library's checks over a situation, in its own order."""

from __future__ import annotations

import msgspec

from wsdebug.knowledge.close_codes import close_name
from wsdebug.knowledge.libraries.conditions import header_length, holds, is_partial
from wsdebug.knowledge.libraries.model import EXECUTED, Check, Event, Library, Said, Situation
from wsdebug.model.place import Side

_OPCODES = {0: "CONTINUATION", 1: "TEXT", 2: "BINARY", 8: "CLOSE", 9: "PING", 10: "PONG"}


class _Values(dict[str, object]):
    """What is not known of a figure is shown as `<name>`, never guessed."""

    def __missing__(self, key: str) -> str:
        return f"<{key}>"


def what_it_logs(library: Library, asked: Situation | Event) -> Said | None:
    """What the library says and does; None where it takes the frame as good, or where nothing is
    known of it in that role or situation.
    """
    if isinstance(asked, Event):
        return _to_event(library, asked)
    if asked.role not in library.roles or (asked.deflate and not library.deflate):
        return None
    if asked.open == "either":
        both = {
            what_it_logs(library, msgspec.structs.replace(asked, open=kind))
            for kind in ("plain", "compressed")
        }
        return both.pop() if len(both) == 1 else None
    return _to_frame(library, asked)


def _to_frame(library: Library, situation: Situation) -> Said | None:
    found: list[Check] = []
    for check in library.checks:
        if found and not check.joined:
            break
        if not holds(check.when, situation, library.limits.message):
            continue
        if check.waits:
            return _waiting(library, situation)
        found.append(check)
        if not check.joined:
            break
    if not found or found[0].unknown:
        return None
    values = _values(situation, library)
    first = found[0]
    if len(found) > 1:
        texts = ", ".join((check.text or "") for check in found)
        first = msgspec.structs.replace(first, text=texts)
    return _said(library, first, values, situation.role)


def _waiting(library: Library, situation: Situation) -> Said | None:
    """Nothing yet; what it says if the stream ends here."""
    name = "fin-in-frame" if is_partial(situation) else "fin"
    check = _on(library, name)
    if check is None:
        return Said(library=library.name, waiting=True, derived=library.evidence != EXECUTED)
    said = _said(library, check, _values(situation, library), situation.role, is_event=True)
    return msgspec.structs.replace(said, waiting=True)


def _to_event(library: Library, event: Event) -> Said | None:
    check = _on(library, event.name)
    if check is None or check.unknown:
        return None
    return _said(library, check, _Values(event.values), event.role, is_event=True)


def _on(library: Library, name: str) -> Check | None:
    return library.on.get(name) or (library.on.get("fin") if name == "fin-in-frame" else None)


def _values(situation: Situation, library: Library) -> _Values:
    """What the words in braces stand for."""
    header = situation.header
    opcode = header >> 8 & 15
    bits = {name: header >> 14 - at & 1 for at, name in enumerate(("rsv1", "rsv2", "rsv3"))}
    values = _Values(
        opcode=opcode,
        kind=_OPCODES.get(opcode, str(opcode)),
        Kind=_OPCODES.get(opcode, str(opcode)).capitalize(),
        rsv=header >> 12 & 7,
        length=situation.length,
        short=header & 0x7F,
        signed=situation.length - (1 << 64) if situation.length >> 63 else situation.length,
        **bits,
        **{f"{name}_word": "true" if bit else "false" for name, bit in bits.items()},
    )
    limit = situation.limit or library.limits.message
    if limit is not None:
        values.update(limit=limit, limit_and_one=limit + 1)
    if situation.received is not None:
        values["received"] = max(0, situation.received - header_length(header))
    if opcode == 8:
        values["status"] = 1005 if situation.length == 0 else situation.code
        if situation.code is not None or situation.length == 0:
            code = 1005 if situation.code is None else situation.code
            values["received_close"] = f"{code} ({close_words(code)})"
    values.update(situation.values)
    return values


def _said(
    library: Library, check: Check, values: _Values, role: Side, *, is_event: bool = False
) -> Said:
    sent = _code(_chosen(library, check, "sent", role, is_event=is_event), values)
    text = check.text.format_map(values) if check.text else None
    inner = _Values(values, text=text, sent=sent, sent_name=close_words(sent))
    whole = text
    if text and not (check.plain or is_event):
        whole = library.form.format_map(inner)
    cause = check.cause or (library.cause if text and not is_event else None)
    reason = _chosen(library, check, "reason", role, is_event=is_event)
    if reason == "none" or not (text or check.reason):
        reason = None
    code = _chosen(library, check, "code", role, is_event=is_event) if text or check.code else None
    surfaced = _chosen(library, check, "surfaced", role, is_event=is_event)
    return Said(
        library=library.name,
        text=whole,
        code=str(code).format_map(inner) if code not in (None, "none") else None,
        cause=cause.format_map(inner) if cause not in (None, "none") else None,
        sent=sent,
        reason=str(reason).format_map(inner) if sent is not None and reason else None,
        surfaced=_surfaced(surfaced, sent, values),
        derived=(check.evidence or library.evidence) != EXECUTED,
    )


def _chosen(
    library: Library, check: Check, name: str, role: Side, *, is_event: bool
) -> int | str | None:
    """The check's own word, else the client's, else the library's. Of the library's defaults
    only the code the application sees holds for events.
    """
    own: int | str | None = getattr(check, name)
    if own is not None:
        return own
    if is_event and name != "surfaced":
        return None
    of_client: int | str | None = getattr(library.client, name)
    if role is Side.CLIENT and of_client is not None and not is_event:
        return of_client
    default: int | str | None = getattr(library.default, name)
    return default


def _code(chosen: int | str | None, values: _Values) -> int | None:
    if chosen == "same":
        status = str(values.get("status", ""))
        return int(status) if status.isdecimal() else None
    return chosen if isinstance(chosen, int) else None


def _surfaced(chosen: int | str | None, sent: int | None, values: _Values) -> int | str | None:
    if chosen == "same":
        return _code("same", values)
    if chosen == "sent":
        return sent
    return None if chosen == "none" else chosen


def close_words(code: int | None) -> str:
    """The name of a close code as Python websockets writes it."""
    if code is None:
        return ""
    if code in _OWN_WORDS:
        return _OWN_WORDS[code]
    if 3000 <= code < 5000:
        return "registered" if code < 4000 else "private use"
    return close_name(code) or "unknown"


_OWN_WORDS = {
    1000: "OK",
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported data",
    1005: "no status received [internal]",
    1006: "abnormal closure [internal]",
    1007: "invalid frame payload data",
    1008: "policy violation",
    1009: "message too big",
    1010: "mandatory extension",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    1015: "TLS handshake failure [internal]",
}
