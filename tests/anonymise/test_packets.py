"""Packets: checksums as right or wrong as before, no address in any layer, nothing in options."""

from __future__ import annotations

import io
import struct

import pytest
from scapy.layers.inet import IP, TCP, UDP, fragment
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, CookedLinux, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN

from tests.analysis.streams import Capture, accept, request
from tests.anonymise.material import KEY as SECRET
from tests.anonymise.material import session_of
from tests.protocol.streams import frame
from wsdebug.anonymise import Secret, export_anonymised, verdict_of
from wsdebug.anonymise.checksums import again, checksum, judged, pseudo_header
from wsdebug.capture import open_captures
from wsdebug.model.errors import UserError

MASK = b"\1\2\3\4"
TEXT = b"jane pays 4111 to the account of john"
V4 = {"src": "203.0.113.7", "dst": "192.168.7.9"}
MACS = {"src": "00:1b:21:3c:4d:5e", "dst": "00:1b:21:aa:bb:cc"}


def story():
    """TCP payloads and flags of a short conversation."""
    return [
        ("c", "S", b""), ("s", "SA", b""), ("c", "A", b""),
        ("c", "PA", request(b"Cookie: sid=hunter22")), ("s", "PA", accept()),
        ("c", "PA", frame(1, TEXT, key=MASK)), ("s", "PA", frame(1, TEXT)),
        ("c", "PA", frame(8, b"\x03\xe8", key=MASK)), ("s", "PA", frame(8, b"\x03\xe8")),
        ("c", "FA", b""), ("s", "FA", b""), ("c", "A", b""),
    ]  # fmt: skip


def segments(ip=None, options=()):
    """The story as IP packets of scapy."""
    ip = ip or (lambda who: IP(**V4) if who == "c" else IP(src=V4["dst"], dst=V4["src"]))
    numbers = {"c": 1_000, "s": 9_000}
    told = []
    for who, flags, data in story():
        other = "s" if who == "c" else "c"
        ports = (50_000, 8080) if who == "c" else (8080, 50_000)
        tcp = TCP(sport=ports[0], dport=ports[1], seq=numbers[who], ack=numbers[other], flags=flags,
                  options=list(options))  # fmt: skip
        told.append(ip(who) / tcp / data)
        numbers[who] += len(data) + ("S" in flags or "F" in flags)
    return told


def written(packets, tmp_path, link=1, cut=None):
    path = tmp_path / "made.pcap"
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, link))
        for number, packet in enumerate(packets):
            raw = bytes(packet)
            data = raw if cut is None else raw[:cut]
            file.write(struct.pack("<IIII", 1_700_000_000 + number, 0, len(data), len(raw)) + data)
    return path


def anonymised(path, tmp_path):
    """Packets after, and whether the verdict is the same."""
    before = session_of(path)
    ids = [known.id for known in before.store.connections]
    stream = io.BytesIO()
    export_anonymised(before.store, ids, stream, before.end, Secret(SECRET))
    out = tmp_path / "out.pcapng"
    out.write_bytes(stream.getvalue())
    after = session_of(out)
    assert [verdict_of(one.report) for one in after.store.connections] == [
        verdict_of(one.report) for one in before.store.connections
    ]
    packets = [one[3] for batch in open_captures([str(out)]).batches() for one in batch]
    for packet in packets:
        for secret in (b"jane", b"4111", b"hunter22", bytes.fromhex("001b213c4d5e"),
                       bytes((203, 0, 113, 7)), bytes((192, 168, 7, 9))):  # fmt: skip
            assert secret not in packet
    return packets


def ether(packet):
    return Ether(**MACS) / packet


WRAPS = {
    "ethernet": (1, ether),
    "vlan": (1, lambda ip: Ether(**MACS) / Dot1Q(vlan=7) / ip),
    "gre": (1, lambda ip: ether(IP(**V4)) / GRE() / ip),
    "ip-in-ip": (1, lambda ip: ether(IP(**V4)) / ip),
    "vxlan": (1, lambda ip: ether(IP(**V4)) / UDP(dport=4789) / VXLAN(vni=5) / ether(ip)),
    "cooked": (
        113,
        lambda ip: CookedLinux(src=bytes.fromhex("001b213c4d5e0000"), lladdrlen=6) / ip,
    ),
    "raw": (101, lambda ip: ip),
}


@pytest.mark.parametrize("name", WRAPS)
def test_every_layer_is_replaced_and_every_sum_is_right(name, tmp_path):
    link, wrap = WRAPS[name]
    packets = [wrap(packet) for packet in segments()]
    told = anonymised(written(packets, tmp_path, link), tmp_path)
    assert len(told) == len(packets)
    for old, new in zip(packets, told, strict=True):
        assert len(new) == len(bytes(old))
        again_ = type(old)(new)
        while again_ is not None:  # scapy works the sums out anew: they are those that stand there
            for layer in (IP, TCP, UDP):
                if isinstance(again_, layer) and again_.chksum:
                    assert type(again_)(bytes(_without_sum(again_))).chksum == again_.chksum
            again_ = again_.payload or None


def _without_sum(layer):
    copy = layer.copy()
    if isinstance(copy, TCP | UDP):
        copy.underlayer = layer.underlayer.copy()
    copy.chksum = None
    return copy


