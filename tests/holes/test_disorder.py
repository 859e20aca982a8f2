"""However busy the machine was that captured: nobody is accused of what the whole capture, in its
right order, does not show.

A sample in every run; with WSDEBUG_LAB=all every recording, over TLS and HTTP/2 too.
"""

from __future__ import annotations

import os
import random
from functools import cache
from pathlib import Path

import pytest

from tests.holes import disturbing
from tests.holes.disturbing import Disturbance, load, more_said, read
from tests.holes.sweep import write
from tests.stored import ALL, CAPTURES, HTTP2, STORIES, TLS, tls_capture
from wsdebug.model.report import Analysis

EVERYTHING = os.environ.get("WSDEBUG_LAB") == "all"
SOME = (
    "application-mqtt",  # FIN of the server, then the client's Close
    "close-1000-client",
    "endings-to-ws",
    "handshakes-to-ws-client",  # the client hangs up on a 101 that is wrong
    "retry-after-401",
    "violations-to-ws",
    "zero-window-resumes",
    "tls-node",
    "h2c-refused",
    "h2c-stall",
    "h2-goaway",
)
PATHS: dict[str, tuple[Path, Path | None]] = {
    **{name: (ALL[name], None) for name in STORIES},
    **{name: tls_capture(name) for name in TLS},
}
for each in HTTP2:
    path = CAPTURES / "http2" / f"{each}.pcap"
    PATHS[each] = path, path.with_suffix(".keys") if path.with_suffix(".keys").exists() else None
CHOSEN = list(PATHS) if EVERYTHING else SOME
SEEDS = 20 if EVERYTHING else 6


@cache
def whole(name: str) -> Analysis:
    return read(*PATHS[name])


def also(name: str) -> set[str]:
    """What its truth names as true besides the first cause, on any connection."""
    truth = STORIES.get(name, {})
    causes = [
        truth.get("cause", {}),
        *(one.get("cause", {}) for one in truth.get("connection", [])),
    ]
    return {code for one in causes for code in (*one.get("also", []), one.get("code"))} - {None}


@pytest.mark.parametrize(
    "disturb",
    [
        disturbing.shuffled,
        disturbing.out_of_order,
        disturbing.doubled,
        disturbing.lossy,
        disturbing.cut,
        disturbing.stopped,
        disturbing.begun_late,
        disturbing.all_at_once,
    ],
    ids=lambda disturb: disturb.__name__,
)
@pytest.mark.parametrize("name", CHOSEN)
def test_disorder_accuses_nobody(name: str, disturb: Disturbance, tmp_path: Path) -> None:
    path, keys = PATHS[name]
    packets, wrong = load(path), {}
    for seed in range(SEEDS):
        to = tmp_path / "x.pcap"
        write(disturb(packets, random.Random(seed)), to)
        said = more_said(whole(name), read(to, keys), also(name))
        if said:
            wrong[seed] = said
    assert wrong == {}
