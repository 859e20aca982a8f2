"""The pages of the fleet causes are what the causes say, and `explain` finds them."""

from __future__ import annotations

import pathlib

import pytest

from wsdebug.diagnosis.fleet import FLEET, all_fleet_causes
from wsdebug.diagnosis.fleet.pages import pages
from wsdebug.diagnosis.fleet.registry import fleet_cause
from wsdebug.explain import explain
from wsdebug.model.errors import UserError

DOCS = pathlib.Path(__file__).parents[2] / "docs" / "fleet"


def test_pages_are_up_to_date():
    kept = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    assert kept == pages(), "run: python -m wsdebug.diagnosis.fleet.pages docs/fleet"


def test_codes_run_from_501_to_509_in_order():
    assert [each.code for each in all_fleet_causes()] == [f"DX50{n}" for n in range(1, 10)]


@pytest.mark.parametrize("each", FLEET.values(), ids=list(FLEET))
def test_each_is_explained_by_name_and_by_code(each):
    page = explain(each.name)
    assert page == explain(each.code.lower()) == explain(each.name.replace("-", "_"))
    assert each.title in page.replace("\n", " ")
    assert "What to do" in page


def test_the_family_and_a_slip_of_the_pen():
    assert explain("dx5").count("DX50") == 9
    with pytest.raises(UserError) as raised:
        explain("reconnect-storms")
    assert "reconnect-storm" in str(raised.value.hint)


def test_a_name_or_code_is_taken_once():
    with pytest.raises(ValueError, match="is taken"):
        fleet_cause(code="DX501", title="", advice=())(lambda _: iter(()))
