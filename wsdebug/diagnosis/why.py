"""The `Why` line: the ending and the finding that forced it, in plain sentences.

It says what the bytes show and no more; likely causes are another matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from wsdebug.diagnosis.application import failed_at_violation
from wsdebug.diagnosis.ending import Verdict
from wsdebug.diagnosis.hanging_up import asking, below, hung_up, opening
from wsdebug.diagnosis.life import Life, SideLife, Stamp, elapsed
from wsdebug.display.escape import printable
from wsdebug.display.times import duration
from wsdebug.knowledge.close_codes import close_name
from wsdebug.model.facts import Close
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Finding, SideCodes
from wsdebug.protocol.closing import CloseBody
from wsdebug.rules import title_of

SILENCE = 1_000_000_000
"""A pause of this many nanoseconds before the end is worth a word."""

_FIRST_LINE = re.compile(r"\\x0[ad]|…")
"""Where the first line of a preview ends: an escaped line break, or the cut."""

KINDS = {
    "http-response": "an HTTP response",
    "http-request": "an HTTP request",
    "tls-record": "a TLS record",
    "proxy-header": "a PROXY protocol header",
    "ssh-banner": "an SSH banner",
    "json": "bare JSON",
    "text": "bare text",
    "newline": "a line break",
    "chunk-size": "a chunk size of HTTP",
    "zeros": "zero bytes",
    "unknown": "bytes of no known kind",
}


class Story(msgspec.Struct, frozen=True):
    """What the sentence is made from."""

    life: Life
    verdict: Verdict
    seen: SideCodes
    fatal: Sequence[Finding]
    """The fatal finding of each side, in packet order."""
    reason: str | None = None
    """The reason phrase of a rejected handshake."""
    legs: tuple[int, ...] = ()
    """Ids of the connections that are legs of one path with this one."""
    cut: Finding | None = None
    """The frame or message inside which TCP ended."""
    answer: str | None = None
    """First line of what came back on an upgrade request in place of a response."""


def why(story: Story) -> str:
    """One to three sentences: what broke first, how it ended, what the applications saw."""
    sentences = [_fatal_sentence(finding) for finding in story.fatal[:1]]
    sentences.append(_end_sentence(story))
    seen = _seen_sentence(story)
    if seen:
        sentences.append(seen)
    return " ".join(sentences)


def _fatal_sentence(finding: Finding) -> str:
    place = f" (packet {finding.packet})" if finding.packet is not None else ""
    side = finding.side.value if finding.side else "sender"
    if finding.name == "foreign-bytes":
        kind = KINDS.get(str(finding.detail.get("kind")), "bytes")
        line = _FIRST_LINE.split(printable(str(finding.detail.get("preview", ""))), maxsplit=1)[0]
        quoted = f', "{line}"' if line and finding.detail.get("kind") != "newline" else ""
        return f"The {side} put bytes on the socket that are no frame: {kind}{quoted}{place}."
    if finding.name == "second-101":
        return (
            f"The {side} answered the upgrade twice: a second 101 stands where a frame "
            f"should{place}."
        )
    return f"{title_of(finding.name).rstrip('.')}: {finding.saw}{place}."


def _end_sentence(story: Story) -> str:
    how = story.verdict.how
    if how == "handshake-rejected":
        return _rejected(story)
    if how == "handshake-timeout":
        waited = _since(story.life.requested, story.verdict.at)
        request = asking(story.life)
        return f"The client gave up {waited} after its {request}; {_no_response(story)}."
    if how in {"fin", "rst"}:
        return _tcp_sentence(story)
    if how == "timeout":
        return _vanished(story)
    if how == "capture-end":
        return _open_sentence(story)
    return _close_sentence(story)


def _rejected(story: Story) -> str:
    reason = f" {printable(story.reason, 60)}" if story.reason else ""
    if not story.life.server.is_complete:
        return (
            f"The first answer in the capture is {story.life.status}{reason}: whether it is that to"
            f" the {opening(story.life)} it cannot tell, for bytes of the server are missing."
        )
    return f"The server refused the {opening(story.life)}: {story.life.status}{reason}."


def _tcp_sentence(story: Story) -> str:
    life, verdict = story.life, story.verdict
    assert verdict.at is not None
    did = "reset the TCP connection (RST)"
    if verdict.how != "rst" or life.is_stream:
        did = hung_up(life, verdict.how)
    who = _who(story)
    if life.handshake == "no-response":
        waited = _since(life.requested, verdict.at)
        return f"{who} {did} {waited} after the {asking(life)}; {_no_response(story)}."
    place = f"{_inside(story)}{_after_silence(life, verdict.at)}"
    if life.client.unreadable or life.server.unreadable:
        return (
            f"{who} {did}{place}. Whether a Close frame came before it the capture cannot tell: "
            "bytes before it cannot be read."
        )
    return f"{who} {did}{place}, and no Close frame came before it."


def _no_response(story: Story) -> str:
    if story.answer is None and not story.life.server.is_complete:
        return "the capture lacks what the server sent, perhaps a response"
    if story.answer is None:
        return "no response came"
    line = printable(story.answer, 40)
    if story.answer.startswith("HTTP/"):
        return f'the response was cut off after "{line}"'
    return f'what came back is no HTTP response: "{line}"'


def _inside(story: Story) -> str:
    cut = story.cut
    if cut is None or cut.side is None or cut.side.value != story.verdict.by:
        return ""
    what = "a frame" if cut.name == "frame-cut-short" else "a fragmented message"
    return f" in the middle of {what}"


def _who(story: Story) -> str:
    if story.verdict.by != "middlebox":
        return f"The {story.verdict.by}"
    if story.life.proxy_side is None:
        return "Something between client and server (its TTL is not the sender's)"
    others = " and ".join(f"#{leg}" for leg in story.legs)
    return f"The proxy that joins this connection and {others} into one path"


def _after_silence(life: Life, at: Stamp) -> str:
    silence = life.silence_before(at)
    return "" if silence is None or silence < SILENCE else f" after {duration(silence)} of silence"


def _vanished(story: Story) -> str:
    by = Side(story.verdict.by)
    ladder = next(one for one in story.life.side(by).ladders if one.first == story.verdict.at)
    lasted = _since(ladder.first, ladder.last)
    return (
        f"The {by.other.value} stopped answering: the {by.value} sent the same bytes again and "
        f"again for {lasted}, and no acknowledgement of them was captured."
    )


def _open_sentence(story: Story) -> str:
    closer = next((side for side in SIDES if story.life.side(side).close is not None), None)
    if closer is not None:
        return f"The capture ends right after a Close of the {closer.value}."
    if story.life.handshake == "no-response" and not story.life.server.is_complete:
        return f"The capture ends; {_no_response(story)}."
    if story.life.handshake == "no-response":
        return f"The capture ends before the {asking(story.life)} was answered."
    return (
        "The capture ends while the connection is open. If it ended for you, capture some seconds"
        " longer."
    )


def _close_sentence(story: Story) -> str:
    by = Side(story.verdict.by)
    life = story.life
    closer, other = life.side(by), life.side(by.other)
    assert closer.close is not None
    first = f"The {by.value} sent Close {close_text(closer.close)}"
    if story.verdict.how == "close-one-side":
        return f"{first}{_unanswered(closer, other, by.other, below(life))}."
    assert other.close is not None
    answered = "sent" if _crossed(closer.close, other.close) else "answered"
    second = f"the {by.other.value} {answered} {close_text(other.close)}"
    if answered == "sent":
        first, second = f"Two Closes crossed: {_lower(first)}", f"{second} before that had arrived"
    if story.verdict.how == "clean":
        return f"{first}, {second}: a clean close."
    return f"{first}, {second}."


def _crossed(first: Close, second: Close) -> bool:
    """The second Close was sent before the first had arrived: it is no answer."""
    return second.acknowledged is not None and second.acknowledged < first.end


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _unanswered(closer: SideLife, other: SideLife, side: Side, what: str) -> str:
    """Why no Close of `side` came in time; `what` carried them."""
    if other.close is not None:
        return f"; the {side.value}'s Close came only after a RST"
    if other.unreadable and other.is_missing:
        return f"; a Close of the {side.value} may stand before or behind it in missing bytes"
    if other.unreadable and not failed_at_violation(closer, other):
        return f"; an answer may stand in bytes of the {side.value} that cannot be read"
    ends = [one for one in (closer.tcp_end, other.tcp_end) if one is not None]
    if not ends:
        return f", and no answer of the {side.value} is in the capture"
    if closer.tcp_end == min(ends):
        kind = "reset" if closer.rst == closer.tcp_end else "closed"
        return f" and {kind} {what} before one came back from the {side.value}"
    kind = "reset" if other.rst == other.tcp_end else "closed"
    return f"; the {side.value} {kind} {what} without a Close of its own"


def close_text(close: Close | CloseBody) -> str:
    """A Close as people name it: `1001 (going away)`, its reason in quotes."""
    if close.body == "1-byte":
        return "with a body of one byte"
    if close.code is None:
        return "without a code"
    name = close_name(close.code)
    named = f"{close.code} ({name})" if name else str(close.code)
    return f'{named} "{printable(close.reason, 60)}"' if close.reason else named


def _seen_sentence(story: Story) -> str:
    seen = story.seen
    if story.verdict.how in {"clean", "capture-end"} or (
        seen.client is None and seen.server is None
    ):
        return ""
    if seen.server is None:
        return f"The client application sees {seen.client}."
    if seen.client is None:
        return f"The server application sees {seen.server}."
    if seen.client == seen.server:
        return f"Both applications see {seen.client}."
    return f"The client application sees {seen.client}, the server application {seen.server}."


def _since(start: Stamp | None, stop: Stamp | None) -> str:
    took = None if start is None or stop is None else elapsed(start, stop)
    return "some time" if took is None else duration(took)
