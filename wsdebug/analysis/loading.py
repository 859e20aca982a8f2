"""Reading a capture beside an interface: in a thread that gives way (docs/decisions/0008)."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import BinaryIO, NamedTuple

from wsdebug.analysis.session import Session
from wsdebug.analysis.store import Store
from wsdebug.display.quantities import grouped
from wsdebug.model.errors import UserError
from wsdebug.model.handshake import Agreed
from wsdebug.model.limits import DEFAULT_LIMITS, Limits
from wsdebug.model.report import Analysis, CaptureNote

GIVE_WAY = 0.001
"""Seconds after which the reading thread lets the interface's run (Python's own is 5 ms)."""
_COLLECT_AFTER = 2_000
"""How many more objects there must be before the garbage collector looks at the youngest."""
_SETTLED = 500
"""Connections after which what is kept of them is taken out of the collector's sight. It stops all
threads, and with 15 000 connections for up to a second; reading makes no cycles."""
_JOIN = 5.0
"""Seconds that `stop` waits for the thread; it looks for a stop after each 256 KiB."""


class Changes(NamedTuple):
    """What happened since the last `poll`."""

    connections: tuple[int, ...]
    """Ids of connections that are new or whose `revision` grew, each once, in that order."""
    progress: float | None
    """0 to 1; None where the size is not known."""
    packets: int
    """Read so far."""
    done: bool
    """Nothing more will come: read to the end, stopped, or failed. `Loader.analysis` is whole."""
    stopped: bool
    error: UserError | None
    """Why reading ended before the end; what was read stays."""


class Loader:
    """Fills `store` in the background. `start` once, `poll` as often as the screen is drawn, `stop`
    to keep what is there.

    The constructor looks at the beginning of each file and raises `UserError` for what cannot be
    read at all; later errors come with `poll`.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        limits: Limits = DEFAULT_LIMITS,
        stdin: BinaryIO | None = None,
        decode_as: Mapping[int, Agreed] | None = None,
        capture_filter: str | None = None,
        keylog: str | None = None,
    ) -> None:
        self._session = Session(
            paths,
            limits=limits,
            stdin=stdin,
            rows=True,
            decode_as=decode_as,
            capture_filter=capture_filter,
            keylog=keylog,
        )
        self._begin()

    def _begin(self) -> None:
        assert self._session.store is not None
        self.store: Store = self._session.store
        self._thread = threading.Thread(target=self._run, name="wsdebug-loader", daemon=True)
        self._stop = threading.Event()
        self._done = threading.Event()
        self._stopped = False
        self._error: UserError | None = None
        self._seen = 0
        self._settled = 0
        """Connections that the garbage collector does not look at."""

    @property
    def analysis(self) -> Analysis:
        """Captures and summary so far; `fleet` once it is done."""
        return self._session.analysis

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def poll(self) -> Changes:
        """What is new; takes no time."""
        done = self._done.is_set()
        log = self.store.changes
        until = len(log)
        changed = tuple(dict.fromkeys(log[self._seen : until]))
        self._seen = until
        return Changes(
            changed,
            self._session.progress,
            sum(capture.packets for capture in self.analysis.captures),
            done,
            self._stopped,
            self._error,
        )

    def stop(self) -> None:
        """Read no further; what is open is ended and judged as at the end of a capture."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN)

    def close(self) -> None:
        """Stop, and give temporary files back."""
        self.stop()
        self.store.close()
        if self._settled:
            gc.unfreeze()

    def _run(self) -> None:
        before, collecting = sys.getswitchinterval(), gc.get_threshold()
        sys.setswitchinterval(GIVE_WAY)
        gc.set_threshold(_COLLECT_AFTER, *collecting[1:])
        try:
            for _ in self._session.run(lambda _: None):
                self._settle()
                if self._has_enough():
                    break
        except UserError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - what was read must stay on the screen
            self._error = UserError(
                f"Reading broke off by a mistake of wsdebug: {type(error).__name__}: {error}.",
                "Please report it with the command and, if you may share it, the capture.",
            )
        finally:
            self._session.stop()
            sys.setswitchinterval(before)
            gc.set_threshold(*collecting)
            if self._stopped:
                self._note_stop()
            self._done.set()

    def _settle(self) -> None:
        known = len(self.store.connections)
        if known >= self._settled + _SETTLED:
            self._settled = known
            gc.collect(1)  # the screen's own garbage, as far as it is young
            gc.freeze()

    def _has_enough(self) -> bool:
        """Asked after each batch: whether to read no further."""
        self._stopped = self._stop.is_set()
        return self._stopped

    def _note_stop(self) -> None:
        packets = sum(capture.packets for capture in self.analysis.captures)
        message = f"Reading was stopped after packet {grouped(packets)}: the rest is not in here."
        self.analysis.captures[-1].warnings.append(CaptureNote("interrupted", message, packets))
