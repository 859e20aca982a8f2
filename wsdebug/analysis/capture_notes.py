"""What was wrong with the packets of a capture, each as a sentence."""

from __future__ import annotations

from wsdebug.diagnosis.fleet import SetBack
from wsdebug.display.quantities import counted, grouped
from wsdebug.display.times import span_of_time
from wsdebug.model.report import CaptureNote


def fragments_note(count: int, first: int | None) -> CaptureNote:
    """IP packets that nobody can put together for sure, in words."""
    return CaptureNote(
        "fragments-differ",
        f"{counted(count, 'IP packet')} came in fragments that overlap with different bytes or end"
        " at different places. Receivers differ in which they believe and most drop such a packet:"
        " it was not read.",
        first,
    )


def set_back_note(step: SetBack) -> CaptureNote:
    """Why something is not said of several connections, in words."""
    return CaptureNote(
        "clock-set-back",
        f"The clock of the capture was set back by {span_of_time((step.end - step.begin) / 1e9)} or"
        " more, or its packets are not in order: times before and after that cannot be compared."
        " What seemed to befall several connections around it is not told. If the file was put"
        " together of several, read those one by one, or sort it (reordercap).",
        step.packet,
    )


def late_note(times: int) -> CaptureNote:
    """Ends of a live capture that could not be judged at once, in words."""
    return CaptureNote(
        "judged-late",
        f"{counted(times, 'time')} an end could be judged only when all of it was known, by a"
        " mistake of wsdebug. Please report it, with the capture if you may share it.",
    )


def cut_note(packets: int) -> CaptureNote:
    """Packets that were cut, in words; of ignored connections nobody counts them."""
    what = "TCP packet was" if packets == 1 else "TCP packets were"
    return CaptureNote(
        "snap-length",
        f"At least {grouped(packets)} {what} cut by the snap length: the bytes behind the cut are "
        "missing. Capture whole packets (tcpdump -s 0).",
    )
