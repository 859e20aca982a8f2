"""What the first screen says, before any key, at every size."""

from __future__ import annotations

import pytest

from tests.tui.acting import NARROW, SMALLEST, WIDE, act
from wsdebug.tui.header_line import capture_notes
from wsdebug.tui.paint import Paint

FIELD = (
    "double-upgrade",
    "express-408-after-60s",
    "unmasked-client-kills-server",
    "shared-socket-json",
    "uws-vanished-ping",
)


@pytest.mark.parametrize("name", FIELD)
def test_the_five_field_reports_wide(name, golden):
    golden(f"{name}-120x30.txt", act(f"{name}.pcap", size=WIDE))


@pytest.mark.parametrize("name", FIELD)
def test_the_five_field_reports_narrow(name, golden):
    golden(f"{name}-80x24.txt", act(f"{name}.pcap", size=NARROW))


def test_the_smallest_size(golden):
    golden("double-upgrade-60x16.txt", act("double-upgrade.pcap", size=SMALLEST))


@pytest.mark.parametrize("size", [(59, 16), (60, 15), (59, 15), (40, 10), (20, 4)])
def test_below_the_smallest_size_it_says_so(size):
    text = act("double-upgrade.pcap", size=size)
    assert (
        " ".join(text.split())
        == "wsdebug needs 60 columns and 16 rows. Text report: wsdebug read -F text"
    )
    assert size[0] < 40 or "wsdebug read -F text" in text


@pytest.mark.parametrize("panel", ["1", "2", "3", "4"])
@pytest.mark.parametrize("size", [NARROW, SMALLEST])
def test_help_and_quit_are_never_cut_from_the_footer(size, panel):
    footer = act("double-upgrade.pcap", panel, size=size).splitlines()[-1]
    assert footer.endswith(" ? help  q quit")
    assert "⏎ open" in footer


def test_the_footer_says_whether_there_is_a_way_back():
    assert act("double-upgrade.pcap", "1", "enter", size=SMALLEST).splitlines()[-1].endswith("back")


def test_ascii_only(golden):
    text = act("double-upgrade.pcap", ascii=True)
    assert text.isascii()
    golden("double-upgrade-ascii.txt", text)


@pytest.mark.parametrize("panel", "1234")
def test_the_help_in_ascii_spells_keys_and_keeps_its_columns(panel):
    text = act("double-upgrade.pcap", panel, "question_mark", ascii=True, size=(100, 90))
    assert text.isascii()
    assert "\\u" not in text
    assert "  down j       next line" in text
    assert "  enter        open what" in text


def test_the_payload_is_not_taken_for_a_key_in_ascii():
    assert Paint(ascii_only=True).text("a → ⏎") == r"a \u2192 \u23ce"


def test_no_colour_shows_the_same_text():
    """Nothing by colour alone: words and symbols are all there without it."""
    colours = []

    async def look(screen, pilot):
        for strip in screen._compositor.render_strips():
            for segment in strip.apply_filter(*_filters(screen)):
                style = segment.style
                if style is not None:
                    colours.append((style.color, style.bgcolor))

    plain = act("double-upgrade.pcap", color=False, then=look)
    shown = {each.name for pair in colours for each in pair if each is not None}
    assert shown == {"default"}
    assert plain == act("double-upgrade.pcap", color=True)


def _filters(screen):
    from textual.color import Color

    return screen.app._filters[-1], Color(0, 0, 0)


@pytest.mark.parametrize(
    ("capture", "says"),
    [
        ("plain-http.pcap", "No WebSocket traffic was found"),
        ("handshake-unanswered.pcap", "never answered"),
        ("capture-cut-early.pcap", "still open"),
        ("other/https.pcap", "Encrypted, and no keys are at"),
        ("other/https.pcap", "TLS 1.2, no key"),
    ],
)
def test_other_states_help(capture, says):
    text = act(capture)
    assert says in " ".join(text.split())


@pytest.mark.parametrize(
    ("capture", "says"),
    [
        ("open/with-holes.pcap", "681 bytes missing"),
        ("open/begun-in-the-middle.pcap", "handshake not captured"),
    ],
)
def test_the_header_says_what_the_capture_lacks_of_the_connection(capture, says):
    assert f" ! #1: {says} " in act(capture, size=WIDE).splitlines()[0]
    assert f" > #1 > why  ! {says} " in act(capture, size=NARROW).splitlines()[0]


@pytest.mark.parametrize("size", [NARROW, SMALLEST, (100, 20)])
@pytest.mark.parametrize(
    ("capture", "says"),
    [
        ("open/with-holes.pcap", "681 bytes missing"),
        ("open/begun-in-the-middle.pcap", "handshake not captured"),
        ("capture-cut-early.pcap", ""),
    ],
)
def test_no_sentence_about_what_is_lacking_is_cut_away(capture, says, size):
    notes = []

    async def look(screen, pilot):
        notes.extend(capture_notes(screen.trace))

    text = " ".join(act(capture, size=size, then=look).replace("! ", "").split())
    for each in (says, *notes):
        assert each in text


def test_of_a_whole_connection_nothing_is_lacking():
    assert "!" not in act("double-upgrade.pcap").splitlines()[0]


@pytest.mark.parametrize("name", FIELD)
def test_the_last_line_can_be_reached_though_the_bar_takes_a_column(name):
    async def look(screen, pilot):
        panel = screen.query_one("#why")
        assert panel.virtual_size.height == len(panel.lines)

    act(f"{name}.pcap", size=WIDE, then=look)
