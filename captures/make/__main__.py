"""`python -m captures.make STORY [FOLDER]`: records a story again.

Needs tcpdump and the right to capture on loopback. Without FOLDER the capture replaces the one
in `captures/`, whose truth then has to be looked at again: times and ports are new.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from captures.make.stories import OPEN, STORIES, file_of


def main(arguments: list[str]) -> None:
    """Records one story and prints what its endpoints said."""
    stories = {**STORIES, **OPEN}
    if not arguments or arguments[0] not in stories:
        raise SystemExit(
            f"usage: python -m captures.make STORY [FOLDER]\nstories: {', '.join(stories)}"
        )
    story, *rest = arguments
    kept = Path(__file__).parent.parent
    folder = Path(rest[0]) if rest else kept / "open" if story in OPEN else kept
    with tempfile.TemporaryDirectory() as scratch:
        said = stories[story](folder / file_of(story), Path(scratch))
    for event in said:
        print(json.dumps(event))


main(sys.argv[1:])
