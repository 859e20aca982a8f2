"""DX110: the client does not mask."""

from __future__ import annotations

from wsdebug.diagnosis.blamed import Blame, violation_evidence
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import culprit
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.place import Side
from wsdebug.model.report import Evidence


@cause(code="DX110", title="The client does not mask its frames", fix=("mask", "error-listener"))
def client_not_masking(scene: Scene) -> Claim | None:
    """Every frame of a client must be masked (RFC 6455 5.1); these are not, and are fine otherwise.
    A hand-written client, or a proxy that passes a server's frames on to a server as they are.
    Browsers and libraries always mask.

    The server closes with 1002 ("MASK must be set"); a server without an 'error' listener may even
    die of it, and take the other connections with it (process-crash-after-violation).

    One unmasked frame among masked ones is rather a broken frame (protocol-violation).
    """
    return masking_claim(scene, "client-frame-not-masked", Side.CLIENT, "MASK bit 0")


def masking_claim(scene: Scene, name: str, side: Side, bit: str) -> Claim | None:
    """What there is to say where the frames of `side` break the masking rule `name`."""
    found = culprit(scene)
    if found is None or found.finding.name != name:
        return None
    others = [one for one in scene.fatal() if one.side is side and one.name != name]
    if others:
        return None
    return Claim(
        found.certainty,
        [*violation_evidence(found), *_how_many(scene, found, bit)],
        considered=["bytes altered on the way (its frames are fine otherwise)"],
    )


def _how_many(scene: Scene, found: Blame, bit: str) -> list[Evidence]:
    count = len(scene.named(found.finding.name))
    total = scene.connection.frames.get(found.offender.value, {}).get("total", 0)
    which = "All its frames have" if count == total else f"{count} of its {total} frames have"
    text = f"{which} {bit}; nothing else is wrong with them."
    return [Evidence(text, found.offender)]
