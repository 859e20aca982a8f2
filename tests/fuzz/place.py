"""A file for an input, in memory where the system has such a place."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MEMORY = Path("/dev/shm")


@contextlib.contextmanager
def file_with(data: bytes) -> Iterator[Path]:
    """A file that holds `data`, gone afterwards."""
    folder = str(_MEMORY) if _MEMORY.is_dir() else None
    with tempfile.NamedTemporaryFile(dir=folder, prefix="fuzz-", suffix=".pcap") as file:
        file.write(data)
        file.flush()
        yield Path(file.name)
