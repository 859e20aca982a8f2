"""Every stored story, anonymised: the same verdict, and nothing of it left.

A sample in every run; with WSDEBUG_LAB=all every capture.
"""

from __future__ import annotations

import io
import os
import re
from functools import cache
from pathlib import Path

import pytest

from tests.anonymise.material import (
    RUN,
    addresses,
    anonymised,
    http_part,
    payloads,
    runs,
    session_of,
    windows,
)
from tests.stored import ALL, PUBLIC_CAPTURES, STORIES
from wsdebug.analysis import Session
from wsdebug.anonymise import exporting, verdict_of, write_anonymised
from wsdebug.anonymise.checking import fleet_of
from wsdebug.anonymise.heads import KEPT_VALUES_OF, KNOWN_NAMES, SUBPROTOCOLS
from wsdebug.anonymise.words import WORDS, phrases
from wsdebug.model.errors import UserError

SAMPLE = (
    "double-upgrade", "nginx-idle-three", "violations-to-websockets", "handshakes-to-ws-client",
    "deflate-shapes", "shared-socket-json-deflate", "compressed-unasked", "unmasked-client",
    "two-writers", "length-in-characters", "overlap-differs", "application-mqtt", "ipv6", "vlan",
    "application-stomp", "application-signalr", "application-graphql", "socket-io-ping-timeout",
    "keepalive-vanished", "relay-idle", "rejected-401", "tls-to-plain-port",
    "proxy-header", "ssh-port", "interface-any", "vxlan", "zeek-wstunnel-ssh.pcap", "wrong-accept",
    "reconnect-storm", "capture-cut-early", "split-character", "uws-bad-utf8", "plain-to-tls-port",
)  # fmt: skip
NAMES = SAMPLE
if os.environ.get("WSDEBUG_LAB") == "all":  # those with a WebSocket: of others nothing is exported
    truths = {**STORIES, **PUBLIC_CAPTURES}
    NAMES = tuple(name for name, truth in truths.items() if truth.get("connection"))
each = pytest.mark.parametrize("name", NAMES)
SMALL = 200_000
"""Bytes of a stream that are looked through for what is left."""

_ALNUM = re.compile(rb"[A-Za-z0-9\x80-\xff]+")
_WORD = re.compile(rb"[A-Za-z0-9_]+")
_CONSTANTS = re.compile(
    rb"dGhlIHNhbXBsZSBub25jZQ==|s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=|Basic realm|localhost|[: ]\d{2,5}\b"
    rb'|"(?:type|pingInterval|pingTimeout|maxPayload|version|code)" ?: ?[0-9.]+'
    rb"|The plain HTTP request was sent to HTTPS port|request was sent to|Version Not Supported"
)
"""The key of RFC 6455 1.3 and its answer, schemes, this host, ports, figures, a page of nginx."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("anonymised")


@cache
def _before(name: str) -> Session:
    return session_of(ALL[name])


@cache
def _after(name: str, folder: Path) -> Session:
    return anonymised(_before(name), folder / f"{name}.pcapng")


@each
def test_the_verdict_is_the_same(name: str, folder: Path) -> None:
    before, after = _before(name), _after(name, folder)
    assert before.store is not None
    assert after.store is not None
    wanted = [verdict_of(known.report) for known in before.store.connections if known.report]
    assert [verdict_of(known.report) for known in after.store.connections if known.report] == wanted
    fleet = [(cause.code, len(cause.connections)) for cause in before.analysis.fleet]
    assert [(cause.code, len(cause.connections)) for cause in after.analysis.fleet] == fleet


@each
def test_no_payload_is_left(name: str, folder: Path) -> None:
    """Runs of 8 bytes and more: only of words that protocols and libraries use, and what is no
    letter or digit."""
    old: set[bytes] = set()
    for data in payloads(_before(name)):
        old |= windows(data[:SMALL])
    left = [run for data in payloads(_after(name, folder)) for run in runs(old, data[:SMALL])]
    assert [run for run in left if _is_somebodys(run)] == []


@each
def test_no_head_is_left(name: str, folder: Path) -> None:
    """Of heads and bodies the same, besides the headers whose values are no secret."""
    old: set[bytes] = set()
    for data in http_part(_before(name)):
        old |= windows(data[:SMALL])
    for data in http_part(_after(name, folder)):
        for run in runs(old, _without_constants(data[:SMALL])):
            assert not _is_somebodys(run), run


@each
def test_no_address_and_no_host_is_left(name: str, folder: Path) -> None:
    before, after = _before(name), _after(name, folder)
    old, new = addresses(before), addresses(after)
    assert len(old) == len(new)
    assert not old & new
    written = {".".join(map(str, one)).encode() for one in old if len(one) == 4}
    hosts = {
        host.encode("latin-1") for host in _hosts(before) if _ALNUM.search(host.encode("latin-1"))
    }
    text = b"\n".join([*http_part(after), *payloads(after)])
    assert [
        one
        for one in written | hosts
        if re.search(rb"(?<![\w.])%b(?![\w.])" % re.escape(one), text)
    ] == []


def _hosts(session: Session) -> set[str]:
    assert session.store is not None
    reports = [known.report for known in session.store.connections if known.report]
    hosts = {one.handshake.host.rpartition(":")[0] or one.handshake.host
             for one in reports if one.handshake.host}  # fmt: skip
    return hosts - {"localhost", "[::1]"}


def _is_somebodys(run: bytes) -> bool:
    """Whether more than 7 letters and digits in it belong to no known word or sentence, counted
    without what stands between."""
    rest = _CONSTANTS.sub(b" ", phrases().sub(b" ", run))
    words = [word for word in _WORD.findall(rest) if word not in WORDS | SUBPROTOCOLS]
    whole = [word for word in words if not any(known.endswith(word) or known.startswith(word)
                                               for known in WORDS)]  # fmt: skip
    return sum(map(len, whole)) >= RUN


def _without_constants(data: bytes) -> bytes:
    """Heads without start lines, known names and the values that may stay."""
    told = []
    for line in data.split(b"\n"):
        name, colon, value = line.partition(b":")
        key = name.strip().lower()
        if colon and key in KEPT_VALUES_OF:
            continue
        somebodys = value if colon and key in KNOWN_NAMES else line
        told.append(re.sub(rb"HTTP/1\.[01]|\b[A-Z]{3,7}(?= )|\b[1-5]\d\d\b", b"", somebodys))
    return b"\n".join(told)


@pytest.mark.parametrize("name", ["killed-and-stormed", "reconnect-storm", "rejected-503"])
def test_what_befell_several_at_once_is_the_same(name: str, folder: Path) -> None:
    before, after = _before(name), _after(name, folder)
    assert fleet_of(before.analysis.fleet)
    assert fleet_of(after.analysis.fleet) == fleet_of(before.analysis.fleet)


def test_some_connections_take_what_their_server_did_along(folder: Path) -> None:
    with (folder / "some.pcapng").open("wb") as file:
        written = write_anonymised(_before("killed-and-stormed"), [1, 2, 3, 4], file)
    after = session_of(folder / "some.pcapng")
    assert written.packets == after.analysis.captures[0].packets
    assert written.attempts == after.analysis.captures[0].tcp_connections - 4
    after.store.close()
    told = [(cause.code, cause.certainty) for cause in after.analysis.fleet]
    assert ("DX502", "very likely") in told


def test_another_verdict_on_several_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "attempts_beside", lambda *_: [])
    stream = io.BytesIO()
    with pytest.raises(UserError, match="What befell several connections at once"):
        write_anonymised(_before("killed-and-stormed"), list(range(1, 11)), stream)
    assert not stream.getvalue()
