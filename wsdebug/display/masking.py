"""What must not leave the machine in a report made to be shared.

Hosts and addresses get stable names (`<host 1>`, in guillemets), so that "the same server" stays
visible. Cookies, credentials, query values, tokens and every header that is not known to be
harmless lose their value. A sentence that quotes the wire is masked by what is known of its
connection and by shape; a mask too many costs a glance, one too few a password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable

# Diagnosis needs these, and none of them says who somebody is.
_SHOWN = frozenset(
    {
        *("upgrade", "connection", "sec-websocket-version", "sec-websocket-key"),
        *("sec-websocket-accept", "sec-websocket-extensions", "user-agent"),
        *("content-length", "content-type", "transfer-encoding", "date", "keep-alive"),
        *("retry-after", "x-powered-by", "accept", "accept-encoding", "cache-control", "pragma"),
        *("sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest"),
        *(":method", ":protocol", ":scheme", ":status"),  # RFC 9113 8.3, RFC 8441 4
    }
)
# Shown with the hosts in them renamed.
_HOSTS_IN = {"host", "origin", "sec-websocket-origin", "via", "location", "forwarded", "server"}
_HOSTS_IN |= {"x-forwarded-for", "x-forwarded-host", "x-real-ip"}
_SECRET = frozenset({"cookie", "set-cookie", "authorization", "proxy-authorization"})
_SCHEMES = frozenset({"bearer", "basic", "digest", "negotiate"})
_CREDENTIALS = re.compile(
    r"\b((?:set-)?cookie|(?:proxy-)?authorization)\b(\s*[:=]\s*).*", re.IGNORECASE | re.DOTALL
)
_SCHEME = re.compile(rf"\b({'|'.join(sorted(_SCHEMES))})(\s+)[\w.~+/=-]{{8,}}", re.IGNORECASE)
_BEARER = re.compile(r"(?<![\w.~+=-])[\w.~+=-]*\bbearer\.[^\s,;\"']+", re.IGNORECASE)
_QUERY = re.compile(r"([?&][^\s=&?#]{1,64}=)[^\s&#\"',]+")
_IPV4 = re.compile(r"(?<![\w.])(?<![A-Za-z]/)\d{1,3}(?:\.\d{1,3}){3}(?![\w])(?!\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,15}(?![\w:])")
_AUTHORITY = re.compile(r"(?<=://)(?:[^/@\s\"']*@)?(\[[^\]\s]+\]|[^/:\s\"',;?#]+)")
# The name of a product (`Boost.Beast/266`) is no host.
_DOTTED = re.compile(r"(?<![\w.-])(?:[\w-]++\.)+[A-Za-z][\w-]+(?![\w.-])(?!/\d)")
_OPAQUE = re.compile(r"[\w.~+=-]{20,}", re.ASCII)
# Sec-WebSocket-Accept is a digest of a nonce and no secret (RFC 6455 11.3.3).
_ACCEPT = re.compile(r"[A-Za-z0-9+/]{27}=")
_CUT = re.compile(r"([^\s\"']{4,200})(…|\.\.\.)")
_SECRET_PAIR = re.compile(
    r"((?<![A-Za-z0-9])[\w-]{0,40}?(?:token|secret|passw|pwd|apikey|api[_-]key|jwt|session|sid"
    r"|auth|credential|signature|ticket)[\w-]{0,20}=)[^\s&#;\"',]+",
    re.IGNORECASE,
)
_PAIR = re.compile(r"([\w.-]{1,64}=)[^\s&;,\"']+")
_CARRIER = re.compile(r"^(?:bearer|access[_-]?token|token|jwt|auth\w*)$", re.IGNORECASE)
_CARRIED = re.compile(r"^(?:bearer|access[_-]?token|token|jwt|auth\w*)[._:-]", re.IGNORECASE)
_MIXED = re.compile(r"(?=.*[a-z])(?=.+[A-Z])[A-Za-z0-9+/=]{12,}$", re.ASCII)
"""A subprotocol of one long word, in letters of both cases, is a token sooner than a name."""
_SECRET_SHAPES = re.compile(
    r"eyJ|(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])|(?=.*[0-9])[0-9A-Fa-f-]{32,}", re.ASCII
)
_QUOTED = 8
"""Characters by which the beginning of a payload is known again."""
_FEWEST = 4
"""Characters of a secret that is looked for in sentences; shorter ones would hit any word."""


MARKS = ("\u2039", "\u203a")
"""What stands round a name or word in a secret's place."""
REVEALED = ("hosts", "headers", "payload")
"""What can be left as it is: names and addresses of hosts; header values, credentials and query
values; payload (whoever calls keeps it from `about`)."""


