"""Patterns (`matches`) that cannot run for ever.

Python's `re` goes back and tries again; on some patterns that takes time exponential in the text.
So a repeat inside a repeat is refused, and how much text is looked at depends on how many repeats
without an upper bound there are: each may cost a factor of the length.
"""

from __future__ import annotations

import re
import warnings
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as tree  # type: ignore[attr-defined]
from typing import Any

LOOKED_AT = (64 << 10, 8 << 10, 1 << 10, 256)
"""Characters looked at, by the number of repeats without an upper bound."""
_MOST_SIZE = 500
_MOST_WAYS = 4096
_LONG = 32
"""A bounded repeat that may differ by more than this counts as one without a bound."""
_SIMPLER = "Make it simpler, or use contains."


class PatternError(Exception):
    """Why a pattern is not taken; `hint` what to do."""

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.hint = hint


class Pattern:
    """A pattern that ignores case, as Wireshark's `matches` does."""

    __slots__ = ("_regex", "cut", "limit")

    def __init__(self, text: str) -> None:
        """Raises `PatternError`."""
        if len(text) > _MOST_SIZE:
            raise PatternError(f"The pattern is longer than {_MOST_SIZE} characters.")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                weight = _Weight()
                weight.add(tree.parse(text, re.IGNORECASE))
                self._regex = re.compile(text, re.IGNORECASE)
        except re.error as error:
            raise PatternError(f"The pattern is wrong: {error.msg}.") from error
        except (RecursionError, OverflowError) as error:
            raise PatternError("The pattern is too large.") from error
        if weight.repeats >= len(LOOKED_AT):
            most = len(LOOKED_AT) - 1
            raise PatternError(f"The pattern has more than {most} open repeats (* + {{n,}}).")
        self.limit = LOOKED_AT[weight.repeats]
        self.cut = 0
        """Texts whose beginning did not match and whose rest was not looked at."""

    def found(self, text: str) -> bool:
        """Whether it stands in the first `limit` characters of the text."""
        if self._regex.search(text[: self.limit]) is not None:
            return True
        self.cut += len(text) > self.limit
        return False


class _Weight:
    """What a pattern may cost: `repeats` without an upper bound, and in how many `ways` the rest
    may be read.
    """

    def __init__(self) -> None:
        self.repeats = 0
        self.ways = 1

    def add(self, parsed: Any, *, inside: bool = False) -> None:
        """Weigh a part. `inside`: in a repeat already."""
        for name, value in parsed:
            if name in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
                self._repeat(*value, inside=inside)
            elif name is op.BRANCH:
                self._branch(value[1], inside=inside)
            elif name in (op.SUBPATTERN, op.ASSERT, op.ASSERT_NOT):
                self.add(value[-1], inside=inside)
            elif name is op.ATOMIC_GROUP:
                self.add(value, inside=inside)
            elif name in (op.GROUPREF, op.GROUPREF_EXISTS):
                raise PatternError("A pattern cannot refer to a group of its own here.")

    def _repeat(self, low: int, high: int, body: Any, *, inside: bool) -> None:
        if low != high and inside:
            raise PatternError("A repeat inside a repeat may take for ever.", _SIMPLER)
        if high - low > _LONG:
            self.repeats += 1
        else:
            self._times(high - low + 1)
        self.add(body, inside=inside or high > 1)

    def _branch(self, branches: Any, *, inside: bool) -> None:
        if not _differ_at_once(branches):
            if inside:
                raise PatternError(
                    "Alternatives that begin alike inside a repeat may take for ever.", _SIMPLER
                )
            self._times(len(branches))
        for branch in branches:
            self.add(branch, inside=inside)

    def _times(self, ways: int) -> None:
        self.ways *= ways
        if self.ways > _MOST_WAYS:
            raise PatternError("The pattern can be read in too many ways.", "Make it simpler.")


def _differ_at_once(branches: Any) -> bool:
    firsts = [branch[0] if len(branch) else (None, None) for branch in branches]
    letters = [chr(code).lower() for name, code in firsts if name is op.LITERAL and code]
    return len(letters) == len(branches) == len(set(letters))
