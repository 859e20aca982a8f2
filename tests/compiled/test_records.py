"""Captures of both formats, sound and not, in chunks of every size: what is compiled and what is
not leave the same packets, the same places to begin again, and the same notes and errors.
"""

from __future__ import annotations

import random
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.capture import making
from tests.compiled.built import need_built, pure
from tests.stored import CAPTURES
from wsdebug import compiled
from wsdebug.capture import open_captures
from wsdebug.capture import source as sources
from wsdebug.model.errors import UserError
from wsdebug.model.limits import Limits

STORED = sorted(path for path in CAPTURES.rglob("*.pcap*") if path.is_file())
RESOLUTIONS = (None, 0, 3, 6, 9, 10, 12, 0x80, 0x80 | 20, 0x80 | 40, 0x7F)
OFFSETS = (None, 0, 1_700_000_000, -100, 1 << 33, 250_000_000_000, -(1 << 63), (1 << 63) - 1)
# The upper half of time stamps of today, in microseconds and in nanoseconds.
HIGHS = (0x6091E, 0x17979CFE, 0, 1, 0x7FFFFFFF, 0xFFFFFFFF)
EXTREMES = (0, 1, 27, 28, 31, 32, 33, 255, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@pytest.fixture(autouse=True)
def _built() -> None:
    need_built()


def told(path: Path, limits: Limits) -> Any:
    """Everything that comes of reading a capture, batch by batch, and once more from its middle."""
    found: list[Any] = []
    try:
        captures = open_captures([str(path)], limits, keep=True)
        for batch in captures.batches():
            reading = captures._reading
            assert reading is not None
            assert reading.checkpoint is not None
            *place, state = reading.checkpoint
            state = [getattr(part, "format", part) for part in state]  # Structs are never equal
            types = {tuple(map(type, packet)) for packet in batch}
            found.append((list(batch), types, place, state, reading.number, reading.offset))
    except UserError as error:
        return found, str(error), error.hint
    assert captures.again is not None
    middle = sum(len(batch[0]) for batch in found) // 2
    again = list(map(list, captures.again.batches(middle)))
    captures.again.close()
    return found, again, captures.files, captures.end, captures.secrets


def both_agree(path: Path, limits: Limits, why: object = None) -> Any:
    with pure():
        expected = told(path, limits)
    assert told(path, limits) == expected, why
    return expected


def cut_into(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(sources, "_CHUNK", size)
    monkeypatch.setattr(sources, "_PACKED_CHUNK", size)


@pytest.mark.parametrize("path", STORED, ids=lambda path: str(path.relative_to(CAPTURES)))
def test_a_stored_capture(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(path.name)
    for size in (256 << 10, dice.randrange(1_000, 50_000), dice.randrange(100, 3_000)):
        cut_into(monkeypatch, size)
        both_agree(path, Limits())


@pytest.mark.parametrize("name", [*making.VARIANTS, "mixed"])
def test_a_variant_cut_at_every_byte(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = making.VARIANTS.get(name, making.MIXED)
    dice = random.Random(name)
    path = tmp_path / "x"
    for length in range(4, len(content), 1 if len(content) < 1_000 else 7):
        path.write_bytes(content[:length])
        cut_into(monkeypatch, dice.choice((17, 61, 100, 300, 256 << 10)))
        both_agree(path, Limits(), length)


# ---- made at random -------------------------------------------------------------------------
def pcap(dice: random.Random) -> bytes:
    order = dice.choice("<>")
    magic = dice.choice((0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34))
    extra = bytes(8) if magic == 0xA1B2CD34 else b""
    out = [making.pcap([], order, magic, dice.randrange(1 << 32))]
    seconds = dice.choice((0, 1, making.START, 0xFFFFFFF0))
    for _ in range(dice.randrange(40)):
        seconds = min(seconds + (dice.random() < 0.2), 0xFFFFFFFF)
        fraction = dice.choice((0, dice.randrange(1_000_000), dice.randrange(1 << 32), 0xFFFFFFFF))
        captured = dice.choice((dice.randrange(1, 300), 1, 60, 66, 1_514))
        fate = dice.random()
        if fate < 0.02:
            captured = dice.choice((0, 262_144, 262_145))
        wire = captured + dice.choice((0, 0, 0, dice.randrange(2_000)))
        if fate > 0.99:
            wire = dice.randrange(captured + 1)
        if fate > 0.995:
            seconds = fraction = captured = wire = 0
        out.append(struct.pack(f"{order}4I", seconds, fraction, captured, wire))
        out.append(extra + dice.randbytes(captured))
    return b"".join(out)


def _packet(dice: random.Random, order: str, index: int, high: int) -> bytes:
    data = dice.randbytes(dice.choice((0, 1, 2, 3, 4, 60, dice.randrange(300))))
    wire = len(data) + dice.choice((0, 0, dice.randrange(2_000)))
    units = high << 32 | dice.choice((0, dice.randrange(1 << 32), 0xFFFFFFFF))
    kind = dice.random()
    if kind < 0.03:
        return making.obsolete(units, data, wire, index=index, order=order)
    if kind < 0.06:
        return making.simple(data, len(data), order)
    if kind < 0.08:
        # No multiple of four, as some writers have it; the lengths agree.
        body = struct.pack(f"{order}5I", index, units >> 32, units & 0xFFFFFFFF, len(data), wire)
        length = struct.pack(f"{order}I", len(body) + len(data) + 12)
        return struct.pack(f"{order}I", 6) + length + body + data + length
    comment = making.option(1, b"seen", order) if kind > 0.9 else b""
    return making.enhanced(units, data, wire, index=index, order=order, options=comment)


def pcapng(dice: random.Random) -> bytes:
    out = []
    for _ in range(dice.choice((1, 1, 1, 2))):
        order = dice.choice("<>")
        out.append(making.section(order))
        known = 0
        high = dice.choice(HIGHS)
        for _ in range(dice.randrange(40)):
            if not known or dice.random() < 0.04:
                resolution = None if dice.random() < 0.5 else dice.choice(RESOLUTIONS)
                offset = None if dice.random() < 0.7 else dice.choice(OFFSETS)
                out.append(making.interface(dice.choice((1, 101)), dice.choice((0, 100)),
                                            resolution, offset, order))  # fmt: skip
                known += 1
            fate = dice.random()
            if fate < 0.03:
                out.append(making.block(dice.choice((4, 9, 0x55)), dice.randbytes(8), order))
            elif fate < 0.05:
                out.append(making.statistics(0, order, interface=dice.randrange(9)))
            elif fate < 0.1:
                high = dice.choice(HIGHS)
            index = dice.randrange(known) if dice.random() < 0.3 else 0
            out.append(_packet(dice, order, known if fate > 0.998 else index, high))
    return b"".join(out)


def damaged(dice: random.Random, content: bytes) -> bytes:
    """Cut, or other bytes in it, fields of their extreme values among them."""
    fate = dice.random()
    if fate < 0.3:
        return content[: dice.randrange(4, len(content) + 1)]
    changed = bytearray(content)
    for _ in range(dice.randrange(1, 4) if fate < 0.8 else 0):
        at = dice.randrange(4, len(content))
        if dice.random() < 0.5:
            field = struct.pack(dice.choice("<>") + "I", dice.choice(EXTREMES))
            changed[at - at % 4 : at - at % 4 + 4] = field
        else:
            changed[at] = dice.randrange(256)
    return bytes(changed)


@pytest.mark.parametrize("make", [pcap, pcapng])
@pytest.mark.parametrize("part", range(4))
def test_made_and_damaged(
    make: Any, part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    packets = 0
    for seed in range(250):
        dice = random.Random(f"{make.__name__} {part} {seed}")
        path.write_bytes(damaged(dice, make(dice)))
        cut_into(monkeypatch, dice.choice((dice.randrange(17, 400), 4_096, 256 << 10)))
        limits = Limits(block=dice.choice((64, 1_000, Limits().block)))
        packets += sum(len(batch[0]) for batch in both_agree(path, limits, seed)[0])
    assert packets > 1_500


# ---- at the borders -------------------------------------------------------------------------
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 63, 64, 65, 262_144, 262_145])
def test_a_record_about_as_long_as_may_be(order: str, size: int, tmp_path: Path) -> None:
    path = tmp_path / "x"
    for wire in (size, size - 1):
        record = struct.pack(f"{order}4I", 1, 0, size, max(0, wire)) + bytes(size)
        path.write_bytes(making.pcap([], order) + record + record)
        for block in (32, 64, Limits().block):
            both_agree(path, Limits(block=block), (wire, block))


@pytest.mark.parametrize("name", ["pcap-us-big", "pcap-modified-little", "pcapng-little"])
@pytest.mark.parametrize("zeros", [1, 16, 27, 28, 32, 1_000])
def test_a_file_that_ends_in_zeros(name: str, zeros: int, tmp_path: Path) -> None:
    """As a machine that crashed leaves it."""
    path = tmp_path / "x"
    path.write_bytes(making.VARIANTS[name] + bytes(zeros))
    assert len(both_agree(path, Limits())[0][0][0]) == len(making.SAMPLE)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("length", [*range(12, 36), 63, 64, 65, 68])
def test_a_block_with_about_as_many_bytes_as_it_claims(
    order: str, length: int, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    plain = making.enhanced(1, b"plain", 6, order=order)  # the first of a run is looked at twice
    start = making.section(order) + making.interface(order=order) + plain
    for room in range(-6, 7):
        captured = max(0, length - 32 + room)
        ends = struct.pack(f"{order}I", length)
        head = struct.pack(f"{order}I", 6) + ends + struct.pack(f"{order}5I", 0, 0, 1, captured, 9)
        block = (head + bytes(length))[: length - 4] + ends
        path.write_bytes(start + block + plain)
        for most in (64, Limits().block):
            both_agree(path, Limits(block=most), (room, most))


# ---- what is called -------------------------------------------------------------------------
TIMES = [(making.START * 10**9 + 10**6 * one, b"x" * (one + 1), one + 1) for one in range(50)]
PLAIN = {
    **{
        f"pcap {order} {magic:x}": making.pcap(TIMES, order, magic)
        for order in "<>"
        for magic in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34)
    },
    **{
        f"pcapng {order} {resolution}": making.pcapng(TIMES, order, resolution)
        for order in "<>"
        for resolution in (3, 6, 9)
    },
}


@pytest.mark.parametrize("name", PLAIN)
def test_all_plain_packets_are_taken(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other tests would be as green if none were."""
    taken = []

    def counted(real: Any) -> Any:
        def take(*arguments: Any) -> Any:
            found = real(*arguments)
            taken.append(found[1] - arguments[4])
            return found

        return take

    real = compiled.records
    assert real is not None
    spy = SimpleNamespace(Batch=real.Batch, pcap=counted(real.pcap), pcapng=counted(real.pcapng))
    monkeypatch.setattr(compiled, "records", spy)
    path = tmp_path / "x"
    path.write_bytes(PLAIN[name])
    captures = open_captures([str(path)])
    taken.clear()  # the beginning was looked at
    assert sum(len(batch) for batch in captures.batches()) == 50
    assert taken == [50]


RECORD = struct.pack("<4I", 1, 2, 3, 4) + b"abc"
BLOCK = making.enhanced(5, b"abc", 4)
PCAP = (RECORD, [], 1, False, 0, 0, 16, 1, 100)
PCAPNG = (BLOCK, [], 1, False, 0, 0, 0, len(BLOCK), 100, 0, 0, 0, 1)
BEYOND = (1 << 63, -(1 << 63) - 1, 1 << 64, 1 << 200)


def run(name: str, arguments: Any, **changed: Any) -> Any:
    """What it gives back and what is in the batch."""
    assert compiled.records is not None
    given = list(arguments)
    given[1] = compiled.records.Batch()
    for place, value in changed.items():
        given[int(place.removeprefix("at"))] = value
    return getattr(compiled.records, name)(*given), list(given[1])


def test_one_record() -> None:
    assert run("pcap", PCAP) == ((19, 1), [(1, 10**9 + 2, 1, b"abc", 4, 0)])
    assert run("pcapng", PCAPNG) == ((len(BLOCK), 1), [(1, 5, 1, b"abc", 4, 0)])


@pytest.mark.parametrize("value", BEYOND)
def test_numbers_of_more_than_63_bits_are_left_to_python(value: int) -> None:
    for place in range(4, 9):
        assert run("pcap", PCAP, **{f"at{place}": value})[1] == []
    for place in (4, 5, *range(7, 13)):
        number = value if place == 4 else 0
        assert run("pcapng", PCAPNG, **{f"at{place}": value}) == ((0, number), [])


def test_the_last_numbers_that_fit() -> None:
    last = (1 << 63) - 1
    for place in (4, 5):
        assert run("pcap", PCAP, **{f"at{place}": last})[1] == []
        assert len(run("pcap", PCAP, **{f"at{place}": last - len(RECORD)})[1]) == 1
    start = last - 0xFFFFFFFF
    assert run("pcapng", PCAPNG, at11=start)[1] == [(1, start + 5, 1, b"abc", 4, 0)]
    assert run("pcapng", PCAPNG, at11=start + 1)[1] == []


def test_other_arguments_are_refused() -> None:
    refused: list[tuple[str, Any, int, Any]] = [
        *(("pcap", PCAP, 6, header) for header in (-1, 0, 15, 25, 1 << 40)),
        *(("pcap", PCAP, 7, unit) for unit in (-1, 10**9 + 1)),
        *(("pcapng", PCAPNG, 6, at) for at in (-1, len(BLOCK) + 1, 1 << 40)),
        *(("pcapng", PCAPNG, 7, size) for size in (-1, len(BLOCK) + 1, 1 << 40)),
        ("pcapng", PCAPNG, 11, -1),
        *(("pcapng", PCAPNG, 12, multiplier) for multiplier in (-1, 10**9 + 1)),
    ]
    for name, arguments, place, value in refused:
        with pytest.raises(ValueError, match="out of its range"):
            run(name, arguments, **{f"at{place}": value})
    for name, arguments in (("pcap", PCAP), ("pcapng", PCAPNG)):
        for place in (0, 1, *range(3, len(arguments))):
            for value in (None, "x", 1.5, bytearray(RECORD)):
                with pytest.raises(TypeError):
                    run(name, arguments, **{f"at{place}": value})
        with pytest.raises(TypeError):
            getattr(compiled.records, name)(*arguments[:-1])
