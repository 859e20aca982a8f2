"""Panel 3 says no more and no less than the text report."""

from __future__ import annotations

import msgspec

from tests.report.samples import make_connection
from wsdebug.model.place import Side
from wsdebug.model.report import Cause, Certainty, Logged
from wsdebug.tui.why_text import why_lines

WIDE = 90


def lines_of(**fields):
    cause = Cause("double-upgrade", "DX101", Certainty.CERTAIN, "Two owners", **fields)
    connection = msgspec.structs.replace(make_connection(1), causes=[cause])
    return [each.text for each in why_lines(connection, WIDE)]


def test_a_library_that_nobody_named_is_a_supposition():
    said = Logged(side=Side.CLIENT, library="websockets", text="went away", assumed=True)
    named = msgspec.structs.replace(said, library="ws", assumed=False)
    lines = lines_of(logged=[said, named])
    assert " client if it is websockets: went away" in lines
    assert " client ws: went away" in lines


def test_another_thing_that_the_same_library_may_have_said_stands_behind_an_or():
    said = Logged(side=Side.CLIENT, library="ws", text="timed out")
    lines = lines_of(logged=[said, msgspec.structs.replace(said, text="was closed")])
    first = lines.index(" client ws: timed out")
    assert lines[first + 1] == " client or ws: was closed"


def test_what_to_change_stands_before_the_evidence():
    lines = lines_of(advice=["Let one own it. Keep one.\nws: code()", "Or not.", "Third."])
    brief = lines.index("  Fix  Let one own it.")
    assert brief < next(at for at, text in enumerate(lines) if text.startswith("Fix"))
    assert lines[brief + 1] == "       Or not."
    assert not lines[brief + 2].strip()
    assert " 1. Let one own it. Keep one." in lines


def test_without_advice_there_is_no_such_line():
    assert not any(text.startswith("  Fix") for text in lines_of())
