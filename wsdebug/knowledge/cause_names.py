"""The causes by code: their name and what each one is, in a sentence."""

from __future__ import annotations

from typing import NamedTuple


class CauseName(NamedTuple):
    """The name and the one-sentence title of a cause."""

    name: str
    title: str


CAUSE_FAMILIES = {
    "DX1": "bytes on the socket that are no frames",
    "DX2": "opened, then ended",
    "DX3": "never opened",
    "DX4": "nothing wrong, and still asked",
    "DX5": "several connections at once",
}

CAUSE_NAMES: dict[str, CauseName] = {
    code: CauseName(name, title)
    for code, name, title in (
        ("DX101", "double-upgrade", "Two handlers answered one upgrade."),
        (
            "DX102",
            "http-response-on-upgraded-socket",
            "A route or a proxy wrote an HTTP response after the 101.",
        ),
        (
            "DX103",
            "http-408-on-upgraded-socket",
            "Node's request timer wrote 408: no 'upgrade' listener took the socket.",
        ),
        (
            "DX104",
            "raw-bytes-on-socket",
            "Another writer put bytes on the socket, past the library.",
        ),
        ("DX105", "tls-in-plaintext", "One side speaks TLS where the other does not."),
        (
            "DX106",
            "proxy-protocol-header",
            "A PROXY protocol header that the server does not expect.",
        ),
        ("DX107", "bytes-altered-in-transit", "Something on the way changed the bytes."),
        ("DX108", "interleaved-writers", "Two writers mixed their frames."),
        (
            "DX109",
            "wrong-length-field",
            "A length was written wrongly: characters counted for bytes.",
        ),
        ("DX110", "client-not-masking", "The client does not mask its frames."),
        ("DX111", "compression-mismatch", "The sides do not agree on permessage-deflate."),
        ("DX112", "ssh-banner", "An SSH server speaks here: wrong port."),
        (
            "DX113",
            "server-masking",
            "The server masks its frames, or sends a client's back as they are.",
        ),
        ("DX201", "closed-by-application", "One side's program closed it, with a code."),
        ("DX202", "proxy-idle-timeout", "Something between ended it after a silence."),
        ("DX203", "age-limit", "Something ended it at a fixed age, traffic or not."),
        (
            "DX204",
            "keepalive-as-long-as-timeout",
            "Pings come no oftener than the idle limit strikes.",
        ),
        ("DX205", "peer-vanished", "The other side vanished: sleep, another network, a dead host."),
        ("DX206", "keepalive-ping-timeout", "A ping was not answered in time."),
        (
            "DX207",
            "protocol-violation",
            "One side broke the protocol, the other failed the connection.",
        ),
        ("DX208", "message-too-big", "A message was larger than the receiver takes."),
        (
            "DX209",
            "tcp-fin-without-close",
            "TCP was closed without a Close: exit, closed tab, terminate().",
        ),
        ("DX210", "tcp-reset", "One side aborted TCP."),
        ("DX211", "rst-injected", "Something between forged a reset."),
        ("DX212", "slow-consumer", "The receiver did not read, and was cut."),
        ("DX213", "truncated-mid-frame", "The sender stopped inside a frame."),
        ("DX214", "closed-right-after-open", "Refused right after the upgrade."),
        ("DX215", "close-handshake-timeout", "A Close was not answered in time."),
        ("DX216", "background-throttling", "A browser slowed the pings of a hidden tab."),
        ("DX217", "h2-goaway", "The HTTP/2 connection was ended, not the WebSocket."),
        ("DX218", "tls-alert", "A TLS alert ended it."),
        ("DX219", "h2-stream-reset", "The HTTP/2 stream was reset."),
        ("DX220", "mtu-black-hole", "Only full-size packets get lost: a tunnel or VPN."),
        ("DX221", "flow-forgotten", "A load balancer or NAT had forgotten the connection."),
        (
            "DX301",
            "proxy-drops-upgrade-headers",
            "A proxy passed the request on without Upgrade and Connection.",
        ),
        ("DX302", "transparent-proxy-answered", "A proxy nobody configured answered the request."),
        ("DX303", "handshake-rejected", "The server answered with another status than 101."),
        ("DX304", "handshake-timeout", "The client gave up waiting for the answer."),
        ("DX305", "handshake-no-response", "The connection ended before the answer."),
        ("DX306", "client-handshake-violation", "The client's upgrade request is faulty."),
        ("DX307", "server-handshake-violation", "The server's 101 is faulty."),
        ("DX308", "subprotocol-mismatch", "The sides do not agree on a subprotocol."),
        ("DX309", "wrong-accept", "The 101 does not fit the key of the request."),
        ("DX401", "clean-close", "Closed cleanly by both."),
        ("DX402", "still-open", "Still open when the capture ended."),
        ("DX403", "capture-incomplete", "The capture lacks packets that were there."),
        ("DX404", "capture-started-midstream", "The capture began after the handshake."),
        ("DX405", "encrypted-no-keys", "TLS, and no keys to read it."),
        ("DX406", "wire-is-valid", "A fault was reported, and the wire shows none."),
        (
            "DX501",
            "process-crash-after-violation",
            "One client's faulty bytes took the process down.",
        ),
        ("DX502", "process-killed", "The process died: all its connections ended at once."),
        (
            "DX503",
            "proxy-reload",
            "The proxy was reloaded: all connections ended, it still listens.",
        ),
        ("DX504", "server-shutdown", "The server was stopped and said so (1001, 1012)."),
        ("DX505", "mass-disconnect", "Many connections ended together."),
        ("DX506", "reconnect-storm", "Many clients came back at once."),
        ("DX507", "common-idle-timeout", "Many ended after the same silence."),
        ("DX508", "common-age-limit", "Many ended at the same age."),
        ("DX509", "connection-refused", "The server refuses every connection."),
    )
}
"""Code -> name and title. Codes are never used again."""
