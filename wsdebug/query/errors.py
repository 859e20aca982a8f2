"""What is wrong with a filter, and where."""

from __future__ import annotations

from wsdebug.display.columns import columns
from wsdebug.display.escape import printable
from wsdebug.model.errors import UserError

_AROUND = 30
"""Characters shown before the place and behind it."""


class QueryError(UserError):
    """A filter that cannot be understood. `at` and `length`: the characters that are wrong (`at`
    may be the end of the text).
    """

    def __init__(self, message: str, at: int, length: int = 1, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.at = at
        self.length = length


def pointed(text: str, error: QueryError) -> tuple[str, str]:
    """The filter as far as it stands near the place, and a line with carets under the place."""
    start = max(0, error.at - _AROUND)
    stop = min(len(text), error.at + max(error.length, 1) + _AROUND)
    left = "…" if start else ""
    right = "…" if stop < len(text) else ""
    before = left + printable(text[start : error.at])
    wrong = printable(text[error.at : error.at + error.length])
    behind = printable(text[error.at + error.length : stop]) + right
    carets = "^" * max(1, columns(wrong))
    return before + wrong + behind, " " * columns(before) + carets
