"""What the screen asks of a capture that is being read: `analysis.loading` has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from wsdebug.model.errors import UserError
from wsdebug.model.live import News
from wsdebug.model.place import Side
from wsdebug.model.report import Analysis
from wsdebug.model.rows import FrameView, Known, PacketInfo, Passed, Payload, Row


class Glance(Protocol):
    """What a filter asks of a row in passing; the names mean what they mean in `Row`."""

    @property
    def at(self) -> int: ...  # noqa: D102
    @property
    def side(self) -> Side | None: ...  # noqa: D102
    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def header(self) -> int: ...  # noqa: D102
    @property
    def opcode(self) -> int: ...  # noqa: D102
    @property
    def length(self) -> int: ...  # noqa: D102
    @property
    def key(self) -> int | None: ...  # noqa: D102
    @property
    def packet(self) -> int: ...  # noqa: D102
    @property
    def last_packet(self) -> int: ...  # noqa: D102
    @property
    def time(self) -> int | None: ...  # noqa: D102


class Store(Protocol):
    """Connections and rows so far, and what is behind a row."""

    @property
    def changes(self) -> Sequence[int]: ...  # noqa: D102
    @property
    def connections(self) -> Sequence[Known]: ...  # noqa: D102
    def rows(self, connection: int) -> Sequence[Row]: ...  # noqa: D102
    def row_of(self, connection: int, side: Side, frame: int) -> int | None: ...  # noqa: D102
    def row_at(self, connection: int, packet: int) -> int | None: ...  # noqa: D102
    def frame(self, connection: int, row: int) -> FrameView: ...  # noqa: D102
    def payload(self, connection: int, row: int, limit: int = ...) -> Payload: ...  # noqa: D102
    def walk(  # noqa: D102
        self, connection: int, start: int = ..., stop: int | None = ..., limit: int = ...
    ) -> Iterator[tuple[int, Payload]]: ...
    def glances(  # noqa: D102
        self, connection: int, start: int, stop: int
    ) -> Iterator[Glance]: ...
    def sweep(  # noqa: D102
        self, connections: Sequence[int], limit: int = ...
    ) -> Iterator[Passed]: ...
    def packets(self, connection: int, row: int) -> list[PacketInfo]: ...  # noqa: D102
    def raw(self, connection: int, row: int, limit: int = ...) -> bytes: ...  # noqa: D102


class Progress(Protocol):
    """How far the reading is: `analysis.loading.Changes`."""

    @property
    def progress(self) -> float | None: ...  # noqa: D102
    @property
    def packets(self) -> int: ...  # noqa: D102
    @property
    def done(self) -> bool: ...  # noqa: D102
    @property
    def stopped(self) -> bool: ...  # noqa: D102
    @property
    def error(self) -> UserError | None: ...  # noqa: D102


class Loader(Protocol):
    """Reads the capture beside the screen."""

    @property
    def store(self) -> Store: ...  # noqa: D102
    @property
    def analysis(self) -> Analysis: ...  # noqa: D102
    def start(self) -> None: ...  # noqa: D102
    def poll(self) -> Progress: ...  # noqa: D102
    def stop(self) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Live(Protocol):
    """A capture that is going on."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def dropped(self) -> int | None: ...  # noqa: D102
    @property
    def lost(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def ended(self) -> bool: ...  # noqa: D102


@runtime_checkable
class LiveLoader(Protocol):
    """Reads what it brings."""

    def fresh_news(self) -> list[tuple[int, News]]: ...  # noqa: D102
