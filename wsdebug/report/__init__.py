"""The views of a finished analysis: JSON, JSON lines, text and Markdown.

A writer takes the connections one at a time, as the analysis finishes them, and the rest at the
end; encoded connections wait in a temporary file, so memory stays flat. A view decides nothing:
it shows the facts, findings and endings it is given, with nothing from the wire unescaped.
"""

from __future__ import annotations

from typing import TextIO

from wsdebug.report.live_text import LiveText
from wsdebug.report.machine import JsonLinesWriter, JsonWriter, LiveLines
from wsdebug.report.markdown import MarkdownWriter
from wsdebug.report.schema import schema
from wsdebug.report.text import TextWriter
from wsdebug.report.writer import RecurringWriter, View, Writer

__all__ = [
    "FORMATS",
    "RecurringWriter",
    "View",
    "Writer",
    "live_writer_for",
    "schema",
    "writer_for",
]

FORMATS = ("text", "json", "jsonl", "markdown")


def writer_for(form: str, stream: TextIO, view: View) -> Writer:
    """The writer of one of the `FORMATS`."""
    if form == "json":
        return JsonWriter(stream)
    if form == "jsonl":
        return JsonLinesWriter(stream)
    if form == "markdown":
        return MarkdownWriter(stream, view)
    return TextWriter(stream, view)


def live_writer_for(form: str, stream: TextIO, view: View) -> LiveLines | LiveText | None:
    """The same of a capture that grows, which is a listener too; None for what is one object."""
    if form == "jsonl":
        return LiveLines(stream)
    return LiveText(stream, view) if form == "text" else None
