"""What a user did wrong or cannot have, as a sentence and a next step. Exit status 2."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend: `str()` is one sentence, `hint` the next step, `place` lines
    that point at the fault.
    """

    place: tuple[str, ...] = ()

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.hint = hint
