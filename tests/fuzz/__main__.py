"""Fuzzing with atheris: `python -m tests.fuzz TARGET [libFuzzer options] [CORPUS]`.

Without a corpus a new one in a temporary folder is used. A crash ends the run and is written where
the option `-artifact_prefix=` says; with `--keep-going=FOLDER` the first input of each is kept
there and the run goes on. Put it under `tests/fuzz/found/TARGET/` once its cause is mended.
"""

from __future__ import annotations

import importlib
import random
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris

TARGETS = ("files", "heads", "frames", "reports", "tls", "http2", "anonymised")


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TARGETS:
        sys.exit(f"{__doc__}\nTargets: {', '.join(TARGETS)}")
    with atheris.instrument_imports(include=["wsdebug"], enable_loader_override=False):
        target = importlib.import_module(f"tests.fuzz.{name}")
    options = [option for option in sys.argv[2:] if not option.startswith("--keep-going=")]
    keep = next((each[13:] for each in sys.argv[2:] if each.startswith("--keep-going=")), None)
    check = target.check if keep is None else _patient(target.check, Path(keep))
    if all(option.startswith("-") for option in options):
        options.append(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    corpus = Path(next(option for option in options if not option.startswith("-")))
    _sow(target, corpus)
    if not any(option.startswith("-max_len=") for option in options):
        options.append(f"-max_len={target.MOST}")
    atheris.Setup([sys.argv[0], *options], check, custom_mutator=_mutator(target))
    atheris.Fuzz()


def _sow(target: Any, corpus: Path) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        if len(seed) <= target.MOST:
            (corpus / f"seed-{number:04d}").write_bytes(seed)


def _patient(check: Callable[[bytes], None], folder: Path) -> Callable[[bytes], None]:
    """Keeps the first input that fails in each place, and what it said, and goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    seen: set[str] = set()

    def checked(data: bytes) -> None:
        try:
            check(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            frames = traceback.extract_tb(error.__traceback__)
            name = "-".join(f"{Path(one.filename).stem}.{one.lineno}" for one in frames[-2:])
            if name not in seen:
                seen.add(name)
                (folder / name).write_bytes(data)
                (folder / f"{name}.txt").write_text(traceback.format_exc()[-8_000:])

    return checked


def _mutator(target: Any) -> Any:
    """Half of all inputs are changed as the target knows best, the others byte by byte."""

    def mutate(raw: bytes, most: int, seed: int) -> bytes:
        dice = random.Random(seed)

        def change(part: bytes) -> bytes:
            return bytes(atheris.Mutate(part, min(most, len(part) + 200) or 1))

        told = raw
        for _ in range(dice.choice((1, 1, 2, 4))):
            told = target.mutate(told, change, dice.getrandbits(32))
        return bytes(told[:most])

    return mutate


main()
