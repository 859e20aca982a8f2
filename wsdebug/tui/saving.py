"""What the save menu writes, each beside the capture's name in the folder one is in."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from wsdebug.analysis.store import Store
from wsdebug.capture.again import GoneError
from wsdebug.display.quantities import counted
from wsdebug.export import FrameName, export_packets, export_payload
from wsdebug.model.errors import UserError
from wsdebug.model.report import Analysis
from wsdebug.model.rows import Row, RowKind
from wsdebug.report import View, writer_for
from wsdebug.tui import clipboard

if TYPE_CHECKING:
    from wsdebug.tui.sharing import Sharing


class Saving(msgspec.Struct, frozen=True):
    """A line of the menu. `make` writes to a path and says what it wrote; it runs beside the
    screen.
    """

    key: str
    says: str
    path: Path
    make: Callable[[Path], str]

    def write(self) -> tuple[str, bool]:
        """What to tell, and whether it went wrong."""
        try:
            return f"{self.make(self.path)} written to {self.path.name}.", False
        except UserError as error:
            return f"{error} {error.hint or ''}".strip(), True
        except GoneError as error:
            return str(error), True
        except OSError as error:
            return f"{self.path.name} cannot be written: {error.strerror or error}.", True


def savings(screen: Sharing) -> list[Saving]:
    """What can be saved of what is chosen now."""
    detail, report, id_ = screen.detail.detail, screen.trace.report, screen.trace.chosen
    store = screen.loader.store
    if id_ is None:
        return []
    stem = f"{Path(screen.options.files[0]).name.partition('.')[0] or 'capture'}-c{id_}"
    offers: list[Saving] = []
    if report is not None:
        for key, form, end, says in (
            ("m", "markdown", "md", "report in Markdown, masked"),
            ("t", "text", "txt", "report as text"),
            ("o", "json", "json", "report as JSON"),
        ):
            offers.append(Saving(key, says, _free(f"{stem}.{end}"), _report(screen, form)))
        if isinstance(store, Store):
            path, make = _free(f"{stem}.pcapng"), _packets(store, screen.loader.analysis, id_)
            offers.insert(0, Saving("w", "packets as pcapng", path, make))
    if detail is not None and detail.raw and isinstance(store, Store):
        name = detail.row.name or f"packet{detail.row.packet}"
        path = _free(f"{stem}-{name}.bin")
        offers.append(Saving("p", "payload, all of it", path, _payload(store, id_, detail.row)))
    return offers


def _free(name: str) -> Path:
    """A path that is not taken: nothing is ever overwritten."""
    path = Path(name)
    stem, end = path.stem, path.suffix
    for number in range(2, 1000):
        if not path.exists():
            break
        path = Path(f"{stem}-{number}{end}")
    return path


@contextlib.contextmanager
def _new(path: Path) -> Iterator[BinaryIO]:
    """A file that was not there before, and is not after a mistake: half of it would pass for
    all.
    """
    with path.open("xb") as stream:
        try:
            yield stream
            stream.close()  # a full disk may be told only here
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _packets(store: Store, analysis: Analysis, id_: int) -> Callable[[Path], str]:
    """Whole, with our findings as comments, which Wireshark shows."""
    ends = [capture.last.ns for capture in analysis.captures if capture.last is not None]

    def make(path: Path) -> str:
        with _new(path) as stream:
            written = export_packets(store, analysis, [id_], stream, max(ends, default=None))
        return f"{counted(written.packets, 'packet')}, findings as comments, were"

    return make


def _report(screen: Sharing, form: str) -> Callable[[Path], str]:
    report, analysis = screen.trace.report, screen.loader.analysis
    assert report is not None
    said = clipboard.command(screen.options, report.id, form)

    def make(path: Path) -> str:
        with _new(path) as binary, io.TextIOWrapper(binary, "utf-8", newline="\n") as stream:
            writer = writer_for(form, stream, View(every=True, command=said))
            writer.connection(report)
            writer.finish(analysis)
        return "The report was"

    return make


def _payload(store: Store, id_: int, row: Row) -> Callable[[Path], str]:
    """Whole or not at all: half a payload would pass for one."""

    def make(path: Path) -> str:
        if row.kind is RowKind.FRAME and row.side is not None:
            content = export_payload(store, FrameName(id_, row.side, row.number))
        else:
            content = _raw(store, id_, row)
        with _new(path) as stream:
            stream.write(content)
        return f"{counted(len(content), 'byte')} were"

    return make


def _raw(store: Store, id_: int, row: Row) -> bytes:
    """The bytes of what is no frame."""
    found = store.payload(id_, row.at, max(row.length, 1))
    if not found.complete:
        why = found.note or "The capture lacks some of it."
        raise UserError(f"The bytes of packet {row.packet} cannot be read whole. {why}")
    return found.raw
