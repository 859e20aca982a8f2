"""Says what a file looks like that is no capture we read, and what to do about it."""

from __future__ import annotations

import struct

from wsdebug.capture.compression import compression_of

# Bytes that are enough to recognise everything below (tar has its magic at 257).
LOOK = 512

_CONVERT = "Convert it with Wireshark's editcap: editcap -F pcapng OLD NEW"
_UNPACK = "Unpack it first and name the capture inside."
_RECORD = "Record packets with: tcpdump -w FILE"

# first bytes -> what that is, what to do
_MAGICS = (
    (b"snoop\x00\x00\x00", "a snoop capture (Solaris)", _CONVERT),
    (b"btsnoop\x00", "a Bluetooth capture (btsnoop)", _RECORD),
    (b"GMBU", "a Microsoft Network Monitor capture", _CONVERT),
    (b"RTSS", "a Microsoft Network Monitor 1 capture", _CONVERT),
    (b"XCP\x00", "a NetXray or Windows Sniffer capture", _CONVERT),
    (b"TRSNIFF data", "a DOS Sniffer capture", _CONVERT),
    (b"ObserverPktBuffe", "a Network Instruments Observer capture", _CONVERT),
    (b"\x7fver", "a Savvius OmniPeek capture", _CONVERT),
    (b"iptrace ", "an AIX iptrace capture", _CONVERT),
    (b"\xac\x01\x00\x1c", "an IXIA capture", _CONVERT),
    (b"\xab\x01\x00\x1c", "an IXIA capture", _CONVERT),
    (b"PK\x03\x04", "a ZIP archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "an lz4 file", "Unpack it: lz4 -d FILE"),
    (b"\x1f\x9d", "a file packed with compress", "Unpack it: uncompress FILE"),
    (b"\x7fELF", "a program", _RECORD),
    (b"MZ", "a Windows program", _RECORD),
    (b"%PDF", "a PDF document", _RECORD),
    (b"\x89PNG", "a picture", "A picture of packets has no packets: export the capture itself."),
    (b"SQLite format 3", "an SQLite database", _RECORD),
    (b"version https://git-lfs", "a Git LFS pointer", "Fetch the file itself: git lfs pull"),
)

# The same for text, after white space and without regard to case.
_TEXTS = (
    (b"<!doctype html", "a web page", "Download the file itself, not the page that shows it."),
    (b"<html", "a web page", "Download the file itself, not the page that shows it."),
    (b"<?xml", "XML", "A dissection has lost its bytes: save the packets as pcapng instead."),
    (b"client_random", "a TLS key log", "Name the capture it belongs to."),
    (b"server_handshake_traffic_secret", "a TLS key log", "Name the capture it belongs to."),
    (b"# ssl/tls secrets log", "a TLS key log", "Name the capture it belongs to."),
    (b"{", "JSON", "A HAR or JSON export has lost the bytes of the frames: " + _RECORD),
    (b"[", "JSON", "A HAR or JSON export has lost the bytes of the frames: " + _RECORD),
)
_TEXT_HINT = "What tcpdump prints has lost the bytes; a hex dump can be turned back with text2pcap."


def looks_like(head: bytes) -> tuple[str, str]:
    """What the first bytes of a file look like, with an article, and the next step."""
    for magic, what, hint in _MAGICS:
        if head.startswith(magic):
            return what, hint
    compression = compression_of(head)
    if compression:
        return f"a {compression} file inside another compressed file", _UNPACK
    if head[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    if not head.strip(b"\x00"):
        return "nothing but zeros", "The file was never written to the end: record it again."
    if _is_erf(head):
        return "an ERF capture (Endace)", _CONVERT
    return _text(head)


def _is_erf(head: bytes) -> bool:
    """ERF has no magic: a record whose type is known and behind which another one begins."""
    if len(head) < 16:
        return False
    kind, length = struct.unpack_from(">BxH", head, 8)
    if not 1 <= kind & 0x7F <= 48 or length < 16:
        return False
    behind = head[length : length + 16]
    if len(behind) < 16:
        # The second record is out of sight: only an Ethernet record of our century will do.
        return bool(kind & 0x7F == 2 and struct.unpack_from("<I", head, 4)[0] > 0x38000000)
    return behind[8] & 0x7F == kind & 0x7F and abs(behind[7] - head[7]) <= 1


def _text(head: bytes) -> tuple[str, str]:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for magic, what, hint in _TEXTS:
        if start.startswith(magic):
            return what, hint
    if all(byte >= 0x20 or byte in b"\t\n\r\x0c\x1b" for byte in head) and b"\x7f" not in head:
        return "text", _TEXT_HINT
    shown = " ".join(f"{byte:02x}" for byte in head[:8])
    return f"something unknown that begins with {shown}", _CONVERT
