"""The committed pages are what the rules say."""

import pathlib

from wsdebug.rules import RULES
from wsdebug.rules.pages import linked, page, pages, write

FOLDER = pathlib.Path(__file__).parents[2] / "docs" / "rules"


def test_committed_pages_are_up_to_date():
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    made = pages()
    assert sorted(committed) == sorted(made)
    stale = [name for name, text in made.items() if committed[name] != text]
    assert stale == [], "run: python -m wsdebug.rules.pages docs/rules"


def test_writing_removes_pages_of_rules_that_are_gone(tmp_path):
    (tmp_path / "gone.md").write_text("old")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(pages())


def test_page_holds_title_text_fix_and_link():
    rule = RULES["client-frame-not-masked"]
    text = page(rule)
    assert text.startswith("# FR104 client-frame-not-masked\n")
    for part in (rule.title, rule.page, rule.fix, "rfc6455#section-5.1"):
        assert part in text


def test_every_section_becomes_a_link():
    assert linked("RFC 6455 5.2, RFC 7692 6") == (
        "[RFC 6455 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2), "
        "[RFC 7692 6](https://www.rfc-editor.org/rfc/rfc7692#section-6)"
    )
