"""Bytes that are no frame and that the connection ended over, read more closely."""

from __future__ import annotations

import re

import msgspec

from wsdebug.diagnosis.blame import Blame, blame
from wsdebug.diagnosis.scene import Scene

_STATUS = re.compile(r"HTTP/1\.[01] (\d{3})")
SOON = 1.0
"""Seconds after the 101 within which an answer is still one to the upgrade."""


class Response(msgspec.Struct, frozen=True):
    """An HTTP response at the place of a frame. `age`: seconds since the 101."""

    blame: Blame
    status: int
    line: str
    age: float | None
    server: str | None
    """Its Server or Via header."""
    is_empty: bool
    """No header but `Connection: close`: what Node answers to bytes that are no HTTP."""


def response_on_socket(scene: Scene) -> Response | None:
    """The HTTP response that the connection died of."""
    found = blame(scene)
    if found is None or found.finding.detail.get("kind") != "http-response":
        return None
    detail = found.finding.detail
    preview = str(detail.get("preview", ""))
    status = _STATUS.match(preview)
    if status is None:
        return None
    line = re.split(r"\\x0d|\\x0a|…", preview, maxsplit=1)[0]
    headers = detail.get("headers") or {}
    return Response(
        blame=found,
        status=int(status[1]),
        line=line,
        age=_age(scene, found),
        server=headers.get("via") or headers.get("server"),
        is_empty=detail.get("header_count") == 1 and headers.get("connection") == "close",
    )


def _age(scene: Scene, found: Blame) -> float | None:
    life, time = scene.life, found.finding.time
    if life.responded is None or life.responded.time is None or life.start is None or time is None:
        return None
    return time - (life.responded.time - life.start) / 1e9


def foreign_kind(scene: Scene) -> tuple[Blame, str] | None:
    """The kind of the foreign bytes that the connection died of."""
    found = blame(scene)
    if found is None or found.finding.name != "foreign-bytes":
        return None
    return found, str(found.finding.detail.get("kind"))
