"""DX107: what arrived is not what was sent."""

from __future__ import annotations

from wsdebug.diagnosis.blame import blame, violations
from wsdebug.diagnosis.blamed import Blame
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import (
    GATEWAY,
    Change,
    altered,
    is_foreign_response,
    response_on_socket,
)
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.report import Certainty, Evidence

_ONE_BIT = ("reserved-bits-set", "control-frame-fragmented", "client-frame-not-masked",
            "server-frame-masked")  # fmt: skip
_GOOD = 5
"""Sound frames before a wrong one, at least, for it to be an accident."""


@cause(
    code="DX107", title="Something between client and server changed the bytes", fix=("find-hop",)
)
def bytes_altered_in_transit(scene: Scene) -> Claim | None:
    """The bytes that arrived are not those that were sent. With both legs of a proxy in the capture
    (the same Sec-WebSocket-Key on both) it is certain: the violation stands on the leg behind the
    proxy as its receiver sees it, and not on the leg in front of it.

    With one leg it is only a suspicion: an error page whose Server, Via or CF-RAY is not
    that of the 101 (502, 503, 504, or a proxy's by name), or a single frame
    wrong by one bit among good ones.
    """
    change = altered(scene)
    if change is not None:
        return _between(change)
    return _page_of_another(scene) or _one_bit(scene)


def _between(change: Change) -> Claim:
    """The two legs of a path compared: one has the violation, the other has not."""
    found, number, other = change.blame, change.bad.connection.id, change.good.connection.id
    finding = found.finding
    because = [
        shown(finding, f"On connection {number} the {found.offender}'s stream has: {finding.saw}."),
        Evidence(
            f"On connection {other}, the other leg of the same path (same Sec-WebSocket-Key), the"
            f" {found.offender}'s stream has nothing of the kind: it was added or changed between.",
            found.offender,
        ),
        found.reaction,
    ]
    considered = [f"fault of the {found.offender} (what it sent is sound)"]
    return Claim(Certainty.CERTAIN, because, considered=considered)


def _page_of_another(scene: Scene) -> Claim | None:
    response = response_on_socket(scene)
    if response is None or not (response.status in GATEWAY or response.is_proxys):
        return None
    if not is_foreign_response(scene, response):
        return None
    because = [
        shown(response.blame.finding, f'"{response.line}" stands where a frame should.'),
        Evidence(f"It says to come from {response.server}, which the 101 does not."),
        response.blame.reaction,
    ]
    against = [Evidence("No capture from the other side shows what was sent there.")]
    return Claim(Certainty.LIKELY, because, against)


def _one_bit(scene: Scene) -> Claim | None:
    found = blame(scene)
    if found is None or found.finding.name not in _ONE_BIT or not _is_alone(scene, found):
        return None
    text = "The frames before it are sound, and this one is wrong by a single bit."
    against = [Evidence("No capture from the other side shows what was sent.")]
    return Claim(Certainty.POSSIBLE, [shown(found.finding, text)], against)


def _is_alone(scene: Scene, found: Blame) -> bool:
    mine = [one for one in violations(scene) if one.side is found.offender]
    return len(mine) == 1 and (found.finding.frame or 0) >= _GOOD
