"""The pages of close codes and HTTP statuses."""

from __future__ import annotations

from wsdebug.explain.paragraphs import page, paragraphs
from wsdebug.knowledge.close_codes import close_code, is_allowed_on_wire, is_reserved_for_reports
from wsdebug.knowledge.http_status import http_status
from wsdebug.model.errors import UserError
from wsdebug.rules import RULES

_ABNORMAL = (
    "Because 1006 says only that no Close was read, the same number stands for very different "
    "ends: look at how TCP ended (FIN, RST, or nothing at all), at what was sent last, and how "
    "long it was silent before. `wsdebug read` does that and names the end it found."
)


def close_code_page(code: int) -> str:
    """What a close code means and whether it may be sent."""
    known = close_code(code)
    parts = [paragraphs(known.meaning)]
    if code == 1006:
        parts.append(paragraphs(_ABNORMAL))
    facts = [
        f"on the wire  {_on_the_wire(code)}",
        f"sent by      {known.sender}",
        f"standard     {known.section}",
    ]
    return page(f"{code}  {known.name}", *parts, "\n".join(facts))


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
        raise UserError(f"{status} is no HTTP status", "HTTP statuses go from 100 to 599")
    return page(
        f"HTTP {status}  {known.name}, as the answer to a WebSocket handshake",
        paragraphs(known.meaning),
        "What to do\n" + paragraphs(known.advice, "  "),
    )
