"""The page of a log line: who says it, of which bytes or which end, and what may be behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wsdebug.display.escape import printable
from wsdebug.explain.bytes_behind import Hit, hits_of, narrowed
from wsdebug.explain.causes import EVENT_CAUSES, cause_rows
from wsdebug.explain.paragraphs import WIDTH, listing, page, paragraphs
from wsdebug.explain.texts import Line, Match, opened, plain
from wsdebug.knowledge.libraries import Library, Said, library
from wsdebug.knowledge.libraries.model import EVENTS

_MOST_BLOCKS = 3
"""Where more texts are meant, they are only listed."""
_MOST_LISTED = 20
_MOST_ROWS = 8
_MOST_CAUSES = 8


def text_page(asked: str, matches: Sequence[Match]) -> str:
    """Who says it and when, one library after the other; then the causes of all."""
    shown = " ".join(printable(asked, 200).split())
    heading = shown if len(shown) <= WIDTH else shown[: WIDTH - 3] + "..."
    texts: dict[tuple[str, str], list[Line]] = {}
    for match in _without_prefixes(matches):
        texts.setdefault((match.line.library, match.line.text), []).append(match.line)
    keys = list(texts)
    few = len(keys) <= _MOST_BLOCKS
    if not few and not matches[0].whole:
        return page(heading, *_index(keys))
    full = keys if few else keys[:1]
    blocks = [_block(library(key[0]), texts[key], plain(asked)) for key in full]
    codes = dict.fromkeys(code for _, causes in blocks for code in causes)
    others = [] if few else ["Or it was\n" + _listed(keys[1:])]
    parts = [*(text for text, _ in blocks), *_behind(list(codes)), *others]
    return page(heading, *parts, *_numbers(asked, matches))


def _numbers(asked: str, matches: Sequence[Match]) -> list[str]:
    """The pages of the status and the close codes that stand in the line."""
    rejected = any(match.line.event == "rejected" for match in matches)
    wanted = r"(?<![\w.:])(10(?:0\d|1[0-5])" + (r"|[1-5]\d\d)" if rejected else ")") + r"(?![\w.:])"
    numbers = list(dict.fromkeys(re.findall(wanted, asked)))[:3]
    return [f"What {number} means: wsdebug explain {number}" for number in numbers]


def _without_prefixes(matches: Sequence[Match]) -> list[Match]:
    """How a console begins a line tells less than what follows."""
    telling = [match for match in matches if not match.line.text.endswith(":")]
    return telling or list(matches)


def _index(texts: list[tuple[str, str]]) -> list[str]:
    """So many texts that each can only be named."""
    names = {name for name, _ in texts}
    owners = texts[0][0] if len(names) == 1 else f"{len(names)} libraries"
    return [
        f"{len(texts)} texts of {owners} may be meant\n" + _listed(texts),
        "What leads to one of them: wsdebug explain TEXT",
    ]


def _listed(texts: list[tuple[str, str]]) -> str:
    rows = [(name, opened(text)) for name, text in texts[:_MOST_LISTED]]
    more = len(texts) - _MOST_LISTED
    if more > 0:
        rows.append(("", f"and {more} more"))
    return listing(rows)


def _behind(codes: list[str]) -> list[str]:
    if not codes:
        return [paragraphs("What led there, a capture tells: wsdebug read CAPTURE")]
    rows = cause_rows(codes[:_MOST_CAUSES])
    which = "Which of them it was" if len(rows) > 1 else "Whether it was that"
    return [
        "What may be behind it\n" + listing(rows),
        f"{which}, a capture tells: wsdebug read CAPTURE\nMore: wsdebug explain {codes[0]}",
    ]


def _block(one: Library, lines: list[Line], query: str) -> tuple[str, list[str]]:
    first = lines[0]
    if first.saying is not None:
        why = paragraphs(f"{one.title} says this: {first.saying.why}.")
        return _joined(why, _facts(one, first, None)), list(first.saying.causes)
    events = [line.event for line in lines if line.event]
    codes = [code for event in events for code in EVENT_CAUSES.get(event, ())]
    parts = []
    if events:
        rows = [("-", EVENTS[event]) for event in events]
        parts.append(paragraphs(f"{one.title} says this when") + "\n" + listing(rows))
    hits = narrowed(hits_of(one, [line for line in lines if not line.event]), query)
    codes += [code for hit in hits for code in hit.causes]
    verb = "writes this into its Close" if first.reason else "says this"
    parts += _tables(hits, f"{one.title} {verb} when it gets")
    if not parts:
        parts.append(paragraphs(f"{one.title} says this. The bytes that lead there are not known."))
    parts.append(_facts(one, first, hits[0].said if hits else None))
    return _joined(*parts), codes


def _tables(hits: list[Hit], says: str) -> list[str]:
    """First what is no frame at all, then faulty frames."""
    foreign = [hit for hit in hits if hit.case.mask == "as-is"]
    faulty = [hit for hit in hits if hit.case.mask != "as-is"]
    parts = []
    if foreign:
        intro = "bytes that are no frame (somebody else wrote on the socket)"
        parts.append(_table(foreign, f"{says} {intro}"))
    if faulty:
        parts.append(_table(faulty, "or a frame that it refuses" if foreign else says))
    return parts


def _table(hits: list[Hit], intro: str) -> str:
    rows = [(hit.mark, hit.words) for hit in hits[:_MOST_ROWS]]
    more = len(hits) - _MOST_ROWS
    if more > 0:
        rows.append(("", f"and {more} more"))
    return paragraphs(f"{intro}:") + "\n" + listing(rows)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _facts(one: Library, line: Line, said: Said | None) -> str:
    """The whole text, its code, and what follows."""
    whole = (said.reason if line.reason else said.text) if said is not None else None
    rows = [("in full", whole or opened(line.text))]
    code = said.code if said is not None else line.code
    if code:
        rows.append(("code", code))
    if said is not None:
        did = f"sends Close {said.sent}" if said.sent is not None else "sends no Close"
        saw = f"; its application sees {said.surfaced}" if said.surfaced is not None else ""
        rows.append(("then", did + saw))
    if line.derived or (line.saying is not None and line.saying.evidence == "unverified"):
        rows.append(("known", "read in its source, not seen from the running library"))
    if one.note and said is not None:
        rows.append(("note", one.note))
    return listing(rows)
