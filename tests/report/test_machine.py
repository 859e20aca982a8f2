"""What programs read: JSON that its schema describes, and JSON lines."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from jsonschema import Draft202012Validator

from tests.report.samples import every_kind, make_analysis, make_connection
from wsdebug.model.instant import Instant
from wsdebug.model.report import Capture
from wsdebug.report import View, schema, writer_for
from wsdebug.report.encoding import connection_from, encoded


def written(form, connections, analysis=None):
    stream = io.StringIO()
    writer = writer_for(form, stream, View())
    for connection in connections:
        writer.connection(connection)
    writer.finish(analysis or make_analysis(connections))
    return stream.getvalue()


def test_json_has_the_keys_and_the_connections_in_id_order():
    report = json.loads(written("json", every_kind()[::-1]))
    assert list(report) == ["schema", "wsdebug", "captures", "connections", "fleet", "summary"]
    assert report["schema"] == "wsdebug-report/1"
    assert [each["id"] for each in report["connections"]] == [1, 2, 3, 4, 5, 6, 7]
    assert report["connections"][0]["start"] == "2026-11-20T14:02:11.000123Z"
    assert report["connections"][4]["handshake"]["result"] == "encrypted"


def test_an_empty_report_is_still_an_object():
    report = json.loads(written("json", []))
    assert report["connections"] == []
    assert report["summary"]["connections"] == 0


def test_the_schema_describes_the_report():
    Draft202012Validator.check_schema(schema())
    validator = Draft202012Validator(schema())
    report = json.loads(written("json", every_kind()))
    assert not list(validator.iter_errors(report))
    report["connections"][0]["findings"][0]["offset"] = "four"
    report["connections"][1]["end"]["severity"] = "bad"
    assert len(list(validator.iter_errors(report))) == 2


def test_the_schema_names_every_field_of_the_report():
    report = json.loads(written("json", every_kind()))
    definitions = schema()["$defs"]
    assert set(report) == set(definitions["Analysis"]["properties"])
    assert set(report["connections"][0]) == set(definitions["Connection"]["properties"])


def test_json_lines_carry_type_connection_and_revision():
    lines = [json.loads(line) for line in written("jsonl", every_kind()).splitlines()]
    assert all({"type", "connection", "revision"} <= set(line) for line in lines)
    kinds = [line["type"] for line in lines]
    assert kinds.count("connection") == kinds.count("end") == 7
    assert kinds.count("finding") == 19
    assert kinds[-2:] == ["capture", "summary"]
    ends = {line["connection"]: line["how"] for line in lines if line["type"] == "end"}
    assert ends[3] == "fin"
    assert not {"findings", "end", "causes"} & set(lines[0])


def test_json_lines_come_as_the_connections_come():
    stream = io.StringIO()
    writer_for("jsonl", stream, View()).connection(make_connection(9))
    first = json.loads(stream.getvalue().splitlines()[0])
    assert (first["type"], first["connection"]) == ("connection", 9)


def test_causes_and_fleet_get_lines_of_their_own():
    connection = make_connection(1, causes=[{"name": "proxy-idle-timeout"}, {}])
    analysis = make_analysis([connection])
    analysis.fleet = [{"name": "process-killed", "connections": [1]}]
    lines = [json.loads(line) for line in written("jsonl", [connection], analysis).splitlines()]
    assert [line.get("name") for line in lines if line["type"] == "cause"] == [
        "proxy-idle-timeout",
        None,
    ]
    assert [line["connections"] for line in lines if line["type"] == "fleet"] == [[1]]


@pytest.mark.parametrize("ns", [0, 1, 999, 1_795_183_331_000_123_000, 4_102_444_800_123_456_789])
def test_a_connection_comes_back_from_the_spool_as_it_was(ns):
    connection = make_connection(3, start=Instant(ns))
    assert connection_from(encoded(connection)) == connection


@pytest.mark.parametrize("text", ["\x1b[31m", "\x9b31m", "\u202e", "\x7f", "é", "😀", "\u2028"])
def test_json_is_ascii_and_says_the_same(text):
    raw = encoded({"text": text})
    assert raw.isascii()
    assert raw.decode().isprintable()
    assert json.loads(raw) == {"text": text}


def test_a_file_name_that_is_no_utf_8_does_not_stop_the_report():
    analysis = make_analysis([])
    analysis.captures = [Capture(file="tr\udcffce.pcap", format="pcap")]
    report = json.loads(written("json", [], analysis))
    assert report["captures"][0]["file"] == "tr\\xffce.pcap"


def test_the_types_of_the_report_are_those_of_the_schema():
    types = msgspec.json.schema_components([type(make_connection(1).end)])[1]
    assert set(types["Ending"]["properties"]) == set(schema()["$defs"]["Ending"]["properties"])
