"""The bytes of which a library says a text: all cases are put to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from wsdebug.explain.texts import Line, pattern_of, plain
from wsdebug.knowledge.cases import Case, Received, cases, said_in_case, situations
from wsdebug.knowledge.libraries import Library, Said
from wsdebug.model.place import SIDES, Side

Setting = tuple[Side, bool]
"""The receiver's role, and whether permessage-deflate was agreed."""


class Hit(msgspec.Struct, frozen=True):
    """A case in which the library says it, and where it does."""

    case: Case
    said: Said
    where: tuple[Setting, ...]
    possible: tuple[Setting, ...]

    @property
    def mark(self) -> str:
        """The first two bytes in hex, as they were received."""
        role, deflate = self.where[0]
        first = next(situations(self.case, role, deflate=deflate), None)
        return self.case.end.upper() if first is None else first.header.to_bytes(2, "big").hex(" ")

    @property
    def words(self) -> str:
        """What the bytes are, and in which circumstances."""
        title = self._one_role.title if self._one_role else self.case.title
        where = where_words(self.where, self.possible, told=self._one_role is not None)
        return f"{title}, {where}" if where else title

    @property
    def causes(self) -> tuple[str, ...]:
        """The codes of the causes it points to."""
        return self._one_role.causes if self._one_role else self.case.causes

    @property
    def _one_role(self) -> Received | None:
        roles = {role for role, _ in self.where}
        return self.case.by.get(next(iter(roles))) if len(roles) == 1 else None


def hits_of(one: Library, lines: Sequence[Line]) -> list[Hit]:
    """The cases in which the library says one of the lines; quiet ones only where it says it of
    no others.
    """
    found = [hit for case in cases().values() if lines and (hit := _hit(one, lines, case))]
    shown = {hit.case.id: hit.where for hit in found}
    fewer = [hit for hit in found if shown.get(hit.case.variant) != hit.where]
    return [hit for hit in fewer if not hit.case.quiet] or fewer


def narrowed(hits: list[Hit], query: str) -> list[Hit]:
    """Those whose very text, figures and all, is meant; all if none is."""
    exact = [
        hit
        for hit in hits
        for words in [plain(hit.said.text or hit.said.reason or "")]
        if words in query or re.search(rf"(?<!\w){re.escape(query)}(?!\w)", words)
    ]
    return exact or hits


def _hit(one: Library, lines: Sequence[Line], case: Case) -> Hit | None:
    possible = tuple(settings(one))
    where, last = [], None
    for role, deflate in possible:
        said = said_in_case(one, case, role, deflate=deflate)
        if said is not None and not said.waiting and any(_is_said(line, said) for line in lines):
            where.append((role, deflate))
            last = said
    return Hit(case, last, tuple(where), possible) if last is not None else None


def _is_said(line: Line, said: Said) -> bool:
    words = said.reason if line.reason else said.text
    if words is None or (line.code is not None and said.code != line.code):
        return False
    pattern, _ = pattern_of(line.text)
    return pattern.fullmatch(plain(words)) is not None


def settings(one: Library) -> list[Setting]:
    """In which roles, with and without permessage-deflate, a library is known."""
    deflates = (False, True) if one.deflate else (False,)
    return [(role, deflate) for role in SIDES if role in one.roles for deflate in deflates]


def where_words(where: Iterable[Setting], possible: Iterable[Setting], *, told: bool) -> str:
    """In which of the possible settings; `told`: the role is told already."""
    here, there = set(where), set(possible)
    roles, deflates = {role for role, _ in here}, {deflate for _, deflate in here}
    words = []
    if not told and roles != {role for role, _ in there}:
        words.append(f"received by a {next(iter(roles)).value}")
    if deflates != {deflate for _, deflate in there}:
        words.append(f"{'with' if True in deflates else 'without'} permessage-deflate")
    return " ".join(words)
