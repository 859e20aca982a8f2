"""What to do when a close code turns up in a log, and where 1006 comes from."""

from __future__ import annotations

_ADVICE = {
    1001: "Nothing, if somebody left. If nobody did: was the server restarted, the page reloaded?",
    1002: "Look at what the receiver of this Close had sent just before. More often than a broken "
    "library it is bytes that are no frame at all: a second writer on the socket, an error page in "
    "the stream (foreign-bytes, FR110).",
    1003: "Compare what is sent with what the other side takes: a Buffer, Blob or bytes object "
    "goes out as binary, a string as text.",
    1005: "Give close() a code if the other side is to know why.",
    1007: "Encode text as UTF-8 and send what is no text as binary (invalid-utf8, MS103). With "
    "compression look at deflate-data-invalid (MS104) too.",
    1008: "Read the reason, then look at login, token, origin and limits in the code that closed.",
    1009: "Raise the receiver's limit (`ws`: maxPayload; Python `websockets`: max_size, 1 MiB "
    "unless told otherwise) or send smaller messages. If no message was that long, a length was "
    "written wrongly: look at the frame before the Close.",
    1010: "Turn the extension on in the server, or stop requiring it in the client.",
    1011: 'Read the log of the side that sent it. With the reason "keepalive ping timeout" '
    "(Python `websockets`) no pong came in time: see ping-not-answered (PP101). hypercorn sends it "
    "when it is stopped and a connection outlives the grace time.",
    1012: "Nothing: connect again after a short random wait. uvicorn sends it when it is stopped.",
    1013: "Connect again later, with growing random waits; look at the server's load and limits.",
    1014: "Read the gateway's log, and capture between gateway and server.",
    1015: "Check certificate, host name and versions: openssl s_client -connect HOST:443 "
    "-servername HOST",
}

ENDS_OF_1006 = (
    ("FIN after silence", "an idle timeout of a proxy or load balancer: send pings more often"),
    ("FIN at once", "the process ended, or closed the socket without a Close"),
    ("RST", "a destroyed socket, a killed process, a NAT or firewall that forgot the connection"),
    ("neither", "the other side vanished: sleep, another network, a dead host"),
    (
        "own Close",
        "this side failed the connection (1002, 1007, 1009) over bytes it got: look there",
    ),
    ("no 101", "the handshake failed; browsers say 1006 then too: look at the HTTP status"),
)
"""How a connection that was reported as 1006 ended, and what that mostly means."""

SILENT_AT_1006 = (
    ("browsers", "a close event: code 1006, empty reason, wasClean false"),
    ("ws", "'close' with 1006, and no error"),
)
"""Who says nothing where TCP ended without a Close, and what they do."""


def close_advice(code: int) -> str | None:
    """What to do about a code; None where nothing general can be said."""
    return _ADVICE.get(code)
