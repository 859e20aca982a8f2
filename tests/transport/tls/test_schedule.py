"""Keys from secrets, against the published traces (RFC 8448 3)."""

from __future__ import annotations

import pytest

from wsdebug.transport.tls.schedule import next_secret, traffic_keys
from wsdebug.transport.tls.suites import suite_name, suite_of

AES128 = suite_of(0x1301)


@pytest.mark.parametrize(
    ("secret", "key", "iv"),
    [
        (
            "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
            "dbfaa693d1762c5b666af5d950258d01",
            "5bd3c71b836e0b76bb73265f",
        ),
        (
            "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
            "3fce516009c21727d0f2e4e86ee403bc",
            "5d313eb2671276ee13000b30",
        ),
    ],
    ids=["client", "server"],
)
def test_the_handshake_keys_of_the_published_trace(secret: str, key: str, iv: str) -> None:
    assert AES128 is not None
    assert traffic_keys(AES128, bytes.fromhex(secret)) == (bytes.fromhex(key), bytes.fromhex(iv))


def test_a_key_update_gives_another_secret_of_the_same_length() -> None:
    assert AES128 is not None
    first = bytes(32)
    assert len(next_secret(AES128, first)) == 32
    assert next_secret(AES128, first) != first


@pytest.mark.parametrize(
    ("code", "mode", "key", "of_schedule", "mac"),
    [
        (0x1302, "GCM", 32, "sha384", ""),
        (0x1303, "CHACHA20", 32, "sha256", ""),
        (0x1305, "CCM_8", 16, "sha256", ""),
        (0xC0AF, "CCM_8", 32, "sha256", ""),
        (0xC02C, "GCM", 32, "sha384", ""),
        (0xCCA9, "CHACHA20", 32, "sha256", ""),
        (0x002F, "CBC", 16, "sha256", "sha1"),
        (0xC023, "CBC", 16, "sha256", "sha256"),
        (0xC024, "CBC", 32, "sha384", "sha384"),
        (0x00AB, "GCM", 32, "sha384", ""),
        (0x008C, "CBC", 16, "sha256", "sha1"),
        (0xC0A9, "CCM_8", 32, "sha256", ""),
        (0xCCAC, "CHACHA20", 32, "sha256", ""),
        (0xD003, "CCM_8", 16, "sha256", ""),
        (0xD005, "CCM", 16, "sha256", ""),
    ],
)
def test_a_suite_is_read_from_its_name(code, mode, key, of_schedule, mac) -> None:
    suite = suite_of(code)
    assert suite is not None
    assert (suite.mode, suite.key_length, suite.hash, suite.mac) == (mode, key, of_schedule, mac)


def test_a_suite_that_is_not_known_has_no_keys_and_a_number_for_a_name() -> None:
    assert suite_of(0x000A) is None
    assert suite_name(0x000A) == "0x000A"
