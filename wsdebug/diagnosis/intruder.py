"""What does not belong in the stream, read more closely: bytes that are no frame, and bytes that
only one leg of a path has.
"""

from __future__ import annotations

import re

import msgspec

from wsdebug.diagnosis.betrayed import is_proxy
from wsdebug.diagnosis.blame import blame, violations
from wsdebug.diagnosis.blamed import Blame
from wsdebug.diagnosis.scene import Scene
from wsdebug.display.times import span_of_time
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence, Finding

_STATUS = re.compile(r"HTTP/1\.[01] (\d{3})")
SOON = 1.0
"""Seconds after the 101 within which an answer is still one to the upgrade."""


GATEWAY = (502, 503, 504)
"""What a proxy answers as a rule."""


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
    is_bare: bool
    """No header at all: nobody but a raw write on the socket leaves them all out."""
    is_express: bool
    """X-Powered-By or the page names Express."""
    is_powered: bool
    """X-Powered-By says which framework wrote it."""
    is_ws_refusal: bool
    """Its headers are those of the refusal of `ws` (abortHandshake) and no more."""
    is_proxys: bool
    """Via, CF-RAY or Server are those of a proxy."""
    body: str | None
    """What its page says, as `rules.streams` names it."""


def response_on_socket(scene: Scene) -> Response | None:
    """The HTTP response that the connection died of."""
    found = culprit(scene)
    if found is None or found.finding.detail.get("kind") != "http-response":
        return None
    detail = found.finding.detail
    preview = str(detail.get("preview", ""))
    status = _STATUS.match(preview)
    if status is None:
        return None
    line = re.split(r"\\x0d|\\x0a|…", preview, maxsplit=1)[0]
    headers = detail.get("headers") or {}
    body = detail.get("body")
    return Response(
        blame=found,
        status=int(status[1]),
        line=line,
        age=_age(scene, found),
        server=headers.get("via") or headers.get("server") or _ray(headers),
        is_empty=detail.get("header_count") == 1 and headers.get("connection") == "close",
        is_bare=detail.get("header_count") == 0,
        is_express=headers.get("x-powered-by") == "Express" or body in _OF_EXPRESS,
        is_powered="x-powered-by" in headers,
        is_ws_refusal=detail.get("header_count") == 3
        and headers.get("connection") == "close"
        and headers.get("content-type") == "text/html"
        and "server" not in headers,
        is_proxys="via" in headers or "cf-ray" in headers or is_proxy(headers.get("server")),
        body=body,
    )


_OF_EXPRESS = ("cannot-get", "hidden-error", "error")
_NODES_408 = "HTTP/1.1 408 Request Timeout"


def is_nodes_timer(response: Response) -> bool:
    """Node's request timer writes exactly this; a 408 of anybody else looks different."""
    return response.line == _NODES_408 and response.is_empty


def second_upgrade(scene: Scene, response: Response) -> Certainty | None:
    """How sure it is that this answer is that of a second owner of the upgrade."""
    is_soon = response.age is not None and response.age <= SOON
    if response.status == 400 and is_soon and response.is_ws_refusal:
        return Certainty.CERTAIN
    if response.status != 500 or is_foreign_response(scene, response):
        return None
    if response.body == "second-upgrade":
        return Certainty.CERTAIN
    if not is_soon or response.is_empty or response.is_bare or response.body == "error":
        return None
    return Certainty.LIKELY if response.is_express else Certainty.POSSIBLE


def place(response: Response) -> str:
    """Where it stands: right behind the 101 only if no frame stands between."""
    if response.blame.finding.offset == 0 and (response.age or 0.0) < SOON:
        return "right behind the 101"
    if response.age is None:
        return "behind the upgrade"
    return f"{span_of_time(response.age)} after the 101"


def _ray(headers: dict[str, str]) -> str | None:
    return "Cloudflare (CF-RAY)" if "cf-ray" in headers else None


def _age(scene: Scene, found: Blame) -> float | None:
    life, time = scene.life, found.finding.time
    if life.responded is None or life.responded.time is None or life.start is None or time is None:
        return None
    return time - (life.responded.time - life.start) / 1e9


def foreign_kind(scene: Scene) -> tuple[Blame, str] | None:
    """The kind of the foreign bytes that the connection died of."""
    found = culprit(scene)
    if found is None or found.finding.name != "foreign-bytes":
        return None
    return found, str(found.finding.detail.get("kind"))


def is_foreign_response(scene: Scene, response: Response) -> bool:
    """Its Server or Via header is another's than that of the 101."""
    headers = scene.connection.handshake.response_headers
    own = {value for name, value in headers if name.lower() in ("server", "via")}
    if any(name.lower() == "cf-ray" for name, _ in headers):
        own.add("Cloudflare (CF-RAY)")
    return response.server is not None and response.server not in own


class Change(msgspec.Struct, frozen=True):
    """The bytes of one side differ between the legs of a path."""

    bad: Scene
    good: Scene
    blame: Blame


def altered(scene: Scene) -> Change | None:
    """What was changed between two legs of this path, one of which is `scene`."""
    for leg in scene.legs:
        bad, good = (scene, leg) if blame(scene) is not None else (leg, scene)
        found = blame(bad)
        if found is None or good.has_gaps:
            continue
        # The wrong bytes must stand behind the proxy, as the offender's stream runs.
        is_downstream = bad.is_front is (found.offender is Side.SERVER)
        is_sound = not any(one.side is found.offender for one in violations(good))
        if is_downstream and is_sound:
            return Change(bad, good, found)
    return None


def culprit(scene: Scene) -> Blame | None:
    """The violation that the connection ended over, if its sender has really sent it: not where the
    other leg of the path shows that something between did.
    """
    found = blame(scene)
    return None if found is None or altered(scene) is not None else found


def overrun_of(scene: Scene, kind: str) -> tuple[Finding, Evidence] | None:
    """The foreign bytes that are the rest of the frame before (`rules.overrun`), where the
    connection ended over them or over the text that they belong to; and what followed.
    """
    found = culprit(scene)
    if found is None or found.finding.name not in ("foreign-bytes", *_OF_THE_TEXT):
        return None
    for finding in scene.named("foreign-bytes"):
        if finding.side is found.offender and finding.detail.get("overrun") == kind:
            return finding, found.reaction
    return None


_OF_THE_TEXT = ("invalid-utf8", "reserved-bits-set", "unknown-opcode")
