"""Connections that wait and compress: whole sound messages are taken, and nothing else is."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pytest

from bench.messages import BINARY, frame
from tests.analysis.packed import (
    DEFLATE,
    LATER,
    NARROW,
    RESETS,
    Packer,
    Said,
    chat,
    packed,
    write,
    written,
)
from tests.analysis.test_conclusions import disturbed, records
from tests.analysis.test_usual import changed, read, reported, way
from tests.stored import ALL
from wsdebug.analysis import Session, usual_ones
from wsdebug.model.limits import Limits
from wsdebug.protocol.plain_side import MOST_INFLATED

__all__ = ["reported", "way"]
pytestmark = pytest.mark.usefixtures("way")

SHAPES = {"takeover": DEFLATE, "resets": RESETS, "narrow": NARROW}


def taught(tmp_path: Path, extension: str, limits: Limits | None) -> Session:
    """Who has read one like it."""
    said = chat(random.Random(1), extension, 2)
    path = write(tmp_path / "taught.pcap", [(extension, said)])
    return read(path, waits=False, limits=limits)[1]


def both(
    tmp_path: Path, extension: str, said: Said, limits: Limits | None = None
) -> tuple[str, str]:
    """What is said of one connection the long way, and by who knows how such go."""
    path = write(tmp_path / "made.pcap", [(extension, said)])
    session = taught(tmp_path, extension, limits)
    long, _ = read(path, waits=False, limits=limits)
    return long, read(path, taught=session, limits=limits)[0]


@pytest.mark.parametrize("shape", SHAPES)
def test_sound_messages_are_not_taken_apart(
    shape: str, tmp_path: Path, reported: list[int]
) -> None:
    rng = random.Random(shape)
    lives = [(SHAPES[shape], chat(rng, SHAPES[shape], 9)) for _ in range(20)]
    path = write(tmp_path / "made.pcap", lives, at_once=5)
    long, session = read(path, waits=False)
    again, _ = read(path, taught=session)
    assert again == long
    assert sorted(reported) == list(range(1, 21))
    assert '"findings":[{' not in long


def test_real_ones_are_known_by_the_first_of_their_kind(reported: list[int]) -> None:
    """Of websockets and of ws: all but the first three, and one that hangs up early."""
    long, _ = read(ALL["short-compressed"], waits=False)
    assert read(ALL["short-compressed"])[0] == long
    assert len(reported) == 11


NOISE = random.Random(7).randbytes(1_200)


def window_exceeded() -> Said:
    """What came 1 200 bytes before, and a window of 1 024 was agreed."""
    pack = Packer()
    return [("server", packed(pack(text), BINARY)) for text in (NOISE, NOISE)]


def context_used() -> Said:
    pack = Packer()
    return [("server", packed(pack(b"hello hello hello world"))) for _ in range(2)]


def in_fragments(count: int = 2) -> Said:
    body = Packer()(b"hello")
    parts = [frame(BINARY, body, first=0x40), frame(0, b"", first=0x80)]
    return [("server", part) for part in parts[:count]]


OTHERS: dict[str, tuple[str, Said, str]] = {
    "no UTF-8": (DEFLATE, [("client", packed(Packer()(b"\xff\xfe")))], "invalid-utf8"),
    "cut off": (DEFLATE, [("server", packed(Packer()(b"hello world")[:-4]))], "deflate-data"),
    "no deflate": (DEFLATE, [("server", packed(b"hello world"))], "deflate-data-invalid"),
    "a last block": (DEFLATE, [("server", packed(Packer()(b"hello", zlib.Z_FINISH)))], ""),
    "an end within a byte": (DEFLATE, [("server", packed(b"\xba\x0e\xd8", BINARY))], ""),
    "beyond the window": (NARROW, window_exceeded(), "a distance beyond the window of 1024"),
    "a context that was given up": (RESETS, context_used(), "though its context was given up"),
    "in fragments": (DEFLATE, in_fragments(), ""),
    "the first fragment alone": (DEFLATE, in_fragments(1), ""),
    "one that is not compressed": (DEFLATE, [("server", frame(BINARY, b"x", first=0))], ""),
    "not agreed": ("", [("server", packed(Packer()(b"hello")))], "rsv1"),
    "RSV2": (DEFLATE, [("server", packed(Packer()(b"hello"), first=0xA0))], "rsv2"),
    "RSV1 and RSV2": (DEFLATE, [("server", packed(Packer()(b"hello"), first=0xE0))], "rsv2"),
    "more than may be": (DEFLATE, [("server", packed(Packer()(bytes(MOST_INFLATED + 1))))], ""),
}


@pytest.mark.parametrize("what", OTHERS)
def test_whatever_is_otherwise_is_read(what: str, tmp_path: Path, reported: list[int]) -> None:
    extension, said, words = OTHERS[what]
    long, again = both(tmp_path, extension, said)
    assert again == long
    assert reported == []
    assert words in long.lower()


@pytest.mark.parametrize("extension", [DEFLATE, RESETS])
@pytest.mark.parametrize("more", [0, 1])
def test_a_side_inflates_to_no_more_than_may_be(
    more: int, extension: str, tmp_path: Path, reported: list[int]
) -> None:
    pack = Packer(resets=extension == RESETS)
    sizes = MOST_INFLATED // 2, MOST_INFLATED // 2 + more
    said = [("client", packed(pack(bytes(size)), BINARY)) for size in sizes]
    long, again = both(tmp_path, extension, said)
    assert again == long
    assert reported == ([] if more else [1])


@pytest.mark.parametrize("size", [999, 1_000, 1_001])
def test_a_message_beyond_the_limit_is_read(size: int, tmp_path: Path, reported: list[int]) -> None:
    said = [("server", packed(Packer()(b"x" * size)))]
    long, again = both(tmp_path, DEFLATE, said, Limits(message=1_000))
    assert again == long
    assert ("deflate-bomb" in long) is (size > 1_000)
    assert reported == ([1] if size <= 1_000 else [])


@pytest.mark.parametrize("most", [1, 2, 3, 5, 6, 7, 9, 14, 22, 60])
@pytest.mark.parametrize("seed", range(6))
def test_contexts_are_given_up_as_if_nobody_had_waited(
    most: int, seed: int, tmp_path: Path, reported: list[int]
) -> None:
    """Some wait to their end, some until a ping, all at the same time."""
    rng = random.Random(seed)
    lives = []
    for _ in range(40):
        extension = rng.choice([DEFLATE, DEFLATE, RESETS, ""])
        said = [] if not extension else chat(rng, extension, 8, pings=rng.random() < 0.4)
        lives.append((extension, said))
    path = write(tmp_path / "made.pcap", lives, at_once=rng.choice([4, 9, 16]), seed=seed)
    _, session = read(path, waits=False)
    long, _ = read(path, waits=False, limits=Limits(inflaters=most))
    reported.clear()
    again, _ = read(path, taught=session, limits=Limits(inflaters=most))
    assert again == long
    if most <= 3:
        assert '"kind":"inflaters"' in long
    if most == 60:
        assert len(reported) > 10
        assert '"kind":"inflaters"' not in long


# ---- contexts that are only counted ----------------------------------------------------------
ROOM = 6
"""Contexts that may live; of them two are kept free, so two connections may wait."""
TEXTS = b"one of them", b"one of them, two of them", b"two of them, one of them"


def speaks(*, pings: bool = False) -> Said:
    """Each side, with what it said before in mind; its steps are SYN to request, response, these
    five, and the end.
    """
    said = []
    packers = {side: Packer() for side in ("client", "server")}
    for side, text in zip(("client", "server", "client"), TEXTS, strict=True):
        said.append((side, packed(packers[side](text))))
    pong = ("client", frame(0xA, b"?"))
    return [("server", frame(9, b"?")), pong, *said] if pings else said


def assert_alike(path: Path, session: Session) -> str:
    """With `ROOM`, both ways."""
    limits = Limits(inflaters=ROOM)
    long, _ = read(path, waits=False, limits=limits)
    assert read(path, taught=session, limits=limits)[0] == long
    return long


def test_who_is_over_does_not_count(tmp_path: Path, reported: list[int]) -> None:
    path = write(tmp_path / "made.pcap", [(DEFLATE, speaks())] * 20)
    assert_alike(path, taught(tmp_path, DEFLATE, None))
    assert reported == list(range(1, 21))


def test_who_says_no_close_counts_for_what_it_said_is_kept(
    tmp_path: Path, reported: list[int]
) -> None:
    lives = [(DEFLATE, speaks(), "no Close")] * 2 + [(DEFLATE, speaks(), "")]
    path, session = write(tmp_path / "made.pcap", lives), taught(tmp_path, DEFLATE, None)
    assert_alike(path, session)
    assert reported == []
    read(path, taught=session)
    assert reported == [3]


def test_who_sends_no_fin_counts(tmp_path: Path) -> None:
    """Two of whose four contexts nobody heard the end, and two that are read and use theirs."""
    lives = [(DEFLATE, speaks(), "no FIN")] * 2 + [(DEFLATE, speaks(pings=True), "")] * 2
    order = [0, 1] * 6 + [2, 3] * 9
    path = written(tmp_path / "made.pcap", lives, order)
    long = assert_alike(path, taught(tmp_path, DEFLATE, None))
    assert '"kind":"inflaters"' in long


def test_who_is_over_and_read_after_all_takes_no_context_from_others(tmp_path: Path) -> None:
    """Six contexts are in use by then."""
    late, real = (DEFLATE, speaks(), "late"), (DEFLATE, speaks(pings=True), "")
    order = [0] * 6 + [1, 2, 3] * 6 + [0] + [1, 2, 3] * 3
    path = written(tmp_path / "made.pcap", [late, real, real, real], order)
    long = assert_alike(path, taught(tmp_path, DEFLATE, None))
    assert '"kind":"inflaters"' not in long
    assert '"not_readable":{}' in long


def test_whose_context_is_wanted_leaves_no_packets_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock knows it for 5 s more."""
    began, begin = [], usual_ones.UsualOnes.begin

    def noted(self, parked):  # type: ignore[no-untyped-def]
        began.append(parked)
        begin(self, parked)

    monkeypatch.setattr(usual_ones.UsualOnes, "begin", noted)
    over, real = (DEFLATE, speaks()), (DEFLATE, speaks(pings=True))
    order = [0] * 6 + [1, 2, 3] * 9
    path = written(tmp_path / "made.pcap", [over, real, real, real], order)
    session = taught(tmp_path, DEFLATE, None)
    began.clear()
    read(path, taught=session, limits=Limits(inflaters=ROOM))
    assert began[0].is_gone
    assert len(began[0].packets) == 0


