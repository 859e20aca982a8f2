"""What every room's tests may ask for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.judges.tshark import Judged, judge


@pytest.fixture(scope="session")
def tshark() -> Callable[[Path], Judged]:
    """The frames of a capture as tshark sees them. Without tshark the test fails."""
    if shutil.which("tshark") is None:
        pytest.fail("tshark is missing; on Debian: apt-get install tshark")
    return judge
