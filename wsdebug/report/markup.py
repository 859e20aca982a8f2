"""Text from the wire as Markdown that shows it and nothing else."""

from __future__ import annotations

import re

# Round brackets, signs and numbers mean something only behind a bracket or at the start of a line.
_MARKUP = re.compile(r"([\\`*_{}\[\]|~]|^\s*(?:#|[-+=]|\d+(?=[.)])))")
# GitHub turns these into mentions, references and links even inside words.
_LINKING = re.compile(r"(@|#(?=\d)|(?<=:)//|(?<=www)\.)")
LINE_END = re.compile(r"(?:\\x0d|\\r|\r)?(?:\\x0a|\\n|\n)")
_RFC = re.compile(r"RFC (\d{3,5}) (\d+(?:\\?\.\d+)*)")


def escaped(text: str) -> str:
    """`text` as Markdown that shows it and nothing else."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKING.sub(r"\1<!-- -->", _MARKUP.sub(r"\\\1", text))


def code(text: str) -> str:
    """A code span; in a table its pipes must be escaped all the same."""
    ticks = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    room = " " if "`" in text else ""
    return f"{ticks}{room}{text.replace('|', chr(92) + '|')}{room}{ticks}"


def linked(text: str) -> str:
    """Sections of RFCs as links."""

    def link(found: re.Match[str]) -> str:
        section = found[2].replace("\\", "")
        return f"[{found[0]}](https://www.rfc-editor.org/rfc/rfc{found[1]}#section-{section})"

    return _RFC.sub(link, text)