def test_ipv6(tmp_path):
    one, other = "2001:db8:5::7", "2001:db8:5::9"
    packets = [
        ether(packet)
        for packet in segments(
            lambda who: IPv6(src=one, dst=other) if who == "c" else IPv6(src=other, dst=one)
        )
    ]
    told = anonymised(written(packets, tmp_path), tmp_path)
    sums = [judged(int.from_bytes(new[70:72], "big"), new[54:70] + b"\0\0" + new[72:],
                   pseudo_header(new[22:54], 6, len(new) - 54)) for new in told]  # fmt: skip
    assert set(sums) == {"right"}
    assert bytes.fromhex("20010db80005") not in b"".join(told)


def test_a_wrong_sum_stays_wrong_and_an_unfinished_one_unfinished(tmp_path):
    packets = [ether(packet) for packet in segments()]
    raws = [bytearray(bytes(packet)) for packet in packets]
    raws[3][50] ^= 0x55  # TCP
    raws[4][24] ^= 0x55  # IPv4
    partial = pseudo_header(bytes(raws[5][26:34]), 6, len(raws[5]) - 34)
    raws[5][50:52] = (0xFFFF - checksum(partial)).to_bytes(2, "big")
    told = anonymised(written(raws, tmp_path), tmp_path)

    def kinds(raw):
        tcp = raw[34:50] + b"\0\0" + raw[52:]
        head = raw[14:24] + b"\0\0" + raw[26:34]
        before = pseudo_header(raw[26:34], 6, len(raw) - 34)
        return (judged(int.from_bytes(raw[24:26], "big"), head),
                judged(int.from_bytes(raw[50:52], "big"), tcp, before))  # fmt: skip

    assert kinds(told[2]) == ("right", "right")
    assert kinds(told[3]) == ("right", "wrong")
    assert kinds(told[4]) == ("wrong", "right")
    assert kinds(told[5]) == ("right", "partial")


@pytest.mark.parametrize("kind", ["right", "wrong", "partial", "none"])
def test_sums_of_all_kinds(kind):
    before, data = pseudo_header(b"\1\2\3\4\5\6\7\x08", 6, 5), b"12345"
    other = pseudo_header(b"\4\3\2\1\5\6\7\x09", 6, 5)
    right = checksum(before + data)
    field = {"right": right, "wrong": right ^ 0x0101, "none": 0,
             "partial": 0xFFFF - checksum(before)}[kind]  # fmt: skip
    assert judged(field, data, before) == kind
    assert judged(again(kind, field, b"abcde", other), b"abcde", other) == kind


def test_options_with_keys_and_padding_are_emptied(tmp_path):
    options = [("Timestamp", (7, 9)), (30, b"\x00secret-key"), (34, b"cookie!!")]
    packets = [bytes(ether(packet)) + b"jane" for packet in segments(options=options)]
    told = anonymised(written(packets, tmp_path), tmp_path)
    assert not [one for one in told if b"secret-key" in one or b"cookie!!" in one]
    assert all(one.endswith(bytes(4)) for one in told)
    assert struct.pack("!II", 7, 9) in told[0]


def test_fragments_are_put_together(tmp_path):
    packets = []
    for packet in segments():
        packets += fragment(packet, 64) if len(packet) > 200 else [packet]
    path = written([ether(packet) for packet in packets], tmp_path)
    assert len(anonymised(path, tmp_path)) == len(story())


def test_cut_packets_stay_cut(tmp_path):
    path = written([ether(packet) for packet in segments()], tmp_path, cut=96)
    told = anonymised(path, tmp_path)
    assert max(map(len, told)) == 96


def test_what_carries_more_than_is_replaced_is_refused(tmp_path):
    raws = [bytes(ip) for ip in segments()]
    heads = [struct.pack("!BBHHH", 0x11, 0, 7, len(raw) + 2, 0x21) for raw in raws]
    link = bytes(Ether(**MACS, type=0x8864))
    pppoe = [link + head + raw for head, raw in zip(heads, raws, strict=True)]
    path = written(pppoe, tmp_path)
    before = session_of(path)
    assert before.store.connections
    with pytest.raises(UserError, match=r"Packet \d+ cannot be anonymised") as refused:
        export_anonymised(before.store, [1], io.BytesIO(), before.end, Secret(SECRET))
    assert "Nothing was written" in str(refused.value.hint)


def test_repeated_and_contradicting_segments_stay_that(tmp_path):
    packets = segments()
    twin = packets[6].copy()
    other = packets[6].copy()
    other[TCP].payload = type(other[TCP].payload)(bytes(other[TCP].payload)[:-4] + b"JOHN")
    for each in (twin, other):
        del each[IP].chksum, each[TCP].chksum
        each[IP].id = 77
    other[IP].id = 78
    path = written([ether(one) for one in [*packets[:7], twin, other, *packets[7:]]], tmp_path)
    told = anonymised(path, tmp_path)
    assert told[7][54:] == told[6][54:]
    assert told[8][54:-4] == told[6][54:-4]
    assert all(one != two for one, two in zip(told[8][-4:], told[6][-4:], strict=True))


def test_both_legs_of_a_path_still_carry_the_same(tmp_path):
    capture = Capture()
    front, back = capture.connection(4_000), capture.connection(4_001)
    for leg in (front, back):
        leg.say("c", request())
        leg.say("s", accept())
        leg.say("s", frame(1, TEXT))
    before = session_of(capture.write(tmp_path))
    stream = io.BytesIO()
    export_anonymised(before.store, [1, 2], stream, before.end, Secret(SECRET))
    (tmp_path / "o.pcapng").write_bytes(stream.getvalue())
    after = session_of(tmp_path / "o.pcapng")
    payloads = {
        one.raw for each in (1, 2) for _, one in after.store.walk(each) if len(one.raw) == len(TEXT)
    }
    assert len(payloads) == 1
