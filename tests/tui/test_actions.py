"""What keys do on real captures: evidence leads to its bytes, filters narrow, errors are found."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.tui.acting import NARROW, act, settled
from wsdebug.tui import clipboard, keys
from wsdebug.tui.detail_panel import TABS
from wsdebug.tui.options import Options
from wsdebug.tui.times import FORMATS

FAN = "unmasked-client-kills-server.pcap"


def looked(capture, *pressed, size=(120, 30), **options):
    """What the screen holds after the keys."""
    found = {}

    async def look(screen, pilot):
        row = screen.frames.row
        found.update(
            chosen=screen.trace.chosen, panel=screen.panel, row=row, tab=screen.detail.tab,
            detail=screen.detail.detail, shown=len(screen.frames.shown),
            order=[*screen.trace.order],
            clip=screen.app.clipboard, chosen_bytes=screen.detail.chosen, form=screen.trace.form,
            notices=[each.message for each in screen.app._notifications], way=list(screen.way),
        )  # fmt: skip

    found["text"] = act(capture, *pressed, size=size, then=look, **options)
    return found


# ---- the first screen ----------------------------------------------------------------------
def test_the_culprit_is_chosen_and_its_broken_frame_is_under_the_cursor():
    found = looked(FAN)
    assert found["chosen"] == 13
    assert found["row"].name == "C0"
    assert "MASK 0  not masked  ✗ FR104" in found["text"]


def test_bytes_that_are_no_frame_are_shown_in_both_readings():
    text = looked("double-upgrade.pcap", "plus", "4")["text"]
    assert "HTTP/1.1 400 Bad Request" in text
    assert "RSV 100  RSV1 set  ✗ FR101" in text
    assert "opcode 8  Close  ✗ FR103" in text


def test_narrow_begins_with_why_and_says_where_one_is():
    text = looked("double-upgrade.pcap", size=NARROW)["text"]
    assert "double-upgrade.pcap > #1 > why" in text
    assert "an HTTP response" in text


# ---- in, out, evidence -----------------------------------------------------------------------
def test_enter_leads_from_connection_to_rows_to_bytes_and_escape_back():
    assert looked(FAN, "1", "enter")["panel"] == keys.FRAMES
    assert looked(FAN, "1", "enter", "enter")["panel"] == keys.DETAIL
    assert looked(FAN, "1", "enter", "enter", "escape")["panel"] == keys.FRAMES
    assert looked(FAN, "1", "enter", "enter", "escape", "escape")["panel"] == keys.CONNECTIONS


def test_evidence_leads_to_its_frame_and_bytes():
    async def look(screen, pilot):
        await pilot.press("2", "g", "3")
        lines = [each.text for each in screen.why.lines]
        at = next(at for at, text in enumerate(lines) if "FR104" in text)
        screen.why.move_to(at)
        await pilot.press("enter")
        await settled(screen.app, pilot)
        assert screen.frames.row.name == "C0"
        assert screen.panel == keys.DETAIL
        assert screen.detail.chosen.wire == (0, 2)

    act(FAN, then=look)


# ---- jumps -----------------------------------------------------------------------------------
def test_errors_are_found_across_connections_and_round():
    found = looked("violations-to-ws.pcap", "2", "g", "e")
    assert found["row"].has_finding
    seen = {looked("violations-to-ws.pcap", *"e" * number)["chosen"] for number in (1, 4)}
    assert len(seen) == 2
    there_and_back = looked("violations-to-ws.pcap", "e", "e", "E")
    assert there_and_back["row"] == looked("violations-to-ws.pcap", "e")["row"]


def test_a_jump_says_where_there_is_none():
    assert "no other warning" in looked("double-upgrade.pcap", "w")["notices"][0]


def test_silences_are_found_both_ways():
    first = looked("express-408-after-60s.pcap", "2", "g", "s")
    assert first["row"].kind == "silence"
    second = looked("express-408-after-60s.pcap", "2", "g", "s", "s")
    assert second["row"].at > first["row"].at
    assert looked("express-408-after-60s.pcap", "2", "g", "s", "s", "S")["row"] == first["row"]


def test_marks_are_set_found_and_taken_away():
    found = looked("express-408-after-60s.pcap", "2", "g", "m", "G", "apostrophe")
    assert found["row"].at == 0
    assert "⚑" in found["text"]
    assert "⚑" not in looked("express-408-after-60s.pcap", "2", "g", "m", "m")["text"]


# ---- looking ---------------------------------------------------------------------------------
def test_pings_are_hidden_and_shown_again():
    whole = looked("express-408-after-60s.pcap")["shown"]
    assert looked("express-408-after-60s.pcap", "z")["shown"] == whole - 34
    assert looked("express-408-after-60s.pcap", "z", "z")["shown"] == whole


def test_the_cursor_stays_where_it_was_while_a_filter_works():
    before = looked("express-408-after-60s.pcap")["row"]
    assert before.at > 40
    for pressed in (("z",), ("z", "z"), ("slash", *'path == "/ws"', "enter")):
        assert looked("express-408-after-60s.pcap", *pressed)["row"].at == before.at
    moved = looked("express-408-after-60s.pcap", "z", "2", "g", "down")["row"]
    assert moved.at == 1


@pytest.mark.parametrize("number", range(4))
def test_time_formats_go_round(number):
    assert looked("close-1001-server.pcap", *"t" * number)["form"] == FORMATS[number]


def test_tabs_show_the_same_frame():
    for number, tab in enumerate(TABS):
        found = looked(FAN, "4", *"]" * number)
        assert found["tab"] == tab
        assert f"[{tab}]" in found["text"]


def test_the_dump_underlines_the_header_and_brackets_the_key():
    text = looked("close-1000-client.pcap", "2", "g", "slash", *"op == text", "enter", "4", "]")
    assert "[" in text["text"]
    detail = text["detail"]
    key = detail.view.header[-4:].hex(" ")
    assert f"[{key}]" in text["text"]


def test_payload_views_go_round():
    text = looked("socket-io.pcap", "slash", *'"hello"', "enter", "4", "]", "]")["text"]
    assert "[socket.io]" in text.lower()
    again = looked("socket-io.pcap", "slash", *'"hello"', "enter", "4", "]", "]", "v")["text"]
    assert "[socket.io]" not in again.lower()


def test_the_time_line_draws_silences():
    text = looked("express-408-after-60s.pcap", "3", "]")["text"]
    assert "17 pings, 17 pongs" in text
    assert "last frame: ping" in " ".join(text.split())


def test_ping_round_trips_are_drawn():
    assert "pings ▁" in looked("express-408-after-60s.pcap")["text"]


# ---- filter and find -------------------------------------------------------------------------
def test_a_filter_narrows_rows_and_connections():
    found = looked(FAN, "slash", *"not masked and side == client", "enter")
    assert found["order"] == [13]
    assert found["shown"] == 1


def test_an_empty_filter_shows_all_again():
    found = looked(FAN, "slash", *"op == close", "enter", "slash", *["backspace"] * 11, "enter")
    assert len(found["order"]) == 13


@pytest.mark.parametrize("pressed", [(), ("e", "4", "]", "i", "escape", "y", "x", "2", "enter")])
def test_where_no_connection_matches_nothing_is_chosen(pressed):
    found = looked(FAN, *pressed, filter="conn == 99")
    assert found["chosen"] is None
    assert found["shown"] == 0
    assert found["detail"] is None
    assert "no connection matches" in looked(FAN, *pressed, "3", filter="conn == 99")["text"]


def test_a_filter_taken_away_chooses_again():
    found = looked(FAN, "slash", *["backspace"] * 10, "enter", filter="conn == 99")
    assert found["chosen"] in found["order"]
    assert len(found["order"]) == 13


def test_a_wrong_filter_says_where_and_the_last_good_one_stays():
    found = looked(FAN, "slash", *"op == close", *" and (", size=(160, 40))
    assert "error at 18" in found["text"]
    assert found["shown"] == 1
    assert found["order"] == [13]


def test_escape_takes_back_what_was_typed():
    assert len(looked(FAN, "slash", *"op == close", "escape")["order"]) == 13


def test_text_is_found_in_payloads():
    found = looked("shared-socket-json.pcap", "2", "g", "4", "slash", *"tick", "enter")
    assert b"tick" in found["detail"].content
    following = looked("shared-socket-json.pcap", "2", "g", "4", "slash", *"tick", "enter", "n")
    assert following["row"].at > found["row"].at
    none = looked("shared-socket-json.pcap", "4", "slash", *"nowhere", "enter")
    assert "No payload here" in none["notices"][0]


# ---- explain, copy, save -----------------------------------------------------------------------
def test_explain_answers_what_the_cursor_is_on():
    assert "DX110  client-not-masking" in looked(FAN, "1", "i")["text"]
    assert "Sent by a client, it breaks" in looked(FAN, "2", "i")["text"]
    assert "DX501" in looked(FAN, "3", "down", "i")["text"].splitlines()[2]


@pytest.mark.parametrize(
    ("key", "holds"),
    [
        ("h", "81 14"),
        ("p", '"type"'),
        ("w", "tcp.stream eq "),
        ("e", "FR104"),
        ("m", "FR104"),
        ("c", "-c 13"),
    ],
)
def test_the_copy_menu_puts_it_on_the_clipboard(key, holds):
    assert holds in looked(FAN, "y", key)["clip"]


def test_the_command_keeps_what_decides_what_is_read():
    options = Options(
        ("-odd name.pcap", "b.pcap"),
        kept=(
            ("-k", "my keys.log"),
            ("-f", "port 80"),
            ("-Y", 'host == "api.example"'),
            ("-d", "9000=ws"),
        ),
    )
    kept = clipboard.command(options, 3)
    assert shlex.split(kept) == [
        "wsdebug", "read", "-k", "my keys.log", "-f", "port 80", "-Y", 'host == "api.example"',
        "-d", "9000=ws",
        "-c", "3", "-F", "text", "--", "-odd name.pcap", "b.pcap",
    ]  # fmt: skip
    masked = clipboard.command(options, 3, "markdown")
    assert "api.example" not in masked
    assert "-k FILE -f FILTER -Y FILTER" in masked
    assert "-d 9000=ws" in masked
    assert clipboard.command(Options(("a.pcap",)), 1) == "wsdebug read a.pcap -c 1 -F text"


def test_a_file_in_the_save_menu_shows_its_end_where_it_is_narrow():
    text = looked(FAN, "x", size=(60, 16))["text"]
    for end in ("c13.pcapng", "c13.md", "c13.txt", "c13.json"):
        assert end in text


def test_the_markdown_that_is_copied_is_masked():
    clip = looked(FAN, "y", "m")["clip"]
    assert "127.0.0.1" not in clip
    assert "host 1" in clip


def test_a_connection_that_is_not_there_is_said_and_others_are_shown():
    found = looked(FAN, filter="conn == 3 or conn == 99", numbers=((3, 3), (99, 99)))
    assert found["order"] == [3]
    assert found["notices"][0].startswith("There is no connection 99 in this capture.")


def test_what_is_saved_is_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for key in ("w", "m", "t", "o", "p"):
        looked(FAN, "x", key)
    names = {each.suffix: each for each in tmp_path.iterdir()}
    assert set(names) == {".pcapng", ".md", ".txt", ".json", ".bin"}
    assert json.loads(names[".json"].read_text())["connections"][0]["id"] == 13
    assert names[".bin"].read_bytes() == b'{"type":"subscribe"}'
    again = looked(str(Path(names[".pcapng"])))
    assert again["row"].name == "C0"
    assert again["order"] == [1]


def test_nothing_is_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        looked(FAN, "x", "t")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_takes_no_file_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    async def look(screen, pilot):
        await pilot.press("x")
        tmp_path.rmdir()
        await pilot.press("t")
        await settled(screen.app, pilot)
        assert "cannot be written" in next(each.message for each in screen.app._notifications)

    act(FAN, then=look)


# ---- mouse -------------------------------------------------------------------------------------
def test_the_mouse_chooses_opens_and_presses():
    async def look(screen, pilot):
        await pilot.click("#connections", offset=(5, 3))
        await settled(screen.app, pilot)
        assert screen.trace.chosen == screen.trace.order[2]
        await pilot.click("#frames", offset=(20, 4), times=2)
        await settled(screen.app, pilot)
        assert screen.frames.cursor == 3
        assert screen.panel == keys.DETAIL
        await pilot.click("#footer", offset=(3, 0))

    act(FAN, then=look)


def test_a_click_on_a_tab_opens_it():
    async def look(screen, pilot):
        title = screen.detail.border_title
        assert "bytes" in title
        region = screen.detail.region
        line = screen._compositor.render_strips()[region.y].text
        at = line.index("bytes", region.x)
        await pilot.click(offset=(at + 1, region.y))
        await settled(screen.app, pilot)
        assert screen.detail.tab == "bytes"

    act(FAN, then=look)
