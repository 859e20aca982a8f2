"""What the error codes of HTTP/2 mean where they end a WebSocket (RFC 9113 7)."""

from __future__ import annotations

MEANINGS = {
    "NO_ERROR": "nothing went wrong: it was wanted",
    "PROTOCOL_ERROR": "it takes what the other side sent for a fault, also an extended CONNECT that"
    " it does not allow",
    "INTERNAL_ERROR": "its program failed at the stream",
    "FLOW_CONTROL_ERROR": "more was sent than its window allowed",
    "SETTINGS_TIMEOUT": "its SETTINGS were not acknowledged in time",
    "STREAM_CLOSED": "a frame came for a stream that was over",
    "FRAME_SIZE_ERROR": "a frame had a length that cannot be",
    "REFUSED_STREAM": "it did not touch the request: there were too many streams, or it is going"
    " away; it is safe to ask again",
    "CANCEL": "the stream is not wanted any more: a closed tab, close() without a handshake, or a"
    " proxy whose other leg ended",
    "COMPRESSION_ERROR": "the header table is out of step",
    "CONNECT_ERROR": "the TCP connection behind the CONNECT was reset or broke off",
    "ENHANCE_YOUR_CALM": "it takes the load for too much: too many pings, resets or small frames",
    "INADEQUATE_SECURITY": "the TLS below is too weak for it",
    "HTTP_1_1_REQUIRED": "it wants HTTP/1.1 for this",
}


def meaning(name: str) -> str:
    """In a few words; of an unknown code that it is one."""
    return MEANINGS.get(name, "a code of its own")
