"""A key log is read leniently: what is no line of one is counted, the rest counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wsdebug.transport.tls import KeyLog

RANDOM = bytes(range(32))
LINE = f"CLIENT_TRAFFIC_SECRET_0 {RANDOM.hex()} {'ab' * 32}\n".encode()
OTHER = f"SERVER_TRAFFIC_SECRET_0 {RANDOM.hex()} {'CD' * 48}\r\n".encode()


def read(data: bytes, most: int = 1 << 20) -> KeyLog:
    log = KeyLog(most)
    log.feed(data)
    log.end()
    return log


def test_secrets_stand_under_their_client_random() -> None:
    log = read(b"# a remark\n\n" + LINE + OTHER)
    assert log.secrets(RANDOM) == {
        "CLIENT_TRAFFIC_SECRET_0": b"\xab" * 32,
        "SERVER_TRAFFIC_SECRET_0": b"\xcd" * 48,
    }
    assert (log.sessions, log.bad) == (1, 0)


def test_what_is_no_line_is_counted_with_its_number() -> None:
    log = read(b"hello\n" + LINE + b"CLIENT_RANDOM 12 34\n\x00\xff\n")
    assert (log.bad, log.bad_lines) == (3, [1, 3, 4])
    assert log.secrets(RANDOM)


def test_labels_of_other_uses_are_no_fault() -> None:
    log = read(f"EXPORTER_SECRET {RANDOM.hex()} {'ab' * 32}\n".encode())
    assert (log.sessions, log.bad) == (0, 0)


def test_what_openssl_writes_beside_a_session_with_rsa_key_exchange_is_no_fault() -> None:
    line = f"RSA {'0f' * 8} {'0303' + 'ab' * 46}\n".encode()
    assert (read(line).sessions, read(line).bad) == (0, 0)


def test_a_byte_order_mark_does_not_cost_the_first_line() -> None:
    log = read(b"\xef\xbb\xbf" + LINE)
    assert (log.sessions, log.bad) == (1, 0)


def test_a_last_line_without_its_end_counts_once_the_log_is_over() -> None:
    log = KeyLog(1 << 20)
    log.feed(LINE.rstrip())
    assert not log.secrets(RANDOM)
    log.end()
    assert log.secrets(RANDOM)


def test_a_cut_line_is_a_bad_one() -> None:
    assert read(LINE[:-20]).bad == 1


def test_master_keys_by_session_id() -> None:
    line = f"RSA Session-ID:{'01' * 32} Master-Key:{'02' * 48}\n".encode()
    assert read(line).master(b"\x01" * 32) == b"\x02" * 48
    assert read(line).master(b"") is None


def test_no_more_is_kept_than_the_limit_allows() -> None:
    lines = b"".join(f"CLIENT_RANDOM {number:064x} {'ab' * 48}\n".encode() for number in range(100))
    log = read(lines, most=1_000)
    assert log.is_full
    assert 0 < log.sessions < 10


def test_a_line_without_end_takes_no_memory() -> None:
    log = KeyLog(1 << 20)
    for _ in range(100):
        log.feed(b"A" * 10_000)
    log.feed(b"\n" + LINE)
    assert (log.bad, bool(log.secrets(RANDOM))) == (1, True)


@given(st.lists(st.integers(0, len(LINE + OTHER)), max_size=6))
def test_wherever_it_is_cut(cuts: list[int]) -> None:
    data, log, at = LINE + OTHER, KeyLog(1 << 20), 0
    for cut in sorted(cuts):
        log.feed(data[at:cut])
        at = cut
    log.feed(data[at:])
    assert len(log.secrets(RANDOM)) == 2


@given(st.binary(max_size=300))
def test_nothing_in_it_raises(data: bytes) -> None:
    log = read(data)
    assert log.sessions >= 0


def test_the_lines_of_a_session_can_be_written_again() -> None:
    log = read(LINE + OTHER)
    assert read(log.lines(RANDOM)).secrets(RANDOM) == log.secrets(RANDOM)
    assert log.lines(bytes(32)) == b""
