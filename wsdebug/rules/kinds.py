"""Facts of one kind are judged once.

Heads of one kind differ in the key, the accept value and the date only, and each of these has the
form it should have (`http.kinds`). What a rule can still find is an accept value that does not
fit the key. So where it fits, and a handshake of the same kind broke no rule, neither does this.
Of a Close nothing but what it says can be wrong, and whether it is the first.
"""

from __future__ import annotations

from collections.abc import Hashable

from wsdebug.model.facts import Close, Fact
from wsdebug.model.handshake import Handshake, Kind
from wsdebug.protocol.keys import accept_value
from wsdebug.rules.registry import Breach
from wsdebug.rules.registry import judge as judge_anew

_MOST = 256
_blameless: dict[Hashable, None] = {}


def judge(fact: Fact) -> list[Breach]:
    """Every rule that the fact breaks, as `registry.judge` has it."""
    kind = _kind(fact)
    if kind is None:
        return judge_anew(fact)
    if kind in _blameless:
        return []
    breaches = judge_anew(fact)
    if not breaches:
        if len(_blameless) >= _MOST:
            _blameless.clear()
        _blameless[kind] = None
    return breaches


def _kind(fact: Fact) -> Hashable:
    if isinstance(fact, Close):
        return fact.body, fact.code, fact.reason, fact.reason_fault, fact.index
    return _pair(fact) if isinstance(fact, Handshake) else None


def _pair(handshake: Handshake) -> tuple[Kind, Kind] | None:
    """The kinds of both heads, where the answer is that to the key."""
    request, response = handshake.request, handshake.response
    if request is None or response is None:
        return None
    keys, accepts = request.all("sec-websocket-key"), response.all("sec-websocket-accept")
    if len(keys) != 1 or len(accepts) != 1 or accepts[0].value != accept_value(keys[0].value):
        return None
    return request.kind, response.kind
