"""Where a live capture comes from: interfaces, a pipe, or a file that somebody else writes."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import stat
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import wsdebug
from wsdebug.capture.captures import filter_from
from wsdebug.capture.copier import Copier
from wsdebug.capture.growing import Followed
from wsdebug.capture.live import Recorder, Ring
from wsdebug.cli.wish import LiveRequest
from wsdebug.model.errors import UserError

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)?", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, None: 1}
_FAILED = frozenset({"interface-gone", "write-failed", "died"})


class Origin:
    """A growth, and what else is to be known of it."""

    def __init__(self, growth: Recorder | Copier | Followed, name: str, path: str) -> None:
        self.growth = growth
        self.name = name
        """`eth0`, `Standard input`, or the file."""
        self.path = path
        """Where the packets lie."""

    @property
    def files(self) -> Sequence[str]:
        """As `Growth`."""
        return [os.fspath(file) for file in self.growth.files]

    @property
    def ended(self) -> bool:
        """As `Growth`."""
        return bool(self.growth.ended)

    @property
    def is_ours(self) -> bool:
        """We write it: when it is stopped, what was captured is there to be read."""
        return not isinstance(self.growth, Followed)

    @property
    def notes(self) -> Sequence[str]:
        """Sentences for the user about how it is captured."""
        return self.growth.notes if isinstance(self.growth, Recorder) else ()

    @property
    def lost(self) -> Sequence[str]:
        """Sentences: interfaces from which nothing more comes, while others go on."""
        if not isinstance(self.growth, Recorder):
            return ()
        return [each.gone for each in self.growth.counters().interfaces if each.gone]

    @property
    def dropped(self) -> int | None:
        """Packets that the system threw away; None where nobody knows."""
        return self.growth.counters().dropped if isinstance(self.growth, Recorder) else None

    @property
    def fault(self) -> str | None:
        """Why it ended, where that was not meant."""
        growth = self.growth
        if isinstance(growth, Copier):
            return growth.fault and f"The capture ends here: {growth.fault}."
        ended = growth.ended if isinstance(growth, Recorder) else None
        return ended.message if ended is not None and ended.why in _FAILED else None

    def stop(self) -> None:
        """No more is wanted."""
        if not isinstance(self.growth, Followed):
            self.growth.stop()

    def remove_if_empty(self) -> None:
        """A pipe that brought nothing leaves no file."""
        with contextlib.suppress(OSError):
            if self.is_ours and not Path(self.path).stat().st_size:
                Path(self.path).unlink()

    @property
    def is_there(self) -> bool:
        """Whether there is something to be read again."""
        return any(Path(file).exists() for file in self.files)


def origin_of(
    wish: LiveRequest, spool: int, environment: Mapping[str, str], stdin: BinaryIO | None = None
) -> Origin:
    """Begins to capture. `spool`: bytes of a pipe that may be kept; `stdin`: standard input, where
    the keyboard has taken its place. Raises `UserError`.
    """
    if wish.interface and wish.files:
        raise UserError(
            "An interface and a file are two captures.", "Leave out one of them, or run it twice."
        )
    if wish.interface:
        return _recording(wish, environment)
    if len(wish.files) > 1:
        raise UserError("One file can be watched at a time.", "Run it once for each.")
    if not wish.files:
        raise UserError(
            "There is nothing to watch.",
            "Name an interface: wsdebug live -i eth0 (wsdebug live -D lists them), or a capture"
            " that grows.",
        )
    if wish.ring is not None:
        raise UserError("--ring is for interfaces.", "Let who writes the file turn it.")
    filter_from(wish.capture_filter)  # a mistake is said before anything is written
    if not _is_pipe(wish.files[0]):
        return _following(wish)
    return _copying(wish, spool, environment, stdin)


def _recording(wish: LiveRequest, environment: Mapping[str, str]) -> Origin:
    path = wish.write or _in_cache(environment, ".pcapng")
    recorder = Recorder(
        wish.interface,
        out=path,
        version=wsdebug.__version__,
        capture_filter=wish.capture_filter,
        ring=Ring.read(wish.ring) if wish.ring is not None else None,
        duration=seconds_from(wish.duration),
        max_packets=wish.max_packets,
        overwrite=wish.force,
        owner=_behind_sudo(environment) if wish.write else None,
    )
    recorder.start()
    return Origin(recorder, ", ".join(wish.interface), path)


def _behind_sudo(environment: Mapping[str, str]) -> tuple[int, int] | None:
    """User and group who called sudo, and are to read the file without it."""
    try:
        return int(environment["SUDO_UID"]), int(environment["SUDO_GID"])
    except (KeyError, ValueError):
        return None


def _copying(
    wish: LiveRequest, spool: int, environment: Mapping[str, str], stdin: BinaryIO | None
) -> Origin:
    name = wish.files[0]
    stream = stdin or _standard_input() if name == "-" else _opened(name)
    path = wish.write or _in_cache(environment, ".pcap")
    copier = Copier(stream, path, spool, overwrite=wish.force)
    copier.start()
    return Origin(copier, "Standard input" if name == "-" else name, path)


def _following(wish: LiveRequest) -> Origin:
    path = wish.files[0]
    if wish.write is not None:
        raise UserError(f"{path} is a file already.", "-w is for interfaces and pipes.")
    _opened(path).close()
    return Origin(Followed(path), path, path)


def where(origin: Origin) -> str:
    """Where the capture lies, and how to read it again."""
    files = list(origin.files) or [origin.path]
    names = " ".join(map(shlex.quote, files))
    return f"the capture lies in {', '.join(files)}; again: wsdebug read {names}"


def _is_pipe(name: str) -> bool:
    try:
        return name == "-" or stat.S_ISFIFO(Path(name).stat().st_mode)
    except (OSError, ValueError):
        return False


def _standard_input() -> BinaryIO:
    if sys.stdin is None or sys.stdin.isatty():
        raise UserError(
            "There is no capture on standard input.",
            "Pipe one in: `ssh HOST tcpdump -U -w - port 8080 | wsdebug live -`",
        )
    return sys.stdin.buffer


def _opened(name: str) -> BinaryIO:
    from wsdebug.capture.opening import refusal  # noqa: PLC0415 - only where it fails

    try:
        return cast("BinaryIO", Path(name).open("rb", buffering=0))
    except (OSError, ValueError) as error:
        raise refusal(name, error) from error


def _in_cache(environment: Mapping[str, str], suffix: str) -> str:
    """A new name in the user's cache, where nobody else looks."""
    home = environment.get("HOME") or "~"
    cache = environment.get("XDG_CACHE_HOME") or str(Path(home).expanduser() / ".cache")
    folder = Path(cache) / "wsdebug"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be made: {error.strerror}.", "Say where the capture goes: -w FILE"
        ) from error
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return str(folder / f"live-{stamp}-{os.getpid()}{suffix}")


def seconds_from(text: str | None) -> float | None:
    """`30s`, `5m`, `1.5h` or plain seconds."""
    if text is None:
        return None
    found = _DURATION.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise UserError(
            f'"{text}" is no length of time.', "Write a number and s, m, h or d: --duration 30s"
        )
    return float(found[1]) * _SECONDS[found[2]]
