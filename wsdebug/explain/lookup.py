"""Finds out what is meant, and answers with its page."""

from __future__ import annotations

import difflib
import re

from wsdebug.diagnosis.causes import all_causes
from wsdebug.diagnosis.fleet import all_fleet_causes
from wsdebug.display.escape import printable
from wsdebug.explain.causes import explain_cause
from wsdebug.explain.codes import close_code_page, http_status_page
from wsdebug.explain.fields import field_page
from wsdebug.explain.fleet import explain_fleet
from wsdebug.explain.header import header_page
from wsdebug.explain.keylog import keylog_page
from wsdebug.explain.rules import family_page, rule_page
from wsdebug.explain.text_page import text_page
from wsdebug.explain.texts import find, nearest, opened
from wsdebug.model.errors import UserError
from wsdebug.rules import FAMILIES, all_rules

_MOST_BYTES = 4096
_LABELLED = re.compile(r"(?:close|code|http|status|error)(?:[ :]+(?:code|status))?[ :]+(\d{3,4})")
_FEWEST = 4
"""Characters of a text from a log that is looked for in the pages."""
_BEGINNINGS = re.compile(r"HTTP/1\.|(?:GET|POST|PUT|HEAD|PRI|CONNECT|OPTIONS|PROXY) |SSH-|[{\[<]")
"""How text begins that other programs write on a socket."""
_HEX_WORD = re.compile(r"(?:0[xX])?([0-9A-Fa-f]+)")


def explain(text: str, *, ascii_only: bool = False) -> str:
    """The page for a rule's or a cause's name or code, a family or any beginning of codes (`FR`,
    `FR10`, `DX2`), a close code (four digits, 1000 to 4999), an HTTP status (three digits), a
    field of filters, a frame header in hex, or a line from a log.
    """
    asked = text.strip()
    labelled = _LABELLED.fullmatch(asked.lower()[:80])
    asked = labelled[1] if labelled else asked
    word = asked.lower().replace("_", "-")
    found = [rule for rule in all_rules() if word in (rule.name, rule.code.lower())]
    pages = [*map(rule_page, found), *explain_cause(asked), *explain_fleet(word)]
    if pages:
        return "\n\n".join(pages)
    if asked[:2].upper() in FAMILIES and any(
        rule.code.startswith(asked.upper()) for rule in all_rules()
    ):
        return family_page(asked.upper())
    meant_code = re.fullmatch(r"[05]\d{3}", asked, re.ASCII) is not None
    if asked.isascii() and asked.isdigit():
        number = _number_page(asked)
        if number is not None:
            return number
    named = keylog_page(word) or field_page(asked)
    if named is not None:
        return named
    raw = bytes_from_hex(asked)
    if raw:
        remark = f"{asked} is no close code (1000 to 4999): read as bytes." if meant_code else ""
        return header_page(raw, remark=remark, ascii_only=ascii_only)
    matches = find(asked) if _may_be_a_text(asked) else []
    if matches:
        return text_page(asked, matches)
    if _BEGINNINGS.match(asked):
        remark = "Read as the bytes that were received."
        return header_page(asked.encode()[:_MOST_BYTES], remark=remark, ascii_only=ascii_only)
    raise _unknown(asked)


def _may_be_a_text(asked: str) -> bool:
    """A text has a space in it, an error code an underscore or two capitals."""
    return " " in asked or "_" in asked or re.search(r"[A-Z].*[A-Z].*[a-z]", asked[:80]) is not None


def _number_page(digits: str) -> str | None:
    if len(digits) == 4 and 1000 <= int(digits) <= 4999:
        return close_code_page(int(digits))
    if len(digits) == 3:
        return http_status_page(int(digits))
    return None


def bytes_from_hex(text: str) -> bytes | None:
    """The bytes of `8185`, `81 85`, `81:85`, `0x81 0x85` or `0x8185`; None if it is no hex.

    A single digit is taken as a byte only where it stands alone behind `0x`.
    """
    words = [word for word in re.split(r"[\s,:]+", text[: 5 * _MOST_BYTES]) if word]
    digits = ""
    for word in words:
        match = _HEX_WORD.fullmatch(word)
        if match is None:
            return None
        part = match[1]
        if len(part) == 1 and len(word) == 3:
            part = "0" + part
        if len(part) % 2:
            return None
        digits += part
    return bytes.fromhex(digits[: 2 * _MOST_BYTES]) or None


def _unknown(asked: str) -> UserError:
    shown = printable(asked, 60)
    names = [name for rule in all_rules() for name in (rule.name, rule.code)]
    names += [name for cause in all_causes() for name in (cause.name, cause.code)]
    names += [name for cause in all_fleet_causes() for name in (cause.name, cause.code)]
    word = asked.lower().replace("_", "-").replace(" ", "-")[:80]
    near = difflib.get_close_matches(word, names, 3, 0.6)
    near += difflib.get_close_matches(asked.upper()[:80], names, 3, 0.6)
    near += [name for name in names if len(word) > 3 and word in name]
    near = near or [f'"{opened(line.text)}"' for line in nearest(asked)] or _mentioned(asked)
    best = ", ".join(list(dict.fromkeys(near))[:4])
    if asked.isascii() and asked.isdigit():
        best = ""  # no name is near a number
    if not asked:
        sentence = "There is nothing to explain."
    elif asked.isascii() and asked.isdigit():
        sentence = f"{shown} is no close code (1000 to 4999) and no HTTP status (100 to 599)."
    else:
        sentence = f'Nothing is known by the name "{shown}".'
    forms = (
        "a rule (FR104), a cause (DX202), a close code (1006), an HTTP status (502), a field of "
        "filters (op), a header in hex (8185) or a line from a log"
    )
    return UserError(sentence, f"Did you mean {best}?" if best else f"Ask for {forms}.")


def _mentioned(asked: str) -> list[str]:
    """The rules whose pages quote a text from a log, as a whole or behind its last colon."""
    texts = [
        " ".join(part.lower().split()).strip(" .") for part in (asked, asked.rpartition(":")[2])
    ]
    wanted = [text for text in texts if _FEWEST <= len(text) <= 200]
    return [
        rule.name
        for rule in all_rules()
        if any(text in " ".join(f"{rule.title} {rule.page}".lower().split()) for text in wanted)
    ]
