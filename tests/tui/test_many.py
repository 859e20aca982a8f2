"""What a tick costs grows with what has changed, not with how many connections there are."""

from __future__ import annotations

import random

import msgspec
import pytest

from tests.report.samples import make_connection
from tests.report.test_fleet import CRASH
from tests.tui.synthetic import START, Synthetic
from wsdebug.model.instant import Instant
from wsdebug.model.report import Endpoint, Severity
from wsdebug.model.rows import Known, State
from wsdebug.query import parse
from wsdebug.tui.connections_text import kind_of
from wsdebug.tui.filtering import Filtering
from wsdebug.tui.header_line import header_line
from wsdebug.tui.order import Order
from wsdebug.tui.trace import _ORDER, Trace

HERE = Endpoint("192.0.2.1", 50000)


class Asked(list):
    """Connections that count how often one of them is asked for."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __getitem__(self, index):
        self.count += 1
        return super().__getitem__(index)

    def __iter__(self):
        for each in super().__iter__():
            self.count += 1
            yield each


class Growing(Synthetic):
    """A capture whose connections come in small steps, and end as `ends` says."""

    def __init__(self):
        super().__init__(1)
        self.connections = Asked()
        self.changes = []
        self.report = make_connection(1)

    def step(self, rng, new=10):
        """So many more begin, so many of those that were there end, some with an error."""
        for _ in range(new):
            id_ = len(self.connections) + 1
            known = Known(
                id=id_, tcp_stream=id_, client=HERE, server=HERE, start=Instant(START),
                load=lambda _: self.report,
            )  # fmt: skip
            self.connections.append(known)
            self.changes.append(id_)
        for _ in range(new):
            id_ = rng.randrange(len(self.connections)) + 1
            known = list.__getitem__(self.connections, id_ - 1)
            known.severity = rng.choice([*Severity, None])
            known.errors = rng.randrange(2)
            known.how = "clean"
            known.state = State.FINISHED
            self.changes.append(id_)


def expected(trace, source, without=()):
    """Every connection sorted anew."""
    known = [each for each in list.__iter__(source.connections) if each.id not in without]
    keyed = (trace.fates.order((_ORDER[kind_of(each)], each.id)) for each in known)
    return [id_ for *_, id_ in sorted(keyed)]


def work_of_loading(steps):
    """How often a connection is asked for in so many ticks."""
    source, rng = Growing(), random.Random(1)
    trace = Trace(source, source.analysis)
    for _ in range(steps):
        source.step(rng)
        trace.renew()
        header_line(trace, source.state, 1.0)
    return source.connections.count


def test_twice_as_many_connections_cost_twice_as_much():
    once, twice = work_of_loading(100), work_of_loading(200)
    assert once > 1000  # it is counted
    assert twice < 2.2 * once


def test_a_tick_without_changes_asks_for_no_connection():
    source = Growing()
    trace = Trace(source, source.analysis)
    source.step(random.Random(1), 500)
    assert trace.renew()
    source.connections.count = 0
    assert not trace.renew()
    header_line(trace, source.state, 1.0)
    assert source.connections.count == 0


def test_the_list_is_what_sorting_all_would_give():
    source, rng = Growing(), random.Random(7)
    trace = Trace(source, source.analysis)
    for _ in range(60):
        source.step(rng)
        trace.renew()
        assert [*trace.order] == expected(trace, source)
        assert trace.broken == sum(kind_of(each) == "error" for each in source.connections)
    assert [trace.order[at] for at in range(len(trace.order))] == [*trace.order]
    assert [trace.order.place(id_) for id_ in trace.order] == [*range(600)]


def test_culprits_come_first_and_victims_last_once_they_are_known():
    source = Growing()
    trace = Trace(source, source.analysis)
    source.step(random.Random(3), 50)
    trace.renew()
    source.analysis.fleet = [msgspec.structs.replace(CRASH, culprit=9, victims=[5, 6, 7])]
    assert trace.renew()
    assert [*trace.order] == expected(trace, source)
    kinds = [kind_of(trace.known(id_)) for id_ in trace.order]
    assert trace.order.place(9) == kinds.index(kind_of(trace.known(9)))


def test_what_a_filter_refuses_is_left_out_while_more_come():
    source, rng = Growing(), random.Random(5)
    trace, refused = Trace(source, source.analysis), []
    source.step(rng, 100)
    trace.renew()
    trace.leave_out(refused)
    for _ in range(30):
        source.step(rng)
        refused += trace.order[:3]
        assert trace.renew()
        assert [*trace.order] == expected(trace, source, set(refused))
    trace.leave_out(None)
    assert trace.renew()
    assert [*trace.order] == expected(trace, source)


def work_of_filtering(steps):
    """How often a connection is asked for while a filter works and more come."""
    source, rng = Growing(), random.Random(1)
    trace = Trace(source, source.analysis)
    filtering = Filtering(source, parse("conn == 0 and op == text"))
    trace.leave_out(filtering.refused)
    for _ in range(steps):
        source.step(rng)
        filtering.work(None, lambda: False)
        trace.renew()
        assert not any(id_ in trace.order for id_ in filtering.refused)
    return source.connections.count


def test_filtering_twice_as_many_connections_costs_twice_as_much():
    once, twice = work_of_filtering(60), work_of_filtering(120)
    assert once > 600
    assert twice < 2.3 * once


@pytest.mark.parametrize("id_", [1, 2, 3])
def test_an_order_says_what_changes(id_):
    order = Order(3)
    assert order.put(id_, 1)
    assert not order.put(id_, 1)
    assert order.put(id_, 0)
    assert [*order] == [id_]
    assert order.drop(id_)
    assert not order.drop(id_)
    assert len(order) == 0
    with pytest.raises(IndexError):
        order[0]
