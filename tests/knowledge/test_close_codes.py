"""Close codes: which may be sent, what each means."""

import pytest

from wsdebug.knowledge.close_codes import (
    CLOSE_CODES,
    close_code,
    close_name,
    is_allowed_on_wire,
    is_clean,
    is_reserved_for_reports,
)


def test_ranges_on_the_wire():
    allowed = {code for code in range(65_536) if is_allowed_on_wire(code)}
    assert allowed == {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}


def test_a_code_is_reserved_or_allowed_never_both():
    reserved = [code for code in range(65_536) if is_reserved_for_reports(code)]
    assert reserved == [1005, 1006, 1015]
    assert not any(map(is_allowed_on_wire, reserved))


@pytest.mark.parametrize("code", [None, 1000, 1001, 1012, 3000, 4999])
def test_clean(code):
    assert is_clean(code)


@pytest.mark.parametrize("code", [999, 1002, 1005, 1006, 1008, 1011, 1013, 2999, 5000])
def test_reports_a_failure(code):
    assert not is_clean(code)


def test_every_code_from_1000_to_1015_is_known():
    assert sorted(CLOSE_CODES) == list(range(1000, 1016))


@pytest.mark.parametrize(
    ("code", "name", "sender"),
    [
        (999, "Not Used", "nobody"),
        (1016, "Reserved", "nobody"),
        (3000, "Registered By A Library", "both sides"),
        (4999, "Private", "both sides"),
        (5000, "Not Used", "nobody"),
    ],
)
def test_a_code_without_a_name_has_its_ranges(code, name, sender):
    known = close_code(code)
    assert (known.code, known.name, known.sender) == (code, name, sender)
    assert close_name(code) is None


def test_names_for_a_sentence():
    assert close_name(1001) == "going away"
    assert close_name(1015) == "TLS handshake"
