"""Which library a handshake betrays: by User-Agent or Server, else by the order of its headers."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from wsdebug.knowledge.libraries.loading import all_libraries
from wsdebug.knowledge.libraries.model import Library
from wsdebug.model.place import Side

Headers = Sequence[tuple[str, str]]


class Betrayed(NamedTuple):
    """The libraries that fit. `weak`: many others send their headers in that order."""

    libraries: list[Library]
    weak: bool


def betrayed(side: Side, headers: Headers) -> Betrayed:
    """The libraries whose signs the headers of that side carry. One that names itself hides those
    that only share its order of headers.
    """
    name = "user-agent" if side is Side.CLIENT else "server"
    value = " ".join(value for header, value in headers if header.lower() == name)
    if value:
        return Betrayed(_named(side, value), weak=False)
    order = " ".join(header.lower() for header, _ in headers)
    return Betrayed(_ordered(side, order), weak=side is Side.SERVER)


# The connections of a capture mostly come from a few programs.
@functools.lru_cache(maxsize=256)
def _named(side: Side, value: str) -> list[Library]:
    return [one for one in all_libraries() if _is_named(one, side, value)]


@functools.lru_cache(maxsize=256)
def _ordered(side: Side, order: str) -> list[Library]:
    return [one for one in all_libraries() if _is_ordered(one, side, order)]


def _is_named(one: Library, side: Side, value: str) -> bool:
    signs = one.signs.user_agent if side is Side.CLIENT else one.signs.server
    return any(re.search(sign, value) for sign in signs)


def _is_ordered(one: Library, side: Side, order: str) -> bool:
    signs = one.signs.request_order if side is Side.CLIENT else one.signs.response_order
    return any(re.search(sign, order) for sign in signs)
