"""What text and Markdown say alike: names, addresses, endings and counts in words."""

from __future__ import annotations

from collections.abc import Sequence

from wsdebug.display.endpoints import socket_name
from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted, grouped
from wsdebug.display.times import span_of_time
from wsdebug.knowledge.close_codes import is_clean
from wsdebug.knowledge.foreign_bytes import foreign_bytes_advice
from wsdebug.model.place import Side
from wsdebug.model.report import (
    Connection,
    Endpoint,
    Finding,
    Moment,
    Severity,
)
from wsdebug.rules import RULES

KINDS = ("error", "warning", "note", "fine", "tls")
"""What a connection can be at worst, in the order of the report."""
_HEADER_BITS = ("fin", "rsv", "opcode", "mask")
_NAMES = 12
"""Frame names in a list before the rest is counted."""
PAYLOAD = 4 << 20
"""Characters of payload shown where all of it was asked for: 1 MiB as escapes."""


_JUST_ENDED = ("tcp-fin-without-close", "tcp-reset")
"""Causes that show no reason."""


def printed(text: str, limit: int = 400) -> str:
    """Text that may quote the wire, safe to show, and never more than a few lines of it."""
    return printable(text, limit)


def is_encrypted(connection: Connection) -> bool:
    """Whether it is TLS that nobody has the keys for."""
    return connection.handshake.result == "encrypted"


def kind_of(connection: Connection) -> str:
    """error, warning, note (its findings are notes), fine, or tls (without keys)."""
    if is_encrypted(connection):
        return "tls"
    if connection.severity is Severity.NOTE:
        return "note" if connection.findings else "fine"
    return connection.severity.value


def rank(connection: Connection) -> int:
    """Sorts connections worst first, encrypted ones last. Of the
    broken ones, those that show a reason go before those that just ended: behind a crash there may
    be a hundred victims, and one culprit.
    """
    kind = 2 * KINDS.index(kind_of(connection))
    just_ended = any(cause.name in _JUST_ENDED for cause in connection.causes[:1])
    return kind + just_ended


def url(connection: Connection, host: str | None = None, path: str | None = None) -> str:
    """`ws://198.51.100.7/live`, with the host the client asked for, else the server's address."""
    scheme = "wss" if connection.tls is not None or connection.carrier in ("tls", "h2") else "ws"
    name = host or connection.handshake.host or endpoint(connection.server)
    return f"{scheme}://{name}{path or connection.handshake.path or ''}"


def endpoint(end: Endpoint) -> str:
    """`192.0.2.10:51514`; an IPv6 address stands in brackets."""
    return socket_name(end.address, end.port)


def ended(connection: Connection) -> str:
    """How it ended, in two or three words: the code of a Close that reports a failure, else the
    codes that the client's and the server's application saw.
    """
    end = connection.end
    if end.how == "handshake-rejected":
        status = connection.handshake.status
        return "rejected" if status is None else f"rejected with {status}"
    if end.how == "handshake-timeout":
        return "never answered"
    if end.how == "capture-end":
        return "still open"
    failure = _failure_code(connection)
    if failure is not None:
        return f"closed with {failure}"
    seen = end.seen_by_application
    codes = dict.fromkeys(code for code in (seen.client, seen.server) if code is not None)
    if codes:
        return f"ended as {'/'.join(map(str, codes))}"
    return {"fin": "ended by FIN", "rst": "ended by RST", "timeout": "timed out"}.get(
        end.how, "ended with Close"
    )


def ending_to_explain(connection: Connection) -> list[str]:
    """What `wsdebug explain` knows of the ending: a refusing status, a failure code, or 1006."""
    end = connection.end
    failure = _failure_code(connection)
    if end.how == "handshake-rejected":
        return [str(connection.handshake.status)] if connection.handshake.status else []
    if failure is not None:
        return [str(failure)]
    seen = (end.seen_by_application.client, end.seen_by_application.server)
    return ["1006"] if 1006 in seen and end.how in ("fin", "rst", "timeout") else []


def _failure_code(connection: Connection) -> int | None:
    """The code of the Close that began the end, if it reports a failure."""
    end = connection.end
    if end.how not in ("close-handshake-abnormal", "close-one-side"):
        return None
    code = end.close_codes.client if end.by == "client" else end.close_codes.server
    # 1005 stands for a Close without a code.
    return None if code == 1005 or is_clean(code) else code


def seen_differently(connection: Connection) -> str | None:
    """A sentence where the two applications saw different codes and `why` does not say so."""
    seen = connection.end.seen_by_application
    if seen.client == seen.server or None in (seen.client, seen.server):
        return None
    if f"application sees {seen.client}" in connection.end.why:
        return None
    return f"the client's application saw {seen.client}, the server's {seen.server}"


