"""The pages of the filter language: one field, or all of it."""

from __future__ import annotations

from wsdebug.explain.paragraphs import listing, page, paragraphs
from wsdebug.query.field import Field
from wsdebug.query.fields import field_of
from wsdebug.query.pages import LANGUAGE, REACH, SEMANTICS, facts_of, groups

LANGUAGE_NAMES = ("filter", "filters", "fields")


def field_page(name: str) -> str | None:
    """The page of a field by any of its names, or of the language; None for another word."""
    if name.lower() in LANGUAGE_NAMES:
        return language_page()
    field = field_of("json" if name.lower().startswith("json.") else name)
    return None if field is None else _page(field)


def _page(field: Field) -> str:
    return page(
        f"{field.name}  a field of filters (-Y)",
        listing(facts_of(field)),
        "All fields: wsdebug explain filter",
    )


def language_page() -> str:
    """Every form and every field, a line each."""
    parts = [listing(LANGUAGE), paragraphs(SEMANTICS), paragraphs(REACH)]
    for name, fields in groups():
        rows = [(", ".join((field.name, *field.short)), field.says) for field in fields]
        parts.append(f"{name}\n{listing(rows)}")
    return page("Filters (-Y)", *parts, "More of one: wsdebug explain len")
