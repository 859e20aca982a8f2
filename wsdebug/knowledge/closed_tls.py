"""Why the inside of a TLS connection could not be read, in words."""

from __future__ import annotations

from typing import NamedTuple

from wsdebug.model.tls import Keys


class Closed(NamedTuple):
    """`sentence` stands where other connections say why they ended; `reason` is evidence, `fix`
    are topics of advice.
    """

    title: str
    sentence: str
    reason: str | None = None
    fix: tuple[str, ...] = ("key-log",)


_CLOSED = {
    Keys.NONE: Closed(
        "Encrypted, and no keys are at hand",
        "The connection is encrypted: without the TLS keys its frames cannot be read.",
    ),
    Keys.ABSENT: Closed(
        "Encrypted, and the key log has no keys of this session",
        "The connection is encrypted, and the key log has no keys of this session.",
        "The key log has no line with this session's client random: it was written by another"
        " run, or by an endpoint that took no part.",
    ),
    Keys.CUT: Closed(
        "Encrypted, and the key log has only a part of this session's keys",
        "The connection is encrypted, and the key log lacks the secrets of its data.",
        "The key log has lines of this session, and lacks CLIENT_TRAFFIC_SECRET_0 or"
        " SERVER_TRAFFIC_SECRET_0: it was cut off or copied too soon, or the handshake was never"
        " completed.",
    ),
    Keys.UNFIT: Closed(
        "Encrypted, and the keys do not fit",
        "The connection is encrypted, and the keys of the key log do not open its records.",
        "The key log has secrets for this session's client random, and no record opens with"
        " them: the log or the capture was changed.",
    ),
    Keys.UNSUPPORTED: Closed(
        "Encrypted, in a way that is not read here",
        "The connection is encrypted with a version or a cipher that is not read here.",
        "TLS 1.3 and 1.2 with AES-GCM, AES-CCM, AES-CBC and ChaCha20-Poly1305 are read with"
        " keys; this session uses something else.",
        ("tls-readable",),
    ),
    Keys.NO_HELLO: Closed(
        "Encrypted, and its beginning is not in the capture",
        "The connection is encrypted, and the capture lacks the hellos by which keys are found.",
        "Keys are found by the random numbers of the two hellos: capture from before the"
        " connection is opened.",
        ("capture-earlier", "key-log"),
    ),
    Keys.FIT: Closed(
        "Encrypted, and no data came",
        "The connection is encrypted, and TLS ended before any data came.",
    ),
}


def closed(keys: Keys) -> Closed:
    """What to say of a connection that stays closed."""
    return _CLOSED[keys]
