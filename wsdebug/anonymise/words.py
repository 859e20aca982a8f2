"""Words and sentences that are no secret: protocols say them, libraries, and servers' own pages.

This is the list of what an anonymised capture may still have in common with the original, beside
what is no letter or digit, and the headers named in `heads`.
"""

from __future__ import annotations

import functools
import re
from http import HTTPStatus

from wsdebug.knowledge.libraries import all_libraries

WORDS = frozenset(
    b"""
    true false null undefined
    type id sid payload jsonrpc method params result error code message version protocol event data
    target arguments invocationId streamIds item headers name namespace reason upgrades websocket
    polling pingInterval pingTimeout maxPayload transport EIO probe query variables operationName
    extensions mutation subscription
    connection_init connection_ack connection_error connection_terminate ping pong subscribe next
    complete start stop ka
    CONNECT STOMP CONNECTED SEND SUBSCRIBE UNSUBSCRIBE ACK NACK BEGIN COMMIT ABORT DISCONNECT
    MESSAGE RECEIPT ERROR accept heart beat destination receipt content length transaction
    MQTT MQIsdp
    http https ws wss socket io engine graphql mqtt stomp signalr sockjs hub negotiate
    html head body title center hr pre p br div span h1 h2 DOCTYPE doctype charset utf lang en meta
    text plain json application octet stream xml viewport width device initial scale style
    Cannot GET POST PUT DELETE Error Internal Server Bad Gateway Gateway Timeout Service Temporarily
    Unavailable Not Found Forbidden Unauthorized Request Upgrade Required Moved Permanently
    nginx openresty envoy
    """.split()
)
"""Kept where they stand as whole words."""

KEPT_VALUES = re.compile(
    rb'"(?:type|pingInterval|pingTimeout|maxPayload|version|code)"\s*:\s*(-?[0-9][0-9.]*)'
)
"""JSON members whose number is the protocol's."""
KEPT_LINES = re.compile(rb"(?m)^(?:heart-beat|version|accept-version|content-length):([0-9.,]+)")
"""STOMP headers whose numbers are the protocol's."""

_GENERAL = (
    b"keepalive ping timeout", b"ping timeout", b"heartbeat", b"going away",
    b"protocol error", b"protocol violation", b"server shutting down", b"service restart",
    b"handleUpgrade() was called more than once", b"<pre>Cannot ", b"<pre>Error: ",
    b"<pre>Internal Server Error</pre>", b"The plain HTTP request was sent to HTTPS port",
)  # fmt: skip
_LIBRARY_WORDS = (
    b"frame", b"utf", b"opcode", b"rsv", b"mask", b"continuation", b"fragment", b"flate", b"zlib",
    b"reserved", b"websocket",
)  # fmt: skip
"""By one of these a reason is a library's (cause DX406)."""
_FIGURE = re.compile(r"\{[^{}]*\}|<[a-z]+>")
_FEWEST = 6


@functools.cache
def phrases() -> re.Pattern[bytes]:
    """Sentences of libraries, with whatever figures they have, and reason phrases of HTTP."""
    texts = {text for one in all_libraries() for text in _said(one)}
    patterns = {_pattern(text) for text in texts if len(_FIGURE.sub("", text).strip()) >= _FEWEST}
    patterns |= {re.escape(status.phrase.encode()) for status in HTTPStatus}
    patterns |= {re.escape(text) for text in (*_GENERAL, *_LIBRARY_WORDS)}
    ordered = sorted(patterns, key=len, reverse=True)
    return re.compile(b"|".join(ordered), re.IGNORECASE)


def _said(one: object) -> list[str]:
    checks = [*one.checks, *one.on.values(), *one.says]  # type: ignore[attr-defined]
    texts = [getattr(check, name, None) for check in checks for name in ("text", "reason")]
    return [text for text in texts if text]


def _pattern(text: str) -> bytes:
    """Figures are numbers, never whatever a program may have put there."""
    parts = [re.escape(part).encode() for part in _FIGURE.split(text)]
    return b"[0-9]{1,20}".join(parts)
