"""The screen over a capture that goes on: what it says, holding still, what is let go."""

from __future__ import annotations

import asyncio

from tests.live.replay import SECOND, Growing
from tests.stored import CAPTURES
from tests.tui.acting import WIDE, main_screen, text_of
from wsdebug.analysis.live_loading import LiveLoader
from wsdebug.cli.clock import CaptureClock
from wsdebug.model.instant import Instant
from wsdebug.model.live import News
from wsdebug.model.place import Side
from wsdebug.model.rows import State
from wsdebug.tui.app import WsdebugApp
from wsdebug.tui.live_text import Book, Meter
from wsdebug.tui.options import Options


class Wire(Growing):
    """A growth that a header can speak of."""

    name, dropped = "eth0", 0
    lost = ("eth1 disappeared.",)

    def __init__(self, path):
        super().__init__(path)
        self.path = str(path)


def on_screen(folder, act, **settings):
    """The screen over an empty file; `act(app, pilot, file)`."""
    path = folder / "wire.pcap"
    path.write_bytes(b"")
    wire, clock = Wire(path), CaptureClock()

    async def run():
        loader = LiveLoader(wire, clock.now, **settings)
        app = WsdebugApp(loader, Options((str(path),), live=wire))
        with path.open("ab", buffering=0) as file:
            async with app.run_test(size=WIDE, notifications=True) as pilot:
                await act(app, pilot, file)
        loader.close()
        assert app.crash is None, app.crash

    asyncio.run(asyncio.wait_for(run(), 60))


async def until(app, pilot, holds):
    for _ in range(500):
        await pilot.pause(0.02)
        if holds():
            return
    raise AssertionError(text_of(app))


def test_connections_appear_and_are_judged_while_the_capture_goes_on(tmp_path):
    data = (CAPTURES / "double-upgrade.pcap").read_bytes()

    async def act(app, pilot, file):
        await until(app, pilot, lambda: "● live eth0" in text_of(app))
        file.write(data[:900])
        await until(app, pilot, lambda: "1 connection" in text_of(app))
        file.write(data[900:])
        await until(app, pilot, lambda: "Two owners took" in text_of(app))
        text = text_of(app)
        assert "0 dropped" in text
        assert "eth1 disappeared" in text
        assert "✗ 1 broken" in text
        known = main_screen(app).trace.known(1)
        assert known.state is State.OVER  # more may come
        await pilot.press("escape")  # leaves the capture alone
        assert "● live eth0" in text_of(app)

    on_screen(tmp_path, act)


def test_a_held_picture_stays_while_the_capture_goes_on(tmp_path):
    data = (CAPTURES / "double-upgrade.pcap").read_bytes()

    async def act(app, pilot, file):
        await until(app, pilot, lambda: "● live eth0" in text_of(app))
        await pilot.press("equals_sign")
        file.write(data)
        store = main_screen(app).trace.store
        await until(app, pilot, lambda: store.connections and store.connections[0].causes)
        text = text_of(app)
        assert "held, = goes on" in text
        assert "DX101" not in text
        await pilot.press("equals_sign")
        await until(app, pilot, lambda: "Two owners took" in text_of(app))

    on_screen(tmp_path, act)


def test_news_stand_with_their_connection_until_they_are_over():
    book = Book()
    begun = News("ping-unanswered", "no pong yet", Instant(0), Side.SERVER, 3, 17, 5.0)
    book.write([(1, begun)])
    assert [line.text for line in book.lines(1, 60)] == ["~ no pong yet (for 5.0 s)"]
    assert book.lines(2, 60) == []
    book.write([(1, News("ping-unanswered", "it came", Instant(0), Side.SERVER, 3, 17, 9.0, True))])
    assert book.lines(1, 60) == []


def test_packets_a_second():
    meter = Meter()
    assert not meter.update(0, 10.0)
    assert not meter.update(500, 10.5)
    assert meter.update(1204, 11.0)
    assert meter.rate == 1204
    assert meter.update(1204, 12.0)
    assert meter.rate == 0


def test_what_is_long_over_leaves_the_store(tmp_path):
    """`--keep`: rows and reports of the oldest go, the newest stay."""
    data = (CAPTURES / "unmasked-client-kills-server.pcap").read_bytes()
    path = tmp_path / "all.pcap"
    path.write_bytes(data)
    wire = Wire(path)
    wire.ended = True
    loader = LiveLoader(wire, lambda last: last, keep=3)
    loader.start()
    loader._thread.join(20)
    states = [known.state for known in loader.store.connections]
    assert states.count(State.GONE) == len(states) - 3
    for known in loader.store.connections:
        is_kept = known.state is State.FINISHED
        assert (known.report is not None) is is_kept
        assert bool(len(loader.store.rows(known.id))) is is_kept
    loader.close()


def test_what_leaves_the_store_while_it_is_looked_at_does_not_end_the_screen(tmp_path):
    data = (CAPTURES / "unmasked-client-kills-server.pcap").read_bytes()

    async def act(app, pilot, file):
        file.write(data)
        await until(app, pilot, lambda: "13 broken" in text_of(app))
        main = main_screen(app)
        store, id_ = main.loader.store, main.trace.chosen
        assert main.frames.row is not None
        store._evict(id_)
        main.show_row()  # the loader's thread was faster than the cursor
        main.previews.text(id_, 0, is_judged=False)
        main.sought = "hello"
        main.action_next_hit(1)
        await until(app, pilot, lambda: all(each.is_finished for each in main.workers))
        main.trace.renew()
        assert id_ not in main.trace.order
        assert main.trace.broken == 13  # it stays counted
        main.use_filter("opcode == text and payload contains hello")
        await until(app, pilot, lambda: all(each.is_finished for each in main.workers))
        assert "● live eth0" in text_of(app)

    on_screen(tmp_path, act)


def test_the_clock_of_a_capture_goes_on_from_its_last_packet():
    ours = [0]
    clock = CaptureClock(lambda: ours[0])
    assert clock.now(None) is None
    ours[0] = 5 * SECOND
    assert clock.now(1_000 * SECOND) == 1_000 * SECOND
    ours[0] = 7 * SECOND
    assert clock.now(1_000 * SECOND) == 1_002 * SECOND
    assert clock.now(1_001 * SECOND) == 1_001 * SECOND
    assert clock.is_time()
    assert not clock.is_time()
