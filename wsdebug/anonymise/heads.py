"""HTTP heads: what the handshake needs stays, whoever and wherever it was does not.

Only letters, digits and bytes beyond ASCII are ever replaced, so each fault of form stays where it
is. Values are replaced word by word: equal ones stay equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from wsdebug.anonymise.hosts import Hosts
from wsdebug.anonymise.nonces import Nonces
from wsdebug.anonymise.roles import secret_roles, text_roles
from wsdebug.anonymise.secret import Secret
from wsdebug.anonymise.substitute import substituted

KEPT_VALUES_OF = frozenset(
    b"""
    upgrade connection sec-websocket-version sec-websocket-extensions content-length content-type
    transfer-encoding content-encoding date keep-alive retry-after x-powered-by accept
    accept-encoding accept-language cache-control pragma sec-fetch-mode sec-fetch-site
    sec-fetch-dest user-agent server te trailer vary expires age allow
    access-control-allow-credentials access-control-allow-methods access-control-allow-headers
    strict-transport-security x-content-type-options x-frame-options
    """.split()
)
"""Values that say what the software does, with the hosts in them replaced."""
KNOWN_NAMES = KEPT_VALUES_OF | frozenset(
    b"""
    via host origin sec-websocket-origin sec-websocket-key sec-websocket-key1 sec-websocket-key2
    sec-websocket-accept sec-websocket-protocol cookie set-cookie authorization
    proxy-authorization www-authenticate proxy-authenticate location referer forwarded
    x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port x-real-ip x-request-id
    cf-ray http2-settings expect if-none-match etag last-modified content-disposition dnt
    proxy-connection x-http-method-override access-control-allow-origin content-security-policy
    referrer-policy content-language upgrade-insecure-requests
    """.split()
)
"""Names of headers that are everybody's; others are replaced with their values."""
SUBPROTOCOLS = frozenset(
    b"""
    mqtt mqttv3.1 stomp v10.stomp v11.stomp v12.stomp graphql-ws graphql-transport-ws wamp
    wamp.2.json wamp.2.msgpack soap json binary base64 chat superchat ocpp1.6 ocpp2.0 ocpp2.0.1
    sip xmpp amqp aws.transcribe tty
    """.split()
)
_REQUEST = re.compile(
    rb"([A-Za-z!#$%&'*+.^_`|~-]{1,20})([ \t]+)(.*?)((?:[ \t]+[A-Za-z]{4,5}/[0-9.]*)?\s*)", re.DOTALL
)
_STATUS = re.compile(rb"\s*HTTP/[0-9.]+\s+[0-9]{3}", re.IGNORECASE)
_LINE = re.compile(rb"([^:\r\n]*?)([ \t]*:)([ \t]*)(.*)", re.DOTALL)
_NO_SECRET = re.compile(
    rb"(?i)\b(?:bearer|basic|digest|negotiate|realm|ntlm)\b"
    rb"|(?<=;)\s*(?:path=/|httponly|secure|samesite=(?:lax|strict|none)|max-age=\d+|expires=[^;]*)"
)
"""Schemes of authentication and attributes of cookies."""
_TOKEN = re.compile(rb"[^\s,;]+")
_PROXIES = re.compile(
    rb"(?i)nginx|vegur|varnish|google|haproxy|envoy|squid|cloudfront|kong|caddy|traefik|apache|akamai"
)
_RECEIVED = re.compile(rb"((?:[A-Za-z]+/)?[0-9.]+[ \t]+)([^\s,;()]+)")
"""RFC 9110 7.6.3: the protocol, and the name that a proxy gives itself."""
_METHOD = re.compile(rb"[A-Z]{3,7}")
_ENGINE = re.compile(rb"(?:EIO|transport)=[A-Za-z0-9]{1,10}|/(?:socket|engine)\.io(?=/|$|\?)")


