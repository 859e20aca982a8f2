"""A report that is filled in is what it would be if it had been written as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.compiled.built import need_built, pure
from wsdebug import compiled
from wsdebug.model.instant import Instant
from wsdebug.model.recurring import Pattern, Values
from wsdebug.model.report import Connection, Ending, Endpoint, HandshakeReport, Moment, Severity
from wsdebug.report import moulds
from wsdebug.report.encoding import encoded

_MARKS = Values((110011, 220022, 10**9 + 5, 2 * 10**9 + 5), 0, ("mark0", "mark1"))
_TIMES = frozenset((2, 3))


@pytest.fixture(params=["python", "compiled"], autouse=True)
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Either in Python or by what is compiled."""
    moulds.mould_of.cache_clear()
    if request.param == "compiled":
        need_built()
        yield
        return
    with pure():
        yield
    moulds.mould_of.cache_clear()


def report(values: Values, said: str = "") -> Connection:
    """Values stand in it more than once, beside each other and behind text of somebody else."""
    (id_, packet, *times), start, (host, text) = values
    since = [((time or 0) - start) / 1e9 for time in times]
    return Connection(
        id=id_ or 0,
        tcp_stream=7,
        carrier="tcp",
        client=Endpoint(host, 80),
        server=Endpoint(said, 80),
        start=Instant(5),
        duration=since[1],
        handshake=HandshakeReport(result="accepted", host=host),
        end=Ending("clean", "client", since[0], packet, Severity.NOTE, why=text + said),
        timeline=[Moment("fin", said, each, packet=packet) for each in (*since, since[0])],
    )


def filled(values: Values, said: str = "") -> bytes:
    return moulds.mould_of(Pattern(report(_MARKS, said), _MARKS, _TIMES))(values)


_64 = st.integers(0, 2**63 - 1)
_TEXT = st.text(st.sampled_from("abcXYZ019+/=:, ."), max_size=90)


@given(
    numbers=st.tuples(_64, _64 | st.none()),
    start=st.integers(-(2**63), 2**63 - 1),
    waits=st.tuples(*[st.integers(0, 2**64) | st.integers(0, 10**6)] * 2),
    texts=st.tuples(_TEXT, _TEXT),
    said=st.text(max_size=20),
)
def test_it_is_written_as_a_whole(
    numbers: tuple[int, int | None],
    start: int,
    waits: tuple[int, int],
    texts: tuple[str, str],
    said: str,
) -> None:
    first, last = (min(start + wait, 2**63 - 1) for wait in waits)
    values = Values((*numbers, first, last), start, texts)
    assert filled(values, said) == encoded(report(values, said))


@pytest.mark.parametrize("power", range(20))
@pytest.mark.parametrize("more", [-1, 0, 1, 7])
def test_seconds_have_the_shortest_form(power: int, more: int) -> None:
    wait = max(0, 10**power + more)
    values = Values((1, 2, wait, 3 * wait // 2), 0, ("a", "b"))
    if 3 * wait // 2 < 2**63:
        assert filled(values) == encoded(report(values))


@pytest.mark.parametrize("said", ["%s", "%%", "100% %(x)s", "mark", '"\\"', "\udcff"])
def test_what_stands_between_is_left_as_it_is(said: str) -> None:
    values = Values((3, 4, 5, 6), 0, ("a", "b"))
    assert filled(values, said) == encoded(report(values, said))


def test_what_is_compiled_refuses_what_it_cannot_hold() -> None:
    """A number beyond 64 bits and a time before the start are Python's alone."""
    if compiled.moulds is None:
        return
    mould, none = compiled.moulds.Mould, frozenset[int]()
    fill = mould((b"[", b",", b"]"), (0, 1), 2, frozenset((1,))).filled
    assert fill(((1, 5), 5, ())) == b"[1,0.0]"
    for numbers, start in (((1 << 64, 5), 0), ((1, 4), 5)):
        with pytest.raises(OverflowError):
            fill((numbers, start, ()))
    for wrong in ((1, 2), ((), 0, ()), ((1, 2, 3), 0, ()), (("a", 1), 0, ()), ((1, None), 0, ())):
        with pytest.raises((TypeError, ValueError)):
            fill(wrong)
    for texts in (("\xe9",), (), (1,)):
        with pytest.raises(ValueError, match=r"ASCII|more values"):
            mould((b"", b""), (0,), 0, none).filled(((), 0, texts))
    with pytest.raises(ValueError, match="one piece more"):
        mould((b"",), (0,), 1, none)
    with pytest.raises(ValueError, match="not below 0"):
        mould((b"", b""), (-1,), 1, none)
    with pytest.raises(TypeError, match="bytes"):
        mould((b"", ""), (0,), 1, none)
