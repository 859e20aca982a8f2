"""Somebody on the way who is neither client nor server: ends a connection with one RST.

Arguments: PORT MESSAGES TTL [overlap]. Watches loopback until the server on PORT has sent MESSAGES
segments with data, then sends its client a RST in the server's name: the right sequence number,
another TTL. With `overlap` it sends the last segment again instead, with other bytes in it.
Prints `listening` once it watches, and what it sent, one JSON object a line.
"""

from __future__ import annotations

import json
import socket
import sys
import time

from scapy.layers.inet import IP, TCP
from scapy.packet import Raw

PORT, MESSAGES, TTL = (int(argument) for argument in sys.argv[1:4])
ETHERNET_HEADER, EVERY_PROTOCOL = 14, 0x0003


def segment(watch: socket.socket) -> IP | None:
    """The next frame as it leaves, if it is a segment of the server's with data."""
    data, where = watch.recvfrom(65536)
    if where[2] != socket.PACKET_OUTGOING or data[12:14] != b"\x08\x00":  # type: ignore[attr-defined]
        return None
    packet = IP(data[ETHERNET_HEADER:])
    return packet if TCP in packet and packet[TCP].sport == PORT and _length(packet) else None


def _length(packet: IP) -> int:
    return int(packet.len - 4 * packet.ihl - 4 * packet[TCP].dataofs)


def main() -> None:
    """Counts, then strikes while the line is quiet."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL)) as watch:
        watch.bind(("lo", 0))
        print(json.dumps({"side": "third party", "event": "listening"}), flush=True)
        seen = 0
        while seen < MESSAGES:
            if packet := segment(watch):
                seen += 1
                last = packet
    time.sleep(0.2)
    tcp = TCP(sport=PORT, dport=last[TCP].dport, flags="R", seq=last[TCP].seq + _length(last))
    if sys.argv[4:] == ["overlap"]:
        data = bytes(last[TCP].payload)[: _length(last)]
        tcp = TCP(
            sport=PORT, dport=last[TCP].dport, flags="PA", seq=last[TCP].seq, ack=last[TCP].ack
        )
        tcp.window, tcp.payload = last[TCP].window, Raw(data[:-3] + b"999")
    forged = IP(src=last.src, dst=last.dst, ttl=TTL, id=54321) / tcp
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
        out.sendto(bytes(forged), (last.dst, 0))
    print(json.dumps({"side": "third party", "event": "sent", "ttl": TTL}), flush=True)


main()
