"""GraphQL over WebSocket: `graphql-transport-ws` (enisdenjo/graphql-ws PROTOCOL.md) and the
older `graphql-ws` (subscriptions-transport-ws).
"""

from __future__ import annotations

from typing import Any

from wsdebug.views.layout import in_short, json_lines, word
from wsdebug.views.payload import Payload
from wsdebug.views.registry import Shown, view

_SUBPROTOCOLS = ("graphql-transport-ws", "graphql-ws")
_TYPES = {
    "connection_init", "connection_ack", "ping", "pong", "subscribe", "next", "error", "complete",
    "connection_error", "connection_terminate", "start", "data", "stop", "ka",
}  # fmt: skip
_OWN = {"connection_init", "connection_ack", "connection_error", "connection_terminate", "ka"}
"""Types by themselves enough, where the subprotocol is not known."""


@view("graphql", priority=90)
def graphql(payload: Payload) -> Shown | None:
    """An object with a `type` of these protocols."""
    message = payload.json
    if not isinstance(message, dict) or not _is_ours(message, payload.subprotocol):
        return None
    body = message.get("payload")
    id_ = f" id={word(message['id'])}" if "id" in message else ""
    told = f"{word(message['type']).upper()}{id_}{_told(body)}"
    query = body.get("query") if isinstance(body, dict) else None
    return Shown(told, lambda: [told, "", *_query(query), *json_lines(payload.text or "")])


def _is_ours(message: dict[str, Any], subprotocol: str) -> bool:
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return False
    if subprotocol in _SUBPROTOCOLS or kind in _OWN:
        return True
    body = message.get("payload")
    if subprotocol or not isinstance(body, dict) or "id" not in message:
        return False
    return "query" in body or (kind in ("next", "data") and not {"data", "errors"}.isdisjoint(body))


def _told(body: Any) -> str:
    if not isinstance(body, dict):
        return "" if body is None else f" {in_short(body)}"
    if isinstance(body.get("query"), str):
        name = body.get("operationName")
        named = f"{word(name)}: " if name else ""
        return f" {named}{' '.join(body['query'].split())}"
    if body.get("errors"):
        return f" errors {in_short(body['errors'])}"
    return f" {in_short(body['data'] if set(body) == {'data'} else body)}" if body else ""


def _query(query: Any) -> list[str]:
    return [*query.split("\n"), ""] if isinstance(query, str) else []
