"""Capture filters select what tcpdump selects, and what cannot be used is said, never ignored."""

import ctypes
import subprocess

import pytest

import wsdebug
from tests.capture.making import pcap, pcapng
from tests.capture.reading import read
from tests.stored import CAPTURES, PUBLIC
from tests.transport.playbook import Play
from tests.whole import rewriting
from tests.whole.test_tunnels import wrapped
from wsdebug.capture import filters
from wsdebug.cli import main
from wsdebug.model.errors import UserError

STORED = [
    CAPTURES / "nginx-idle.pcap",
    CAPTURES / "vlan.pcap",
    CAPTURES / "vxlan.pcap",
    CAPTURES / "interface-any.pcap",
    CAPTURES / "pcapng.pcapng",
    PUBLIC / "zeek-wstunnel-ssh.pcap",
]
FILTERS = [
    "tcp",
    "udp",
    "not tcp",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "tcp port 18081 or tcp port 80",
    "vlan 42 and tcp",
    "vlan",
    "ip[6:2] & 0x3fff != 0",
    "ip[6:2] & 0x1fff != 0",
    "udp port 4789",
    "host 127.0.0.1 and greater 100",
    "src net 192.0.2.0/24",
    "ip6",
    "len > 80 and not arp",
    "",
]


def by_tcpdump(path, text):
    """The packets that tcpdump selects, or its complaint."""
    command = ["tcpdump", "-n", "-r", str(path), "-w", "-", text]
    ran = subprocess.run(command, check=False, capture_output=True, timeout=60)
    return ran.stdout[24:] if ran.returncode == 0 else ran.stderr.decode()


def records(path, tmp_path, text):
    """The same from us, as tcpdump writes them (both in the classic form, microseconds)."""
    _, packets = read(path, capture_filter=text)
    again = tmp_path / "again.pcap"
    again.write_bytes(pcap([(time, data, wire) for _, time, _, data, wire, _ in packets]))
    return again.read_bytes()[24:]


@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_selects_what_tcpdump_selects(path, text, tmp_path):
    theirs = by_tcpdump(path, text)
    if isinstance(theirs, str):
        with pytest.raises(UserError) as raised:
            read(path, capture_filter=text)
        assert str(raised.value).split('"')[3] in theirs
    else:
        assert records(path, tmp_path, text) == theirs


def test_the_filters_tell_packets_apart():
    """Each selects something of one capture, and less than all."""
    for text in set(FILTERS) - {"", "ip6"}:
        counts = []
        for path in STORED:
            if isinstance(by_tcpdump(path, text), str):
                continue
            captures, packets = read(path, capture_filter=text)
            (file,) = captures.files
            assert file.filtered_out == file.packets - len(packets)
            counts.append((len(packets), file.packets))
        some, every = map(sum, zip(*counts, strict=True))
        assert 0 < some < every, text


def test_numbers_stay_those_of_the_file():
    _, every = read(CAPTURES / "vxlan.pcap")
    _, some = read(CAPTURES / "vxlan.pcap", capture_filter="udp")
    assert some
    assert set(some) < set(every)


def test_compiled_for_each_link_type(tmp_path):
    story = rewriting.load(CAPTURES / "nginx-idle.pcap")
    for link in rewriting.LINKS:
        path = tmp_path / f"{link}.pcap"
        path.write_bytes(rewriting.pcap(story, link))
        text = "vlan and tcp" if link == "vlan" else "vlan and vlan and tcp"
        text = text if link in ("vlan", "qinq") else "tcp"
        captures, packets = read(path, capture_filter=f"{text} port 18081")
        (file,) = captures.files
        assert 0 < len(packets) < file.packets, link
        assert records(path, tmp_path, text) == by_tcpdump(path, text), link


def test_files_of_different_link_types_in_one_capture(tmp_path):
    story = rewriting.load(CAPTURES / "nginx-idle.pcap")
    half = len(story) // 2
    for name, part, link in (("a", story[:half], "ethernet"), ("b", story[half:], "raw")):
        (tmp_path / name).write_bytes(rewriting.pcap(part, link))
    captures, packets = read(tmp_path / "a", tmp_path / "b", capture_filter="tcp")
    assert len(packets) == len(story)
    assert [file.filtered_out for file in captures.files] == [0, 0]


