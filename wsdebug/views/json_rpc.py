"""JSON-RPC 2.0 (jsonrpc.org/specification): requests, notifications, results, errors, batches."""

from __future__ import annotations

from typing import Any

from wsdebug.display.quantities import counted
from wsdebug.views.layout import in_short, json_lines, word
from wsdebug.views.payload import Payload
from wsdebug.views.registry import Shown, view


@view("json-rpc", priority=60)
def json_rpc(payload: Payload) -> Shown | None:
    """An object with `jsonrpc`, or a list of such."""
    value = payload.json
    batch = value if isinstance(value, list) else [value]
    if not batch or not all(isinstance(each, dict) and "jsonrpc" in each for each in batch):
        return None
    told = [_told(each) for each in batch]
    heading = told[0] if len(told) == 1 else f"{counted(len(told), 'call')}: {'; '.join(told)}"
    return Shown(heading, lambda: [*told, "", *json_lines(payload.text or "")])


def _told(message: dict[str, Any]) -> str:
    id_ = f" id={word(message['id'])}" if "id" in message else ""
    if "method" in message:
        kind = "request" if id_ else "notification"
        params = f" {in_short(message['params'])}" if "params" in message else ""
        return f"{kind} {word(message['method'])}{id_}{params}"
    if "error" in message:
        error = message["error"]
        if isinstance(error, dict):
            return f"error{id_} {word(error.get('code'))} {word(error.get('message', ''))}"
        return f"error{id_} {in_short(error)}"
    return f"result{id_} {in_short(message.get('result'))}"
