"""Captures that lack something of a healthy conversation: nothing in them is called broken."""

from __future__ import annotations

import io

import pytest

import wsdebug
from captures.make.stories import OPEN
from tests.stored import CAPTURES, OPEN_STORIES
from wsdebug.model.report import Severity
from wsdebug.report import View, writer_for


@pytest.mark.parametrize("name", list(OPEN))
def test_what_the_capture_lacks_is_no_fault_of_the_endpoints(name: str) -> None:
    analysis = wsdebug.read(CAPTURES / "open" / f"{name}.pcap")
    found = analysis.summary.findings
    assert (analysis.summary.broken, found.error, found.warning) == (0, 0, 0)
    assert {c.end.severity for c in analysis.connections} <= {Severity.NOTE}
    assert analysis.captures[0].tcp_connections == len(OPEN_STORIES[name]["connection"])


@pytest.mark.parametrize("name", list(OPEN))
def test_everything_that_was_captured_is_found(name: str) -> None:
    analysis = wsdebug.read(CAPTURES / "open" / f"{name}.pcap")
    for connection, truth in zip(
        analysis.connections, OPEN_STORIES[name]["connection"], strict=True
    ):
        for side in ("client", "server"):
            counts = dict(connection.frames[side])
            assert counts.pop("total") == sum(truth["captured"][side].values())
            assert counts == truth["captured"][side]
            assert getattr(connection.end.close_codes, side) == truth["close_codes"][side]
            assert (
                getattr(connection.end.seen_by_application, side)
                == truth["seen_by_application"][side]
            )
        assert (connection.end.how, connection.end.by) == (truth["end"]["how"], truth["end"]["by"])
        told = {(gap.side.value, gap.offset, gap.length) for gap in connection.gaps}
        assert {
            (gap["side"], gap["offset"], gap["length"]) for gap in truth.get("gaps", [])
        } <= told


def test_how_it_was_recognised_is_said() -> None:
    how = {}
    for name in OPEN:
        (connection,) = wsdebug.read(CAPTURES / "open" / f"{name}.pcap").connections
        told = connection.handshake.recognised
        how[name] = (told.by, told.confidence) if told else None
    assert how == {
        "begun-in-the-middle": ("masking", "certain"),
        "snap-length-96": ("handshake", "certain"),
        "with-holes": None,
    }


def test_each_has_a_truth_and_a_recipe() -> None:
    kept = {path.stem for path in (CAPTURES / "open").glob("*.pcap")}
    assert kept == set(OPEN_STORIES) == set(OPEN)


def test_packets_that_were_cut_are_told_and_nobody_is_suspected() -> None:
    path = CAPTURES / "open" / "snap-length-96.pcap"
    (note,) = wsdebug.read(path).captures[0].warnings
    assert note.kind == "snap-length"
    assert "tcpdump -s 0" in note.message
    shown = io.StringIO()
    writer = writer_for("text", shown, View())
    writer.finish(wsdebug.read(path))
    assert "may lie behind the cut" in " ".join(shown.getvalue().split())
    assert "proxy" not in shown.getvalue()
