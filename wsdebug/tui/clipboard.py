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
from wsdebug.tui.packets_text import wireshark
from wsdebug.tui.why_text import why_lines

_WIDTH = 80


def frame_hex(detail: Detail) -> str:
    """The bytes as on the wire, in hex, `..` for those that the capture lacks."""
    return " ".join(hexed(detail.raw, detail.holes))


def payload_text(detail: Detail) -> str:
    """The payload, of a fragment the whole message, or what is no frame, as text."""
    if detail.payload is None:
        return without_holes(detail.raw, detail.holes)
    return without_holes(detail.content, detail.content_holes)


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


def command(files: tuple[str, ...], connection: int, form: str = "text") -> str:
    """The command that shows the same."""
    names = " ".join(shlex.quote(each) for each in files)
    return f"wsdebug read {names} -c {connection} -F {form}"


def display_filter(detail: Detail, stream: int) -> str:
    """Of Wireshark."""
    return wireshark(detail.row.packet, stream)
