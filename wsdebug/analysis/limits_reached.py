"""The limits that a capture reached, each as a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from wsdebug.analysis.tracker import Tracker
from wsdebug.display.quantities import counted, grouped
from wsdebug.model.limits import Limits
from wsdebug.model.report import CaptureNote

_CAPTURE_WIDE = frozenset({"flows", "flow-buffer", "total-buffer"})
"""What the transport counts for the whole capture."""

_TIMES = {
    "flows": "{n} a TCP connection was given up: more than {flows} were open at one time",
    "flow-buffer": "{n} bytes were taken for missing: more than {flow_buffer} bytes of one "
    "direction waited behind them",
    "total-buffer": "{n} bytes were taken for missing: more than {total_buffer} bytes of "
    "all connections waited behind such holes",
    "inflaters": "{n} a compression context was given up: more than {inflaters} were in "
    "use at one time; compressed messages behind that may stay unread",
    "fleet": "{n} a connection was left out of what befell several at once: more than {fleet} "
    "were remembered",
    "arrivals": "{n} an attempt to connect was left out of what befell several connections at "
    "once: more than {arrivals} were remembered",
    "refusing": "{n} a server that refused every attempt to connect was not listed: those with "
    "the most attempts are",
}
_CONNECTIONS = {
    "findings": "{n} with more than {findings} findings; the rest is counted",
    "events": "{n} with more than {events} TCP events; the rest is counted",
    "gaps": "{n} with more than {events} gaps in one direction; the rest is not listed",
    "attempts": "{n} with more than {attempts} earlier upgrade requests; the oldest are left out",
    "requests": "{n} with more than {requests} HTTP requests without a response; "
    "responses may be taken for those of other requests",
    "waiting": "{n} with more than {waiting} bytes, or too many small segments, before "
    "the other side's answer; the rest was not read",
    "head": "{n} with an HTTP head of more than {head} bytes; it was read to there",
}


def limits_of(tracker: Tracker) -> set[str]:
    """The limits that one connection reached."""
    reached = set(tracker.flow.limits_hit - _CAPTURE_WIDE) | tracker.decoder.limits_hit
    if tracker.dropped:
        reached.add("findings")
    return reached


def limit_notes(
    times: Mapping[str, int], connections: Mapping[str, int], limits: Limits
) -> list[CaptureNote]:
    """`times` counts how often a limit was reached, `connections` how many reached it."""
    values = {name: grouped(getattr(limits, name)) for name in limits.__struct_fields__}
    return [
        CaptureNote(kind, words[kind].format(n=counted(counts[kind], noun), **values))
        for noun, words, counts in (
            ("time", _TIMES, times),
            ("connection", _CONNECTIONS, connections),
        )
        for kind in words
        if counts.get(kind)
    ]
