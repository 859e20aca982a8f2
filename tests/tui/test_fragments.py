"""A fragment's payload tab shows the whole message; its bytes tab stays with the frame."""

from __future__ import annotations

import pytest

from tests.analysis.conversation import Conversation, deflated
from tests.tui.acting import act, settled
from wsdebug.analysis import Session
from wsdebug.tui import clipboard, fragments
from wsdebug.tui.detail import read_detail

WHOLE = b'{"type":"price","sym":"EURUSD"}'
PARTS = (WHOLE[:5], WHOLE[5:9], b"", WHOLE[9:20], WHOLE[20:])


def talk_of(*parts, opcode=1, between=(), deflate=False, side="client"):
    talk = Conversation().upgrade(deflate=deflate)
    speaker = getattr(talk, side)
    for at, part in enumerate(parts):
        first = {"rsv": 4} if deflate and not at else {}
        talk.tells(speaker, 0 if at else opcode, part, fin=at == len(parts) - 1, **first)
        for other, kind, payload in between:
            talk.tells(getattr(talk, other), kind, payload)
    return talk


def store_of(talk, tmp_path):
    session = Session([str(talk.pcap(tmp_path))], rows=True)
    for _ in session.run(lambda _: None):
        pass
    return session.store


def detail_of(store, side, number):
    return read_detail(store, 1, store.row_of(1, side, number))


BETWEEN = (("client", 9, b"?"), ("server", 1, b"meanwhile"), ("server", 10, b"?"))


@pytest.mark.parametrize("between", [(), BETWEEN])
@pytest.mark.parametrize("number", range(5))
def test_each_fragment_shows_the_whole_message(tmp_path, number, between):
    store = store_of(talk_of(*PARTS, between=between).bye(), tmp_path)
    found = detail_of(store, "client", number * (2 if between else 1))
    assert found.content == WHOLE
    assert found.message.place == f"fragment {number + 1} of 5"
    assert found.message.is_whole
    assert found.raw[found.header :] != WHOLE
    assert found.base == sum(map(len, PARTS[:number]))


def test_a_frame_by_itself_is_no_fragment(tmp_path):
    store = store_of(talk_of(WHOLE).bye(), tmp_path)
    assert detail_of(store, "client", 0).message is None


@pytest.mark.parametrize("number", range(3))
def test_a_compressed_message_is_inflated_as_a_whole(tmp_path, number):
    packed = deflated(WHOLE * 20)
    third = len(packed) // 3
    parts = packed[:third], packed[third : 2 * third], packed[2 * third :]
    found = detail_of(store_of(talk_of(*parts, deflate=True).bye(), tmp_path), "client", number)
    assert found.content == WHOLE * 20
    assert found.base is None
    assert "620 bytes, inflated" in found.size


def test_views_see_the_whole_message(tmp_path):
    path = str(talk_of(*PARTS, side="server").bye().pcap(tmp_path))

    async def look(screen, pilot):
        await pilot.press("2", "g", "slash", *"op == cont and fin", "enter", "4", "]", "]")
        await settled(screen.app, pilot)
        texts = [each.text for each in screen.detail.lines]
        assert "[json]" in texts[0].lower()
        assert "fragment 5 of 5, the whole message: 31 bytes" in _joined(texts[:2])
        assert any('"EURUSD"' in each for each in texts)
        await pilot.press("y", "p")
        await settled(screen.app, pilot)
        assert screen.app.clipboard == WHOLE.decode()
        await pilot.press("[")
        dumped = [each.text for each in screen.detail.lines]
        assert len(dumped) == 2
        assert dumped[0].startswith("000000  80 0b")

    act(path, then=look)


def _joined(texts):
    return " ".join(" ".join(texts).split())


def test_a_message_without_its_end_says_so(tmp_path):
    talk = talk_of(*PARTS)
    talk.packets = talk.packets[:-4]
    found = detail_of(store_of(talk, tmp_path), "client", 0)
    assert "fragment 1 of 3 so far, its end was not found" in found.size
    assert found.content == WHOLE[:9]


def test_a_message_without_its_beginning_is_not_guessed(tmp_path):
    talk = Conversation().upgrade()
    talk.tells(talk.client, 0, b"lost", fin=False)
    talk.tells(talk.client, 0, b"end")
    found = detail_of(store_of(talk.bye(), tmp_path), "client", 1)
    assert found.message is None
    assert found.content == b"end"


def test_a_new_message_inside_ends_the_one_before(tmp_path):
    talk = Conversation().upgrade()
    talk.tells(talk.client, 1, b"one", fin=False)
    talk.tells(talk.client, 1, b"two", fin=False)
    talk.tells(talk.client, 0, b"!")
    store = store_of(talk.bye(), tmp_path)
    assert detail_of(store, "client", 0).content == b"one"
    assert detail_of(store, "client", 0).message.total == 1
    assert detail_of(store, "client", 2).content == b"two!"


def test_a_hole_in_another_fragment_is_named(tmp_path):
    talk = talk_of(b"a" * 3000, b"b" * 10, b"c" * 10).bye()
    first = next(at for at, each in enumerate(talk.packets) if len(each[3]) > 3000)
    number, time, link, data, length, *rest = talk.packets[first]
    talk.packets[first] = (number, time, link, data[:-1000], length, *rest)
    found = detail_of(store_of(talk, tmp_path), "client", 2)
    assert found.content_holes == ((2000, 1000),)
    assert found.content == b"a" * 2000 + bytes(1000) + b"b" * 10 + b"c" * 10
    assert not found.message.is_whole
    assert "1000 bytes missing" in clipboard.payload_text(found).replace("1 000", "1000")


def test_limits_hold(tmp_path, monkeypatch):
    store = store_of(talk_of(*[b"x" * 100] * 50).bye(), tmp_path)
    row = store.rows(1)[store.row_of(1, "client", 30)]
    found = fragments.message_of(store, 1, row, 200)
    assert len(found.content) == 3200
    assert not found.is_whole
    assert found.size == "of the message: first 3 200 bytes"
    monkeypatch.setattr(fragments, "DEEPEST", 1000)
    assert len(fragments.message_of(store, 1, row, 200).content) == 1000
    monkeypatch.setattr(fragments, "_MOST", 10)
    assert fragments.message_of(store, 1, row, 200) is None


def test_what_nobody_waits_for_is_read_no_further(tmp_path):
    store = store_of(talk_of(*[b"x" * 100] * 50).bye(), tmp_path)
    row = store.rows(1)[store.row_of(1, "client", 49)]
    asked = []
    found = fragments.message_of(store, 1, row, 200, lambda: asked.append(1) or len(asked) > 3)
    assert len(found.content) <= 300
    assert not found.is_whole
