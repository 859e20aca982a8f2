"""What values a field may be compared with, and how they are written."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from wsdebug.query.lexer import Token, unquoted

ORDER = ("==", "!=", "<", "<=", ">", ">=", "in")
EQUAL = ("==", "!=", "in")
TEXTUAL = ("==", "!=", "contains", "matches", "in")


class ValueFaultError(Exception):
    """Why a value is none of its kind; `hint` what to write."""

    def __init__(self, sentence: str, hint: str | None = None) -> None:
        super().__init__(sentence)
        self.hint = hint


class Kind(msgspec.Struct, frozen=True):
    """`says` describes the values in a few words; `operators` are those that make sense."""

    says: str
    operators: tuple[str, ...]

    @property
    def is_ordered(self) -> bool:
        """Whether `1..5` is a range of its values."""
        return self.operators == ORDER

    def value(self, token: Token) -> Any:
        """What a word or a string means. Raises `ValueFaultError`."""
        raise NotImplementedError


_NUMBER = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)([A-Za-z]*)")
_HEX = re.compile(r"0[xX][0-9A-Fa-f]{1,16}")


def _measured(token: Token, units: Mapping[str, float], hint: str) -> float:
    found = _NUMBER.fullmatch(token.text) if token.kind == "word" else None
    if found is None or found[2] not in units:
        raise ValueFaultError(f"{shown(token)} is no number here.", hint)
    return float(found[1]) * units[found[2]]


class Number(Kind, frozen=True):
    """Whole numbers, hex too; k and M are 1024 and 1024 times that."""

    def value(self, token: Token) -> int:
        """`64k` is 65536."""
        if token.kind == "word" and _HEX.fullmatch(token.text):
            return int(token.text, 16)
        units = {"": 1, "k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
        number = _measured(token, units, "Write 125, 64k, 1M or 0x7f.")
        if number != int(number):
            raise ValueFaultError(f"{shown(token)} is no whole number.")
        return int(number)


class Seconds(Kind, frozen=True):
    """Times; a number without a unit is seconds."""

    def value(self, token: Token) -> float:
        """`30s`, `250ms`, `2m`."""
        units = {"": 1.0, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
        return _measured(token, units, "Write 30s, 250ms, 2m or 1h.")


class Flag(Kind, frozen=True):
    """A bit."""

    def value(self, token: Token) -> bool:
        """0 and 1, true and false."""
        word = token.text.lower()
        if word in ("1", "true", "0", "false"):
            return word in ("1", "true")
        raise ValueFaultError(f"{shown(token)} is neither 0 nor 1.", "Write 1 or true, 0 or false.")


class Name(Kind, frozen=True):
    """One of a few names, which stand for what the field says. Numbers up to `numbers` may be
    given in place of a name.
    """

    names: Mapping[str, Any]
    numbers: int = -1

    def value(self, token: Token) -> Any:
        """What the name stands for."""
        word = unquoted(token).lower()
        if word in self.names:
            return self.names[word]
        number = _whole(word)
        if number is not None and number <= self.numbers:
            return number
        raise unknown(f"{shown(token)} is none of its values", word, list(self.names))


def _whole(word: str) -> int | None:
    if word.isascii() and word.isdigit() and len(word) < 5:
        return int(word)
    return int(word, 16) if _HEX.fullmatch(word) else None


class Text(Kind, frozen=True):
    """Text. `folds`: upper and lower case are the same."""

    folds: bool = False

    def value(self, token: Token) -> str:
        """A string, or a word without blanks."""
        text = unquoted(token)
        return text.casefold() if self.folds else text


class Coded(Kind, frozen=True):
    """A rule or a cause, by its code or its name. `known` gives all of them, in lower case."""

    known: Callable[[], Sequence[str]]

    def value(self, token: Token) -> str:
        """In lower case."""
        word = unquoted(token).lower()
        known = self.known()
        if word not in known:
            raise unknown(f"Nothing is known by the name {shown(token)}", word, known)
        return word


class Address(Kind, frozen=True):
    """An IP address, or a network."""

    def value(self, token: Token) -> Any:
        """`10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`."""
        try:
            return ipaddress.ip_network(unquoted(token).strip("[]"), strict=False)
        except ValueError:
            hint = "Write 10.0.0.1, 10.0.0.0/8 or 2001:db8::1; ports have fields of their own."
            raise ValueFaultError(f"{shown(token)} is no IP address.", hint) from None


class FrameName(Kind, frozen=True):
    """A frame's number on its side, or its name in reports."""

    def value(self, token: Token) -> Any:
        """`38` of either side, `S38` of the server."""
        found = re.fullmatch(r"([SCsc]?)(\d{1,12})", token.text)
        if found is None:
            raise ValueFaultError(f"{shown(token)} is no frame.", "Write 38, S38 or C1.")
        return found[1].upper() + found[2] if found[1] else int(found[2])


class MaskKey(Kind, frozen=True):
    """A masking key."""

    def value(self, token: Token) -> int:
        """`37:fa:21:3d`, `37fa213d`, or as a number `0x37fa213d`, zeros in front left out."""
        word = unquoted(token).lower()
        digits = word.removeprefix("0x").replace(":", "")
        if not re.fullmatch(r"0x[0-9a-f]{1,8}|([0-9a-f]{2}:){3}[0-9a-f]{2}|[0-9a-f]{8}|0", word):
            why = "is no masking key" + (", which has 4 bytes" if _is_hex(digits) else "")
            raise ValueFaultError(f"{shown(token)} {why}.", "Write 37:fa:21:3d.")
        return int(digits, 16)


def _is_hex(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]+", text) is not None


class Anything(Kind, frozen=True):
    """A value of JSON: words are true, false, null and numbers, the rest is text."""

    def value(self, token: Token) -> Any:
        """As JSON has it."""
        if token.kind != "word":
            return unquoted(token)
        words = {"true": True, "false": False, "null": None}
        if token.text in words:
            return words[token.text]
        if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,3})?", token.text):
            return float(token.text)
        return token.text


def shown(token: Token) -> str:
    """A value as a sentence quotes it."""
    return token.text if token.kind == "string" else f'"{token.text}"'


def unknown(sentence: str, word: str, known: Sequence[str]) -> ValueFaultError:
    """A name nobody knows, with the nearest that is known, or all if they are few."""
    near = difflib.get_close_matches(word, known, 1, 0.6)
    if near:
        is_code = "-" not in near[0] and re.search(r"\d", near[0]) is not None
        return ValueFaultError(
            f"{sentence} - did you mean {near[0].upper() if is_code else near[0]}?"
        )
    some = ", ".join(known[:12])
    return ValueFaultError(f"{sentence}.", f"They are {some}{', …' if len(known) > 12 else ''}.")
