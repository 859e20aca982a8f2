"""What was measured of a connection or a capture, in words, and what the capture lacks."""

from __future__ import annotations

from collections.abc import Iterable

from wsdebug.display.quantities import counted, grouped
from wsdebug.display.times import span_of_time
from wsdebug.model.place import Side
from wsdebug.model.report import Capture, Connection
from wsdebug.model.tls import TlsReport
from wsdebug.report.words import is_encrypted, printed


def lifetime(connection: Connection) -> list[str]:
    """`open 187.0 s` and `41 frames (39 from server, 2 from client)`."""
    parts = []
    if connection.duration is not None:
        parts.append(f"open {span_of_time(connection.duration)}")
    if not is_encrypted(connection):
        totals = {side: connection.frames.get(side.value, {}).get("total", 0) for side in Side}
        who = ", ".join(
            f"{grouped(totals[side])} from {side.value}"
            for side in (Side.SERVER, Side.CLIENT)
            if totals[side]
        )
        parts.append(counted(sum(totals.values()), "frame") + (f" ({who})" if who else ""))
    return parts


def figures(connection: Connection) -> list[str]:
    """What else was measured and is worth a line: extensions, pings, TCP trouble."""
    lines = []
    shake = connection.handshake
    if connection.h2_stream is not None:
        lines.append(f"HTTP/2 stream {connection.h2_stream}")
    if shake.subprotocol is not None:
        lines.append(f"subprotocol {printed(shake.subprotocol, 100)}")
    if shake.extensions:
        lines.append(", ".join(printed(each, 100) for each in shake.extensions))
    if connection.tls is not None:
        lines.append(tls_words(connection.tls))
    live = connection.liveness
    if live.pings or live.pongs:
        trips = live.rtt_ms
        took = f", round trip {trips.median} ms" if trips else ""
        if trips and trips.min < trips.max:
            took += f" ({trips.min} to {trips.max})"
        lines.append(f"{counted(live.pings, 'ping')}, {counted(live.pongs, 'pong')}{took}")
    for side, tcp in ((Side.CLIENT, connection.tcp.client), (Side.SERVER, connection.tcp.server)):
        trouble = []
        if tcp.retransmissions:
            trouble.append(counted(tcp.retransmissions, "retransmission"))
        if tcp.zero_window_s:
            trouble.append(f"window closed for {span_of_time(tcp.zero_window_s)}")
        if trouble:
            lines.append(f"{side.value}: {', '.join(trouble)}")
    return lines


def tls_words(tls: TlsReport) -> str:
    """`TLS 1.3 to api.example, TLS_AES_128_GCM_SHA256, ALPN http/1.1, resumed`."""
    name = f" to {printed(tls.sni, 100)}" if tls.sni else ""
    parts = [f"{printed(tls.version or 'TLS', 20)}{name}"]
    parts += [printed(tls.cipher, 60)] if tls.cipher else []
    parts += [f"ALPN {printed(tls.alpn, 40)}"] if tls.alpn else []
    parts += ["behind a PROXY header"] if tls.proxy_header else []
    parts += ["resumed"] if tls.resumed else []
    parts += ["early data"] if tls.early_data else []
    parts += [counted(tls.key_updates, "key update")] if tls.key_updates else []
    parts += [counted(tls.renegotiations, "renegotiation")] if tls.renegotiations else []
    return ", ".join(parts)


def packets_read(captures: Iterable[Capture]) -> str:
    """`1 200 packets`, and how many of them the capture filter left out."""
    captures = list(captures)
    packets = counted(sum(capture.packets for capture in captures), "packet")
    left_out = sum(capture.filtered_out for capture in captures)
    return f"{packets} ({grouped(left_out)} filtered out)" if left_out else packets


def capture_size(capture: Capture) -> tuple[str, str]:
    """When a capture began and how long it runs, as words."""
    if capture.first is None:
        return "no time stamps", ""
    began = f"{str(capture.first)[:19].replace('T', ' ')} UTC"
    if capture.last is None:
        return began, ""
    return began, span_of_time(max(0, capture.last.ns - capture.first.ns) / 1e9)
