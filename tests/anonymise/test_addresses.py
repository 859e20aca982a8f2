"""Addresses: equal stays equal, the kind stays, the text is as long, and none is what it was."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wsdebug.anonymise.addresses import Addresses
from wsdebug.anonymise.hosts import Hosts
from wsdebug.anonymise.secret import Secret

SECRET = Secret(b"a key for tests")
ADDRESSES = Addresses(SECRET)
KINDS = ("is_private", "is_loopback", "is_link_local", "is_multicast")
V4 = st.binary(min_size=4, max_size=4)
V6 = st.binary(min_size=16, max_size=16)


@settings(max_examples=300, deadline=None)
@given(V4)
@example(bytes([198, 18, 0, 0]))
@example(bytes([192, 0, 0, 1]))
@example(bytes([192, 0, 0, 171]))
@example(bytes([192, 0, 1, 1]))
@example(bytes([192, 0, 2, 1]))
@example(bytes([198, 51, 100, 1]))
@example(bytes([203, 0, 113, 1]))
def test_ipv4_keeps_its_kind_and_its_digits(raw):
    old, new = ipaddress.ip_address(raw), ipaddress.ip_address(ADDRESSES.ip(raw))
    assert [len(part) for part in str(old).split(".")] == [
        len(part) for part in str(new).split(".")
    ]
    for kind in KINDS:
        assert getattr(old, kind) == getattr(new, kind) or old in _FEW, kind
    assert old != new or old in _SAME


_SAME = {ipaddress.ip_address(each) for each in ("0.0.0.0", "255.255.255.255")}
_FEW = _SAME | set()


@settings(max_examples=200, deadline=None)
@given(st.lists(V4, unique=True, min_size=2, max_size=40))
def test_different_addresses_stay_different(raws):
    assert len({ADDRESSES.ip(raw) for raw in raws}) == len(raws)


def test_one_network_stays_one_network():
    told = {ADDRESSES.ip(bytes((203, 7, 113, last)))[:3] for last in range(256)}
    assert len(told) == 1
    assert len({ADDRESSES.ip(bytes((203, 7, 113, last))) for last in range(256)}) == 256


@settings(max_examples=200, deadline=None)
@given(V6)
def test_ipv6_is_written_as_long(raw):
    old = ipaddress.ip_address(raw)
    new = ADDRESSES.text(str(old))
    if new is None:  # with an IPv4 address in it: replaced letter by letter
        assert "." in str(old)
        return
    assert len(new) == len(str(old))
    assert ipaddress.ip_address(new).packed == ADDRESSES.ip(raw)
    for kind in ("is_loopback", "is_link_local", "is_multicast"):
        assert getattr(old, kind) == getattr(ipaddress.ip_address(new), kind)


@pytest.mark.parametrize("text", ["2001:db8::1", "fe80::1:2", "2001:DB8:0:0:1::A", "1::", "::2"])
def test_the_text_is_that_of_the_packet(text):
    new = ADDRESSES.text(text)
    assert new is not None
    assert ipaddress.ip_address(new).packed == ADDRESSES.ip(ipaddress.ip_address(text).packed)
    assert len(new) == len(text)
    assert new != text


def test_loopback_of_ipv6_has_no_other():
    assert ADDRESSES.text("::1") == "::1"


def test_hardware_addresses():
    one, other = (
        ADDRESSES.mac(b"\x00\x1b\x21\x3c\x4d\x5e"),
        ADDRESSES.mac(b"\x00\x1b\x21\x3c\x4d\x5f"),
    )
    assert one != other
    assert one[0] & 3 == 2
    assert ADDRESSES.mac(b"\x01\0\x5e\1\2\3")[0] & 1
    assert [ADDRESSES.mac(each) for each in (bytes(6), b"\xff" * 6)] == [bytes(6), b"\xff" * 6]


def test_hosts_in_a_text():
    hosts = Hosts(SECRET, ADDRESSES)
    told = hosts.within("1.1 proxy7.corp.example (Boost.Beast/266), for=10.1.2.3, Python/3.12.1.4")
    assert "corp" not in told
    assert "10.1.2.3" not in told
    assert "Boost.Beast/266" in told
    assert "Python/3.12.1.4" in told
    assert told.startswith("1.1 ")
    assert hosts.authority("API.Example.org:8443").endswith(":8443")
    assert hosts.authority("API.Example.org").lower() == hosts.authority("api.example.org")
    assert hosts.authority("localhost:80") == "localhost:80"
    assert hosts.authority("[2001:db8::1]:80") == f"[{ADDRESSES.text('2001:db8::1')}]:80"