def test_a_tunnel_is_what_the_wire_has(tmp_path):
    """As for tcpdump: a filter looks at the outer packet."""
    path = tmp_path / "tunnel.pcap"
    path.write_bytes(wrapped(rewriting.load(CAPTURES / "nginx-idle.pcap"), "vxlan"))
    assert wsdebug.Session([str(path)], capture_filter="tcp")
    assert read(path, capture_filter="tcp")[1] == []
    assert len(read(path, capture_filter="udp port 4789")[1]) > 10


REFUSED = [
    ("tcp prot 80", "syntax error", 'it can be read up to "tcp".'),
    ("tcp port 80 adn host 192.0.2.1", "syntax error", 'up to "tcp port 80".'),
    ("host", "syntax error", "for link type ETHERNET"),
    ("tcp port 99999", "illegal port number 99999 > 65535", 'up to "tcp"'),
    ("ip and ip6 and arp", "expression rejects all packets", 'up to "ip"'),
    ("tcp[", "", "refuses"),
    ("tcp \x1b[31m", "", "\\x1b"),
]


@pytest.mark.parametrize(("text", "words", "place"), REFUSED)
def test_a_bad_filter_is_2_with_the_words_of_libpcap(text, words, place, capsys):
    assert main(["read", str(CAPTURES / "nginx-idle.pcap"), "-f", text]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert place in err
    assert "pcap-filter" in err
    assert "\x1b" not in err


def test_a_filter_that_does_not_fit_the_link_type_names_it(tmp_path, capsys):
    path = tmp_path / "raw.pcap"
    path.write_bytes(rewriting.pcap(rewriting.load(CAPTURES / "nginx-idle.pcap"), "raw"))
    assert main(["read", str(path), "-f", "ether host 02:00:00:00:00:01"]) == 2
    assert "for link type RAW" in capsys.readouterr().err


def test_without_libpcap_the_filter_is_refused_and_nothing_read(monkeypatch, capsys):
    def missing(name):
        raise OSError(name)

    filters._library.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", missing)
    try:
        assert main(["read", str(CAPTURES / "nginx-idle.pcap"), "-f", "tcp"]) == 2
    finally:
        filters._library.cache_clear()
    out, err = capsys.readouterr()
    assert out == ""
    assert "needs libpcap, which is not installed" in err
    assert "apt install libpcap0.8" in err


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_the_report_says_how_many_were_left_out(form, capsys):
    assert main(["read", str(CAPTURES / "nginx-idle.pcap"), "-f", "port 18081", "-F", form]) in (
        0,
        1,
    )
    assert " filtered out)" in capsys.readouterr().out
    assert main(["read", str(CAPTURES / "nginx-idle.pcap"), "-f", "udp", "-F", form]) == 3
    assert "The capture filter left out" in capsys.readouterr().out
    assert main(["read", str(CAPTURES / "nginx-idle.pcap"), "-f", "tcp", "-F", form]) in (0, 1)
    assert "filtered out" not in capsys.readouterr().out


def test_one_leg_of_a_proxy_can_be_chosen():
    session = wsdebug.Session([str(CAPTURES / "nginx-idle.pcap")], capture_filter="port 18081")
    found = []
    for _ in session.run(found.append):
        pass
    assert len(found) == 1
    assert len(wsdebug.read(CAPTURES / "nginx-idle.pcap").connections) == 2


def test_packets_without_time_and_longer_than_any_snap_length(tmp_path):
    path = tmp_path / "long.pcapng"
    play = Play().handshake()
    raw = play.packets[0][3]
    path.write_bytes(pcapng([(1_700_000_000 * 10**9, raw + bytes(400_000), len(raw) + 400_000)]))
    assert len(read(path, capture_filter="tcp")[1]) == 1
    assert len(read(path, capture_filter="greater 400000")[1]) == 1
