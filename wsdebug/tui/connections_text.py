"""Panel 1: a line for each connection, columns dropped from the right where there is no room."""

from __future__ import annotations

from wsdebug.display.columns import columns, cut, padded
from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted, grouped
from wsdebug.model.report import Severity
from wsdebug.model.rows import Known, State
from wsdebug.report import words
from wsdebug.report.fates import Fates
from wsdebug.tui.line import WIRE, Line, Piece, line
from wsdebug.tui.parts_text import SYMBOLS

_WITH_PATH = 16
"""Columns from which on the path has a place beside the client."""


def kind_of(known: Known) -> str:
    """error, warning, note, fine, tls, or open while it goes on."""
    if known.encrypted:
        return "tls"
    if known.severity is None:
        return "error" if known.errors else "warning" if known.warnings else "open"
    if known.severity is not Severity.NOTE:
        return known.severity.value
    if known.notes:
        return "note"
    return "open" if known.how == "capture-end" else "fine"


def end_of(known: Known) -> str:
    """`1006`, `1000`, `open`, `401`: the word of the column."""
    if known.encrypted:
        return "TLS"
    report = known.report
    if report is None:
        return "…" if known.state is State.OPEN else "ended"
    if report.end.how == "capture-end":
        return "open"
    if report.end.how == "handshake-rejected":
        return str(report.handshake.status or "refused")
    said = words.ended(report).rpartition(" ")[2]
    return said.split("/")[0]


def reason_of(known: Known, fates: Fates | None) -> str:
    """The code of its cause, or of its worst finding."""
    short = fates.short(known.id) if fates is not None else None
    if short:
        return short.partition(" ")[0]
    if known.causes:
        return known.causes[0]
    report = known.report
    worst = words.alike(report.findings)[:1] if report is not None else []
    return worst[0][0].code if worst else ""


def connection_line(known: Known, width: int, fates: Fates | None = None) -> Line:
    """`✗ 3 .10:51514  /live   1006 DX202`."""
    kind = kind_of(known)
    end = f"{end_of(known):>4}"
    reason = f"{reason_of(known, fates):5}"
    front: list[Piece] = [(f"{SYMBOLS[kind]} ", kind), (f"{known.id:>2} ", "strong")]
    back: list[Piece] = [(f" {end}", kind), (f" {reason}", kind)]
    room = width - sum(columns(text) for text, _ in (*front, *back))
    if kind == "tls":
        tls = known.report.tls if known.report is not None else None
        version = (tls.version if tls is not None else None) or "TLS"
        return line(*front, (cut(f"{_client(known)}  {version}, no key", max(0, width - 6)), ""))
    client, path = _client(known), printable(known.path or "/", 200)
    middle = f"{client:10} {path}" if room >= _WITH_PATH else client
    return line(*front, (padded(cut(middle, max(0, room)), max(0, room)), WIRE), *back)


def _client(known: Known) -> str:
    """The end of the address, and the port: `.10:51514`."""
    address, port = known.client.address, known.client.port
    last = address.rpartition(":" if ":" in address else ".")[2]
    return f".{last}:{port}" if ":" not in address else f":{last}:{port}"


def summaries(total: int, shown: int, expression: str) -> tuple[str, str]:
    """`12 connections, filter: none`, and the same where there is less room."""
    some = f"{shown} of " if shown != total else ""
    said = f"filter: {printable(expression, 40) or 'none'}"
    return f"{some}{counted(total, 'connection')}, {said}", f"{some}{grouped(total)}, {said}"
