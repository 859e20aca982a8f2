"""tshark reads the same packets: number, time, length on the wire, captured length."""

import subprocess

import pytest

from tests.capture.making import MIXED, VARIANTS
from tests.capture.reading import read

# 10^12 units a second make tshark 4.0 overflow.
JUDGED = {name: content for name, content in VARIANTS.items() if name != "pcapng-ps-offset"}
JUDGED["mixed"] = MIXED


def judged(path):
    fields = ["frame.number", "frame.time_epoch", "frame.len", "frame.cap_len"]
    command = ["tshark", "-n", "-r", str(path), "-T", "fields"]
    command += [part for field in fields for part in ("-e", field)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return [row.split("\t") for row in ran.stdout.splitlines()]


def shown(time):
    return "" if time is None else f"{time // 10**9}.{time % 10**9:09d}"


@pytest.mark.usefixtures("tshark")
@pytest.mark.parametrize("name", JUDGED)
def test_tshark_agrees(tmp_path, name):
    path = tmp_path / "x"
    path.write_bytes(JUDGED[name])
    assert [
        [str(number), shown(time), str(wire), str(len(data))]
        for number, time, _, data, wire, _ in read(path)[1]
    ] == judged(path)
