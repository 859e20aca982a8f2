"""Crash, kill, reload, shutdown, mass disconnect: each, and what looks like it and is not."""

from __future__ import annotations

import pytest

from tests.diagnosis.fleets import codes, crowd_dies, found, member
from wsdebug.model.report import Certainty


# ---- DX501 ------------------------------------------------------------------------------------
def test_the_culprit_of_a_crash_is_named_and_is_no_victim():
    culprit = member(9, 4, 5.002, bad=5, how="close-one-side", code=1002)
    (cause,) = found([*crowd_dies(3, 5.02), culprit])
    assert (cause.code, cause.culprit, cause.victims) == ("DX501", 9, [1, 2, 3])
    assert cause.certainty is Certainty.VERY_LIKELY


def test_a_culprit_that_dies_with_the_others_is_no_victim_either():
    (cause,) = found([*crowd_dies(2, 5.02), member(9, 4, 5.0205, bad=5)])
    assert (cause.code, cause.culprit, cause.victims) == ("DX501", 9, [1, 2])


def test_of_two_violations_the_later_one_is_the_culprit():
    early = member(8, 4, 4.99, bad=4.98, how="close-one-side", code=1002)
    late = member(9, 4, 5.002, bad=5, how="close-one-side", code=1002)
    (cause,) = found([*crowd_dies(3, 5.02), early, late])
    assert cause.culprit == 9


def test_a_tolerated_violation_and_a_shutdown_a_second_later_are_no_crash():
    tolerated = member(9, 4, 6.0001, bad=5, how="clean", code=1001)
    goodbyes = [member(i, 0, 6 + i / 1000, how="clean", code=1001) for i in (1, 2, 3)]
    causes = found([*goodbyes, tolerated])
    assert codes(causes) == ["DX504"]
    assert causes[0].culprit is None


def test_whoever_lives_on_after_its_violation_has_killed_nobody():
    causes = found([*crowd_dies(3, 5.02), member(9, 4, None, bad=5)])
    assert "DX501" not in codes(causes)


def test_one_other_end_within_50_ms_is_chance():
    culprit = member(9, 4, 5.002, bad=5, how="close-one-side", code=1002)
    assert found([*crowd_dies(1, 5.02), culprit, member(7, 0, None)]) == []


def test_more_than_50_ms_are_too_many():
    culprit = member(9, 4, 5.002, bad=5, how="close-one-side", code=1002)
    (cause,) = found([*crowd_dies(3, 5.06), culprit], refused=[5.5])
    assert cause.code == "DX502"
    assert cause.certainty is Certainty.LIKELY  # a violation was near
    assert "broke the protocol 60" in cause.against[0].text


def test_a_crash_that_others_outlive_is_possible_only():
    culprit = member(9, 4, 5.002, bad=5, how="close-one-side", code=1002)
    (cause,) = found([*crowd_dies(3, 5.02), culprit, member(7, 0, 9, how="clean", ender="client")])
    assert cause.certainty is Certainty.POSSIBLE
    assert cause.against


def test_three_that_each_earned_their_end_are_no_victims():
    bad = [member(i, 0, 5 + i / 1000, bad=4.99) for i in (1, 2, 3)]
    assert found(bad) == []


# ---- DX502 ------------------------------------------------------------------------------------
def test_all_dead_and_nothing_listens_is_a_killed_process():
    (cause,) = found(crowd_dies(4, 5), refused=[5.3])
    assert (cause.code, cause.certainty) == ("DX502", Certainty.VERY_LIKELY)
    assert cause.victims == [1, 2, 3, 4]
    assert cause.culprit is None


def test_all_dead_and_nobody_tries_again_is_possible_only():
    (cause,) = found(crowd_dies(4, 5))
    assert (cause.code, cause.certainty) == ("DX502", Certainty.POSSIBLE)


def test_two_unrelated_ends_at_one_moment_are_chance():
    assert found(crowd_dies(2, 5)) == []


def test_ten_clients_that_close_by_themselves_are_nothing():
    closers = [member(i, 0, 5 + i / 100, how="clean", ender="client") for i in range(1, 11)]
    assert found(closers) == []


def test_a_survivor_of_the_same_age_means_that_no_process_died():
    assert found([*crowd_dies(3, 5), *(member(i, 0, 9, how="clean") for i in range(7, 12))]) == []


def test_ends_that_a_keepalive_may_have_caused_are_no_killed_process():
    causes = found(crowd_dies(3, 5, is_unanswered=True))
    assert codes(causes) == ["DX505"]


def test_what_a_proxy_passes_on_is_not_told_of_the_proxy():
    fronts = crowd_dies(3, 5.001, is_passed_on=True, leg="front")
    backs = crowd_dies(3, 5, 11, server="192.0.2.2:80", leg="back")
    (cause,) = found([*fronts, *backs])
    assert (cause.code, cause.server) == ("DX502", "192.0.2.2:80")


