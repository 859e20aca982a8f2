"""The bytes of a side that are HTTP: heads, and bodies in whatever framing they have."""

from __future__ import annotations

import re

from wsdebug.anonymise.heads import Heads
from wsdebug.anonymise.hosts import Hosts
from wsdebug.anonymise.roles import looks_like_text, text_roles
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.substitute import scrambled, substituted
from wsdebug.anonymise.tls import tls_replaced
from wsdebug.http import HEAD_END, Framing, body_length, parse_head, proxy_header_length
from wsdebug.http.recognise import PROXY_V2
from wsdebug.model.limits import DEFAULT_LIMITS
from wsdebug.model.place import Side

_TLS = re.compile(rb"[\x14-\x18]\x03[\x00-\x04]")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[^\r\n]{0,64}\r?\n")
_HEAD = re.compile(rb"[\r\n]*(?:HTTP/|[!-9;-~]{1,20}[ \t]|[!-9;-~]{1,200}[ \t]*:)")
"""A start line, or what somebody takes for one."""
_PROXY_V1 = re.compile(rb"(PROXY [A-Z0-9]{4,7} )([^\r\n]*)")


class HttpPart:
    """Replaces runs of bytes that are, or once were, HTTP."""

    def __init__(self, secret: Secret, hosts: Hosts, heads: Heads) -> None:
        self._secret = secret
        self._hosts = hosts
        self._heads = heads

    def replaced(self, data: bytes, side: Side) -> bytes:
        """As many other bytes, from the beginning of a head on, or what stands in its place."""
        told, at = bytearray(), 0
        while at < len(data):
            piece = self._proxy(data, at) or self._other(data, at) or self._message(data, at, side)
            told += piece
            at += len(piece)
        return bytes(told)

    def _other(self, data: bytes, at: int) -> bytes:
        """TLS or SSH to the end, where it begins here."""
        if _TLS.match(data, at):
            return tls_replaced(data[at:], self._secret, self._hosts)
        if data.startswith(b"SSH-", at):  # RFC 4253 4.2: the version, then software
            line, mark, rest = data[at:].partition(b"\n")
            return line[:8] + self._heads.text(line[8:]) + mark + scrambled(rest, self._secret)
        return b""

    # ---- PROXY headers ----------------------------------------------------------------------
    def _proxy(self, data: bytes, at: int) -> bytes:
        begins = data[at : at + 1] in (b"P", PROXY_V2[:1])
        length = proxy_header_length(data[at : at + 256]) if begins else 0
        if not length or len(data) < at + length:
            return b""
        header = data[at : at + length]
        found = _PROXY_V1.match(header)
        if found is not None:
            return found[1] + self._heads.listed(found[2]) + header[found.end() :]
        return header[:16] + scrambled(header[16:], self._secret)

    # ---- messages ---------------------------------------------------------------------------
    def _message(self, data: bytes, at: int, side: Side) -> bytes:
        """One head and its body."""
        if not _HEAD.match(data, at):
            return self.body(data[at:])  # the rest of a body whose head is not known
        found = HEAD_END.search(data, at, at + DEFAULT_LIMITS.head)
        end = found.end() if found else len(data)
        raw = data[at:end]
        told = self._heads.replaced(raw)
        head = parse_head(raw.lstrip(b"\r\n"), side)
        length = 0 if head.status == 101 else body_length(head)
        if length is Framing.CHUNKED:
            return told + self._chunks(data[end:])
        stop = len(data) if length is Framing.UNTIL_CLOSE else end + int(length)
        return told + self.body(data[end:stop])

    def body(self, data: bytes) -> bytes:
        """A body, or a piece of one."""
        if looks_like_text(data) or data[:1] in b"<{[":
            return substituted(data, text_roles(data, is_said=True), self._secret)
        return scrambled(data, self._secret)

    def _chunks(self, data: bytes) -> bytes:
        """RFC 9112 7.1: sizes stay."""
        told, at = b"", 0
        while found := _CHUNK.match(data, at):
            size = int(found[1], 16)
            told += found[0]
            at = found.end()
            if not size:
                end = HEAD_END.search(data, max(0, at - 2))
                stop = end.end() if end else min(len(data), at + 2)
                return told + self._heads.text(data[at:stop])
            told += self.body(data[at : at + size])
            at = min(len(data), at + size)
            line = data[at : at + 2]
            told += line if line in (b"\r\n", b"\r") else b""
            at += len(line) if line in (b"\r\n", b"\r") else 0
        return told + self.body(data[at:])
