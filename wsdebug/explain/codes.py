"""The pages of close codes and HTTP statuses."""

from __future__ import annotations

from wsdebug.display.quantities import counted
from wsdebug.explain.causes import cause_rows
from wsdebug.explain.paragraphs import listing, page, paragraphs
from wsdebug.knowledge.close_advice import ENDS_OF_1006, SILENT_AT_1006, close_advice
from wsdebug.knowledge.close_codes import close_code, is_allowed_on_wire, is_reserved_for_reports
from wsdebug.knowledge.http_status import http_status
from wsdebug.knowledge.libraries import all_libraries, library
from wsdebug.model.errors import UserError
from wsdebug.rules import RULES

_ABNORMAL = (
    "So the same number stands for very different ends. `wsdebug read` looks at how TCP ended, "
    "what was sent last and how long it was silent before; by hand:"
)
_CAUSES_OF_1006 = (
    *("DX202", "DX209", "DX210", "DX205", "DX206", "DX207", "DX101", "DX102", "DX103", "DX104"),
    *("DX303", "DX301"),
)
_SAYING = (
    *("websockets", "websocket-client", "gorilla/websocket", "dotnet", "tungstenite"),
    *("uWebSockets", "okhttp", "jetty", "boost.beast"),
)
"""Libraries that say something at the end of TCP, the best known."""


def close_code_page(code: int) -> str:
    """What a close code means and whether it may be sent."""
    known = close_code(code)
    parts = [paragraphs(known.meaning)]
    if code == 1006:
        parts += [paragraphs(_ABNORMAL), listing(ENDS_OF_1006)]
        parts.append("What may be behind it\n" + listing(cause_rows(_CAUSES_OF_1006)))
        parts.append("What libraries say where TCP just ended\n" + listing(_sayings()))
    if code == 1009:
        parts.append("Limits unless told otherwise\n" + listing(_limits()))
    facts = [
        f"on the wire  {_on_the_wire(code)}",
        f"sent by      {known.sender}",
        f"standard     {known.section}",
    ]
    parts.append("\n".join(facts))
    advice = close_advice(code)
    if advice is not None:
        parts.append("What to do\n" + paragraphs(advice, "  "))
    return page(f"{code}  {known.name}", *parts)


def _on_the_wire(code: int) -> str:
    if is_allowed_on_wire(code):
        return "yes"
    name = (
        "close-code-not-allowed-on-wire" if is_reserved_for_reports(code) else "close-code-invalid"
    )
    return f"never; a Close with it breaks {RULES[name].code} {name}"


def http_status_page(status: int) -> str:
    """What a status means as the answer to a WebSocket handshake."""
    known = http_status(status)
    if known is None:
        raise UserError(f"{status} is no HTTP status.", "HTTP statuses go from 100 to 599.")
    return page(
        f"HTTP {status}  {known.name}, as the answer to a WebSocket handshake",
        paragraphs(known.meaning),
        "What to do\n" + paragraphs(known.advice, "  "),
    )


def _sayings() -> list[tuple[str, str]]:
    """What is said where TCP ended without a Close."""
    said = [(name, library(name).on["fin"].text or "") for name in _SAYING]
    return [*SILENT_AT_1006, *said]


def _limits() -> list[tuple[str, str]]:
    """The largest message that libraries take."""
    limits = [(one.name, one.limits.message) for one in all_libraries()]
    return [(name, counted(limit, "byte")) for name, limit in limits if limit is not None]
