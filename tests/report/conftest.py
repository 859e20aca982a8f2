"""Golden files: `pytest tests/report --update-golden` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest):
    """Compares text with a golden file, byte for byte."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        # The option is known only where pytest was started on this folder.
        if request.config.getoption("--update-golden", default=False):
            path.write_bytes(text.encode())
        assert text.encode() == path.read_bytes()

    return check
