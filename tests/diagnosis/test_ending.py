"""Every row of REPORT's table of endings, and what each application saw."""

from __future__ import annotations

import pytest

from tests.diagnosis.lives import life
from wsdebug.diagnosis.application import seen_by_application
from wsdebug.diagnosis.ending import ending
from wsdebug.model.place import Side

ROWS = [
    # the handshake
    ("", {"handshake": "rejected", "status": 404}, "handshake-rejected server error"),
    ("C fin @20", {"handshake": "no-response"}, "handshake-timeout client error"),
    ("C fin @1", {"handshake": "no-response"}, "fin client error"),
    ("S fin @9", {"handshake": "no-response"}, "fin server error"),
    ("S rst @1", {"handshake": "no-response"}, "rst server error"),
    ("", {"handshake": "no-response"}, "capture-end unknown note"),
    ("C fin @20", {"handshake": "not-captured"}, "fin client error"),
    # a ladder
    ("S data @5; S ladder 60 @6", {}, "timeout server error"),
    ("S data @5; S ladder 60 @6; C rst @90", {}, "timeout server error"),
    ("S ladder 60 @6; C data @61", {}, "capture-end unknown note"),
    ("C fin @5; S ladder 60 @6", {}, "fin client error"),
    ("S ladder 60 @6; C data @61; C fin @70", {}, "fin client error"),
    # FIN or RST first
    ("C data @5", {}, "capture-end unknown note"),
    ("S fin @9; C fin @10", {}, "fin server error"),
    ("C rst @9", {}, "rst client error"),
    ("C rst! @9", {}, "rst middlebox error"),
    ("S fin @9; C close 1002 @10", {}, "fin server error"),
    ("S fin @9", {"proxy_side": Side.SERVER}, "fin middlebox error"),
    ("C fin @9", {"proxy_side": Side.SERVER}, "fin client error"),
    # a Close may stand in what cannot be read
    ("S unreadable; S fin @9", {}, "fin server note"),
    ("C unreadable; S rst @9", {}, "rst server note"),
    # a Close first
    ("C fin @4; C close 1000 before 4 @5; S close 1000 @6", {}, "clean client note"),
    ("S close 1000 @3; C fin @4; C close 1000 before 4 @5", {}, "clean server note"),
    ("S fin @3; C fin @4; C close 1000 before 4 @5", {}, "fin server error"),
    ("C close 1000 @5; S close 1000 @6; S fin @7", {}, "clean client note"),
    ("C close empty @5; S close empty @6", {}, "clean client note"),
    ("S close 1001 @5; C close 1000 @6; C rst @9", {}, "clean server note"),
    ("S close 1012 @5; C close 4999 @6", {}, "clean server note"),
    ("C close 3000 @5; S close 3000 @6", {}, "clean client note"),
    ("C close 1002 @5; S close 1002 @6", {}, "close-handshake-abnormal client error"),
    ("C close 1000 @5; S close 1011 @6", {}, "close-handshake-abnormal client error"),
    ("C close 1byte @5; S close 1002 @6", {}, "close-handshake-abnormal client error"),
    ("C close 1013 @5; S close 1013 @6", {}, "close-handshake-abnormal client error"),
    ("C close 1000 @5", {"capture_end": 10}, "capture-end unknown note"),
    ("C close 1000 @5", {"capture_end": 11}, "close-one-side client warning"),
    ("C close 1000 @5; S fin @6", {}, "close-one-side client warning"),
    ("C close 1002 @5; S fin @6", {}, "close-one-side client error"),
    ("C close 1000 @5; S rst @6; S close 1000 @7", {}, "close-one-side client warning"),
    # TLS without keys: the TCP rows alone, as notes
    ("S rst @9", {"handshake": "encrypted"}, "rst server note"),
    ("S ladder 60 @6", {"handshake": "encrypted"}, "timeout server note"),
]


@pytest.mark.parametrize(("script", "more", "expected"), ROWS)
def test_a_row_of_the_table(script, more, expected):
    verdict = ending(life(script, **more))
    assert f"{verdict.how} {verdict.by} {verdict.severity.value}" == expected


SEEN = [
    # script, what the client application sees, what the server application sees
    ("C close 1000 @5; S close 1000 @6", 1000, 1000),
    ("C close 1000 @5; S close 1001 @6", 1001, 1000),
    ("C close empty @5; S close empty @6", 1005, 1005),
    ("C close 1000 @5; S fin @6", 1006, 1000),
    ("S fin @4; C close 1000 @5", 1006, 1006),
    ("S rst @4; C close 1000 @5", 1006, 1006),
    ("S bad @3; C close 1002 @5; C fin @6", 1006, 1002),
    ("S bad @3; C close 1002 @5; S close 1002 @6", 1006, 1002),
    ("S bad @3; C close 1000 @5; S close 1000 @6", 1000, 1000),  # it tolerated the violation
    ("S close 1009 @5; C close 1009 @6", 1009, 1006),  # a limit: no violation on the wire
    ("S close 1007 @5; C close 1000 @6", 1007, 1006),
    ("S close 1000 @5; C close 1002 @6", 1000, 1002),  # the server had not failed anything
    ("S close 1011 @5; C close 1011 @6; S fin @7", 1011, 1011),  # an application that closes
    ("S close 1011 @5; S fin @6; C close 1011 @9", 1011, 1006),  # a keepalive that gave up
    ("C close 1byte @5; S close 1002 @6", 1002, 1006),
    ("C close 1006 @5; S fin @6", 1006, 1006),
    ("S fin @9", 1006, 1006),
    ("C close 1000 @5; C fin @6; S close 1000 @7", 1000, 1000),  # half-close after the own Close
    ("C fin @4; S close 1000 @5", 1006, 1006),
    ("C close 1002 @5; S rst @6", 1006, 1006),  # the Close was unread when the socket was closed
    ("C close 1002 @5; S rst! @6", 1006, 1002),  # another's RST says nothing of the server
    ("C close 1000 @5; S fin @6; S rst @7", 1006, 1000),  # a RST behind the own FIN is aftermath
]


@pytest.mark.parametrize(("script", "client", "server"), SEEN)
def test_what_the_application_saw(script, client, server):
    one = life(script)
    seen = seen_by_application(one, ending(one).how)
    assert (seen.client, seen.server) == (client, server)


@pytest.mark.parametrize(
    ("more", "client"),
    [
        ({"handshake": "rejected", "status": 404}, 1006),
        ({"handshake": "no-response"}, 1006),
        ({"handshake": "encrypted"}, None),
    ],
)
def test_without_a_connection_the_server_application_sees_nothing(more, client):
    one = life("C fin @9", **more)
    seen = seen_by_application(one, ending(one).how)
    assert (seen.client, seen.server) == (client, None)


def test_an_open_connection_was_seen_by_nobody():
    one = life("C data @5")
    seen = seen_by_application(one, ending(one).how)
    assert (seen.client, seen.server) == (None, None)
