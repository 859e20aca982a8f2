"""`wsdebug live` on a terminal: the screen, while the capture goes on."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

from wsdebug.analysis.live_loading import LiveLoader
from wsdebug.cli import screen, terminal
from wsdebug.cli.choose import Choice, declared_ports
from wsdebug.cli.clock import CaptureClock
from wsdebug.cli.limits import limits_from
from wsdebug.cli.on_finding import OnFinding
from wsdebug.cli.origin import Origin, origin_of, seconds_from, where
from wsdebug.cli.read import keylog_of
from wsdebug.cli.telling import Telling
from wsdebug.cli.wish import LiveRequest
from wsdebug.model.errors import UserError
from wsdebug.model.live import Listener
from wsdebug.query import parse
from wsdebug.tui import Options, run_screen


def show(request: LiveRequest) -> int:
    """Capture, open the screen, and say on leaving where the capture lies."""
    choice = screen.check(request.connections)
    wanted = screen.expression(request.connections, request.filter)
    if wanted:
        parse(wanted)  # a mistake is said before the screen opens
    limits = limits_from(request.limit)
    with screen.keyboard("-" in request.files) as stdin:
        origin = origin_of(request, limits.spool, os.environ, stdin)
        try:
            with _on_finding(request, choice, origin) as others:
                crash = run_screen(
                    _loader(request, origin, others), _options(request, wanted, choice, origin)
                )
        finally:
            origin.stop()
            origin.remove_if_empty()
    for note in (*origin.notes, *(() if origin.fault else origin.lost)):
        terminal.say(f"wsdebug: {note}")
    if origin.is_ours and origin.is_there:
        terminal.say(f"wsdebug: {where(origin)}")
    if crash is not None:
        raise screen.broken(crash)
    if origin.fault is not None:
        raise UserError(origin.fault, "What was captured until then can be read.")
    return 0


def _loader(request: LiveRequest, origin: Origin, others: list[Listener]) -> LiveLoader:
    clock, began = CaptureClock(), time.monotonic()
    lasts = seconds_from(request.duration)
    is_recorded = bool(request.interface)  # the kernel filters, the recorder counts

    def now(last: int | None) -> int | None:
        time_of_capture = clock.now(last)
        return time_of_capture if clock.is_time() else None

    def is_late() -> bool:
        return not is_recorded and lasts is not None and time.monotonic() - began >= lasts

    return LiveLoader(
        origin,
        now,
        is_done=is_late,
        limits=limits_from(request.limit),
        decode_as=declared_ports(request.decode_as),
        capture_filter=None if is_recorded else request.capture_filter,
        keylog=keylog_of(request.keylog, os.environ, may_come=True),
        most=None if is_recorded else request.max_packets,
        keep=request.keep,
        others=others,
    )


def _options(request: LiveRequest, wanted: str, choice: Choice, origin: Origin) -> Options:
    out = terminal.standard_output()
    return Options(
        files=tuple(origin.files),
        color=terminal.uses_color(request.color, out, os.environ),
        ascii=request.ascii or not terminal.takes_unicode(out),
        filter=wanted,
        animations=os.environ.get("TEXTUAL_ANIMATIONS") in ("full", "basic"),
        kept=screen.kept(request),
        numbers=choice.numbers,
        live=origin,
    )


@contextlib.contextmanager
def _on_finding(request: LiveRequest, choice: Choice, origin: Origin) -> Iterator[list[Listener]]:
    if request.on_finding is None:
        yield []
        return
    runner = OnFinding(request.on_finding, request.fail_on, origin.path)
    try:
        yield [Telling(choice, [runner])]
    finally:
        runner.close()
