"""The header of a frame, written again from its row, and its fields by name."""

from __future__ import annotations

from wsdebug.model.rows import FieldView, Row, RowKind


def header_bytes(row: Row) -> bytes:
    """The bytes as on the wire: header, length and key of a row determine them (RFC 6455 5.2)."""
    bits = row.header.to_bytes(2)
    if row.kind is not RowKind.FRAME:
        return bits[: min(2, row.length)] if row.kind is RowKind.FOREIGN else b""
    short = row.header & 0x7F
    length = b"" if short < 126 else row.length.to_bytes(2 if short == 126 else 8)
    return bits + length + (row.key.to_bytes(4) if row.key is not None else b"")


def header_size(row: Row) -> int:
    """Bytes of a frame's header."""
    short = row.header & 0x7F
    return 2 + (0 if short < 126 else 2 if short == 126 else 8) + (4 if row.masked else 0)


def fields_of(header: bytes) -> tuple[FieldView, ...]:
    """The fields that the bytes reach."""
    if len(header) < 2:
        return ()
    value = int.from_bytes(header)
    size = len(header) * 8
    short = header[1] & 0x7F
    shape = [
        ("FIN", 1),
        ("RSV1", 1),
        ("RSV2", 1),
        ("RSV3", 1),
        ("opcode", 4),
        ("MASK", 1),
        ("length", 7),
    ]
    if short >= 126:
        shape.append(("extended length", 16 if short == 126 else 64))
    if header[1] & 0x80:
        shape.append(("masking key", 32))
    fields, at = [], 0
    for name, bits in shape:
        if at + bits > size:
            break
        fields.append(FieldView(name, at, bits, value >> (size - at - bits) & ((1 << bits) - 1)))
        at += bits
    return tuple(fields)