def frame_name(side: Side, frame: int) -> str:
    """`S38`: the server's 39th frame."""
    return f"{side.value[0].upper()}{frame}"


def happened(moment: Moment) -> str:
    """What a moment says, with the name of its frame: `last frame: text, 212 bytes (S38)`."""
    if moment.side is None or moment.frame is None:
        return moment.text
    name = frame_name(moment.side, moment.frame)
    return moment.text if name in moment.text else f"{moment.text} ({name})"


def pause(moment: Moment, text: str) -> str:
    """`60.0 s of silence`; `text` is that of the moment as it may be shown."""
    return text if moment.seconds is None else f"{span_of_time(moment.seconds)} of {text}"


def place(finding: Finding) -> str:
    """Who sent it and where it stands: `server, frame S38, offset 8 412, packet 731, +127.004`."""
    parts = [finding.side.value] if finding.side is not None else []
    if finding.side is not None and finding.frame is not None:
        parts.append(f"frame {frame_name(finding.side, finding.frame)}")
    head = " of the HTTP head" if finding.part.value == "head" else ""
    parts.append(f"offset {grouped(finding.offset)}{head}")
    if finding.packet is not None:
        parts.append(f"packet {grouped(finding.packet)}")
    if finding.time is not None:
        parts.append(f"{finding.time:+.3f} s")
    return ", ".join(parts)


def wanted(finding: Finding) -> str:
    """What the standard wants, and where it says so (some rules have no section)."""
    has_section = any(map(str.isdigit, finding.section))
    return f"{finding.wanted} ({finding.section})" if has_section else finding.wanted


def frames_with_findings(findings: Sequence[Finding]) -> str | None:
    """`none`, or the names of the frames in packet order; None where findings are, but none of
    them in a frame.
    """
    names = dict.fromkeys(
        frame_name(finding.side, finding.frame)
        for finding in findings
        if finding.side is not None and finding.frame is not None
    )
    if not names:
        return None if findings else "none"
    shown = list(names)[:_NAMES]
    more = len(names) - len(shown)
    return " ".join(shown) + (f" and {counted(more, 'more', 'more')}" if more else "")


def alike(findings: Sequence[Finding]) -> list[tuple[Finding, int]]:
    """The findings, those that say the same counted under the first; fatal ones first, then by
    severity, else in their order.
    """
    groups: dict[tuple[str, Severity, Side | None, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.code, finding.severity, finding.side, finding.saw)
        groups.setdefault(key, []).append(finding)
    first = [
        (next((each for each in group if each.fatal), group[0]), len(group))
        for group in groups.values()
    ]
    return sorted(first, key=lambda each: (not each[0].fatal, -each[0].severity.rank))


def headline(connection: Connection) -> str:
    """Why it stands where it stands, in a line: what it died of, its worst finding, else how it
    ended.
    """
    if connection.causes and connection.end.severity is Severity.ERROR:
        cause = connection.causes[0]
        return f"{cause.code} {cause.title}"
    worst = alike(connection.findings)[:1]
    if worst and worst[0][0].severity.rank >= connection.end.severity.rank:
        finding, count = worst[0]
        times = f" ({count})" if count > 1 else ""
        return f"{finding.code} {title(finding)}{times}"
    return connection.end.why


def title(finding: Finding) -> str:
    """The rule's title, its name where the rule is not ours."""
    rule = RULES.get(finding.name)
    return finding.name if rule is None else rule.title.rstrip(".")


def fix(finding: Finding) -> str | None:
    """What to do about it: what the bytes in question call for, else the rule's advice."""
    kind = finding.detail.get("kind")
    if finding.name == "foreign-bytes" and isinstance(kind, str):
        advice = foreign_bytes_advice(kind, str(finding.detail.get("preview", "")))
        if advice is not None:
            return advice
    rule = RULES.get(finding.name)
    return None if rule is None else rule.fix


def read_as_frame(finding: Finding) -> str | None:
    """What a decoder makes of foreign bytes, from `detail.as_frame`."""
    frame = finding.detail.get("as_frame")
    if not isinstance(frame, dict):
        return None
    bits = ", ".join(f"{key} {frame[key]}" for key in _HEADER_BITS if key in frame)
    breaks = frame.get("breaks")
    listed = ", ".join(map(str, breaks)) if isinstance(breaks, list | tuple) else str(breaks or "")
    return bits + (f"; breaks {listed}" if listed else "")
