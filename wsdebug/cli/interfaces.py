"""`wsdebug live -D`: the interfaces that can be named with -i."""

from __future__ import annotations

from wsdebug.capture.live.interfaces import interfaces
from wsdebug.cli import terminal
from wsdebug.display.columns import columns, padded
from wsdebug.display.escape import printable


def list_them() -> None:
    """A line for each."""
    rows = [
        (
            printable(each.name),
            "up" if each.is_up else "down",
            ", ".join(map(printable, each.addresses)) or "-",
            printable(each.description or each.link_type),
        )
        for each in interfaces()
    ]
    widths = [max(columns(row[at]) for row in rows) for at in range(3)]
    lines = [
        "  ".join(
            [*(padded(cell, width) for cell, width in zip(row, widths, strict=False)), row[3]]
        )
        for row in rows
    ]
    terminal.show("\n".join(line.rstrip() for line in lines))
