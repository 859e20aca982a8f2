"""Whether there is something compiled to test."""

from __future__ import annotations

import os

import pytest

from wsdebug import compiled


def need_built() -> None:
    """Where the project is checked, a missing module is a fault; elsewhere it is told apart."""
    if compiled.frames is not None:
        return
    why = "wsdebug.compiled._frames was not built (no compiler?) or WSDEBUG_PURE is set"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
