"""Help, `explain` and docs/filters.md say what the fields say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wsdebug.explain import explain
from wsdebug.query import parse
from wsdebug.query.fields import FIELDS
from wsdebug.query.pages import LANGUAGE, markdown

DOCS = Path(__file__).parents[2] / "docs" / "filters.md"


def test_the_committed_page_is_up_to_date():
    stale = "run: python -m wsdebug.query.pages docs/filters.md"
    assert DOCS.read_text(encoding="utf-8") == markdown(), stale


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_each_field_is_explained_by_each_of_its_names(field):
    for name in field.names:
        page = " ".join(explain(name).split())
        for part in (field.name, field.says, field.example, *field.names):
            assert part in page


def test_all_fields_are_in_the_page_of_the_language_and_in_the_docs():
    page, docs = explain("filter"), markdown()
    for field in FIELDS:
        assert re.search(
            rf"^  {re.escape(', '.join((field.name, *field.short)))}  ", page, re.MULTILINE
        )
        assert f"| `{field.name}`" in docs
    assert all(form in page for form, _ in LANGUAGE)


def test_the_filter_in_the_docs_is_one():
    command = re.search(r"-Y '(.*?)'", markdown())
    assert command is not None
    assert parse(command[1]).needs_frames
