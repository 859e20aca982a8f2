"""The two streams of one connection, replaced: HTTP, frames and what is neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wsdebug.analysis.store import Store
from wsdebug.analysis.store.header import header_size
from wsdebug.anonymise.addresses import Addresses
from wsdebug.anonymise.heads import Heads
from wsdebug.anonymise.hosts import Hosts
from wsdebug.anonymise.http_part import HttpPart
from wsdebug.anonymise.messages import Message, Messages, Part
from wsdebug.anonymise.nonces import Nonces
from wsdebug.anonymise.roles import text_roles
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.substitute import scrambled, substituted
from wsdebug.model.place import SIDES, Side
from wsdebug.model.report import Connection, Finding
from wsdebug.model.rows import Row, RowKind
from wsdebug.protocol.header import header_at
from wsdebug.transport.refill import Refill

_LONGEST_HEADER = 14
_MARK = 2
"""First bytes of what is no frame and nothing else: the report shows what header they make."""


class Tools:
    """What all connections of an export share."""

    def __init__(self, secret: Secret) -> None:
        self.secret = secret
        self.addresses = Addresses(secret)
        self.nonces = Nonces(secret)
        self.hosts = Hosts(secret, self.addresses)
        self.http = HttpPart(secret, self.hosts, Heads(secret, self.hosts, self.nonces))


class Replaced(NamedTuple):
    """A side's bytes before and after."""

    old: bytes
    new: bytes


def replaced(
    store: Store, id_: int, streams: Sequence[Refill], tools: Tools
) -> tuple[list[Replaced], int]:
    """Both sides' streams, and how many bytes of one run of a compressed text stayed."""
    known = store.connections[id_ - 1]
    told, longest = [], 0
    for side, stream in zip(SIDES, streams, strict=True):
        if known.encrypted:
            new = tools.http.replaced(bytes(stream.data), side)  # a plain port may have answered
        else:
            one = _OneSide(store, id_, side, stream, tools)
            new = one.replaced()
            longest = max(longest, one.longest)
        told.append(Replaced(bytes(stream.data), new))
    return told, longest


