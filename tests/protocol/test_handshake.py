"""What makes an exchange a handshake, and the fact made of it."""

import pytest
from wsproto.utilities import generate_accept_token

from wsdebug.http import parse_head
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.limits import Limits
from wsdebug.model.place import Side
from wsdebug.protocol import keys as keys_of_a_capture
from wsdebug.protocol.handshake import (
    is_other_protocol,
    is_upgrade_request,
    make_handshake,
    names_websocket,
)
from wsdebug.protocol.keys import Keys, accept_value

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def request(*lines, limits=None):
    data = "\r\n".join(["GET /x HTTP/1.1", *lines, "", ""]).encode("latin-1")
    return parse_head(data, Side.CLIENT, limits=limits or Limits())


def response(*lines, status=101, end=("", "")):
    data = "\r\n".join([f"HTTP/1.1 {status} X", *lines, *end]).encode()
    return parse_head(data, Side.SERVER)


def test_accept_value_is_that_of_the_rfc_and_of_wsproto():
    assert accept_value(KEY) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 1.3
    assert accept_value("x") == generate_accept_token(b"x").decode()
    assert accept_value("\xff")
    assert accept_value("\u20ac")


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["Upgrade: websocket"], True),
        (["upgrade: WebSocket"], True),
        (["Upgrade: h2c, websocket/13"], True),
        (["Upgrade: h2c", "Upgrade: websocket"], True),
        (["Upgrade: h2c"], False),
        (["Upgrade: websockets"], False),
        (["Upgrade: h2c", "sec-websocket-KEY: x"], True),
        (["Sec-WebSocket-Version: 13"], True),
        (["Sec-WebSocket-Protocol: chat"], False),
        ([], False),
    ],
)
def test_upgrade_request(lines, answer):
    assert is_upgrade_request(request(*lines)) is answer


def test_which_101_speaks_of_websocket():
    assert names_websocket(response("Upgrade: WebSocket"))
    assert names_websocket(response("Sec-WebSocket-Accept: x"))
    assert not names_websocket(response("Upgrade: h2c"))


def test_a_101_may_choose_the_other_offer_but_no_made_up_one():
    both = request("Upgrade: websocket, h2c")
    assert is_other_protocol(both, response("Upgrade: h2c"))
    assert not is_other_protocol(both, response("Upgrade: websockets"))
    assert not is_other_protocol(both, response())
    assert not is_other_protocol(both, response("Upgrade: h2c, websocket"))


DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"
OTHER = "Sec-WebSocket-Extensions: x-other"


def test_agreed_is_known_only_from_a_whole_101():
    offer = request("Upgrade: websocket", DEFLATE)
    assert make_handshake(offer, response(DEFLATE)).agreed == Agreed(Deflate())
    assert make_handshake(offer, None).agreed == Agreed(known=False)
    assert make_handshake(offer, response("Upgrade: we", end=())).agreed == Agreed(known=False)
    assert make_handshake(offer, response(DEFLATE, status=200)).agreed == Agreed()


def test_without_a_whole_request_what_was_accepted_may_have_been_offered():
    assert make_handshake(None, response(OTHER)).agreed == Agreed(unknown=("x-other",))
    cut = request("Upgrade: websocket", "A: b", limits=Limits(fields=1))
    assert make_handshake(cut, response(OTHER)).agreed == Agreed(unknown=("x-other",))
    assert make_handshake(request(), response(OTHER)).agreed == Agreed()


def test_a_wrong_accept_value_is_traced_to_its_key():
    keys = Keys()
    keys.note("other")
    mine = request(f"Sec-WebSocket-Key: {KEY}")
    keys.note(KEY)
    theirs = response(f"Sec-WebSocket-Accept: {accept_value('other')}")
    assert make_handshake(mine, theirs, keys).accept_of == "other"
    right = response(f"Sec-WebSocket-Accept: {accept_value(KEY)}")
    assert make_handshake(mine, right, keys).accept_of is None
    assert make_handshake(mine, response("Sec-WebSocket-Accept: x"), keys).accept_of is None


def test_remembered_keys_are_bounded(monkeypatch):
    monkeypatch.setattr(keys_of_a_capture, "_MOST", 1)
    keys = Keys()
    keys.note("a")
    keys.note("b")
    assert keys.asking_for(accept_value("a")) == "a"
    assert keys.asking_for(accept_value("b")) is None
    keys = Keys()
    keys.note("a" * 65)
    assert keys.asking_for(accept_value("a" * 65)) is None
