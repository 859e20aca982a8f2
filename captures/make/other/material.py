"""Bodies that clients and servers send each other: chance, zeros, a pattern, text and captures."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

STORED = Path(__file__).parent.parent.parent


def folder(scratch: Path, size: int) -> Path:
    """A folder with files of many kinds, about `size` bytes in all; made once."""
    made = scratch / "material"
    if made.exists():
        return made
    made.mkdir()
    part = max(2_000, size // 5)
    text = b"\n".join(path.read_bytes() for path in sorted(STORED.glob("make/*.py")))
    bodies = {
        "chance.bin": os.urandom(part),
        "zeros.bin": bytes(part),
        "pattern.bin": b"\x81\x7e\x01\x00" * (part // 4),
        "text.txt": (text * (part // len(text) + 1))[:part],
        "packed.gz": gzip.compress(text),
        # A file with frames in it: bytes that look most like a WebSocket and are none.
        "frames.pcap": (STORED / "tiny-frames.pcap").read_bytes()[: part // 2],
    }
    for name, body in bodies.items():
        (made / name).write_bytes(body)
        (made / name).chmod(0o644)
    for number in range(20):
        (made / f"small-{number}.json").write_text(f'{{"number": {number}, "kind": "small"}}\n')
    made.chmod(0o755)
    return made
