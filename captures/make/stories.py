"""The registry of stories: all that the family files beside it (`*_stories.py`) name.

Each story runs real software once, leaves a capture and returns what its endpoints said.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

from captures.make.recording import Said


def _families(table: str) -> dict[str, Callable[[Path, Path], Said]]:
    """Every family's `table` in one; a name that two of them use is refused."""
    stories: dict[str, Callable[[Path, Path], Said]] = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.endswith("_stories"):
            family = getattr(importlib.import_module(f"captures.make.{module.name}"), table, {})
            if twice := stories.keys() & family.keys():
                raise SystemExit(f"{module.name}: recorded elsewhere too: {', '.join(twice)}")
            stories.update(family)
    return stories


STORIES = _families("STORIES")
OPEN = _families("OPEN")
"""Recorded for later, in `captures/open/`."""


def file_of(story: str) -> str:
    """The name of its capture: tcpdump writes pcap, dumpcap pcapng."""
    return f"{story}.pcapng" if story == "pcapng" else f"{story}.pcap"
