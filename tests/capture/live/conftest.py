"""What the tests of live capture may ask for."""

import shutil
import subprocess

import pytest


@pytest.fixture
def tshark_fields():
    """One field of each packet of a capture, as tshark prints it."""
    if shutil.which("tshark") is None:
        pytest.fail("tshark is missing; on Debian: apt-get install tshark")

    def fields(path, name):
        command = ["tshark", "-r", str(path), "-T", "fields", "-E", "occurrence=l", "-e", name]
        ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
        return ran.stdout.splitlines()

    return fields
