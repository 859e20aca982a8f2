"""What every room's tests may ask for."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.judges.tshark import Judged, judge


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares text with a file of the folder `golden` beside the test, byte for byte.
    `pytest --update-golden` writes them anew.
    """

    def check(name: str, text: str) -> None:
        path = request.path.parent / "golden" / name
        if request.config.getoption("--update-golden", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
        assert text.encode() == path.read_bytes()

    return check


@pytest.fixture(scope="session")
def tshark() -> Callable[..., Judged]:
    """The frames of a capture as tshark sees them. Without tshark the test fails."""
    if shutil.which("tshark") is None:
        pytest.fail("tshark is missing; on Debian: apt-get install tshark")
    return judge
