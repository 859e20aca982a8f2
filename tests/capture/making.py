"""Writes capture files by hand, byte for byte, in every variant the formats allow."""

import struct

ETHERNET = 1
RAW = 101
START = 1_700_000_000

# (ns since 1970, captured bytes, length on the wire)
SAMPLE = [
    (START * 10**9 + 123_456_000, b"a" * 60, 60),
    (START * 10**9 + 123_457_000, b"b" * 61, 1500),
    (START * 10**9 + 999_999_000, b"", 0),
    ((START + 1) * 10**9, b"c" * 1, 1),
    ((START + 4300) * 10**9 + 1_000, b"d" * 1514, 1514),
]


def pcap(packets=SAMPLE, order="<", magic=0xA1B2C3D4, link_type=ETHERNET, major=2):
    unit = 1 if magic == 0xA1B23C4D else 1000
    extra = bytes(8) if magic == 0xA1B2CD34 else b""
    out = [struct.pack(f"{order}IHHiIII", magic, major, 4, 0, 0, 262144, link_type)]
    for time, data, wire in packets:
        seconds, fraction = divmod(time, 10**9)
        out.append(struct.pack(f"{order}IIII", seconds, fraction // unit, len(data), wire))
        out.append(extra + data)
    return b"".join(out)


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return struct.pack(f"{order}II", kind, length) + body + struct.pack(f"{order}I", length)


def option(code, value, order="<"):
    return struct.pack(f"{order}HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order="<", major=1, options=b""):
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, major, 0, -1) + options, order)


def interface(link_type=ETHERNET, snap=0, resolution=None, offset=None, order="<"):
    body = struct.pack(f"{order}HHI", link_type, 0, snap)
    if resolution is not None:
        body += option(9, bytes([resolution]), order)
    if offset is not None:
        body += option(14, struct.pack(f"{order}q", offset), order)
    return block(1, body + (option(0, b"", order) if len(body) > 8 else b""), order)


def stamp(time, resolution=6, offset=0):
    """A time in ns as units of an interface."""
    units = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    return (time - offset * 10**9) * units // 10**9


def enhanced(units, data, wire, *, index=0, order="<", options=b""):
    head = struct.pack(f"{order}5I", index, units >> 32, units & 0xFFFFFFFF, len(data), wire)
    return block(6, head + data + bytes(-len(data) % 4) + options, order)


def obsolete(units, data, wire, *, index=0, drops=0xFFFF, order="<"):
    head = struct.pack(
        f"{order}HH4I", index, drops, units >> 32, units & 0xFFFFFFFF, len(data), wire
    )
    return block(2, head + data, order)


def simple(data, wire, order="<"):
    return block(3, struct.pack(f"{order}I", wire) + data, order)


def statistics(index=0, order="<", **lost):
    options = b"".join(
        option({"interface": 5, "system": 7}[name], struct.pack(f"{order}Q", count), order)
        for name, count in lost.items()
    )
    return block(5, struct.pack(f"{order}3I", index, 0, 0) + options + option(0, b"", order), order)


def secrets(data, kind=0x544C534B, order="<"):
    return block(10, struct.pack(f"{order}II", kind, len(data)) + data, order)


def pcapng(packets=SAMPLE, order="<", resolution=None, offset=None, make=enhanced):
    out = [section(order), interface(resolution=resolution, offset=offset, order=order)]
    for time, data, wire in packets:
        units = stamp(time, 6 if resolution is None else resolution, offset or 0)
        out.append(make(units, data, wire, order=order))
    return b"".join(out)


UNKNOWN = block(0x0BAD0BAD, b"whatever this is")
MIXED = b"".join(
    [
        section("<"),
        interface(ETHERNET),
        interface(RAW, resolution=9),
        UNKNOWN,
        enhanced(stamp(SAMPLE[0][0]), b"a" * 61, 61),
        enhanced(stamp(SAMPLE[1][0], 9), b"b" * 62, 99, index=1, options=option(1, b"hello")),
        statistics(0, interface=3, system=4),
        section(">"),
        interface(RAW, snap=40, resolution=0x80 | 20, order=">"),
        enhanced(stamp(SAMPLE[3][0], 0x80 | 20), b"c" * 63, 63, order=">"),
        obsolete(stamp(SAMPLE[4][0], 0x80 | 20), b"d" * 64, 64, order=">"),
        simple(b"e" * 40, 1000, order=">"),
        simple(b"f" * 13, 13, order=">"),
        block(0x55, b"", order=">"),
    ]
)

# Every variant by name; all but those in OTHER_PACKETS hold SAMPLE.
VARIANTS = {
    "pcap-us-little": pcap(),
    "pcap-us-big": pcap(order=">"),
    "pcap-ns-little": pcap(magic=0xA1B23C4D),
    "pcap-ns-big": pcap(magic=0xA1B23C4D, order=">"),
    "pcap-modified-little": pcap(magic=0xA1B2CD34),
    "pcap-modified-big": pcap(magic=0xA1B2CD34, order=">"),
    "pcap-fcs": pcap(link_type=ETHERNET | 0x24000000),
    "pcapng-little": pcapng(),
    "pcapng-big": pcapng(order=">"),
    "pcapng-ns": pcapng(resolution=9),
    "pcapng-tenth-ns": pcapng(resolution=10),
    "pcapng-ps-offset": pcapng(resolution=12, offset=START - 1),
    "pcapng-offset": pcapng(offset=START - 50),
    "pcapng-offset-negative": pcapng(offset=-100),
    "pcapng-obsolete-little": pcapng(make=obsolete),
    "pcapng-obsolete-big": pcapng(make=obsolete, order=">"),
}
