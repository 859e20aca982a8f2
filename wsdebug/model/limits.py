"""Limits on everything that a hostile capture could make grow."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class Limits(msgspec.Struct, frozen=True):
    """Each is a number of things kept at one time; reaching one is reported, never silent. The
    descriptions are what `wsdebug read --help` says of `--limit`.
    """

    flows: Annotated[int, Meta(description="TCP connections remembered at one time")] = 200_000
    flow_buffer: Annotated[
        int, Meta(description="bytes of one direction that wait for a missing segment")
    ] = 4 << 20
    total_buffer: Annotated[int, Meta(description="the same over all connections")] = 64 << 20
    fragments: Annotated[
        int, Meta(description="bytes of IP fragments that wait for the others of their packet")
    ] = 16 << 20
    tunnels: Annotated[
        int, Meta(description="tunnels inside each other that are followed in one packet")
    ] = 8
    waiting: Annotated[
        int, Meta(description="bytes of one side that wait for the other side's HTTP head")
    ] = 1 << 20
    total_waiting: Annotated[
        int, Meta(description="the same, and begun heads, over all connections")
    ] = 128 << 20
    head: Annotated[int, Meta(description="bytes of one HTTP head")] = 64 << 10
    fields: Annotated[int, Meta(description="header lines of one HTTP head")] = 1_000
    attempts: Annotated[int, Meta(description="earlier upgrade requests of a connection")] = 20
    requests: Annotated[
        int, Meta(description="HTTP requests of one connection that wait for their response")
    ] = 100
    streams: Annotated[int, Meta(description="WebSockets on one HTTP/2 connection at one time")] = (
        1_000
    )
    message: Annotated[
        int, Meta(description="inflated bytes of one message; what is beyond is not read")
    ] = 64 << 20
    inflaters: Annotated[
        int, Meta(description="live permessage-deflate contexts (up to 105 KiB each)")
    ] = 2_000
    searches: Annotated[
        int, Meta(description="bytes in which frames are searched for at one time")
    ] = 48 << 20
    look_ahead: Annotated[
        int, Meta(description="bytes looked at to tell a faulty frame from what is no frame")
    ] = 64 << 10
    pings: Annotated[
        int, Meta(description="pings or pongs of one side that wait for their counterpart")
    ] = 64
    findings: Annotated[int, Meta(description="findings kept of a connection")] = 1_000
    total_findings: Annotated[
        int, Meta(description="findings kept of all connections that are open")
    ] = 100_000
    events: Annotated[
        int, Meta(description="TCP events of a connection, and gaps of one direction")
    ] = 1_000
    rows: Annotated[
        int, Meta(description="frames that wait for who asks for them (Python: wsdebug.frames)")
    ] = 1_000_000
    payload: Annotated[
        int, Meta(description="bytes kept of each frame's payload (`--payload` sets it)")
    ] = 0
    unpacked: Annotated[
        int, Meta(description="bytes that a compressed capture file unpacks to")
    ] = 64 << 30
    ratio: Annotated[
        int, Meta(description="times its stored size that it may unpack to, above 64 MiB")
    ] = 200
    block: Annotated[int, Meta(description="bytes of one record or block of a file")] = 64 << 20
    options: Annotated[int, Meta(description="options read of one pcapng block")] = 1_000
    interfaces: Annotated[int, Meta(description="interfaces of one pcapng section")] = 65_536
    secrets: Annotated[
        int, Meta(description="bytes of decryption secrets kept of one capture file")
    ] = 16 << 20
    refusing: Annotated[
        int, Meta(description="servers listed that refused every attempt to connect")
    ] = 100
    fleet: Annotated[
        int, Meta(description="finished connections remembered for what befell several at once")
    ] = 100_000
    arrivals: Annotated[
        int, Meta(description="TCP connections of which it is known who accepted or refused them")
    ] = 200_000
    lines: Annotated[
        int, Meta(description="frames, TCP events and silences kept for the screen and export")
    ] = 10_000_000
    contexts: Annotated[
        int, Meta(description="check points of permessage-deflate kept to look at payloads")
    ] = 1_024
    spool: Annotated[
        int, Meta(description="bytes of a pipe or an unpacked file kept on disk for payloads")
    ] = 64 << 30


DEFAULT_LIMITS = Limits()

IN_BYTES = frozenset({
    "flow_buffer", "total_buffer", "fragments", "waiting", "total_waiting", "head", "message",
    "look_ahead", "payload", "searches", "unpacked", "block", "secrets", "spool",
})  # fmt: skip
"""Limits whose k, M and G are 1 024 times each other, not 1 000."""
