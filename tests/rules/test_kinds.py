"""A fact of a kind that was judged before is judged no differently."""

from __future__ import annotations

import base64
import itertools

import pytest

from wsdebug.http.kinds import head_like
from wsdebug.model.facts import Close, Fact
from wsdebug.model.handshake import Handshake
from wsdebug.model.limits import Limits
from wsdebug.model.place import Part, Side, Span
from wsdebug.protocol.handshake import make_handshake
from wsdebug.protocol.keys import accept_value
from wsdebug.rules import judge, kinds, registry


def key(number: int) -> str:
    return base64.b64encode(number.to_bytes(16, "big")).decode()


def handshake(asked: int, answered: int, packet: int, *lines: str) -> Handshake:
    """The request with one key, the answer to another."""
    start = ("GET / HTTP/1.1", "Host: a", "Upgrade: websocket", "Connection: Upgrade")
    request = (*start, "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key(asked)}")
    accept = f"Sec-WebSocket-Accept: {accept_value(key(answered))}"
    response = ("HTTP/1.1 101 X", "Upgrade: websocket", "Connection: Upgrade", accept, *lines)
    heads = [
        head_like("\r\n".join([*text, "", ""]).encode(), side, 0, (packet, 0, None), Limits())
        for side, text in ((Side.CLIENT, request), (Side.SERVER, response))
    ]
    return make_handshake(*heads)


def close(code: int, reason: bytes, index: int, packet: int) -> Close:
    span = Span(Side.CLIENT, Part.STREAM, 0, 8, packet, 0)
    return Close(span, 3, "code", code, reason, None, index)


FACTS: list[Fact] = [
    handshake(1, 1, 4),
    handshake(2, 2, 6),
    handshake(3, 2, 8),  # a wrong accept value behind right ones
    handshake(4, 4, 10, "Content-Length: 5"),
    handshake(5, 5, 12, "Content-Length: 5"),
    *itertools.starmap(
        close, [(1000, b"", 0, 1), (1000, b"", 0, 2), (1006, b"", 0, 3), (1000, b"", 1, 4)]
    ),
    close(1006, b"", 0, 5),
]


def test_facts_are_judged_as_if_each_were_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_blameless", {})
    found = [judge(fact) for fact in [*FACTS, *FACTS]]
    assert found == [registry.judge(fact) for fact in [*FACTS, *FACTS]]
    assert any(found)
    assert not all(found)


def test_what_broke_no_rule_is_asked_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_blameless", {})
    asked: list[Fact] = []
    monkeypatch.setattr(kinds, "judge_anew", lambda fact: asked.append(fact) or [])
    for fact in FACTS[:2]:
        assert judge(fact) == []
    assert asked == FACTS[:1]


def test_no_more_kinds_are_remembered_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_blameless", {})
    for number in range(3 * kinds._MOST):
        judge(close(1000, str(number).encode(), 0, 1))
    assert len(kinds._blameless) <= kinds._MOST