class Heads:
    """Replaces heads; keys of requests are to be learnt first (`learn`)."""

    def __init__(self, secret: Secret, hosts: Hosts, nonces: Nonces) -> None:
        self._secret = secret
        self._hosts = hosts
        self._nonces = nonces
        self._values: dict[bytes, Callable[[bytes], bytes]] = {
            b"host": self._authority,
            b"via": self._via,
            b"sec-websocket-key": self._key,
            b"sec-websocket-accept": self._accept,
            b"sec-websocket-protocol": self._subprotocols,
            b"origin": self._url,
            b"sec-websocket-origin": self._url,
            b"access-control-allow-origin": self._url,
            b"referer": self._url,
            b"location": self._url,
            b"forwarded": self._addressed,
            b"x-forwarded-for": self._addressed,
            b"x-forwarded-host": self._addressed,
            b"x-real-ip": self._addressed,
        }

    def replaced(self, head: bytes) -> bytes:
        """Another head, as long."""
        first, *lines = head.split(b"\n")
        told = [self._start(first), *map(self._line, lines)]
        other = b"\n".join(told)
        return other if len(other) == len(head) else self.text(head)

    def text(self, raw: bytes) -> bytes:
        """Letters and digits by others, known words but."""
        return substituted(raw, text_roles(raw), self._secret)

    def listed(self, raw: bytes) -> bytes:
        """Addresses and ports with spaces between, as a PROXY header has them."""
        return b" ".join(one if one.isdigit() else self._authority(one) for one in raw.split(b" "))

    # ---- lines ------------------------------------------------------------------------------
    def _start(self, line: bytes) -> bytes:
        status = _STATUS.match(line)
        if status is not None:
            reason = line[status.end() :]
            roles = text_roles(reason, is_said=True)
            return status[0] + substituted(reason, roles, self._secret)
        found = _REQUEST.fullmatch(line)
        if found is None:
            return self.text(line)
        method, space, target, version = found.groups()
        if not _METHOD.fullmatch(method):
            method = self.text(method)
        return method + space + self.target(target) + version

    def _line(self, line: bytes) -> bytes:
        found = _LINE.match(line)
        if found is None or not found[1]:
            return self.text(line)
        name, colon, gap, value = found.groups()
        key = name.strip().lower()
        end = value.rstrip(b"\r \t\0")
        tail = value[len(end) :]
        if key in KEPT_VALUES_OF:
            told = self._within(end)
        elif key in self._values:
            told = self._values[key](end)
        else:
            told = self._secretive(end)
        return (name if key in KNOWN_NAMES else self.text(name)) + colon + gap + told + tail

    # ---- values -----------------------------------------------------------------------------
    def target(self, target: bytes) -> bytes:
        """A request target: what marks Engine.IO stays."""
        return self._pieces(target, _ENGINE, self._url_or_path)

    def _url_or_path(self, raw: bytes) -> bytes:
        return self._url(raw) if b"://" in raw else self.text(raw)

    def _pieces(
        self, raw: bytes, kept: re.Pattern[bytes], replace: Callable[[bytes], bytes]
    ) -> bytes:
        """What matches stays; what stands between is replaced."""
        told, at = b"", 0
        for found in kept.finditer(raw):
            told += replace(raw[at : found.start()]) + found[0]
            at = found.end()
        return told + replace(raw[at:])

    def _url(self, value: bytes) -> bytes:
        scheme, mark, rest = value.partition(b"://")
        if not mark:
            return value if value == b"null" else self.text(value)
        end = next((at for at, byte in enumerate(rest) if byte in b"/?# ,;"), len(rest))
        path = self._pieces(rest[end:], _ENGINE, self.text)
        return scheme + mark + self._authority(rest[:end]) + path

    def _authority(self, value: bytes) -> bytes:
        user, mark, host = value.rpartition(b"@")
        told = self._hosts.authority(host.decode("latin-1")).encode("latin-1", "replace")
        told = self._word(user) + mark + told
        return told if len(told) == len(value) else self.text(value)

    def _addressed(self, value: bytes) -> bytes:
        """Lists of addresses and hosts, with ports or names before them."""

        def one(found: re.Match[bytes]) -> bytes:
            name, mark, rest = found[0].rpartition(b"=")
            return name + mark + self._authority(rest.strip(b'"')).join(_quotes(rest))

        return _TOKEN.sub(one, value)

    def _within(self, value: bytes) -> bytes:
        told = self._hosts.within(value.decode("latin-1")).encode("latin-1", "replace")
        return told if len(told) == len(value) else self.text(value)

    def _via(self, value: bytes) -> bytes:
        """Products stay, names of machines do not."""

        def one(found: re.Match[bytes]) -> bytes:
            return found[1] + (found[2] if _PROXIES.search(found[2]) else self._word(found[2]))

        return _RECEIVED.sub(one, self._within(value))

    def _key(self, value: bytes) -> bytes:
        return self._nonces.key(value.decode("latin-1")).encode("latin-1", "replace")

    def _accept(self, value: bytes) -> bytes:
        return self._nonces.accept(value.decode("latin-1")).encode("latin-1", "replace")

    def _subprotocols(self, value: bytes) -> bytes:
        return _TOKEN.sub(
            lambda found: found[0] if found[0].lower() in SUBPROTOCOLS else self._word(found[0]),
            value,
        )

    def _word(self, raw: bytes) -> bytes:
        """Without regard to known words, which may be part of a secret."""
        return substituted(raw, secret_roles(raw), self._secret)

    def _secretive(self, value: bytes) -> bytes:
        return self._pieces(value, _NO_SECRET, self._word)


def _quotes(raw: bytes) -> tuple[bytes, bytes]:
    return (b'"' if raw.startswith(b'"') else b""), (b'"' if raw.endswith(b'"') else b"")
