"""Whether there is something compiled to test, and how to do without."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from wsdebug import compiled


def need_built() -> None:
    """Where the project is checked, a missing module is a fault; elsewhere it is told apart."""
    if None not in (compiled.frames, compiled.moulds, compiled.parked, compiled.records):
        return
    why = "wsdebug.compiled was not built (no compiler?) or WSDEBUG_PURE is set"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@contextmanager
def pure() -> Iterator[None]:
    """What is made in here does everything in Python."""
    names = ("frames", "moulds", "parked", "records")
    cores = {name: getattr(compiled, name) for name in names}
    vars(compiled).update(dict.fromkeys(names))
    try:
        yield
    finally:
        vars(compiled).update(cores)
