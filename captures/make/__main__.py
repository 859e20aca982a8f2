"""`python -m captures.make STORY [FOLDER]`: records a story again.

Needs tcpdump and the right to capture on loopback. Without FOLDER the capture replaces the one
in `captures/`, whose truth then has to be looked at again: times and ports are new.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from captures.make.stories import STORIES


def main(arguments: list[str]) -> None:
    """Records one story and prints what its endpoints said."""
    if not arguments or arguments[0] not in STORIES:
        raise SystemExit(
            f"usage: python -m captures.make STORY [FOLDER]\nstories: {', '.join(STORIES)}"
        )
    story, *rest = arguments
    folder = Path(rest[0]) if rest else Path(__file__).parent.parent
    with tempfile.TemporaryDirectory() as scratch:
        said = STORIES[story](folder / f"{story}.pcap", Path(scratch))
    for event in said:
        print(json.dumps(event))


main(sys.argv[1:])
