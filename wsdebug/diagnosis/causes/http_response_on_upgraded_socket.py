"""DX102: the request handler answered a request that had been upgraded."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import (
    SOON,
    Response,
    altered,
    is_foreign_response,
    response_on_socket,
)
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.display.times import span_of_time
from wsdebug.model.place import Side
from wsdebug.model.report import Certainty, Evidence


@cause(
    code="DX102",
    title="An HTTP response was written to an upgraded socket",
    fix=("upgrade-listener", "remove-route"),
)
def http_response_on_upgraded_socket(scene: Scene) -> Claim | None:
    """After the 101 the server wrote another HTTP response (404, 200, 502 ...) into the same
    socket. The request handler ran as well: an Express route did the upgrade through `req.socket`
    and then called `next()` (Express answers 404) or `res.send()` (200).

    The client reads the response as a frame: "RSV1 must be clear" without permessage-deflate, "FIN
    must be set" with it.

    The same bytes come from a proxy that writes its error page into the tunnel
    (bytes-altered-in-transit): then Server or Via are another's, and a capture behind the proxy
    does not have them. `400 Bad Request` with nothing but `Connection: close` is Node's HTTP
    parser, which still reads the socket and takes the client's frames for a request.
    """
    response = response_on_socket(scene)
    if response is None or response.status == 408 or response.blame.offender is not Side.SERVER:
        return None
    is_second_upgrade = response.status in (400, 500) and (response.age or 0.0) <= SOON
    if (is_second_upgrade and not response.is_empty) or altered(scene) is not None:
        return None
    because = [
        shown(
            response.blame.finding,
            f'"{response.line}" stands where a frame should{_when(response)}.',
        ),
        response.blame.reaction,
        Evidence(_WHO.get(response.status, _OTHER) if not response.is_empty else _PARSER),
    ]
    certainty, against = Certainty.CERTAIN, []
    if is_foreign_response(scene, response):
        certainty = Certainty.LIKELY
        against = [Evidence(f"It says to come from {response.server}, the 101 does not.")]
    considered = [
        "a second upgrade (it would be a 101, 400 or 500 right after the 101)",
        "Node's request timer (it writes 408)",
    ]
    return Claim(certainty, because, against, considered)


def _when(response: Response) -> str:
    if response.age is None:
        return ""
    return (
        ", right behind the 101"
        if response.age < SOON
        else f", {span_of_time(response.age)} after the 101"
    )


_PARSER = (
    "With no header but Connection: close it is the answer of Node's HTTP parser to bytes that are"
    " no HTTP: the parser still reads the socket, because no 'upgrade' listener took it."
)
_WHO = {
    404: "404 is what Express answers when the route that upgraded calls next().",
    200: "200 is what res.send() or res.end() writes after the upgrade.",
}
_OTHER = "Whatever answers plain requests on this server answered this one, too."
