"""Handshakes of one kind are judged once.

Heads of one kind differ in the key, the accept value and the date only, and each of these has the
form it should have (`http.kinds`). What a rule can still find is an accept value that does not
fit the key. So where it fits, and a handshake of the same kind broke no rule, neither does this.
"""

from __future__ import annotations

from typing import TypeAlias

from wsdebug.model.facts import Fact
from wsdebug.model.handshake import Handshake, Kind
from wsdebug.protocol.keys import accept_value
from wsdebug.rules.registry import Breach
from wsdebug.rules.registry import judge as judge_anew

Pair: TypeAlias = tuple[Kind, Kind]

_MOST = 256
_blameless: dict[Pair, None] = {}


def judge(fact: Fact) -> list[Breach]:
    """Every rule that the fact breaks, as `registry.judge` has it."""
    pair = _pair(fact) if isinstance(fact, Handshake) else None
    if pair in _blameless:
        return []
    breaches = judge_anew(fact)
    if pair is not None and not breaches:
        if len(_blameless) >= _MOST:
            _blameless.clear()
        _blameless[pair] = None
    return breaches


def _pair(handshake: Handshake) -> Pair | None:
    """The kinds of both heads, where the answer is that to the key."""
    request, response = handshake.request, handshake.response
    if request is None or response is None:
        return None
    keys, accepts = request.all("sec-websocket-key"), response.all("sec-websocket-accept")
    if len(keys) != 1 or len(accepts) != 1 or accepts[0].value != accept_value(keys[0].value):
        return None
    return request.kind, response.kind
