"""Every field selects what it should, by each of its names, as `cases.toml` says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.query.records import CONNECTIONS, FRAMES
from wsdebug.model.place import Side
from wsdebug.query import FrameRecord, parse
from wsdebug.query.field import Level
from wsdebug.query.fields import FIELDS, field_of

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))
ROWS = [
    (kind, case) for cases in CASES.values() for kind, listed in cases.items() for case in listed
]
FINE = CONNECTIONS["fine"]


@pytest.mark.parametrize(("kind", "case"), ROWS, ids=[case["filter"] for _, case in ROWS])
def test_selects(kind, case):
    wanted = parse(case["filter"])
    if kind == "frames":
        found = {name for name, one in FRAMES.items() if wanted.frame(one, FINE)}
    else:
        found = {name for name, one in CONNECTIONS.items() if wanted.connection(one)}
    assert set(case["yes"]) <= found
    assert not set(case["no"]) & found


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_field_has_cases_for_each_of_its_levels_and_names(field):
    cases = CASES[field.name]
    texts = " ".join(case["filter"] for listed in cases.values() for case in listed).lower()
    assert ("frames" in cases) is (field.level is not Level.CONNECTION)
    assert ("connections" in cases) is (field.level is not Level.FRAME)
    assert all(case["yes"] or case["no"] for listed in cases.values() for case in listed)
    for kind, listed in cases.items():
        assert any(case["yes"] for case in listed), kind
        assert any(case["no"] for case in listed), kind
    if field.wireshark:
        assert field.wireshark in texts


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_the_example_is_a_filter_that_uses_the_field(field):
    assert field.name in parse(field.example).fields


def test_no_two_fields_share_a_name():
    names = [name for field in FIELDS for name in field.names]
    assert len(names) == len(set(names))
    assert all(field_of(name.upper()) is not None for name in names)


def test_a_field_of_frames_asks_for_the_payload_only_where_it_needs_it():
    def never():
        raise AssertionError

    frame = FrameRecord(side=Side.CLIENT, number=0, header=0x8180, length=1, kind=1, read=never)
    for field in FIELDS:
        if field.level is Level.FRAME and not field.reads:
            parse(field.example).frame(frame, FINE)
    assert not parse('op == ping and text contains "x"').frame(frame, FINE)
