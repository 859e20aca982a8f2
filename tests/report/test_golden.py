"""Each form of the report, byte for byte."""

from __future__ import annotations

import io

import pytest

from tests.report.samples import every_kind, make_analysis
from wsdebug.report import View, writer_for

VIEWS = {
    "report.txt": ("text", View()),
    "report-ascii.txt": ("text", View(ascii=True, width=60)),
    "report-color.txt": ("text", View(color=True)),
    "report-every.txt": ("text", View(every=True, width=100)),
    "report-totals.txt": ("text", View(totals_only=True)),
    "report.md": ("markdown", View(command="wsdebug read FILE -F markdown")),
    "report-payload.md": ("markdown", View(ascii=True, show_payload=True)),
    "report.json": ("json", View()),
    "report.jsonl": ("jsonl", View()),
}


@pytest.mark.parametrize("name", VIEWS)
def test_report_is_as_it_was(name, golden):
    form, view = VIEWS[name]
    stream = io.StringIO()
    writer = writer_for(form, stream, view)
    connections = every_kind()
    for connection in connections:
        writer.connection(connection)
    writer.finish(make_analysis(connections))
    golden(name, stream.getvalue())


def test_the_report_of_an_empty_capture(golden):
    analysis = make_analysis([])
    stream = io.StringIO()
    writer_for("text", stream, View()).finish(analysis)
    golden("nothing.txt", stream.getvalue())
