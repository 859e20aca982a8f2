"""What the copy menu can put on the clipboard, as text."""

from __future__ import annotations

import io
import shlex

from wsdebug.model.report import Analysis, Connection
from wsdebug.report import View, writer_for
from wsdebug.tui.bytes_text import hexed
from wsdebug.tui.detail import Detail
from wsdebug.tui.holes_text import without_holes
from wsdebug.tui.line import plain
from wsdebug.tui.options import Options
from wsdebug.tui.packets_text import wireshark
from wsdebug.tui.why_text import why_lines

_WIDTH = 80
_LOOKED_AT = 512 << 10
"""Bytes made into text: more characters than terminals take."""


def frame_hex(detail: Detail) -> str:
    """The bytes as on the wire, in hex, `..` for those that the capture lacks."""
    return " ".join(hexed(detail.raw[:_LOOKED_AT], detail.holes))


def payload_text(detail: Detail) -> str:
    """The payload, of a fragment the whole message, or what is no frame, as text."""
    if detail.payload is None:
        return without_holes(detail.raw[:_LOOKED_AT], detail.holes)
    return without_holes(detail.content[:_LOOKED_AT], detail.content_holes)


def evidence(connection: Connection) -> str:
    """Panel 3 as text."""
    return plain(why_lines(connection, _WIDTH))


def markdown(analysis: Analysis, connection: Connection, command: str) -> str:
    """The report of one connection for an issue, masked as `-F markdown` masks."""
    stream = io.StringIO()
    writer = writer_for("markdown", stream, View(every=True, command=command))
    writer.connection(connection)
    writer.finish(analysis)
    return stream.getvalue()


_MASKED = {"-Y": "FILTER", "-f": "FILTER", "-k": "FILE"}
"""What stands for the values of options in what is shared."""


def command(options: Options, connection: int, form: str = "text") -> str:
    """The command that shows the same. For Markdown, which is masked, filters and the file of keys
    go without their values: they may name what is masked.
    """
    kept = []
    for name, value in options.kept:
        shown = _MASKED.get(name) if form == "markdown" else None
        kept += [name, shown or shlex.quote(value)]
    files = [shlex.quote(each) for each in options.files]
    chosen = [*kept, "-c", str(connection), "-F", form]
    is_like_option = any(each.startswith("-") and each != "-" for each in options.files)
    rest = [*chosen, "--", *files] if is_like_option else [*files, *chosen]
    return " ".join(["wsdebug read", *rest])


def display_filter(detail: Detail, stream: int) -> str:
    """Of Wireshark."""
    return wireshark(detail.row.packet, stream)
