"""The limits that a capture reached, each as a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from wsdebug.analysis.tracker import Tracker
from wsdebug.display.limits import raised
from wsdebug.display.quantities import counted, grouped
from wsdebug.model.limits import Limits
from wsdebug.model.report import CaptureNote

_CAPTURE_WIDE = frozenset({"flows", "flow-buffer", "total-buffer"})
"""What the transport counts for the whole capture."""

_TIMES = {
    "flows": "{n} a TCP connection was given up: more than {most} were open at one time",
    "flow-buffer": "{n} bytes were taken for missing: more than {most} bytes of one "
    "direction waited behind them",
    "total-buffer": "{n} bytes were taken for missing: more than {most} bytes of "
    "all connections waited behind such holes",
    "fragments": "{n} an IP packet in fragments was given up: more than {most} bytes waited for "
    "the rest of theirs",
    "tunnels": "{n} a packet was not read: more than {most} tunnels inside each other",
    "streams": "{n} a WebSocket on an HTTP/2 connection was not read: more than {most} were open "
    "on it at one time",
    "inflaters": "{n} a compression context was given up: more than {most} were in "
    "use at one time; compressed messages behind that may stay unread",
    "lines": "{n} a line was left out: more than {most} frames, TCP events and silences",
    "searches": "{n} bytes in which frames were searched for were let go: more than {most} bytes "
    "waited so; they stay unread",
    "fleet": "{n} a connection was left out of what befell several at once: more than {most} "
    "were remembered",
    "arrivals": "{n} an attempt to connect was left out of what befell several connections at "
    "once: more than {most} were remembered",
    "refusing": "{n} a server that refused every attempt to connect was not listed: those with "
    "the most attempts are",
}
_CONNECTIONS = {
    "findings": "{n} with more than {most} findings; the rest is counted",
    "total-findings": "{n} whose findings are counted only: more than {most} of open connections "
    "are kept already",
    "events": "{n} with more than {most} TCP events; the rest is counted",
    "gaps": "{n} with more than {most} gaps in one direction; the rest is not listed",
    "attempts": "{n} with more than {most} earlier upgrade requests; the oldest are left out",
    "requests": "{n} with more than {most} HTTP requests without a response; "
    "responses may be taken for those of other requests",
    "waiting": "{n} with more than {most} bytes, or too many small segments, before "
    "the other side's answer; the rest was not read",
    "total-waiting": "{n} not read on: more than {most} bytes of all connections waited for "
    "HTTP heads",
    "head": "{n} with an HTTP head of more than {most} bytes; it was read to there",
    "fields": "{n} with more than {most} header lines in one HTTP head; the rest was not read",
    "pings": "{n} with more than {most} pings or pongs without a counterpart; round trips "
    "and findings about pings may be missing",
    "message": "{n} with a message of more than {most} inflated bytes; the rest was not read",
}
_FIELD = {"gaps": "events"}
"""The limit behind a kind of note, where it bears another name."""


def limits_of(tracker: Tracker) -> set[str]:
    """The limits that one connection reached."""
    flow, decoder = tracker.flow.limits_hit, tracker.decoder.limits_hit
    if not (flow or decoder or tracker.limits_hit):
        return set()
    return set(flow - _CAPTURE_WIDE) | decoder | tracker.limits_hit


def limit_notes(
    times: Mapping[str, int], connections: Mapping[str, int], limits: Limits
) -> list[CaptureNote]:
    """`times` counts how often a limit was reached, `connections` how many reached it."""
    return [
        _note(kind, words[kind], counted(counts[kind], noun), limits)
        for noun, words, counts in (
            ("time", _TIMES, times),
            ("connection", _CONNECTIONS, connections),
        )
        for kind in words
        if counts.get(kind)
    ]


def _note(kind: str, words: str, count: str, limits: Limits) -> CaptureNote:
    name = _FIELD.get(kind, kind).replace("-", "_")
    most = getattr(limits, name)
    return CaptureNote(kind, f"{words.format(n=count, most=grouped(most))} ({raised(name, most)}).")
