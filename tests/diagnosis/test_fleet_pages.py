"""`explain` finds the pages of the fleet causes, and docs/causes holds them."""

from __future__ import annotations

import pytest

from wsdebug.diagnosis.fleet import FLEET, all_fleet_causes
from wsdebug.diagnosis.fleet.registry import fleet_cause
from wsdebug.diagnosis.pages import pages
from wsdebug.explain import explain
from wsdebug.model.errors import UserError


def test_codes_run_from_501_to_509_in_order():
    assert [each.code for each in all_fleet_causes()] == [f"DX50{n}" for n in range(1, 10)]


@pytest.mark.parametrize("each", FLEET.values(), ids=list(FLEET))
def test_each_is_explained_by_name_and_by_code(each):
    page = explain(each.name)
    assert page == explain(each.code.lower()) == explain(each.name.replace("-", "_"))
    assert each.title in page.replace("\n", " ")
    assert "What to do" in page
    assert f"{each.name}.md" in pages()
    assert f"[{each.name}]({each.name}.md)" in pages()["README.md"]


def test_the_family_and_a_slip_of_the_pen():
    assert explain("dx5").count("DX50") == 9
    with pytest.raises(UserError) as raised:
        explain("reconnect-storms")
    assert "reconnect-storm" in str(raised.value.hint)


def test_a_name_or_code_is_taken_once():
    with pytest.raises(ValueError, match="is taken"):
        fleet_cause(code="DX501", title="", advice=())(lambda _: iter(()))
