"""DX111: the two sides do not agree about permessage-deflate."""

from __future__ import annotations

from wsdebug.diagnosis.blamed import Blame, violation_evidence
from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import culprit
from wsdebug.diagnosis.scene import Scene
from wsdebug.model.report import Certainty, Evidence

_BROKEN = {
    "window-exceeded": "max_window_bits",
    "context-used": "no_context_takeover",
}


@cause(code="DX111", title="The sides do not agree about compression", fix=("deflate-off",))
def compression_mismatch(scene: Scene) -> Claim | None:
    """One side compresses in a way that the 101 does not allow: with a larger window than agreed
    (`max_window_bits`), or with references into earlier messages although it gave its context up
    (`no_context_takeover`). The finding names the side and the parameter.

    RSV1 without a negotiated permessage-deflate may be the same (old Safari and NSURLSession, a
    proxy that took the extension out of the 101), or just a broken frame: then it is only possible.
    Data that is no deflate stream at all may come from a context that the sides no longer share.
    """
    found = culprit(scene)
    if found is None:
        return None
    reason = str(found.finding.detail.get("reason"))
    if found.finding.name == "deflate-data-invalid":
        return _broken(found, reason) if reason in _BROKEN else _perhaps(found, _CONTEXT)
    if found.finding.name == "reserved-bits-set" and found.finding.saw.startswith("RSV1"):
        return _perhaps(found, _NOT_AGREED)
    return None


def _broken(found: Blame, reason: str) -> Claim:
    parameter = f"{found.offender}_{_BROKEN[reason]}"
    text = f"The {found.offender} broke {parameter}, which the 101 agreed on."
    title = f"The {found.offender} does not keep to {parameter}"
    because = [*violation_evidence(found), Evidence(text, found.offender)]
    return Claim(found.certainty, because, title=title)


def _perhaps(found: Blame, text: str) -> Claim:
    return Claim(Certainty.POSSIBLE, [*violation_evidence(found), Evidence(text)])


_CONTEXT = "Either the data is broken, or the two sides no longer share the compression context."
_NOT_AGREED = "RSV1 means compressed, and the 101 has no permessage-deflate."
