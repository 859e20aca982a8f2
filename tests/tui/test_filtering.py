"""A filter on the screen: it answers as `-Y` does, and looks at each row once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.analysis.conversation import Conversation
from tests.report.samples import make_connection
from tests.stored import ALL
from tests.tui.synthetic import Synthetic
from wsdebug.analysis import Session
from wsdebug.query import parse
from wsdebug.tui.filtering import Filtering
from wsdebug.tui.find_line import FILTER
from wsdebug.tui.finding import Finding, _pieces

CAPTURES = [
    "fragments-and-pings", "split-character", "violations-to-websockets", "violations-to-ws",
    "deflate-shapes",
]  # fmt: skip
FILTERS = [
    'op == cont and "🙂"',
    'op == cont and text contains "a"',
    "op == cont and fin == 1 and text",
    'text matches "^.{2,4}$"',
    'text == "Hello"',
    'payload contains "a" and fin == 0',
    "op == cont and payload",
    "op == cont and text == null",
    "json.type",
    "close.code >= 1000",
    "ping",
    'op == ping and payload contains "p"',
    "gap > 0.1s and op == cont",
]


def session_of(path, text=None):
    wanted = None if text is None else parse(text)
    session = Session([str(path)], rows=True, wanted=wanted)
    chosen = []
    for _ in session.run(chosen.append):
        pass
    return session, {(one.client.port, one.tcp_stream) for one in chosen}


def on_screen(store, text):
    filtering = Filtering(store, parse(text))
    filtering.work(None, lambda: False)
    assert filtering.is_done
    return {
        (one.client.port, one.tcp_stream) for one in store.connections if filtering.wants(one.id)
    }


@pytest.mark.parametrize("name", CAPTURES)
def test_the_screen_chooses_what_the_command_line_chooses(name):
    store = session_of(ALL[name])[0].store
    for text in FILTERS:
        assert (text, on_screen(store, text)) == (text, session_of(ALL[name], text)[1])


@pytest.fixture
def fragmented(tmp_path):
    talk = Conversation().upgrade()
    talk.tells(talk.server, 1, b"a", fin=False)
    for _ in range(300):
        talk.tells(talk.server, 0, b"b", fin=False)
    talk.tells(talk.server, 0, b"c")
    talk.bye()
    return session_of(talk.pcap(tmp_path))[0].store


class _Counting:
    """A store that counts rows looked at and passes over payloads."""

    def __init__(self, store):
        self._store = store
        self.taken = self.passes = 0

    def __getattr__(self, name):
        return getattr(self._store, name)

    def glances(self, *arguments):
        for glance in self._store.glances(*arguments):
            self.taken += 1
            yield glance

    def payload(self, *_):
        raise AssertionError("payloads are read in one pass")

    walk = payload

    def sweep(self, *arguments):
        self.passes += 1
        for passed in self._store.sweep(*arguments):
            self.taken += passed.row is not None
            yield passed


@pytest.mark.parametrize("text", ["gap >= 0s", 'text contains "bbbc"', 'payload matches "^ab+c$"'])
def test_each_row_is_taken_once_and_payloads_are_read_in_one_pass(fragmented, text):
    store = _Counting(fragmented)
    filtering = Filtering(store, parse(text))
    filtering.work(None, lambda: False)
    reads = "gap" not in text
    assert store.taken == (304 if reads else len(fragmented.rows(1)))  # frames, or all rows
    assert store.passes == reads
    assert filtering.matches == (1 if "gap" not in text else 303)


def test_it_says_how_far_it_is():
    source = Synthetic(2)
    source.finish(make_connection(1))
    filtering = Filtering(source, parse('text contains "never"'))
    shares = []
    filtering.work(None, lambda: shares.append(filtering.share) or filtering.share >= 0.4)
    assert [*dict.fromkeys(shares)] == [0, 0.2, 0.4]
    assert not filtering.is_done
    said = []
    line = SimpleNamespace(is_open=True, mode=FILTER, verdict=lambda text, **_: said.append(text))
    screen = SimpleNamespace(
        find_line=line, filtering=filtering, trace=SimpleNamespace(order=[1]), _is_wrong=False
    )
    Finding.say_matches(screen)
    screen.filtering = filtering = Filtering(source, parse('text contains "never"'))
    filtering.work(None, lambda: False)
    assert filtering.share == 1
    Finding.say_matches(screen)
    assert said == ["so far, 40 %, 0 lines, 1 connection", "ok, 0 lines, 1 connection"]


@pytest.mark.parametrize("place", [0, 1, 255, 256, 9_999])
@pytest.mark.parametrize("step", [1, -1])
def test_a_search_goes_once_round_in_few_pieces(place, step):
    order, pieces = [], list(_pieces(place, step, 10_000))
    for piece in pieces:
        order += piece if step > 0 else reversed(piece)
    assert order == [(place + step * at) % 10_000 for at in range(1, 10_001)]
    assert len(pieces[0]) <= 256
    assert len(pieces) < 9
