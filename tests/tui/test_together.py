"""What befell several connections has its own tab: who, whom, why, what to do."""

from __future__ import annotations

import pytest

from tests.tui.acting import act, settled
from wsdebug.tui import keys
from wsdebug.tui.line import plain
from wsdebug.tui.why_panel import TABS

FAN = "unmasked-client-kills-server.pcap"
TOGETHER = TABS[2]


def on_the_tab(capture, check, *pressed, **options):
    async def look(screen, pilot):
        screen.why.tab = TOGETHER
        screen.why.renew()
        await pilot.press("3", *pressed)
        await settled(screen.app, pilot)
        result = check(screen)
        if result is not None:
            await result(screen, pilot)

    act(capture, then=look, **options)


def line_with(screen, text):
    return next(at for at, each in enumerate(screen.why.lines) if text in each.text)


async def entered(screen, pilot, text):
    screen.why.move_to(line_with(screen, text))
    await pilot.press("enter")
    await settled(screen.app, pilot)


def test_the_line_about_others_opens_it():
    async def look(screen, pilot):
        await pilot.press("3")
        await entered(screen, pilot, "DX501")
        assert screen.why.tab == TOGETHER
        assert "[together]" in screen.why.border_title

    act(FAN, then=look)


def test_it_names_culprit_victims_evidence_and_fix():
    def check(screen):
        text = plain(screen.why.lines)
        assert text.startswith("✗ DX501  127.0.0.1:21020")
        for says in ("Culprit  #13", "Victims  12", "#12", "Because", "Fix", "very likely"):
            assert says in text

    on_the_tab(FAN, check)


def test_culprit_and_victims_lead_to_their_connections():
    async def look(screen, pilot):
        await entered(screen, pilot, "Victims")
        assert screen.trace.chosen == 1
        assert screen.why.tab == TABS[0]
        screen.why.tab = TOGETHER
        screen.why.renew()
        await entered(screen, pilot, "Culprit")
        assert screen.trace.chosen == 13

    on_the_tab(FAN, lambda _: look)


def test_evidence_leads_to_the_packet_of_whichever_connection_has_it():
    async def look(screen, pilot):
        await entered(screen, pilot, "#13 broke the protocol")
        assert screen.trace.chosen == 13
        assert screen.frames.row.name == "C0"
        assert screen.panel == keys.DETAIL
        await pilot.press("3")
        await entered(screen, pilot, "12 other connections ended")
        row = screen.frames.row
        assert screen.trace.chosen != 13
        assert row.packet <= 197 <= row.last_packet

    on_the_tab(FAN, lambda _: look)


def test_a_packet_of_no_connection_is_said_to_be_none():
    async def look(screen, pilot):
        await entered(screen, pilot, "An attempt to connect")
        assert "Packet 131 has no line" in next(iter(screen.app._notifications)).message

    on_the_tab("killed-and-stormed.pcap", lambda _: look)


@pytest.mark.parametrize("capture", ["killed-and-stormed.pcap", "reconnect-storm.pcap"])
def test_all_of_them_are_there(capture):
    def check(screen):
        found = {each.explain for each in screen.why.lines}
        assert {each.code for each in screen.loader.analysis.fleet} <= found

    on_the_tab(capture, check)


def test_without_any_websocket_it_is_the_first_thing_said():
    text = act("connection-refused.pcap")
    assert "DX509" in text


def test_where_nothing_befell_several_it_says_so():
    on_the_tab("double-upgrade.pcap", lambda screen: None)

    def check(screen):
        assert "Nothing in this capture befell several connections" in plain(screen.why.lines)

    on_the_tab("double-upgrade.pcap", check)
