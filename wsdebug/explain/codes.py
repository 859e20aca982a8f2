"""The pages of close codes and HTTP statuses."""

from __future__ import annotations

from wsdebug.explain.paragraphs import listing, page, paragraphs
from wsdebug.knowledge.close_advice import ENDS_OF_1006, SAYINGS_OF_1006, close_advice
from wsdebug.knowledge.close_codes import close_code, is_allowed_on_wire, is_reserved_for_reports
from wsdebug.knowledge.http_status import http_status
from wsdebug.model.errors import UserError
from wsdebug.rules import RULES

_ABNORMAL = (
    "So the same number stands for very different ends. `wsdebug read` looks at how TCP ended, "
    "what was sent last and how long it was silent before; by hand:"
)


def close_code_page(code: int) -> str:
    """What a close code means and whether it may be sent."""
    known = close_code(code)
    parts = [paragraphs(known.meaning)]
    if code == 1006:
        parts += [paragraphs(_ABNORMAL), listing(ENDS_OF_1006)]
        parts.append("What libraries say:\n" + listing(SAYINGS_OF_1006))
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
