"""What happened: one moment a kind of finding, and no silence while the same bytes are resent."""

from __future__ import annotations

import msgspec

from tests.diagnosis.lives import life
from tests.report.samples import make_finding
from wsdebug.analysis.timeline import _findings, _insert_silence
from wsdebug.diagnosis.life import Stamp
from wsdebug.model.place import Side
from wsdebug.model.report import Moment, Severity


def test_findings_of_one_kind_are_one_moment():
    findings = [make_finding(frame=at, packet=at, fatal=at == 3) for at in range(1, 41)]
    findings.append(make_finding(side=Side.CLIENT, packet=50, fatal=False))
    moments = list(_findings(findings))
    assert [(moment.side, moment.packet) for moment in moments] == [
        (Side.SERVER, 3),
        (Side.CLIENT, 50),
    ]
    assert moments[0].text.endswith(", 40 times")
    assert "times" not in moments[1].text


def test_notes_are_no_moments():
    assert list(_findings([make_finding(severity=Severity.NOTE, fatal=False)])) == []


def test_a_ladder_is_no_silence():
    one = life("C data @5; S fin @65")
    quiet = [Moment("fin", "TCP FIN", 65.0, Side.SERVER, 3)]
    _insert_silence(quiet, one)
    assert [moment.text for moment in quiet if moment.kind == "silence"] == ["silence"]
    busy = [Moment("ladder", "sends the same bytes", 6.0, Side.SERVER, 2)]
    _insert_silence(busy, one)
    assert [moment.text for moment in busy if moment.kind == "silence"] == [
        "nothing but the same bytes"
    ]


def test_a_frame_in_the_packet_of_the_close_ends_the_silence():
    one = life("C data @5; S close 1011 @65")
    end = one.server.terminal
    assert one.silence_before(end) == 60 * 10**9
    ping = msgspec.structs.replace(one.server, last_frame=Stamp(end.packet, end.time))
    assert msgspec.structs.replace(one, server=ping).silence_before(end) == 0
