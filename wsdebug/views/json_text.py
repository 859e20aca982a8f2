"""JSON, laid out."""

from __future__ import annotations

from wsdebug.views.layout import json_lines
from wsdebug.views.payload import Payload
from wsdebug.views.registry import Shown, view


@view("json", priority=30)
def json_text(payload: Payload) -> Shown | None:
    """Objects and lists; a lone number or word is text."""
    if not isinstance(payload.json, dict | list) or payload.text is None:
        return None
    text = payload.text
    return Shown(" ".join(text.split()), lambda: json_lines(text))
