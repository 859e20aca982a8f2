"""`wsdebug export`: packets, reports or a payload of chosen connections as a file."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from pathlib import Path
from typing import BinaryIO

import msgspec

from wsdebug.analysis import Session
from wsdebug.analysis.store import Store
from wsdebug.capture.again import GoneError
from wsdebug.cli import terminal
from wsdebug.cli.choose import Choice
from wsdebug.cli.output import becoming, output_of
from wsdebug.cli.progress import Progress
from wsdebug.cli.read import (
    COLLECT_AFTER,
    FINE,
    NO_WEBSOCKET,
    Reading,
    Request,
    keylog_of,
    stdin_of,
)
from wsdebug.display.quantities import counted, grouped, numbered
from wsdebug.export import FrameName, Written, export_packets, export_payload
from wsdebug.export.packets import other_attempts
from wsdebug.model.errors import UserError
from wsdebug.model.report import Connection

FORMS = {
    ".pcapng": "pcapng",
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
}
"""What the end of a file's name says."""


class Wish(msgspec.Struct, frozen=True):
    """What was asked for on the command line."""

    files: tuple[str, ...]
    output: str
    form: str = "auto"
    connections: str | None = None
    payload_of: str | None = None
    capture_filter: str | None = None
    keylog: str | None = None
    with_keys: bool = False
    anonymise: bool = False
    force: bool = False
    progress: bool = True


class Exporting:
    """One run."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._choice = Choice(connections=wish.connections)
        self._name = None if wish.payload_of is None else FrameName.parsed(wish.payload_of)
        self._form = "payload" if self._name is not None else _form(wish)
        if wish.anonymise and wish.with_keys:
            raise UserError(
                "Keys open what is to be hidden: --anonymise and --with-keys exclude each other.",
                "Leave one of them out.",
            )
        if wish.anonymise and self._form != "pcapng":
            raise UserError(
                "Only packets can be anonymised.",
                "Name a .pcapng file; a report that can be shared is one in Markdown: -o FILE.md",
            )
        self._ids: list[int] = []
        self._seen = 0

    def run(self) -> int:
        """Read, write, say what was written and return the exit status."""
        wish = self._wish
        refuse_to_overwrite(wish.output, wish.files, force=wish.force)
        if self._form not in ("pcapng", "payload"):
            return self._report()
        gc.set_threshold(*COLLECT_AFTER)
        keylog = keylog_of(wish.keylog, os.environ)
        session = Session(
            list(wish.files),
            stdin=stdin_of(wish.files),
            rows=True,
            capture_filter=wish.capture_filter,
            keylog=keylog,
        )
        assert session.store is not None
        try:
            self._read(session)
            if not self._seen:
                raise UserError(
                    "There is no WebSocket in this capture: nothing was written.",
                    f"What there is instead: wsdebug read {wish.files[0]}",
                )
            self._write(session)
        except GoneError as error:
            raise UserError(str(error)) from error
        finally:
            session.store.close()
        return FINE

    def _report(self) -> int:
        """The reports are those of `read`."""
        wish = self._wish
        request = Request(
            wish.files,
            form=self._form,
            fail_on="never",
            connections=wish.connections,
            capture_filter=wish.capture_filter,
            keylog=wish.keylog,
            progress=wish.progress,
        )
        if wish.output == "-":
            return Reading(request).run()
        with becoming(wish.output) as path:
            status = Reading(msgspec.structs.replace(request, output=str(path))).run()
        if status in (FINE, NO_WEBSOCKET):
            terminal.say(f"wsdebug: wrote {wish.output}.")
        return status

    def _read(self, session: Session) -> None:
        progress = Progress(
            sys.stderr, shown=self._wish.progress and terminal.is_terminal(sys.stderr)
        )
        try:
            for _ in session.run(self._connection):
                progress.update(session.progress, self._seen)
        finally:
            progress.clear()

    def _connection(self, connection: Connection) -> None:
        self._seen += 1
        if self._choice.wants(connection):
            self._ids.append(connection.id)

    def _write(self, session: Session) -> None:
        assert session.store is not None
        if self._name is not None:
            payload = export_payload(session.store, self._name)
            with output_of(self._wish.output) as stream:
                stream.write(payload)
            terminal.say(f"wsdebug: wrote {counted(len(payload), 'byte')}.")
            return
        if not self._ids:
            raise UserError(
                f"There is no connection {self._wish.connections} in this capture.",
                numbered(self._seen),
            )
        ids = sorted(self._ids)
        with output_of(self._wish.output) as stream:
            packets, attempts = self._packets(session, session.store, ids, stream)
        how = ", anonymised: the verdict is the same" if self._wish.anonymise else ""
        what = counted(len(ids), "connection")
        if attempts:
            what += f" and {other_attempts(attempts)}"
        terminal.say(f"wsdebug: wrote {grouped(packets)} packets of {what}{how}.")
        kept = "not kept" if self._wish.anonymise else "kept as a comment"
        for capture in session.analysis.captures:
            for note in capture.warnings:
                terminal.say(f"wsdebug: of the capture, and {kept}: {note.message}")
        missed = ", ".join(map(str, self._choice.missed(self._seen)))
        if missed:
            terminal.say(f"wsdebug: there is no connection {missed} in this capture.")

    def _packets(self, session: Session, store: Store, ids: list[int], stream: BinaryIO) -> Written:
        if not self._wish.anonymise:
            keys = session.key_lines(ids) if self._wish.with_keys else b""
            return export_packets(store, session.analysis, ids, stream, session.end, keys)
        from wsdebug.anonymise import write_anonymised  # noqa: PLC0415 - seldom asked for

        return write_anonymised(session, ids, stream)


def _form(wish: Wish) -> str:
    if wish.form != "auto":
        return wish.form
    form = FORMS.get(Path(wish.output).suffix.lower())
    if form is None and wish.output == "-":
        raise UserError(
            "Standard output has no name that says what to write.",
            "Say it: --format pcapng (or json, jsonl, markdown, text)",
        )
    if form is None:
        raise UserError(
            f"The name {wish.output} does not say what to write.",
            f"End it with {', '.join(FORMS)}, or say it: --format pcapng",
        )
    return form


def refuse_to_overwrite(output: str, files: tuple[str, ...], *, force: bool) -> None:
    """Nothing is written over what is there, and never over the capture."""
    path = Path(output)
    if output == "-":
        return
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            if path.samefile(file):
                raise UserError(f"{output} is the capture itself.", "Choose another file.")
    if path.exists() and not force:
        raise UserError(f"{output} exists already.", "Choose another name, or say --force.")
