"""Which library a handshake betrays: by User-Agent or Server, else by the order of its headers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wsdebug.knowledge.libraries.loading import all_libraries
from wsdebug.knowledge.libraries.model import Library
from wsdebug.model.place import Side

Headers = Sequence[tuple[str, str]]


def betrayed(side: Side, headers: Headers) -> list[Library]:
    """The libraries whose signs the headers of that side carry, the surest first: one that names
    itself hides those that only share its order of headers.
    """
    name = "user-agent" if side is Side.CLIENT else "server"
    value = " ".join(value for header, value in headers if header.lower() == name)
    named = [one for one in all_libraries() if value and _named(one, side, value)]
    if named or value:
        return named
    order = " ".join(header.lower() for header, _ in headers)
    return [one for one in all_libraries() if _ordered(one, side, order)]


def _named(one: Library, side: Side, value: str) -> bool:
    signs = one.signs.user_agent if side is Side.CLIENT else one.signs.server
    return any(re.search(sign, value) for sign in signs)


def _ordered(one: Library, side: Side, order: str) -> bool:
    signs = one.signs.request_order if side is Side.CLIENT else one.signs.response_order
    return any(re.search(sign, order) for sign in signs)
