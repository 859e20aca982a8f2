"""The opening handshake as Markdown, folded away, its secrets masked."""

from __future__ import annotations

import re
from collections.abc import Collection

from wsdebug.display.masking import Masker
from wsdebug.model.report import HandshakeReport
from wsdebug.report import words

_HEADERS = 60


def opening(shake: HandshakeReport, mask: Masker, reveal: Collection[str]) -> list[str]:
    """The lines of both heads; none where none was captured."""
    lines: list[str] = []
    for title, headers in (
        (f"request {mask.path(words.printed(shake.path or ''))}", shake.request_headers),
        (f"response {shake.status or ''}", shake.response_headers),
    ):
        if headers:
            lines += ["", title.strip()] if lines else [title.strip()]
            lines += [
                f"{words.printed(name, 100)}: {mask.header(name, words.printed(value))}"
                for name, value in headers[:_HEADERS]
            ]
    if not lines:
        return []
    fence = "`" * max(3, 1 + max(len(run) for run in re.findall("`*", "\n".join(lines))))
    masked = "" if "headers" in reveal else " (cookies, tokens and query values masked)"
    head = [f"<details><summary>Opening{masked}</summary>", "", f"{fence}text"]
    return [*head, *lines, fence, "</details>", ""]
