"""DX101: the upgrade was taken twice."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import culprit, place, response_on_socket, second_upgrade
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.knowledge.advice import advice
from wsdebug.model.report import Certainty, Evidence

_GENERATIONS = {
    101: "Two owners that both take the upgrade: ws 6 and 7.0 write the second 101; ws 7.4 and"
    ' later throw "server.handleUpgrade() was called more than once" instead.',
    400: "A WebSocketServer with a `path` that does not match writes 400 into the socket that the"
    " other one has upgraded (every ws version).",
    500: 'ws 7.4 and later throw "server.handleUpgrade() was called more than once with the same'
    ' socket"; Express turns that into its 500 page and writes it into the socket.',
}


@cause(code="DX101", title="Two owners took the same upgrade", fix=("one-upgrade", "not-express"))
def double_upgrade(scene: Scene) -> Claim | None:
    """The HTTP server has two things that answer one upgrade: two `WebSocketServer`s on one
    server, or `server.on('upgrade')` and an Express app that is handed the request as well. The
    first one writes the 101 and owns the socket from then on; the second one still writes its
    answer into it, and the client reads that answer as a frame.

    On the wire: a second `HTTP/1.1 101` (ws 6 and 7.0), `500 Internal Server Error` (ws 7.4 and
    later throw, Express writes its page), or `400 Bad Request` (a second `WebSocketServer` whose
    `path` does not match, every version of ws), within moments of the 101. A 500 is certain only
    where its page holds the sentence of ws, a 400 only in the very shape of ws's refusal.

    The client says "RSV1 must be clear" without permessage-deflate and "FIN must be set" with it,
    because `H`, the first byte of the response, is 0x48: FIN 0, RSV1 1, opcode 8.

    A 404, 200 or 502 at that place is the request handler's and not a second upgrade's
    (http-response-on-upgraded-socket).
    """
    if scene.life.is_stream:
        return None  # a stream of HTTP/2 has no parser of HTTP/1 and no second owner
    found = culprit(scene)
    if found is not None and found.finding.name == "second-101":
        because = [
            shown(found.finding, "A second HTTP/1.1 101 stands where a frame should."),
            found.reaction,
            Evidence(_GENERATIONS[101]),
        ]
        return Claim(Certainty.CERTAIN, because, considered=["a proxy that repeats the 101"])
    response = response_on_socket(scene)
    certainty = second_upgrade(scene, response) if response is not None else None
    if response is None or certainty is None:
        return None
    because = [
        shown(
            response.blame.finding,
            f'"{response.line}" stands {place(response)}: a second answer to the same request.',
        ),
        response.blame.reaction,
        Evidence(_GENERATIONS[response.status]),
    ]
    against = []
    if response.body == "second-upgrade":
        because.append(Evidence(_SAID, response.blame.offender))
    elif response.status == 500:
        against = [Evidence(_UNSAID)]
    considered = [
        "a proxy's error page (it would be a 502, 503 or 504)",
        "a route that also answers (it would be a 404 or 200, DX102)",
    ]
    topics = ["not-express", "one-upgrade"] if response.status == 500 else ["one-upgrade"]
    advised = [advice(topic, scene.betrayed.names) for topic in topics]
    return Claim(certainty, because, against, considered, advised)


_SAID = 'Its page says it: "handleUpgrade() was called more than once".'
_UNSAID = (
    "Its page does not name the error: any handler that throws after the upgrade looks the same"
    " (DX102). The server's log names it."
)
