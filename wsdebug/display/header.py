"""A frame header bit by bit: what each bit says, drawn under the bytes (RFC 6455 5.2)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "Close", 9: "ping", 10: "pong"}
"""The defined opcodes."""


class HeaderField(msgspec.Struct, frozen=True):
    """One field: its key (fin, rsv, opcode, mask, length, extended, key), how it is written in
    the drawing, the first byte it stands in, how many bytes it reaches over, and what it says.
    """

    key: str
    drawn: str
    byte: int
    size: int
    says: str


def header_fields(raw: bytes) -> list[HeaderField]:
    """The fields of the header that `raw` begins with, as far as its bytes go."""
    if not raw:
        return []
    first = raw[0]
    opcode = first & 15
    end = "last fragment" if first >> 7 else "more fragments follow"
    fields = [
        HeaderField("fin", f"{first >> 7}", 0, 1, f"FIN {first >> 7}  {end}"),
        HeaderField("rsv", f"{first >> 4 & 7:03b}", 0, 1, _rsv(first >> 4 & 7)),
        HeaderField("opcode", f"{opcode:04b}", 0, 1, f"opcode {opcode}  {opcode_name(opcode)}"),
    ]
    if len(raw) < 2:
        return fields
    masked, short = raw[1] >> 7, raw[1] & 0x7F
    says = "a masking key follows the length" if masked else "not masked"
    fields.append(HeaderField("mask", f"{masked}", 1, 1, f"MASK {masked}  {says}"))
    extended = {126: 2, 127: 8}.get(short, 0)
    follows = f"{short}: the length follows in {extended} bytes"
    says = follows if extended else f"length {short}"
    fields.append(HeaderField("length", f"{short:07b}", 1, 1, says))
    length = raw[2 : 2 + extended]
    if extended and len(length) == extended:
        value = int.from_bytes(length, "big")
        drawn = f"{value:016b}" if extended == 2 else length.hex(" ")
        says = f"length {value} ({8 * extended}-bit form)"
        fields.append(HeaderField("extended", drawn, 2, extended, says))
    key = raw[2 + extended : 6 + extended]
    if masked and len(key) == 4:
        fields.append(
            HeaderField("key", key.hex(" "), 2 + extended, 4, f"masking key {key.hex(' ')}")
        )
    return fields


def opcode_name(opcode: int) -> str:
    """`text`, `ping` …; `not defined` for a reserved one."""
    return OPCODES.get(opcode, "not defined")


def _rsv(bits: int) -> str:
    names = [f"RSV{place}" for place in (1, 2, 3) if bits & 8 >> place]
    return f"RSV {bits:03b}" + (f"  {' and '.join(names)} set" if names else "")


def diagram(
    raw: bytes, remarks: Mapping[str, str] | None = None, *, ascii_only: bool = False
) -> list[str]:
    """The lines of the drawing: the bytes, their bits, and a line to each field with what it
    says. `remarks` adds a word to a field by its key. Empty where there are no bytes.
    """
    fields = header_fields(raw)
    remarks = remarks or {}
    bar, corner = ("|", "`") if ascii_only else ("│", "└")
    columns = columns_of(fields)
    bits = " ".join(field.drawn for field in fields)
    lines = [_bytes_line(raw, fields, columns), bits] if fields else []
    for index in range(len(fields) - 1, -1, -1):
        rails = "".join(bar.ljust(columns[at + 1] - columns[at]) for at in range(index))
        line = f"{rails}{corner} {fields[index].says}"
        remark = remarks.get(fields[index].key)
        lines.append(f"{line}  {remark}" if remark else line)
    return lines


def columns_of(fields: list[HeaderField]) -> list[int]:
    """The column in which each field's bits begin in the drawing."""
    columns, at = [], 0
    for field in fields:
        columns.append(at)
        at += len(field.drawn) + 1
    return columns


def _bytes_line(raw: bytes, fields: list[HeaderField], columns: list[int]) -> str:
    """The bytes in hex, each group over the first bit drawn of it."""
    groups: dict[int, int] = {}  # first byte of a group -> column of its first bit
    for field, column in zip(fields, columns, strict=True):
        groups.setdefault(field.byte, column)
    ends = [*list(groups)[1:], fields[-1].byte + fields[-1].size]
    line = ""
    for (start, column), end in zip(groups.items(), ends, strict=True):
        line = line.ljust(column) + raw[start:end].hex(" ").upper()
    return line
