"""DX103: Node's request timer struck on an upgraded socket."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import is_nodes_timer, response_on_socket
from wsdebug.diagnosis.scene import SECOND, Scene, seen, shown
from wsdebug.display.times import span_of_time
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence

_FIRST, _LAST = 60.0, 91.0
"""Seconds after the client's first bytes between which the timer strikes by default."""


@cause(
    code="DX103",
    title="Node's request timer cut an upgraded socket with 408",
    fix=("upgrade-listener", "no-longer-timeout"),
)
def http_408_on_upgraded_socket(scene: Scene) -> Claim | None:
    """Node wrote `HTTP/1.1 408 Request Timeout` into an open WebSocket and closed it. Its request
    timer is still attached, because no 'upgrade' listener took the socket: a route upgraded through
    `req.socket`. Node 16 did not call the request handler for such a request, Node 18 and 20 do, so
    this often begins with an update of Node.

    The clock: `headersTimeout` (60 s) starts with the client's first bytes after the upgrade, which
    Node takes for the next request, and is looked at every 30 s from the server's start. So it
    strikes 60 to 90 s after them, whatever flows. A client that never sends is not cut.

    Set to less, `headersTimeout` or `requestTimeout` strikes sooner. Longer timeouts only put it
    off. A 408 after the close handshake is no fault of the session.
    """
    if scene.life.is_stream:
        return None  # a stream of HTTP/2 has no parser of HTTP/1 and no second owner
    response = response_on_socket(scene)
    if response is None or not is_nodes_timer(response):
        return None
    if response.blame.offender is not Side.SERVER:
        return None
    because = [
        shown(response.blame.finding, f'"{response.line}" stands where a frame should.'),
        response.blame.reaction,
        *_clock(scene, response.blame.finding.time),
    ]
    considered = [
        "idle timeout of a proxy (it would end TCP, not write a 408 of Node's)",
        "a second upgrade (it would answer at once)",
    ]
    return Claim(Certainty.CERTAIN, because, considered=considered)


def _clock(scene: Scene, struck: float | None) -> list[Evidence]:
    """How long after the client's first bytes the timer struck."""
    first = scene.client.first
    if first is None or first.time is None or scene.life.start is None or struck is None:
        return []
    after = struck - (first.time - scene.life.start) / SECOND
    if after <= 0:
        return []
    text = f"It came {span_of_time(after)} after the client's first frame"
    if _FIRST - 1 <= after <= _LAST:
        return [seen(first, Side.CLIENT, f"{text}: headersTimeout is 60 s, looked at every 30 s.")]
    return [
        seen(first, Side.CLIENT, f"{text}: headersTimeout or requestTimeout is less than that.")
        if after < _FIRST
        else seen(first, Side.CLIENT, f"{text}.")
    ]
