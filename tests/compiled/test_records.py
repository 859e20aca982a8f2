"""Records of pcap files, sound and not: the same packets, places and notes both ways."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.capture.making import START, VARIANTS, pcap
from tests.compiled.built import need_built, pure
from wsdebug import compiled
from wsdebug.capture import open_captures
from wsdebug.capture import pcap as reader
from wsdebug.capture import source as sources
from wsdebug.model.errors import UserError
from wsdebug.model.limits import Limits

FORMS = [(magic, order) for magic in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34) for order in "<>"]


def told(paths: list[Path], limits: Limits) -> Any:
    """Batches, not packets: they are handed on alike."""
    try:
        captures = open_captures([str(path) for path in paths], limits)
        return list(captures.batches()), captures.files
    except UserError as error:
        return str(error)


def both_agree(paths: list[Path], limits: Limits) -> Any:
    need_built()
    with pure():
        expected = told(paths, limits)
    found = told(paths, limits)
    assert found == expected
    return found


def records(dice: random.Random) -> list[tuple[int, bytes, int]]:
    """Of every length; times and lengths on the wire up to what 32 bits hold."""
    made = []
    for _ in range(dice.randrange(40)):
        size = dice.choice((0, 1, 60, 1_514, 1_514, 9_000, dice.randrange(200)))
        seconds = dice.choice((START, START + dice.randrange(9), 0, 0xFFFFFFFF))
        wire = dice.choice((size, size, size + 1, 0xFFFFFFFF, max(0, size - 1)))
        made.append((seconds * 10**9 + dice.randrange(10**9), dice.randbytes(size), wire))
    return made


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("chunk", [17, 61, 100, 1 << 18])
def test_every_form(name: str, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_CHUNK", chunk)
    monkeypatch.setattr(sources, "_PACKED_CHUNK", chunk)
    path = tmp_path / "x"
    path.write_bytes(VARIANTS[name])
    both_agree([path, path], Limits())


@pytest.mark.parametrize(("magic", "order"), FORMS)
def test_sound_damaged_and_cut(
    magic: int, order: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(100):
        dice = random.Random(f"{magic} {order} {seed}")
        paths = []
        for number in range(2):
            raw = bytearray(pcap(records(dice), order, magic))
            for _ in range(dice.choice((0, 0, 1, 3))):
                raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
            if dice.random() < 0.3:
                del raw[dice.randrange(24, len(raw) + 1) :]
            raw += bytes(dice.choice((0, 0, 70)))  # as a machine that crashed leaves it
            paths.append(tmp_path / f"{number}")
            paths[-1].write_bytes(raw)
        monkeypatch.setattr(sources, "_CHUNK", dice.choice((30, 333, 5_000, 1 << 18)))
        both_agree(paths, Limits(block=dice.choice((100, 8_000, 64 << 20))))


def test_times_and_lengths_of_32_bits_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(pcap([(0xFFFFFFFF * 10**9 + 999_999_999, b"x", 0xFFFFFFFF)], magic=0xA1B23C4D))
    ((packet,),), _ = both_agree([path], Limits())
    assert packet[:5] == (1, 0xFFFFFFFF * 10**9 + 999_999_999, 1, b"x", 0xFFFFFFFF)


def test_places_that_64_bits_do_not_hold_are_left_to_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(VARIANTS["pcap-us-little"])
    expected = both_agree([path], Limits())
    monkeypatch.setattr(reader, "_FARTHEST", -1)
    assert told([path], Limits()) == expected


def test_plain_records_are_not_read_in_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_built()
    path = tmp_path / "x"
    path.write_bytes(pcap([(START, b"x", 1)] * 50))
    monkeypatch.setattr(reader, "_doubt", None)
    counted = []
    assert compiled.records is not None
    take = compiled.records.take
    monkeypatch.setattr(
        compiled.records, "take", lambda *told: counted.append(take(*told)) or counted[-1]
    )
    read, _ = told([path], Limits())
    assert {len(batch) for batch, _ in counted} == {50}  # the file is begun once to look at it
    assert read == [counted[-1][0]]


@pytest.mark.parametrize(
    "wrong",
    [
        (), (b"", 15, False, 1, 1, 0, 0, 1), (b"", 16, False, 1, 1001, 0, 0, 1),
        (b"", 16, False, 1, -1, 0, 0, 1), (b"", 16, False, 1 << 33, 1, 0, 0, 1),
        (b"", 16, False, 1, 1, -1, 0, 1), (b"", 16, False, 1, 1, 0, 1 << 63, 1),
        (b"", 16, False, 1, 1, 0, -1, 1), (bytearray(), 16, False, 1, 1, 0, 0, 1),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused(wrong: tuple[Any, ...]) -> None:
    need_built()
    assert compiled.records is not None
    with pytest.raises((TypeError, ValueError, OverflowError)):
        compiled.records.take(*wrong)
