"""DX109: the length is not that of the payload."""

from __future__ import annotations

from wsdebug.diagnosis.causes.registry import Claim, cause
from wsdebug.diagnosis.intruder import overrun_of
from wsdebug.diagnosis.scene import Scene, shown
from wsdebug.model.report import Certainty, Evidence, Finding


@cause(code="DX109", title="A length field does not count the bytes", fix=("count-bytes",))
def wrong_length_field(scene: Scene) -> Claim | None:
    """A hand-written sender put the number of characters where the number of bytes belongs: with
    the first umlaut the frame ends too early, and exactly as many bytes as the text has more than
    characters stand behind it. Or it wrote the length in the wrong byte order: 300 reads as 11 265,
    the receiver waits for bytes that never come, or says 1009.

    It works in every test with plain ASCII text.
    """
    found = overrun_of(scene, "characters")
    if found is None:
        return _other_order(scene)
    finding, reaction = found
    because = [
        shown(finding, f"{finding.length} bytes at a frame border are no frame."),
        Evidence(
            "The text of the frame before them, with them, has as many characters as that frame's"
            f" length says, and {finding.length} bytes more.",
            finding.side,
        ),
        reaction,
    ]
    considered = ["another writer on the socket (the bytes complete the text before them)"]
    return Claim(Certainty.VERY_LIKELY, because, considered=considered)


def _other_order(scene: Scene) -> Claim | None:
    """The last frame is as long as its length read in the other byte order."""
    if scene.has_gaps or not scene.is_open:
        return None
    cut = next((one for one in scene.named("frame-cut-short") if _fits_swapped(one)), None)
    if cut is None:
        return None
    got, wanted = cut.detail["got"], cut.detail["wanted"]
    text = (
        f"The last frame of the {cut.side} declares {wanted} bytes and has {got}: that is its"
        " length with the two bytes of the field exchanged."
    )
    title = f"The {cut.side} writes lengths in the wrong byte order"
    return Claim(Certainty.VERY_LIKELY, [shown(cut, text)], title=title)


def _fits_swapped(cut: Finding) -> bool:
    got, wanted = cut.detail.get("got"), cut.detail.get("wanted")
    if not isinstance(got, int) or not isinstance(wanted, int) or not 125 < got < wanted < 65_536:
        return False
    return int.from_bytes(wanted.to_bytes(2, "big"), "little") == got