def test_who_is_still_known_to_somebody_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one waits on its ports, and is no concern of those whose contexts are wanted."""
    known, values_of = [], usual_ones.values_of

    def kept(usual, *arguments):  # type: ignore[no-untyped-def]
        known.append(usual)
        return values_of(usual, *arguments)

    packs, plain, real = (DEFLATE, speaks()), ("", []), (DEFLATE, speaks(pings=True))
    session = read(write(tmp_path / "made.pcap", [packs, plain]), waits=False)[1]
    monkeypatch.setattr(usual_ones, "values_of", kept)
    order = [0] * 6 + [LATER, 1, 1] + [2, 3, 4] * 9 + [1]
    lives = [packs, plain, real, real, real]
    assert_alike(written(tmp_path / "made.pcap", lives, order, (0, 0, 1, 2, 3)), session)
    assert [one.id for one in known] == [1, 2]


@pytest.mark.parametrize("seed", range(60))
def test_real_ones_with_changed_bytes_say_the_same(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    header, packets = records(ALL["short-compressed"])
    path.write_bytes(header + b"".join(changed(packets, seed)))
    _, session = read(ALL["short-compressed"], waits=False)
    long, _ = read(path, waits=False)
    assert read(path, taught=session)[0] == long


@pytest.mark.parametrize("seed", range(24))
def test_real_ones_disturbed_say_the_same(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "made.pcap"
    header, packets = records(ALL["short-compressed"])
    path.write_bytes(header + b"".join(disturbed(packets, seed)))
    _, session = read(ALL["short-compressed"], waits=False)
    long, _ = read(path, waits=False)
    assert read(path, taught=session)[0] == long