class Masker:
    """Masks one report. `about()` tells it which connection the next texts belong to. `reveal`
    names what is not to be masked (`REVEALED`).
    """

    def __init__(self, marks: tuple[str, str] = MARKS, reveal: Collection[str] = ()) -> None:
        self._marks = marks
        self._hosts_shown = "hosts" in reveal
        self._headers_shown = "headers" in reveal
        self._hosts: dict[str, str] = {}
        self._literal: re.Pattern[str] | None = None
        self._replaced: dict[str, str] = {}
        self._nonces: frozenset[str] = frozenset()
        self._payloads: list[str] = []

    def word(self, text: str) -> str:
        """A mask that says what stood there: `<masked, 212 bytes>`."""
        return f"{self._marks[0]}{text}{self._marks[1]}"

    def host(self, name: str) -> str:
        """The stable name of a host or address; a port behind a host name stays."""
        if self._hosts_shown:
            return name
        bare, port = _port_apart(name)
        key = bare.lower().rstrip(".")
        if key not in self._hosts:
            self._hosts[key] = self.word(f"host {len(self._hosts) + 1}")
        return self._hosts[key] + port

    def path(self, target: str) -> str:
        """A request target without its query values."""
        if self._headers_shown:
            return target
        path, mark, query = target.partition("?")
        return (
            self._shapes(path) + mark + "&".join(map(self._pair, query.split("&") if mark else ()))
        )

    def _pair(self, pair: str) -> str:
        name, mark, value = pair.partition("=")
        if mark:
            return f"{self._shapes(name)}={self.word('masked') if value else ''}"
        return self.word("masked") if name else ""

    def subprotocol(self, value: str) -> str:
        """A Sec-WebSocket-Protocol list without the tokens some clients smuggle in it."""
        if self._headers_shown:
            return value
        shown: list[str] = []
        for element in value.split(","):
            name = element.strip()
            follows = bool(shown) and bool(_CARRIER.search(shown[-1]))
            secret = follows or self._is_token(name)
            shown.append(self.word("masked") if secret else name)
        return ", ".join(shown)

    def _is_token(self, element: str) -> bool:
        known = self._replaced.get(element.lower()) == self.word("masked")
        carried = _CARRIED.match(element) or "bearer." in element.lower()
        return known or bool(carried or _MIXED.match(element)) or _is_opaque(element)

    def header(self, name: str, value: str) -> str:
        """The value of a header line as it may be shared."""
        key = name.strip().lower()
        if key in ("host", ":authority"):
            return self.host(value)
        if key == ":path":
            return self.path(value)
        if key == "sec-websocket-protocol":
            return self.subprotocol(value)
        if key in _HOSTS_IN:
            named = _AUTHORITY.sub(lambda found: self.host(found[1]), value)
            return self.text(_DOTTED.sub(lambda found: self.host(found[0]), named))
        if key in _SHOWN or self._headers_shown:
            return self.text(value)
        size = len(value)
        return self.word(f"masked, {size} byte{'' if size == 1 else 's'}")

    def about(
        self,
        hosts: Iterable[str],
        target: str | None,
        headers: Iterable[tuple[str, str]],
        payloads: Iterable[str] = (),
        reasons: Iterable[str] = (),
    ) -> None:
        """Learn what must not be quoted of the connection, `reasons` of its Closes included."""
        self._replaced = {}
        self._learn_pairs(reasons)
        nonces = []
        for host in hosts:
            self._learn(_port_apart(host)[0], self.host(_port_apart(host)[0]))
        masked = self.word("masked")
        for pair in (target or "").partition("?")[2].split("&"):
            self._learn(pair.partition("=")[2] or pair, masked)
        for name, value in headers:
            key = name.strip().lower()
            if key in ("sec-websocket-key", "sec-websocket-accept"):
                nonces.append(value)
            elif key == "sec-websocket-protocol":
                self._learn_tokens(value)
            elif key in _HOSTS_IN:
                for found in (*_AUTHORITY.findall(value), *_DOTTED.findall(value)):
                    self._learn(found, self.host(found))
            elif key == ":authority":
                self._learn(_port_apart(value)[0], self.host(_port_apart(value)[0]))
            elif key not in _SHOWN and key != ":path":  # that is `target`
                self._learn_values(value, is_secret=key in _SECRET)
        self._payloads = [each for each in payloads if len(each) >= _FEWEST]
        self._nonces = frozenset(nonces)
        self._literal = self._pattern()

    def _learn_tokens(self, value: str) -> None:
        for element, shown in zip(
            value.split(","), self.subprotocol(value).split(","), strict=True
        ):
            if element.strip() != shown.strip():
                self._learn(element.strip(), self.word("masked"))
                self._learn(element.strip().rpartition(".")[2], self.word("masked"))

    def _learn_pairs(self, reasons: Iterable[str]) -> None:
        """The `word=value` parts of a Close reason, which is free text: the rest stays."""
        if self._headers_shown:
            return
        for found in (one for reason in reasons for one in _PAIR.finditer(reason)):
            self._replaced.setdefault(found[0].lower(), found[1] + self.word("masked"))

    def _learn_values(self, value: str, *, is_secret: bool) -> None:
        """A header's value, its words and its `name=value` parts; plain words only of headers
        that are there to carry a secret.
        """
        masked = self.word("masked")
        self._learn(value, masked)
        for part in value.replace(";", " ").split():
            literal = part.partition("=")[2] or part
            is_plain = literal.isalpha() and literal.islower()
            if literal.lower() not in _SCHEMES and (is_secret or not is_plain):
                self._learn(literal, masked)

    def _learn(self, literal: str, name: str) -> None:
        is_secret = name == self.word("masked")
        if self._headers_shown if is_secret else self._hosts_shown:
            return
        if literal and not (is_secret and len(literal) < _FEWEST):
            self._replaced.setdefault(literal.lower(), name)

    def _pattern(self) -> re.Pattern[str] | None:
        """One pattern for all that was learnt, longest first. A host of one plain word (`server`)
        counts only where a host can stand: behind `//`, a colon or a quote.
        """
        patterns = []
        for literal in sorted(self._replaced, key=len, reverse=True):
            plain = literal.isalpha() and self._replaced[literal] != self.word("masked")
            place = r"(?:(?<=//)|(?<=: )|(?<=[\"']))" if plain else r"(?<![\w.-])"
            patterns.append(rf"{place}{re.escape(literal)}(?![\w-])")
        return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def text(self, text: str) -> str:
        """A sentence that may quote the wire, without what must not be shared."""
        for payload in self._payloads:
            text = self._without(text, payload)
        if "…" in text or "..." in text:
            text = _CUT.sub(self._cut_secret, text)
        if self._literal is not None:
            text = self._literal.sub(lambda found: self._replaced[found[0].lower()], text)
        return self._shapes(text)

    def _without(self, text: str, payload: str) -> str:
        """`text` without what it quotes of a payload, which may be its beginning only."""
        start = text.find(payload[:_QUOTED])
        while start >= 0:
            end = start
            for wanted, seen in zip(payload, text[start:], strict=False):
                if wanted != seen:
                    break
                end += 1
            text = f"{text[:start]}{self.word('masked')}{text[end:]}"
            start = text.find(payload[:_QUOTED], start + len(self.word("masked")))
        return text

    def _cut_secret(self, found: re.Match[str]) -> str:
        """A word that was cut off: what is left of a secret is one, too."""
        word, masked = found[1].lower(), self.word("masked")
        for literal, name in self._replaced.items():
            if name == masked and any(
                literal.startswith(word[at:]) for at in range(max(1, len(word) - _FEWEST))
            ):
                return masked + found[2]
        return found[0]

    def _shapes(self, text: str) -> str:
        if not self._headers_shown:
            masked = self.word("masked")
            text = _CREDENTIALS.sub(rf"\1\2{masked}", text)
            text = _SCHEME.sub(rf"\1\2{masked}", text)
            text = _BEARER.sub(masked, text)
            text = _QUERY.sub(rf"\1{masked}", text)
            text = _SECRET_PAIR.sub(rf"\1{masked}", text)
            text = _OPAQUE.sub(self._opaque, text)
        text = _IPV4.sub(self._address, text)
        return _IPV6.sub(self._address, text)

    def _opaque(self, found: re.Match[str]) -> str:
        around = found.string[max(0, found.start() - 28) : found.end() + 28]
        if any(found[0] in nonce and nonce in found.string for nonce in self._nonces):
            return found[0]
        if any(found[0] in accept for accept in _ACCEPT.findall(around)):
            return found[0]
        return self.word("masked") if _is_opaque(found[0]) else found[0]

    def _address(self, found: re.Match[str]) -> str:
        try:
            ipaddress.ip_address(found[0])
        except ValueError:
            return found[0]
        return self.host(found[0]) if len(found[0]) > 2 else found[0]


def _is_opaque(word: str) -> bool:
    """Whether a word looks like a token: long, and mixed as no word of a language is."""
    return len(word) >= 20 and _SECRET_SHAPES.match(word) is not None


def _port_apart(host: str) -> tuple[str, str]:
    """`api.example:80` as ("api.example", ":80"); a bare IPv6 address keeps its colons."""
    bare, mark, port = host.rpartition(":")
    if mark and port.isdigit() and (":" not in bare or bare.endswith("]")):
        return bare.strip("[]"), mark + port
    return host.strip("[]"), ""
