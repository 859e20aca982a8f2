"""What may stand where a receiver expects a frame: bytes that people meet, and what each library
makes of them. The table is `cases.toml`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from wsdebug.knowledge.libraries.conditions import header_length
from wsdebug.knowledge.libraries.model import Event, Library, Said, Situation
from wsdebug.knowledge.libraries.saying import what_it_logs
from wsdebug.model.place import Side

_TABLE = Path(__file__).with_suffix(".toml")
_KEY = 4
"""Bytes of a masking key (RFC 6455 5.3)."""


class Received(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case as one role meets it, where the other meets something else."""

    title: str
    causes: tuple[str, ...]


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bytes at the place of a frame. `mask`: right, wrong, as-is (they are no frame)."""

    id: str
    title: str
    hex: str
    mask: str = "right"
    size: int | None = None
    fault: str = ""
    values: dict[str, str] = {}
    end: str = ""
    """What follows at once: "", fin, rst."""
    rule: str = ""
    causes: tuple[str, ...] = ()
    by: dict[Side, Received] = {}
    """Title and causes by the receiver's role."""
    variant: str = ""
    """Left out of pages behind the case of that id."""
    quiet: bool = False
    """Left out of pages."""

    @property
    def raw(self) -> bytes:
        """The bytes as a server would send them."""
        return bytes.fromhex(self.hex)


@functools.cache
def cases() -> dict[str, Case]:
    """The table by id, in the order in which pages show it."""
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["case"]
    return {case.id: case for case in msgspec.convert(rows, list[Case])}


def said_in_case(library: Library, case: Case, role: Side, *, deflate: bool) -> Said | None:
    """What the library logs when this comes, as the receiver `role`. None: it takes it as good,
    or nothing is known.
    """
    for situation in situations(case, role, deflate=deflate):
        said = what_it_logs(library, situation)
        if said is not None and not (said.waiting and case.end):
            return said
    if not case.end or role not in library.roles or (deflate and not library.deflate):
        return None
    name = "fin-in-frame" if case.id == "n_fin_midframe" else case.end
    return what_it_logs(library, Event(role=role, name=name))


def situations(case: Case, role: Side, *, deflate: bool) -> Iterator[Situation]:
    """Frame by frame, what the receiver meets."""
    raw = case.raw
    if case.mask == "as-is":
        length, _ = _declared(raw)
        header = int.from_bytes(raw[:2], "big")
        yield Situation(
            role=role,
            header=header,
            deflate=deflate,
            length=length,
            received=case.size or len(raw),
        )
        return
    at, state = 0, ""
    while at < len(raw):
        situation, size = _frame(case, raw[at:], role, deflate=deflate)
        at += size
        last = at >= len(raw)
        faults = {"fault": case.fault, "values": case.values} if last else {}
        yield msgspec.structs.replace(situation, open=state, **faults)
        state = _after(situation, state)


def _frame(case: Case, raw: bytes, role: Side, *, deflate: bool) -> tuple[Situation, int]:
    """One frame and the bytes it takes in the table."""
    length, head = _declared(raw)
    there = min(len(raw) - head, length)
    if case.size is not None:
        there = min(case.size - head, length)
    masked = (role is Side.SERVER) is (case.mask == "right")
    header = int.from_bytes(raw[:2], "big") | (0x80 if masked else 0)
    is_close = header >> 8 & 15 == 8 and length >= 2
    situation = Situation(
        role=role,
        header=header,
        deflate=deflate,
        length=length,
        received=None if there == length else header_length(header) + there,
        code=int.from_bytes(raw[head : head + 2], "big") if is_close else None,
    )
    return situation, head + max(0, min(length, len(raw) - head))


def _declared(raw: bytes) -> tuple[int, int]:
    """The length a header declares, and how many bytes say so (a key not counted)."""
    short = raw[1] & 0x7F
    size = {126: 2, 127: 8}.get(short, 0)
    return (int.from_bytes(raw[2 : 2 + size], "big") if size else short), 2 + size


def _after(situation: Situation, state: str) -> str:
    """The message that is unfinished behind this frame."""
    opcode = situation.header >> 8 & 15
    if opcode > 2:
        return state
    if situation.header & 0x8000:
        return ""
    if opcode == 0:
        return state
    return "compressed" if situation.header & 0x4000 and situation.deflate else "plain"
