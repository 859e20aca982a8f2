"""What the command prints of a busy server does not tell which reports were filled in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.make import make
from tests.compiled.built import pure
from wsdebug.analysis import usual_ones
from wsdebug.cli import main
from wsdebug.model.recurring import Recurring
from wsdebug.report import spool
from wsdebug.transport import Transport

FORMS = ["text", "json", "jsonl", "markdown"]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand connections; the first second of them has to be read."""
    path = tmp_path_factory.mktemp("busy") / "many.pcap"
    make("many", path, scale=0.04)
    return path


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of those that were filled in."""
    ids: list[int] = []
    add = spool.Spool.add_recurring

    def counted(self: spool.Spool, one: Recurring, kind: int = 0) -> None:
        ids.append(one.id)
        add(self, one, kind)

    monkeypatch.setattr(spool.Spool, "add_recurring", counted)
    return ids


@pytest.fixture(params=["python", "compiled"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Moulds either in Python or as compiled."""
    if request.param == "compiled":
        yield
        return
    with pure():
        yield


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["read", *arguments])
    return status, capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["-v"], ["-q"], ["-c", "3,1900-1902"], ["-Y", "id == 1901"]])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.usefixtures("way")
def test_every_form_says_the_same(
    form: str,
    more: list[str],
    busy: Path,
    filled: list[int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = ["-F", form, *more, str(busy)]
    quick = printed(capsys, *options)
    chooses = form == "jsonl" or "-c" in more or "-Y" in more or (form == "text" and "-q" in more)
    assert (len(filled) > 500) is not chooses
    monkeypatch.setattr(Transport, "park", lambda *_: None)
    assert printed(capsys, *options) == quick


def test_the_summary_counts_them(
    busy: Path, filled: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(printed(capsys, "-F", "json", str(busy))[1])
    assert found["summary"]["connections"] == len(found["connections"]) == 2000
    assert len(set(filled)) == len(filled) > 500


def test_of_many_shapes_only_some_are_remembered(
    busy: Path,
    filled: list[int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = printed(capsys, "-F", "json", str(busy))
    monkeypatch.setattr(usual_ones, "_MOST", 1)
    made: list[object] = []
    pattern_of: Callable[..., object] = usual_ones.pattern_of
    monkeypatch.setattr(
        usual_ones, "pattern_of", lambda *given: made.append(given) or pattern_of(*given)
    )
    assert printed(capsys, "-F", "json", str(busy)) == whole
    assert filled
    assert made
