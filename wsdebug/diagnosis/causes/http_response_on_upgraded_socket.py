"""DX102: the request handler answered a request that had been upgraded."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import (
    GATEWAY,
    Response,
    altered,
    is_foreign_response,
    is_nodes_timer,
    place,
    response_on_socket,
    second_upgrade,
)
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.knowledge.advice import advice
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX102",
    title="An HTTP response was written to an upgraded socket",
    fix=("upgrade-listener", "remove-route"),
)
def http_response_on_upgraded_socket(scene: Scene) -> Claim | None:
    """After the 101 the server wrote another HTTP response (404, 200, 502 ...) into the same
    socket. Either the request handler ran as well: a route (of Express, Koa, Fastify) did the
    upgrade through `req.socket` and then called `next()` (404) or `res.send()` (200). Or another
    'upgrade' listener wrote its refusal with `socket.write()`: such an answer has hardly a header.
    It is certain only where X-Powered-By or the page says who wrote it.

    The client reads the response as a frame: "RSV1 must be clear" without permessage-deflate, "FIN
    must be set" with it.

    The same bytes come from a proxy that writes its error page into the tunnel
    (bytes-altered-in-transit): then Server or Via are another's, and a capture behind the proxy
    does not have them. `400 Bad Request` with nothing but `Connection: close` is Node's HTTP
    parser, which still reads the socket and takes the client's frames for a request.
    """
    if scene.life.is_stream:
        return None  # a stream of HTTP/2 has no parser of HTTP/1 and no second owner
    response = response_on_socket(scene)
    if response is None or is_nodes_timer(response) or response.blame.offender is not Side.SERVER:
        return None
    if second_upgrade(scene, response) is Certainty.CERTAIN or altered(scene) is not None:
        return None
    because = [
        shown(
            response.blame.finding,
            f'"{response.line}" stands where a frame should, {place(response)}.',
        ),
        response.blame.reaction,
        Evidence(_who(response)),
    ]
    certainty, against = _certainty(scene, response)
    return Claim(certainty, because, against, _considered(response), _advice(scene, response))


def _certainty(scene: Scene, response: Response) -> tuple[Certainty, list[Evidence]]:
    """Certain only where the answer itself says which program wrote it."""
    if is_foreign_response(scene, response):
        text = f"It says to come from {response.server}, the 101 does not."
        weak = response.is_proxys or response.status in GATEWAY
        return (Certainty.POSSIBLE if weak else Certainty.LIKELY), [Evidence(text)]
    if second_upgrade(scene, response) is Certainty.LIKELY:
        return Certainty.LIKELY, [Evidence("A second upgrade ends in the same page (DX101).")]
    if response.is_powered or response.is_express or _is_parsers(response):
        return Certainty.CERTAIN, []
    unsigned = [Evidence("Nothing in it says which program wrote it.")]
    if response.status in GATEWAY:
        unsigned.append(Evidence(f"{response.status} is what a proxy answers, as a rule (DX107)."))
    return Certainty.LIKELY, unsigned


def _is_parsers(response: Response) -> bool:
    return response.is_empty and response.status in (400, 431)


def _who(response: Response) -> str:
    if _is_parsers(response):
        return _PARSER
    if response.is_express:
        return _EXPRESS.get(response.status, _OTHER)
    if (response.server or "").startswith("Werkzeug/"):
        return _WERKZEUG
    return _RAW if response.is_bare or response.is_empty else _OTHER


def _considered(response: Response) -> list[str]:
    upgrade = "a second upgrade (it would be a 101, 400 or 500 right after the 101)"
    if response.status in (400, 500):
        upgrade = "a second upgrade (neither its headers nor its page are those of ws)"
    timer = "Node's request timer (it writes 408)"
    if response.status == 408:
        timer = "Node's request timer (its 408 has Connection: close and no other header)"
    return [upgrade, timer]


def _advice(scene: Scene, response: Response) -> list[str]:
    """What can be the case: a raw write needs no route, Node's parser no second listener."""
    topics = ["other-listener", "remove-route"]
    if response.is_bare or (response.is_empty and not _is_parsers(response)):
        topics = ["other-listener"]
    elif response.is_express or _is_parsers(response):
        topics = ["upgrade-listener", "remove-route", "other-listener"]
    return [advice(topic, scene.betrayed.names) for topic in topics]


_PARSER = (
    "With no header but Connection: close it is the answer of Node's HTTP parser to bytes that are"
    " no HTTP: the parser still reads the socket, because no 'upgrade' listener took it."
)
_EXPRESS = {
    404: "404 is what Express answers when the route that upgraded calls next().",
    200: "200 is what res.send() or res.end() of Express writes after the upgrade.",
    500: "500 is what Express answers when a handler throws after the upgrade.",
}
_WERKZEUG = (
    "Werkzeug's own server answers the request once the view of the WebSocket has returned"
    " (Flask-Sock); other servers of WSGI, gunicorn for one, do not."
)
_RAW = (
    "It has no headers of a framework: somebody wrote it with socket.write(), mostly another"
    " 'upgrade' listener that refuses what the first one has taken."
)
_OTHER = (
    "What answers plain requests on this server answered this one, too, or another 'upgrade'"
    " listener did."
)
