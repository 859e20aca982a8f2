"""Who is woken, when, and in what order."""

from __future__ import annotations

import random
from typing import Any

import pytest

from wsdebug.transport.alarms import NEVER, Alarms


@pytest.mark.parametrize("seed", range(50))
def test_everybody_is_woken_once_at_the_first_packet_that_is_late_enough(seed: int) -> None:
    """The queue is but a cheaper heap, also where the clock runs back. Of two with the same moment
    the one who asked first is woken first: with coarse time stamps reports come in that order.
    """
    rng = random.Random(seed)
    alarms = Alarms()
    waiting: dict[Any, int] = {}
    now = 0
    for name in range(400):
        now += rng.choice([0, 0, 1, 5, rng.randrange(60), -rng.randrange(30)])
        due = list(alarms.due(0, now))
        assert due == sorted(due, key=lambda one: (waiting[one], one))
        assert set(due) == {one for one, time in waiting.items() if time <= now}
        for one in due:
            del waiting[one]
        if rng.random() < 0.7:
            alarms.in_turn(now + 50, name)  # type: ignore[arg-type]
            waiting[name] = now + 50
        elif rng.random() < 0.5:
            waiting[name] = now + rng.choice([50, rng.randrange(200)])
            alarms.at_time(waiting[name], name)  # type: ignore[arg-type]
        assert alarms.due_time == min(waiting.values(), default=NEVER)
        assert alarms.are_set == bool(waiting)
    assert set(alarms.due(0, now + 500)) == set(waiting)
    assert not alarms.are_set


def test_one_that_is_set_while_others_are_woken() -> None:
    alarms = Alarms()
    alarms.in_turn(5, "one")  # type: ignore[arg-type]
    alarms.in_turn(6, "two")  # type: ignore[arg-type]
    for _ in alarms.due(0, 5):
        alarms.at_time(7, "one")  # type: ignore[arg-type]
        alarms.in_turn(9, "three")  # type: ignore[arg-type]
    assert alarms.due_time == 6
    assert list(alarms.due(0, 9)) == ["two", "one", "three"]
