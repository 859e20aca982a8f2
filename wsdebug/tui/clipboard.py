"""What the copy menu can put on the clipboard, as text."""

from __future__ import annotations

import io
import shlex

from wsdebug.display.escape import printable
from wsdebug.display.quantities import counted
from wsdebug.model.report import Analysis, Connection
from wsdebug.report import View, writer_for
from wsdebug.tui.bytes_text import hexed
from wsdebug.tui.detail import Detail
from wsdebug.tui.line import plain
from wsdebug.tui.packets_text import wireshark
from wsdebug.tui.why_text import why_lines

_WIDTH = 80


def frame_hex(detail: Detail) -> str:
    """The bytes as on the wire, in hex, `..` for those that the capture lacks."""
    return " ".join(hexed(detail.raw, detail.holes))


def payload_text(detail: Detail) -> str:
    """The payload as text; bytes that are no UTF-8, and controls but line ends, as escapes."""
    payload = detail.payload
    if payload is None:
        return printable(detail.raw)
    holes = payload.holes if payload.inflated is None else ()
    texts, at = [], 0
    for first, length in holes:
        texts += [_lines(detail.content[at:first]), f"[{counted(length, 'byte')} missing]"]
        at = first + length
    return "".join([*texts, _lines(detail.content[at:])])


def _lines(content: bytes) -> str:
    return "\n".join(printable(part) for part in content.split(b"\n"))


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
