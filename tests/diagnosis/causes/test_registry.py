"""The register of causes: complete, nothing twice, and its pages are what the causes say."""

from __future__ import annotations

import pathlib

import pytest

from wsdebug.diagnosis.causes import CAUSES, Claim, all_causes, cause
from wsdebug.diagnosis.pages import page, pages, write
from wsdebug.diagnosis.scene import Scene
from wsdebug.explain import explain, rules_table
from wsdebug.knowledge.advice import advice, topics

FOLDER = pathlib.Path(__file__).parents[3] / "docs" / "causes"


def test_every_code_of_the_catalogue_is_there() -> None:
    wanted = {f"DX{number}" for number in (*range(101, 114), *range(201, 222))}
    wanted |= {f"DX{number}" for number in (*range(301, 310), *range(401, 407))}
    assert {each.code for each in all_causes()} == wanted


@pytest.mark.parametrize(("code", "name"), [("DX202", "new_one"), ("DX999", "proxy_idle_timeout")])
def test_a_code_or_name_that_is_taken_is_refused(code: str, name: str) -> None:
    def look(scene: Scene) -> Claim | None:  # noqa: ARG001
        return None

    look.__name__ = name
    known = dict(CAUSES)
    with pytest.raises(ValueError, match="is taken"):
        cause(code=code, title="Taken")(look)
    assert known == CAUSES


@pytest.mark.parametrize("rule", all_causes(), ids=lambda each: each.name)
def test_a_cause_explains_itself(rule) -> None:
    assert len(rule.page) > 100
    assert not rule.title.endswith(".")
    text = explain(rule.code)
    assert text.startswith(f"{rule.code}  {rule.name}\n")
    assert text in explain(rule.name)  # HS108 and DX309 share a name
    prose = [line for line in text.splitlines() if not line.startswith("    ")]
    assert max(map(len, prose)) <= 80
    for topic in rule.fix:
        assert " ".join(advice(topic).split("\n")[0].split()[:4]) in " ".join(text.split())


def test_advice_is_there_and_used() -> None:
    package = pathlib.Path(__file__).parents[3] / "wsdebug"
    tables = [package / "knowledge" / name for name in ("tls_alerts.py", "closed_tls.py")]
    sources = [*(package / "diagnosis").rglob("*.py"), *tables]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    assert [topic for topic in topics() if f'"{topic}"' not in code] == []
    assert {topic for each in all_causes() for topic in each.fix} <= set(topics())


def test_advice_speaks_of_the_software_at_hand() -> None:
    assert "ws (Node):" in advice("ping")
    assert "websockets:" in advice("ping")
    told = advice("ping", ["uvicorn", "nginx"])
    assert "uvicorn: uvicorn app:app --ws-ping-interval 25" in told
    assert "ws (Node)" not in told


def test_committed_pages_are_up_to_date() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert committed == pages(), "run: python -m wsdebug.diagnosis.pages docs/causes"


def test_writing_removes_pages_of_causes_that_are_gone(tmp_path) -> None:
    (tmp_path / "gone.md").write_text("old")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(pages())


def test_a_page_holds_title_text_and_advice() -> None:
    rule = CAUSES["proxy-idle-timeout"]
    text = page(rule)
    for part in (rule.title, rule.page, "proxy_read_timeout 3600s;", "## What to do"):
        assert part in text


def test_the_table_of_rules_has_the_causes_too() -> None:
    lines = rules_table().splitlines()
    for each in all_causes():
        assert any(line.startswith(f"{each.code}  {each.name} ") for line in lines)
