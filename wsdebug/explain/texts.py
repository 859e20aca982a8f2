"""Finds the log line that is meant: as a part of what was pasted, or what was pasted as a part of
it; in any case, with other figures in it.
"""

from __future__ import annotations

import difflib
import functools
import re

import msgspec

from wsdebug.knowledge.libraries import Check, Library, all_libraries
from wsdebug.knowledge.libraries.model import EXECUTED, Saying
from wsdebug.knowledge.libraries.saying import close_words

MOST = 2000
"""Characters of what was pasted that are looked at."""
_FEWEST = 10
"""A shorter text is found only where it stands alone."""
_FIGURE = re.compile(r"\{[^{}]*\}|<[a-z]+>")
_NEAR = 0.7
_FEW = 5
"""Texts that share an error code: so few, and the first is the one meant."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A text that a library may log. `event` names what happened to it; of a text that is said of
    a frame it is empty. `saying` is set where neither bytes nor an event lead there.
    """

    library: str
    text: str
    """Words in braces stand for figures."""
    core: str = ""
    """The text without the library's own frame round it."""
    code: str | None = None
    event: str = ""
    saying: Saying | None = None
    derived: bool = False
    reason: bool = False
    """It stands in the Close on the wire, not in the log."""


class Match(msgspec.Struct, frozen=True):
    """A line that was found, and how well: the characters that agree. `whole`: all of it stands
    in what was asked.
    """

    line: Line
    score: int
    whole: bool = False


def find(asked: str) -> list[Match]:
    """The lines that are meant, the best first. Where a longer line is meant, no part of it is."""
    query = plain(asked[:MOST])
    if not query:
        return []
    coded = [line for line in lines() if _names_code(line, query)]
    by_code = [Match(line, 10_000, len(coded) <= _FEW) for line in coded]
    found = by_code or [match for line in lines() if (match := _match(line, query)) is not None]
    best = max((match.score for match in found), default=0)
    kept = [match for match in found if 2 * match.score > best]
    kept = [match for match in kept if not _is_part_of_another(match, kept)]
    return sorted(kept, key=lambda match: -match.score)


def nearest(asked: str, count: int = 3) -> list[Line]:
    """The lines that look most like it."""
    query = plain(asked[:200])
    by_text = {plain(_shown(line.core or line.text)): line for line in reversed(lines())}
    near = difflib.get_close_matches(query, by_text, count, _NEAR)
    return [by_text[text] for text in near]


@functools.cache
def lines() -> tuple[Line, ...]:
    """All texts of all libraries, the commonest library first."""
    return tuple(line for one in all_libraries() for line in _lines_of(one))


def _lines_of(one: Library) -> list[Line]:
    found = [line for check in one.checks if (line := _of_check(one, check)) is not None]
    for event, check in one.on.items():
        if check.text:
            found.append(_line(one, check, check.text, check.text, event=event))
    found += [
        Line(library=one.name, text=saying.text, code=saying.code, saying=saying)
        for saying in one.says
    ]
    return list(dict.fromkeys(found))


def _of_check(one: Library, check: Check) -> Line | None:
    if check.text:
        whole = check.text if check.plain else _formed(one, check).replace("{text}", check.text)
        return _line(one, check, whole, check.text)
    if check.reason:
        return _line(one, check, check.reason, check.reason, reason=True)
    return None


def _formed(one: Library, check: Check) -> str:
    """The library's form with the close code that the check sends."""
    sent = check.sent if check.sent is not None else one.default.sent
    if not isinstance(sent, int):
        return one.form
    return one.form.replace("{sent}", str(sent)).replace("{sent_name}", close_words(sent))


def _line(
    one: Library, check: Check, text: str, core: str, *, event: str = "", reason: bool = False
) -> Line:
    default = None if event else one.default.code
    code = check.code or default
    return Line(
        library=one.name,
        text=text,
        core=core,
        code=code if code and "{" not in code else None,
        event=event,
        derived=(check.evidence or one.evidence) != EXECUTED,
        reason=reason,
    )


# ---- comparing --------------------------------------------------------------------------------
_CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"


def plain(text: str) -> str:
    """A text without what differs from log to log: case, spaces, quotes and stops at its ends."""
    return " ".join(text.lower().replace(_CURLY, "'").split()).strip(" .,;\"'`")


def opened(template: str) -> str:
    """A text whose figures are not known: `{length}` as `<length>`."""
    return template.replace("{", "<").replace("}", ">")


def _shown(template: str) -> str:
    return _FIGURE.sub("…", template)


def _names_code(line: Line, query: str) -> bool:
    """The error code stands in it as a word. Classes that many texts share do not count."""
    code = line.code
    if code is None or not ("_" in code or query == code.lower()):
        return False
    return re.search(rf"(?<!\w){re.escape(code.lower())}(?!\w)", query) is not None


def _match(line: Line, query: str) -> Match | None:
    score, whole = max(_agreement(text, query) for text in {line.text, line.core} - {""})
    return Match(line, score, whole) if score else None


def _agreement(template: str, query: str) -> tuple[int, bool]:
    """Characters in which a template and a query agree, 0 where neither is a part of the other;
    and whether the whole template stands in the query.
    """
    pattern, literal = pattern_of(template)
    if literal == 0:
        return 0, False
    found = pattern.search(query)
    if found is not None and (literal >= _FEWEST or found[0] == query):
        return 2 * literal, True
    if len(query) >= _FEWEST and query in plain(_shown(template)):
        return len(query), False
    return 0, False


@functools.cache
def pattern_of(template: str) -> tuple[re.Pattern[str], int]:
    """What finds a template in a text that went through `plain`, and its literal characters."""
    parts = [_loose(part) for part in _FIGURE.split(template)]
    joined = r".{0,120}?".join(re.escape(part) for part in parts)
    before = r"(?<!\w)" if parts[0][:1].isalnum() else ""
    after = r"(?!\w)" if parts[-1][-1:].isalnum() else ""
    return re.compile(before + joined + after), sum(len(part.strip()) for part in parts)


def _loose(part: str) -> str:
    low = part.lower().replace(_CURLY, "'")
    return re.sub(r"\s+", " ", low).rstrip(".") if low.strip() else low


def _is_part_of_another(match: Match, others: list[Match]) -> bool:
    """Another line of another library holds this one's text, and was found by more of it."""
    own = plain(match.line.text)
    return any(
        other.score > match.score
        and other.line.library != match.line.library
        and own in plain(other.line.text)
        for other in others
    )