def test_a_forged_rst_for_everybody_is_no_killed_process():
    (cause,) = found(crowd_dies(3, 5, how="rst", ender="foreign"))
    assert cause.code == "DX505"
    assert any("TTL" in one.text for one in cause.because)


# ---- DX503 ------------------------------------------------------------------------------------
def test_only_the_old_ones_cut_is_a_reload():
    young = [member(i, 4, None) for i in (7, 8)]
    (cause,) = found([*crowd_dies(3, 5), *young])
    assert (cause.code, cause.certainty) == ("DX503", Certainty.LIKELY)


def test_both_legs_make_a_reload_very_likely():
    (cause,) = found([*crowd_dies(3, 5, ender="proxy", leg="front"), member(8, 4, None)])
    assert (cause.code, cause.certainty) == ("DX503", Certainty.VERY_LIKELY)


def test_both_legs_do_not_tell_a_reload_from_a_restart():
    cut = crowd_dies(3, 5, ender="proxy", leg="front")
    (cause,) = found(cut, accepted=[5.6])
    assert (cause.code, cause.certainty) == ("DX503", Certainty.POSSIBLE)
    assert "a reload or a restart" in cause.title


@pytest.mark.parametrize(
    ("after", "certainty"), [(0.005, Certainty.LIKELY), (0.4, Certainty.POSSIBLE)]
)
def test_all_cut_and_the_port_is_open(after, certainty):
    (cause,) = found(crowd_dies(3, 5), accepted=[5.0002 + after])
    assert (cause.code, cause.certainty) == ("DX503", certainty)


def test_refused_first_and_open_later_is_a_restart_not_a_reload():
    (cause,) = found(crowd_dies(3, 5), refused=[5.1], accepted=[6])
    assert cause.code == "DX502"


# ---- DX504 ------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [1001, 1012])
def test_goodbye_to_everybody_is_a_shutdown(code):
    (cause,) = found([member(i, 0, 5 + i / 10, how="clean", code=code) for i in (1, 2, 3)])
    assert (cause.code, cause.certainty) == ("DX504", Certainty.VERY_LIKELY)


def test_browsers_that_leave_are_no_shutdown():
    left = [member(i, 0, 5 + i / 10, how="clean", code=1001, ender="client") for i in (1, 2, 3)]
    assert found(left) == []


def test_a_few_sent_away_of_many_are_no_shutdown():
    sent = [member(i, 0, 5 + i / 10, how="clean", code=1001) for i in (1, 2, 3)]
    assert found([*sent, *(member(i, 0, None) for i in range(10, 20))]) == []


def test_goodbyes_seconds_apart_are_no_shutdown():
    assert found([member(i, 0, 5 + i * 3, how="clean", code=1001) for i in (1, 2, 3)]) == []


def test_closes_with_1000_are_no_shutdown():
    assert found([member(i, 0, 5 + i / 10, how="clean", code=1000) for i in (1, 2, 3)]) == []


# ---- DX505 ------------------------------------------------------------------------------------
def test_half_of_all_ending_with_errors_is_a_mass_disconnect():
    failed = [
        member(i, 0, 5 + i / 10, how="close-handshake-abnormal", code=1011) for i in (1, 2, 3)
    ]
    (cause,) = found([*failed, member(9, 0, None)])
    assert (cause.code, cause.certainty) == ("DX505", Certainty.LIKELY)
    assert cause.victims == [1, 2, 3]
    assert "3 with Close 1011" in cause.because[0].text


def test_the_path_going_down_is_a_mass_disconnect():
    lost = [member(i, 0, 5 + i / 10, how="timeout") for i in (1, 2, 3)]
    assert codes(found(lost)) == ["DX505"]


def test_clients_of_one_address_ending_together_are_said_to_be_of_one_address():
    (cause,) = found(crowd_dies(3, 5, ender="client"))
    assert cause.code == "DX505"
    assert any("one and the same address" in one.text for one in cause.because)


def test_three_of_many_are_no_mass():
    failed = [member(i, 0, 5 + i / 10, how="rst", ender="client") for i in (1, 2, 3)]
    assert found([*failed, *(member(i, 0, None) for i in range(10, 20))]) == []


def test_one_after_the_other_was_never_together():
    """Connections that follow one another were not open at one moment."""
    failed = [member(i, 5 + i / 10, 5.05 + i / 10, ender="client") for i in (1, 2, 3, 4)]
    assert found(failed) == []


def test_rejected_handshakes_are_no_mass_disconnect():
    rejected = [
        member(i, 4, 5 + i / 100, is_open=False, how="handshake-rejected") for i in range(1, 6)
    ]
    assert found(rejected) == []
