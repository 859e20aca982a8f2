"""mqtt.js sends each field of a packet as a message: the packets are named all the same."""

from __future__ import annotations

from tests.tui.acting import act, settled


def test_packets_in_pieces_are_named_where_they_end():
    text = act("application-mqtt.pcap", "2", "g", size=(150, 60))
    line = next(each for each in text.splitlines() if " C12 " in each)
    assert "CONNECT " in line
    assert "piece of a packet" in next(each for each in text.splitlines() if " C3 " in each)


def test_the_payload_tab_says_so_too():
    async def look(screen, pilot):
        screen.frames.move_to(next(r.at for r in screen.frames.shown.rows if r.name == "C12"))
        await settled(screen.app, pilot)
        await pilot.press("4", "right_square_bracket", "right_square_bracket")

    assert "ends here  CONNECT" in act("application-mqtt.pcap", then=look)
