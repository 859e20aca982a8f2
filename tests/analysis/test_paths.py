"""Two legs of a proxy that draws its own key: known by time and payload, and by nothing less."""

from __future__ import annotations

import pytest

import wsdebug
from tests.analysis.streams import KEY, Capture, Talk, accept, request
from tests.protocol.streams import frame

FRONT = (b"\x0a\0\0\1", b"\x0a\0\0\2")
BACK = (b"\x0a\0\0\2", b"\x0a\0\0\3")
OTHER = b"AQIDBAUGBwgJCgsMDQ4PEA=="
PRICES = frame(1, b"a price of 17.25 and what else the server says")
LONG = frame(1, b"a price of 17.25, " * 9)


def relayed(folder, *, behind=BACK, server=81, said=PRICES, passed=PRICES, key=OTHER, extra=False):
    """A client, a relay and a server; the relay hangs up on both after a while."""
    capture = Capture()
    front = Talk(capture, 4_001, 80, FRONT)
    front.say("c", request())
    backs = [Talk(capture, 4_002 + n, server, behind) for n in range(2 if extra else 1)]
    for number, back in enumerate(backs):
        back.say("c", request().replace(KEY, key[number:] + key[:number]))
        back.say("s", accept())
    front.say("s", accept())
    for back in backs:
        back.say("s", said)
    front.say("s", passed)
    for back in backs:
        back.send("c", 0x11)
    front.send("s", 0x11)
    for talk, who in ((front, "c"), *((back, "s") for back in backs)):
        talk.send(who, 0x11)
    analysis = wsdebug.read(capture.write(folder))
    return [one.end.by for one in analysis.connections]


def test_a_relay_with_a_key_of_its_own_is_one_path(tmp_path):
    assert relayed(tmp_path) == ["middlebox", "middlebox"]


def test_the_first_bytes_may_come_with_the_101(tmp_path):
    capture = Capture()
    front = Talk(capture, 4_001, 80, FRONT)
    front.say("c", request())
    back = Talk(capture, 4_002, 81, BACK)
    back.say("c", request().replace(KEY, OTHER))
    back.say("s", accept() + PRICES)
    front.say("s", accept())
    front.say("s", PRICES[:20])
    front.say("s", PRICES[20:])
    back.send("c", 0x11)
    front.send("s", 0x11)
    analysis = wsdebug.read(capture.write(tmp_path))
    assert [one.end.by for one in analysis.connections] == ["middlebox", "middlebox"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"passed": frame(1, b"other words of the same length as the")}, id="payload"),
        pytest.param({"said": frame(1, b"hi"), "passed": frame(1, b"hi")}, id="too-short"),
        pytest.param({"passed": PRICES * 2}, id="more frames"),
        pytest.param(
            {"said": LONG + frame(1, b"end"), "passed": LONG + frame(1, b"the end")},
            id="more bytes",
        ),
        pytest.param({"behind": (b"\x0a\0\0\x09", b"\x0a\0\0\3")}, id="from-elsewhere"),
        pytest.param({"behind": FRONT[1:] * 2, "server": 80}, id="same-server"),
    ],
)
def test_what_is_no_path(tmp_path, change):
    assert relayed(tmp_path, **change) == ["server", "client"]


def test_two_that_may_be_the_second_leg_are_none(tmp_path):
    assert relayed(tmp_path, extra=True) == ["server", "client", "client"]


def test_one_key_for_two_connections_to_one_server_is_no_path(tmp_path):
    """A hand-written client with the key of the standard's example."""
    assert relayed(tmp_path, behind=FRONT, key=KEY, server=80) == ["server", "client"]
