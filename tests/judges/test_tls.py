"""What wsdebug, tshark and scapy find inside TLS is the same, byte for byte and frame for frame."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

import wsdebug
from tests.judges.tls import Joined, Streams, followed, joined, plaintext
from tests.judges.tshark import Judged, JudgedFrame
from tests.stored import TLS, tls_capture

SEVERAL_SEGMENTS = {"tls-node-big", "tls-python"}
"""Where a record is cut by segments, tshark names the packet that completed it for every frame."""
FOREIGN = {("tls-double-upgrade", "server"), ("tls-shared-socket-json", "server")}
"""Sides with bytes that are no frames, which tshark reads as if they were."""
every = pytest.mark.parametrize("name", list(TLS))


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Joined:
    return joined(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def frames_of_tshark(together: Joined, tshark) -> Judged:
    return tshark(together.path, together.keys)


@pytest.fixture(scope="module")
def bytes_of_tshark(together: Joined) -> Streams:
    return followed(together.path, together.keys, max(together.streams.values()) + 2)


def of(name: str, together: Joined, table: dict[tuple[int, str], object]) -> dict:
    """The part of a table that is one capture's, with its own numbers."""
    first = together.streams[name]
    later = [stream for stream in together.streams.values() if stream > first]
    return {
        (stream - first, side): value
        for (stream, side), value in table.items()
        if first <= stream < min(later, default=10**9)
    }


@every
def test_the_same_bytes_as_tshark(name: str, together, bytes_of_tshark) -> None:
    ours, _ = plaintext(*tls_capture(name))
    theirs = of(name, together, bytes_of_tshark)
    assert ours == theirs
    assert bool(ours) is TLS[name].get("keys", True)


@every
def test_the_same_frames_as_tshark(name: str, together, frames_of_tshark) -> None:
    path, keys = tls_capture(name)
    ours: defaultdict[tuple[int, str], list[JudgedFrame]] = defaultdict(list)
    for stream, frame in wsdebug.frames(path, keylog=keys):
        shape = (frame.fin, frame.rsv, frame.opcode, frame.masked, frame.length)
        ours[stream, frame.side.value].append(JudgedFrame(frame.last_packet, *shape))
    theirs = of(name, together, frames_of_tshark)
    before = 0 if name in SEVERAL_SEGMENTS else together.packets[name]
    for table in (ours, theirs):
        for side in ("client", "server"):
            if (name, side) in FOREIGN:
                table.pop((0, side), None)
        for key, found in table.items():
            shift = before if table is theirs else 0
            packets = [0 if name in SEVERAL_SEGMENTS else one.packet - shift for one in found]
            table[key] = [
                one._replace(packet=packet) for one, packet in zip(found, packets, strict=True)
            ]
    assert dict(ours) == theirs


@pytest.mark.parametrize(
    "name", ["tls-node", "tls-chacha20", "tls-12-aes128-gcm", "tls-12-cbc-sha1"]
)
def test_the_same_bytes_as_scapy(name: str) -> None:
    path, keys = tls_capture(name)
    ours, _ = plaintext(path, keys)
    assert of_scapy(path, keys) == {side: data for (_, side), data in ours.items()}


def of_scapy(path: Path, keys: Path | None) -> dict[str, bytes]:
    """Application data by scapy's own TLS, which follows a session through its TCP streams."""
    from scapy.config import conf
    from scapy.layers.inet import TCP
    from scapy.layers.tls import all as tls
    from scapy.layers.tls.record_tls13 import TLS13
    from scapy.packet import bind_layers, split_layers
    from scapy.sendrecv import sniff
    from scapy.sessions import TCPSession

    before = conf.tls_session_enable, conf.tls_nss_filename
    conf.tls_session_enable, conf.tls_nss_filename = True, str(keys)
    port = TLS_PORT[path.stem]
    bind_layers(TCP, tls.TLS, dport=port)
    bind_layers(TCP, tls.TLS, sport=port)
    found: defaultdict[str, bytes] = defaultdict(bytes)
    try:
        for packet in sniff(offline=str(path), session=TCPSession):
            side = "server" if packet["TCP"].sport == port else "client"
            for layer in packet.iterpayloads():
                inner = layer.inner if isinstance(layer, TLS13) else layer
                messages = inner.msg if isinstance(layer, TLS13 | tls.TLS) else ()
                for message in messages:
                    if isinstance(message, tls.TLSApplicationData):
                        found[side] += message.data
    finally:
        conf.tls_session_enable, conf.tls_nss_filename = before
        split_layers(TCP, tls.TLS, dport=port)
        split_layers(TCP, tls.TLS, sport=port)
    return dict(found)


TLS_PORT = {
    "tls-node": 26020,
    "tls-chacha20": 26002,
    "tls-12-aes128-gcm": 26005,
    "tls-12-cbc-sha1": 26010,
}
