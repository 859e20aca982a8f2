"""Close codes: what each means, who may send it, and where it stands (RFC 6455 7.4; the IANA
registry "WebSocket Close Code Number").
"""

from __future__ import annotations

import msgspec


class CloseCode(msgspec.Struct, frozen=True):
    """One code or one range of codes. `sender`: who may put it in a Close frame."""

    code: int
    name: str
    meaning: str
    sender: str
    section: str


_IANA = "IANA close code registry"
_CODES = (
    CloseCode(
        1000,
        "Normal Closure",
        "The connection has done what it was opened for.",
        "both sides",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1001,
        "Going Away",
        "The side leaves: a browser leaves the page or closes the tab, a server shuts down.",
        "both sides",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1002,
        "Protocol Error",
        "The sender of this Close met bytes that break the protocol. Look at what the *other* "
        "side sent just before: wsdebug names the rule it broke.\n\n"
        "ws (Node) up to 7 also gives it to its own application for bytes that it refused, and "
        "writes no Close then: the log says 1002, and no 1002 is on the wire. ws 8 gives 1006.",
        "both sides",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1003,
        "Unsupported Data",
        "The sender of this Close got a kind of data it does not take, usually binary where it "
        "takes text alone.",
        "both sides",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1004,
        "Reserved",
        "It has no meaning. A receiver treats it as a protocol error.",
        "nobody",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1005,
        "No Status Received",
        "A Close came without a code. The library makes 1005 up to say so to its application; "
        "as an ending it is as good as 1000.",
        "nobody: it is never on the wire",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1006,
        "Abnormal Closure",
        "The connection ended and no Close frame was read. The library makes 1006 up to say so "
        "to its application; it names no reason, as none was given. The reason has to be found "
        "outside: a process that died, a proxy's timeout, a network that went away, bytes that "
        "broke the protocol, a handshake that failed.",
        "nobody: it is never on the wire",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1007,
        "Invalid Frame Payload Data",
        "The content of a message does not fit its kind: text that is no UTF-8, or compressed "
        "data that does not inflate.",
        "both sides",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1008,
        "Policy Violation",
        "The sender of this Close does not allow what was done. The general code where no other "
        "fits: not logged in, wrong origin, too many messages. The reason may say which.",
        "both sides",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1009,
        "Message Too Big",
        "A message was larger than the sender of this Close takes, on the wire or after inflating.",
        "both sides",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1010,
        "Mandatory Extension",
        "The client needs an extension that the server did not accept.",
        "the client",
        "RFC 6455 7.4.1",
    ),
    CloseCode(
        1011,
        "Internal Error",
        "The sender of this Close failed in its own code, for example by an exception. Some "
        "libraries use it when a ping was not answered in time.",
        "both sides, mostly the server",
        "RFC 6455 7.4.1, erratum 3227",
    ),
    CloseCode(
        1012,
        "Service Restart",
        "The server restarts.",
        "the server",
        _IANA,
    ),
    CloseCode(
        1013,
        "Try Again Later",
        "The server is overloaded or does not want this connection now.",
        "the server",
        _IANA,
    ),
    CloseCode(
        1014,
        "Bad Gateway",
        "A gateway or proxy got a bad answer from the server behind it, like HTTP 502.",
        "a gateway",
        _IANA,
    ),
    CloseCode(
        1015,
        "TLS Handshake",
        "TLS could not be set up, for example because of the certificate. The library makes "
        "1015 up to say so to its application; most say 1006 instead.",
        "nobody: it is never on the wire",
        "RFC 6455 7.4.1",
    ),
)
CLOSE_CODES = {entry.code: entry for entry in _CODES}


def close_code(code: int) -> CloseCode:
    """What is known of a code; for one without a name, of the range it lies in."""
    known = CLOSE_CODES.get(code)
    if known is not None:
        return known
    # RFC 6455 7.4.2: the ranges.
    name, meaning, sender = "Not Used", "It is no close code; a Close with it is invalid.", "nobody"
    if 1000 <= code <= 2999:
        name = "Reserved"
        meaning = "It is kept for later standards; a Close with it is invalid."
    elif 3000 <= code <= 3999:
        name = "Registered By A Library"
        meaning = (
            "It is the word of a library or framework: look into its documentation. IANA lists"
            " 3000 (Unauthorized), 3003 (Forbidden) and 3008 (Timeout)."
        )
        sender = "both sides"
    elif 4000 <= code <= 4999:
        name = "Private"
        meaning = "It is the application's own word: look into its code or documentation."
        sender = "both sides"
    return CloseCode(code, name, meaning, sender, "RFC 6455 7.4.2")


def close_name(code: int) -> str | None:
    """The name in small letters, as for a sentence; None for a code that has none."""
    known = CLOSE_CODES.get(code)
    return None if known is None else known.name.lower().replace("tls", "TLS")


def is_reserved_for_reports(code: int) -> bool:
    """Whether libraries make the code up for their application and must never send it."""
    # RFC 6455 7.4.1: 1005, 1006 and 1015 must not be set in a Close frame.
    return code in (1005, 1006, 1015)


def is_allowed_on_wire(code: int) -> bool:
    """Whether a Close frame may carry the code."""
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def is_clean(code: int | None) -> bool:
    """Whether a Close with the code (None: an empty one) reports no failure."""
    return code is None or code in (1000, 1001, 1012) or 3000 <= code <= 4999
