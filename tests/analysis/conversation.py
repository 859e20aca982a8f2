"""A WebSocket conversation as packets, written to a pcap and read by `wsdebug.read`.

talk = Conversation().upgrade()
talk.client.says(ping(b"?", key=KEY))
talk.server.acks()
connection = talk.read(tmp_path)
"""

import struct
import zlib

import wsdebug
from tests.protocol.streams import frame
from tests.transport.playbook import Play
from wsdebug.model.limits import DEFAULT_LIMITS

REQUEST = (
    b"GET /live HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
)
RESPONSE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
)
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"


class Conversation(Play):
    """A play whose speakers speak WebSocket: `tells` sends a frame as that side must."""

    def __init__(self, **options):
        super().__init__(**options)
        self.keys = 0

    def upgrade(self, *, offer=b"", answer=b"", deflate=False):
        """SYN to 101, everything acknowledged."""
        extra = DEFLATE if deflate else b""
        self.handshake()
        self.client.says(REQUEST + offer + extra + b"\r\n")
        self.server.acks()
        self.server.says(RESPONSE + answer + extra + b"\r\n")
        self.client.acks()
        return self

    def wire(self, speaker, opcode, payload=b"", **fields):
        """The bytes of a frame of that side, masked with a key of its own where it must be."""
        if speaker is self.client:
            self.keys += 1
            fields.setdefault("key", struct.pack("!I", self.keys * 2654435761 % 2**32))
        return frame(opcode, payload, **fields)

    def tells(self, speaker, opcode, payload=b"", *, heard=True, **fields):
        """A frame in a packet, and (unless `heard` is false) its acknowledgement."""
        speaker.says(self.wire(speaker, opcode, payload, **fields))
        if heard:
            speaker.peer.acks()
        return self

    def closes(self, speaker, code=1000, reason=b"", *, heard=True):
        """A Close frame; without a code if None."""
        body = b"" if code is None else struct.pack("!H", code) + reason
        return self.tells(speaker, 8, body, heard=heard)

    def hangs_up(self):
        """Both sides end TCP, the server first."""
        self.server.ends()
        self.client.acks().ends()
        self.server.acks()
        return self

    def bye(self):
        """A clean close."""
        return self.closes(self.client).closes(self.server).hangs_up()

    def closes_both(self, code):
        """The server closes with that code, the client answers it."""
        return self.closes(self.server, code).closes(self.client, code).hangs_up()

    def goes_on(self, seconds):
        """The capture goes on so long, with a packet of somebody else at its end."""
        return self.waits(seconds * 1000).noise(1)

    def pcap(self, folder):
        """Writes the packets to a nanosecond pcap."""
        path = folder / "talk.pcap"
        with path.open("wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 1))
            for _, time, _, data, length, _ in self.packets:
                file.write(struct.pack("<IIII", *divmod(time, 10**9), len(data), length))
                file.write(data)
        return path

    def analysis(self, folder, **limits):
        return wsdebug.read(
            self.pcap(folder), limits=type(DEFAULT_LIMITS)(**limits) if limits else DEFAULT_LIMITS
        )

    def read(self, folder, **limits):
        """The one connection of the capture."""
        (connection,) = self.analysis(folder, **limits).connections
        return connection


def codes(connection, *, notes=True):
    """Codes of the findings with their severity's initial, as `FR111w`."""
    return [
        finding.code + finding.severity.value[0]
        for finding in connection.findings
        if notes or finding.severity.value != "note"
    ]


def deflated(data, *, flush=zlib.Z_SYNC_FLUSH, level=6):
    """A message as permessage-deflate puts it on the wire (RFC 7692 7.2.1)."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return (packer.compress(data) + packer.flush(flush)).removesuffix(b"\x00\x00\xff\xff")
