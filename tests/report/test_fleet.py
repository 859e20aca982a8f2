"""What befell many at once stands before the connections, in every form, and with each victim."""

from __future__ import annotations

import io
import json

import pytest
from msgspec.structs import replace

from tests.report.samples import make_analysis, make_connection
from wsdebug.model.report import Certainty, Ending, Evidence, FleetCause, Severity
from wsdebug.report import View, writer_for

CRASH = FleetCause(
    name="process-crash-after-violation",
    code="DX501",
    server="198.51.100.7:8080",
    certainty=Certainty.VERY_LIKELY,
    title="2 other connections died with #3: its violation ended the server's process",
    connections=[1, 2],
    culprit=3,
    victims=[1, 2],
    because=[Evidence("#3 broke the protocol", packet=12)],
    against=[Evidence("other connections to this server lived on")],
    considered=["a server that fails whoever breaks the protocol"],
    advice=["Handle errors.\nws.on('error', console.error);", "Mend it.", "Third."],
)
SHUTDOWN = FleetCause(
    name="server-shutdown",
    code="DX504",
    server="[2001:db8::7]:80",
    certainty=Certainty.LIKELY,
    title="The server shut down: it closed 3 connections with 1001 (going away)",
    connections=[4, 5, 6],
    victims=[4, 5, 6],
    because=[Evidence("the server sent Close 1001")],
)


def died(id_: int):
    end = Ending("fin", "server", 1.0, 9, Severity.ERROR, why="It ended.")
    return make_connection(id_, end=end)


def shown(form: str, fleet=(CRASH, SHUTDOWN), **view) -> str:
    stream = io.StringIO()
    writer = writer_for(form, stream, View(**view))
    connections = [died(1), died(2), died(3), died(7), *map(make_connection, (4, 5, 6))]
    for connection in connections:
        writer.connection(connection)
    analysis = make_analysis(connections)
    analysis.fleet = list(fleet)
    writer.finish(analysis)
    return stream.getvalue()


def test_text_begins_with_the_fleet_and_names_the_culprit():
    text = shown("text")
    assert text.index("DX501  198.51.100.7:8080") < text.index("#3  ws://")
    assert "The culprit is #3." in text
    assert "because  #3 broke the protocol (packet 12)." in text
    assert "             ws.on('error', console.error);" in text
    assert "Third." not in text
    assert "• DX504  [2001:db8::7]:80" in text


def test_the_culprit_comes_first_and_its_victims_last():
    text = shown("text")
    places = [text.index(f"#{id_}  ws://") for id_ in (3, 7, 1, 2)]
    assert places == sorted(places)


def test_each_victim_says_with_whom_it_died():
    text = shown("text", width=120, every=True)
    assert text.count("It died with #3 (DX501 process-crash-after-violation, very likely).") == 2
    assert "It took 2 other connections with it (DX501" in text
    one = text[text.index("#7  ws://") :]
    assert "With" not in one[: one.index("#1  ws://")]


def test_victims_of_a_culprit_that_is_told_get_a_line():
    text = shown("text", width=120)
    assert "It took 2 other connections with it" in text
    assert "It died with #3" not in text
    assert text.count("DX501 died with #3") == 2
    assert text.count("  Why") == 2  # the culprit, and #7 that died for itself


def test_where_nobody_is_the_culprit_the_first_victim_stands_for_the_others():
    together = replace(CRASH, code="DX502", name="process-killed", culprit=None, victims=[1, 2, 3])
    text = shown("text", fleet=[together], width=120)
    assert text.count("It ended together with 2 others (DX502 process-killed") == 1
    assert text.count("DX502 process-killed") == 3


def test_beyond_the_full_ones_a_line_says_it():
    stream = io.StringIO()
    writer = writer_for("text", stream, View())
    connections = [died(id_) for id_ in range(1, 12)]
    for connection in connections:
        writer.connection(connection)
    analysis = make_analysis(connections)
    analysis.fleet = [replace(CRASH, victims=list(range(4, 12)), culprit=1)]
    writer.finish(analysis)
    assert stream.getvalue().count("DX501 died with #1") == 8


def test_shutdown_victims_say_it_where_they_are_shown():
    assert "It ended together with 2 others (DX504 server-shutdown, likely)." in shown(
        "text", every=True
    )


def test_markdown_masks_the_server_and_makes_no_links():
    text = shown("markdown", every=True)
    assert text.index("(DX501)") < text.index("(connection 3)")
    assert "198.51.100.7" not in text
    assert "2001:db8" not in text
    assert "#3" not in text  # GitHub would link it
    assert "`ws.on('error', console.error);`" in text
    assert "**With others:** It died with #<!-- -->3" in text


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_machines_get_all_of_it(form):
    text = shown(form)
    if form == "json":
        fleet = json.loads(text)["fleet"]
    else:
        rows = [json.loads(line) for line in text.splitlines()]
        fleet = [row for row in rows if row["type"] == "fleet"]
        assert all(row["connection"] is None for row in fleet)
    assert [one["code"] for one in fleet] == ["DX501", "DX504"]
    assert (fleet[0]["culprit"], fleet[0]["victims"]) == (3, [1, 2])
    assert fleet[0]["because"][0]["packet"] == 12


def test_totals_alone_say_nothing_of_it():
    assert "DX501" not in shown("text", totals_only=True)


def test_many_are_counted():
    assert "and 5 more of these." in shown("text", fleet=[SHUTDOWN] * 15)
