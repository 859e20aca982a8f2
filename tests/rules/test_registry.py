"""Rules are registered once, judged in a reader's order, and keep what they were told."""

import re
from collections.abc import Iterator

import pytest

from wsdebug.http.head import parse_head
from wsdebug.model.facts import Frame
from wsdebug.model.handshake import Agreed
from wsdebug.model.place import Side
from wsdebug.model.report import Severity
from wsdebug.protocol.handshake import make_handshake
from wsdebug.rules import FAMILIES, RULES, Offence, all_rules, judge, rule, title_of
from wsdebug.rules.header import frame_from_header

CATALOGUE = {
    "HS": set(range(101, 123)),
    "FR": set(range(101, 112)),
    "MS": set(range(101, 107)),
    "CL": set(range(101, 111)),
    "PP": set(range(101, 104)),
    "TC": set(range(101, 103)),
}


def register(code, name):
    def check(_frame: Frame) -> Iterator[Offence]:
        yield from ()

    check.__name__ = name
    return rule(code=code, title="", section="", severity=Severity.NOTE, fix="")(check)


def test_every_code_of_the_catalogue_and_no_other():
    codes = [each.code for each in all_rules()]
    assert len(codes) == len(set(codes)) == len(RULES)
    wanted = {f"{family}{number}" for family, numbers in CATALOGUE.items() for number in numbers}
    assert set(codes) == wanted
    assert list(dict.fromkeys(code[:2] for code in codes)) == list(FAMILIES)


def test_refuses_a_code_used_twice():
    with pytest.raises(ValueError, match="FR104"):
        register("FR104", "something_new")
    assert "something-new" not in RULES


def test_refuses_a_name_used_twice():
    with pytest.raises(ValueError, match="client-frame-not-masked"):
        register("FR999", "client_frame_not_masked")


def test_refuses_what_takes_no_fact():
    def check(_number: int) -> Iterator[Offence]:
        yield from ()

    with pytest.raises(TypeError, match="no fact"):
        rule(code="FR998", title="", section="", severity=Severity.NOTE, fix="")(check)
    assert "check" not in RULES


@pytest.mark.parametrize("each", all_rules(), ids=lambda each: each.code)
def test_has_a_page_a_title_a_fix_and_a_section(each):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.name)
    assert len(each.page) > 150
    assert each.fix.endswith(".")
    assert not each.title.endswith(".")
    assert title_of(each.name) == each.title
    for section in each.section.split(", "):
        assert re.fullmatch(r"RFC \d{4} \d+(\.\d+)*", section)


def test_one_header_breaks_several_rules_in_the_catalogues_order():
    frame = frame_from_header(Side.SERVER, 0x7DFE, Agreed())
    assert [breach.code for breach in judge(frame)] == [
        "FR101", "FR101", "FR101", "FR102", "FR103", "FR105", "FR106",
    ]  # fmt: skip


def test_only_an_error_is_fatal():
    frame = frame_from_header(Side.SERVER, 0x8300, Agreed(unknown=("x-mux",)))
    (breach,) = judge(frame)
    assert RULES[breach.name].fatal
    assert (breach.severity, breach.fatal) == (Severity.NOTE, False)


def test_findings_of_a_handshake_stand_in_the_order_of_its_bytes():
    request = parse_head(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", Side.CLIENT)
    response = parse_head(
        b"HTTP/1.1 101 OK\r\nContent-Length: 0\r\nUpgrade: h2c\r\n\r\n", Side.SERVER
    )
    breaches = judge(make_handshake(request, response))
    places = [(breach.span.side is Side.SERVER, breach.span.offset) for breach in breaches]
    assert places == sorted(places)
    codes = [breach.code for breach in breaches]
    assert codes.index("HS106") < codes.index("HS108")  # the client's before the server's
    assert codes.index("HS117") < len(codes) - 1 == codes.index("HS104", codes.index("HS117"))
