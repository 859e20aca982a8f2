"""A Close that accuses the other side, over bytes that are sound."""

from __future__ import annotations

import pytest

from tests.diagnosis.causes.scripts import opened
from wsdebug.model.report import Certainty


@pytest.mark.parametrize("code", [1002, 1007])
@pytest.mark.parametrize("reason", [b"", b"Invalid UTF-8", b"invalid opcode", b"Protocol error"])
def test_a_librarys_complaint_over_sound_bytes_is_its_decoders(code, reason, tmp_path) -> None:
    talk = opened()
    connection = talk.closes(talk.server, code, reason).hangs_up().read(tmp_path)
    first = connection.causes[0]
    assert (first.name, first.certainty) == ("wire-is-valid", Certainty.VERY_LIKELY)


@pytest.mark.parametrize("code", [1002, 1007])
@pytest.mark.parametrize("reason", [b"invalid JSON", b"unknown command", b"bad version"])
def test_a_programs_own_reason_is_its_own_close(code, reason, tmp_path) -> None:
    talk = opened()
    causes = talk.closes(talk.server, code, reason).hangs_up().read(tmp_path).causes
    assert causes[0].name == "closed-by-application"
    assert [one.certainty for one in causes if one.name == "wire-is-valid"] == [Certainty.POSSIBLE]


def test_with_bytes_missing_nobody_knows_whether_they_were_sound(tmp_path) -> None:
    talk = opened()
    talk.client.says(talk.wire(talk.client, 1, b"gone"), captured=False)
    talk.server.acks()
    connection = talk.closes(talk.server, 1002).hangs_up().read(tmp_path)
    assert "wire-is-valid" not in [one.name for one in connection.causes]
