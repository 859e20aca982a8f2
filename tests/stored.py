"""The captures that are kept in the repository, with what is true of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
CAPTURES = ROOT / "captures"
PUBLIC = CAPTURES / "public"


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


STORIES: dict[str, dict[str, Any]] = {
    path.stem: _toml(path) for path in sorted(CAPTURES.glob("*.toml"))
}
"""Recorded here with real software: name -> truth, which names its `capture` in `captures/`."""

OPEN_STORIES: dict[str, dict[str, Any]] = {
    path.stem: _toml(path) for path in sorted((CAPTURES / "open").glob("*.toml"))
}
"""Recorded for later: name -> truth. The capture is `captures/open/NAME.pcap`, not in `ALL`."""

PUBLIC_CAPTURES: dict[str, dict[str, Any]] = {
    truth["file"]: truth for truth in _toml(PUBLIC / "truth.toml")["capture"]
}
"""Taken from public repositories: file name -> truth. The capture is `captures/public/NAME`."""

TLS: dict[str, dict[str, Any]] = {
    truth["name"]: truth for truth in _toml(CAPTURES / "tls" / "truth.toml")["capture"]
}
"""Recorded over TLS: name -> truth. The capture is `captures/tls/NAME.pcap`, its key log beside it;
not in `ALL`.
"""


HTTP2: dict[str, dict[str, Any]] = _toml(CAPTURES / "http2" / "truth.toml")
"""Recorded over HTTP/2: name -> truth. The capture is `captures/http2/NAME.pcap`, with its key log
beside it where TLS carries it; not in `ALL`.
"""


def tls_capture(name: str) -> tuple[Path, Path | None]:
    """A capture over TLS and its key log."""
    path = CAPTURES / "tls" / f"{name}.pcap"
    return path, path.with_suffix(".keys") if TLS[name].get("keys", True) else None


ALL: dict[str, Path] = {
    **{name: CAPTURES / truth["capture"] for name, truth in STORIES.items()},
    **{name: PUBLIC / name for name in PUBLIC_CAPTURES},
}