class _OneSide:
    """One direction of a connection that was read."""

    def __init__(self, store: Store, id_: int, side: Side, stream: Refill, tools: Tools) -> None:
        self._tools = tools
        self._stream = stream
        self._old = bytes(stream.data)
        self._side = side
        self._base = store.frames_begin(id_, side)
        self._rows = sorted(
            (row for row in store.rows(id_) if row.side is side and row.kind in _READ),
            key=lambda row: row.offset,
        )
        report = store.connections[id_ - 1].report
        self._findings = (
            []
            if report is None
            else [
                one for one in report.findings if one.side is side and one.name == "foreign-bytes"
            ]
        )
        self._messages = Messages(tools.secret, is_mqtt=_is_mqtt(report))
        self.longest = 0

    def replaced(self) -> bytes:
        """As many bytes as there were."""
        old = self._old
        begin = self._base or len(old)
        if self._rows:  # without a whole handshake what is left of it stands before the first frame
            begin = self._base + max(0, self._rows[0].offset)
        new = bytearray(self._tools.http.replaced(old[:begin], self._side))
        new += scrambled(old[begin:], self._tools.secret)
        self._frames(new)
        self.longest = self._messages.finish(new)
        return bytes(new)

    # ---- frames -----------------------------------------------------------------------------
    def _frames(self, new: bytearray) -> None:
        message: Message | None = None
        behind = self._base
        skip_until = 0
        for index, row in enumerate(self._rows):
            start = self._base + row.offset
            if row.kind is RowKind.FOREIGN:
                if start >= skip_until:
                    self._foreign(row, start, new)
                behind = start + row.length
                continue
            if start != behind:
                message = None
                self._messages.lose()
            behind = self._header(row, start, new)
            extra = self._overrun(index)
            message = self._frame(row, behind, message, new, extra)
            behind += row.length
            skip_until = behind + (extra[1] if extra else 0)
        if message is not None:
            self._messages.write(message, self._old, new)
        self._begun(new, behind)

    def _header(self, row: Row, start: int, new: bytearray) -> int:
        """The header stays; where the payload begins."""
        size = header_size(row)
        new[start : start + size] = self._old[start : start + size]
        return start + size

    def _begun(self, new: bytearray, behind: int) -> None:
        """The beginning of a header, with which the stream ends."""
        rest = self._old[behind:]
        if 0 < len(rest) < _LONGEST_HEADER and header_at(rest, 0) is None:
            new[behind:] = rest

    def _frame(
        self,
        row: Row,
        start: int,
        message: Message | None,
        new: bytearray,
        extra: tuple[str, int] | None,
    ) -> Message | None:
        """Add a frame to its message; the message that is still open."""
        parts = self._parts(row, start, new, extra)
        if row.opcode >= 8:
            self._write_alone(row, parts, new)
            return message
        if message is None or row.opcode != 0:
            if message is not None:
                self._messages.write(message, self._old, new)
            is_compressed = row.compressed or bool(row.rsv & 4)
            message = Message(row.opcode, is_compressed=is_compressed)
        self._add(message, row, parts)
        if not row.fin:
            return message
        self._messages.write(message, self._old, new)
        return None

    def _write_alone(self, row: Row, parts: list[Part], new: bytearray) -> None:
        alone = Message(row.opcode, is_compressed=False)
        self._add(alone, row, parts)
        self._messages.write(alone, self._old, new)

    def _add(self, message: Message, row: Row, parts: list[Part]) -> None:
        got = sum(part.stop - part.start for part in message.parts)
        message.parts += parts
        if message.whole_until is None and parts:
            holes = self._stream.holes(parts[0].start, parts[-1].stop)
            if holes:
                message.whole_until = got + holes[0][0]
            elif row.cut or parts[-1].stop - parts[0].start < row.length:
                message.whole_until = got + parts[-1].stop - parts[0].start

    def _parts(
        self, row: Row, start: int, new: bytearray, extra: tuple[str, int] | None
    ) -> list[Part]:
        stop = min(len(self._old), start + row.length)
        if extra is None:
            return [Part(start, stop, row.key)]
        kind, length = extra
        end = min(len(self._old), stop + length)
        inner = self._inner(start, stop, length) if kind == "frame" else None
        if inner is None:
            return [Part(start, end, row.key)]
        body = self._write_inner(inner, length, new)
        return [Part(start, inner, row.key), Part(body, end, row.key, (inner - start) & 3)]

    # ---- what is no frame -------------------------------------------------------------------
    def _overrun(self, index: int) -> tuple[str, int] | None:
        """Foreign bytes that are the rest of this frame: how, and how many."""
        if index + 1 == len(self._rows) or self._rows[index + 1].kind is not RowKind.FOREIGN:
            return None
        behind = self._rows[index + 1]
        finding = self._finding(behind)
        kind = finding.detail.get("overrun") if finding is not None else None
        return (str(kind), behind.length) if kind else None

    def _finding(self, row: Row) -> Finding | None:
        return next((one for one in self._findings if one.offset == row.offset), None)

    def _inner(self, start: int, stop: int, length: int) -> int | None:
        """Where a whole frame of `length` bytes stands inside a payload."""
        for at in range(start + 1, stop - length + 1):
            header = header_at(self._old, at) if self._old[at] == 0x81 else None
            if header is not None and header.size + header.length == length:
                return at
        return None

    def _write_inner(self, at: int, length: int, new: bytearray) -> int:
        header = header_at(self._old, at)
        assert header is not None
        body = at + header.size
        new[at:body] = self._old[at:body]
        key = None if header.key is None else int.from_bytes(header.key, "big")
        inner = Message(1, is_compressed=False)
        inner.parts = [Part(body, at + length, key)]
        self._messages.write(inner, self._old, new)
        return at + length

    def _foreign(self, row: Row, start: int, new: bytearray) -> None:
        data = self._old[start : start + row.length]
        finding = self._finding(row)
        kind = str(finding.detail.get("kind")) if finding is not None else "http-response"
        new[start : start + len(data)] = _FOREIGN.get(kind, _unknown)(data, self._tools, self._side)


_READ = (RowKind.FRAME, RowKind.FOREIGN)


def _is_mqtt(report: Connection | None) -> bool:
    subprotocol = report.handshake.subprotocol if report is not None else None
    return (subprotocol or "").startswith("mqtt")


# ---- foreign bytes by kind ------------------------------------------------------------------
def _unknown(data: bytes, tools: Tools, side: Side) -> bytes:  # noqa: ARG001 - as the others
    return data[:_MARK] + scrambled(data[_MARK:], tools.secret)


def _text(data: bytes, tools: Tools, side: Side) -> bytes:  # noqa: ARG001
    return substituted(data, text_roles(data, is_said=True), tools.secret)


def _same(data: bytes, tools: Tools, side: Side) -> bytes:
    """Zeros, line breaks, the size of a chunk: nothing of a program's."""
    return data if not data.strip(b"\0\r\n0123456789abcdefABCDEF") else _text(data, tools, side)


def _http(data: bytes, tools: Tools, side: Side) -> bytes:
    return tools.http.replaced(data, side)


_FOREIGN: dict[str, Callable[[bytes, Tools, Side], bytes]] = {
    "http-response": _http,
    "http-request": _http,
    "proxy-header": _http,
    "text": _text,
    "json": _text,
    "newline": _same,
    "chunk-size": _same,
    "zeros": _same,
    "ssh-banner": _http,
    "tls-record": _http,
}
