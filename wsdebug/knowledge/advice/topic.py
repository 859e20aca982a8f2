"""One piece of advice: a sentence, and how it is done with this or that software."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Topic(msgspec.Struct, frozen=True):
    """`sentence` may hold code spans in backticks; `examples` by software, under the names of
    `diagnosis.betrayed`. `side`: server or client where the examples are that one's code.
    """

    sentence: str
    examples: Mapping[str, str] = {}
    side: str = ""


def lines(*texts: str) -> str:
    """An example of several lines."""
    return "\n".join(texts)
