"""What is compiled is there where it can be, and stays away when asked to."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.compiled.built import need_built

IS_THERE = "from wsdebug import compiled; print(compiled.frames is not None)"


@pytest.mark.parametrize(
    ("value", "is_there"), [(None, True), ("", True), ("0", True), ("1", False), ("yes", False)]
)
def test_the_user_may_ask_for_nothing_but_python(value, is_there):
    need_built()
    env = {name: text for name, text in os.environ.items() if name != "WSDEBUG_PURE"}
    if value is not None:
        env["WSDEBUG_PURE"] = value
    ran = subprocess.run([sys.executable, "-c", IS_THERE], env=env, check=True, text=True,
                         capture_output=True)  # fmt: skip
    assert ran.stdout == f"{is_there}\n"
