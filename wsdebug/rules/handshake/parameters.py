"""HS110: the parameters of permessage-deflate, in the offer and in the answer (RFC 7692 7.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wsdebug.model.handshake import Extension, Handshake, Parameter
from wsdebug.model.report import Severity
from wsdebug.rules.handshake.fields import shown, whole_answer, whole_request
from wsdebug.rules.registry import Offence, rule

# RFC 7692 7.1.2: a decimal integer from 8 to 15 without leading zeros
_BITS = re.compile(r"[89]|1[0-5]")
_FLAGS = ("server_no_context_takeover", "client_no_context_takeover")
_WINDOWS = ("server_max_window_bits", "client_max_window_bits")

Problem = tuple[str, str]
"""What was seen and what is wanted."""


@rule(
    code="HS110",
    title="A parameter of permessage-deflate is not valid",
    section="RFC 7692 7.1",
    severity=Severity.ERROR,
    fix="Answer with parameters of one offer only: repeat server_no_context_takeover and "
    "server_max_window_bits if it has them, use client_max_window_bits only if it has it, window "
    "bits from 8 to 15 and no greater than offered. Or turn compression off.",
    fatal=True,
)
def extension_parameter_invalid(handshake: Handshake) -> Iterator[Offence]:
    """permessage-deflate has four parameters. `server_no_context_takeover` and
    `client_no_context_takeover` take no value; `server_max_window_bits` and
    `client_max_window_bits` take 8 to 15, and the second may stand in an offer without a value.
    Each stands at most once.

    The answer must fit one of the offers. What the offer asks of the server
    (`server_no_context_takeover`, `server_max_window_bits`) must be repeated, window bits may
    become smaller but not greater, and `client_max_window_bits` may be answered only if that
    offer has it. A client must fail the connection over a wrong answer; a server must pass over
    a wrong offer, so in the request this is a warning.

    Legal without having been asked for: `server_no_context_takeover`,
    `client_no_context_takeover` and `server_max_window_bits` in the answer.
    """
    request, answer = whole_request(handshake), whole_answer(handshake)
    if request is not None:
        for offer in _deflate(handshake.offers):
            for saw, wanted in _own_problems(offer, is_answer=False):
                yield Offence(request.span(offer.field), saw, wanted, Severity.WARNING)
    if answer is not None:
        for accepted in _deflate(handshake.accepted):
            for saw, wanted in _answer_problems(handshake, accepted):
                yield Offence(answer.span(accepted.field), saw, wanted)


def _deflate(extensions: tuple[Extension, ...]) -> list[Extension]:
    return [each for each in extensions if each.name == "permessage-deflate"]


def _shown(parameter: Parameter) -> str:
    name = shown(parameter.name)
    return name if parameter.value is None else f"{name}={shown(parameter.value)}"


def _own_problems(extension: Extension, *, is_answer: bool) -> Iterator[Problem]:
    """What is wrong with an element whatever the other side said."""
    # RFC 7692 7.1: unknown, repeated or wrongly valued parameters make offer and answer invalid.
    seen: set[str] = set()
    for parameter in extension.parameters:
        saw = _shown(parameter)
        if parameter.name in seen:
            yield f"{saw} again", "each parameter once"
        elif parameter.name in _FLAGS:
            if parameter.value is not None:
                yield saw, f"{parameter.name} without a value"
        elif parameter.name in _WINDOWS:
            yield from _window_problem(parameter, saw, is_answer=is_answer)
        else:
            yield f"parameter {saw}", "a parameter of permessage-deflate"
        seen.add(parameter.name)


def _window_problem(parameter: Parameter, saw: str, *, is_answer: bool) -> Iterator[Problem]:
    if parameter.value is None:
        # RFC 7692 7.1.2.2: only an offer may name client_max_window_bits without a value.
        if is_answer or parameter.name == "server_max_window_bits":
            yield f"{saw} without a value", f"{parameter.name}=8 to 15"
    elif not _BITS.fullmatch(parameter.value):
        yield saw, f"{parameter.name}=8 to 15, without leading zeros"


def _answer_problems(handshake: Handshake, accepted: Extension) -> list[Problem]:
    """What is wrong with the answer by itself; else how it fails the offer it fits best."""
    own = list(_own_problems(accepted, is_answer=True))
    if own or whole_request(handshake) is None:
        return own
    # RFC 7692 7.1: the server must pass over an offer that is not valid.
    offers = [each for each in _deflate(handshake.offers) if _is_valid(each)]
    return min((list(_against(accepted, offer)) for offer in offers), key=len, default=[])


def _is_valid(offer: Extension) -> bool:
    return next(_own_problems(offer, is_answer=False), None) is None


def _against(accepted: Extension, offer: Extension) -> Iterator[Problem]:
    """How the answer (valid by itself) fails the offer (valid by itself)."""
    answer = {each.name: each.value for each in accepted.parameters}
    asked = {each.name: each.value for each in offer.parameters}
    # RFC 7692 7.1.1.1 and 7.1.2.1: the server accepts these two by repeating them.
    for name in ("server_no_context_takeover", "server_max_window_bits"):
        if name in asked and name not in answer:
            yield f"no {name}", f"{_pair(name, asked[name])} repeated: the offer asks for it"
    for name in _WINDOWS:
        given, limit = answer.get(name), asked.get(name)
        if given is not None and limit is not None and int(given) > int(limit):
            yield f"{name}={given}", f"at most the offered {limit}"
    # RFC 7692 7.1.2.2: without it in the offer the client cannot limit its window.
    name = "client_max_window_bits"
    if name in answer and name not in asked:
        yield f"{name}={answer[name]}", f"no {name}: the offer lacks it"


def _pair(name: str, value: str | None) -> str:
    return name if value is None else f"{name}={value}"
