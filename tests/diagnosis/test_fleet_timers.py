"""The same silence or age on many, refusals and storms: each, and what looks like it."""

from __future__ import annotations

import random
import time

import pytest

from tests.diagnosis.fleets import codes, found, member, ns
from wsdebug.diagnosis.fleet.arrivals import Arrivals
from wsdebug.model.report import Certainty


def silent(id_, ended, silence, **more):
    return member(id_, 0, ended, silence=silence, age=ended, **more)


# ---- DX507 ------------------------------------------------------------------------------------
def test_the_same_silence_three_times_is_a_timer():
    (cause,) = found([silent(1, 70, 60.0), silent(2, 85, 60.2), silent(3, 99, 60.1)])
    assert (cause.code, cause.certainty) == ("DX507", Certainty.VERY_LIKELY)
    assert any("nginx (proxy_read_timeout)" in one.text for one in cause.because)
    assert any("proxy_read_timeout 3600s;" in advice for advice in cause.advice)


def test_a_configured_number_is_told_without_a_product():
    (cause,) = found([silent(1, 70, 17.0), silent(2, 85, 17.1), silent(3, 99, 17.0)])
    assert cause.code == "DX507"
    assert not any("nginx" in one.text for one in cause.because)


def test_both_legs_rule_products_out():
    shape = {"shape": "fin-client-rst-backend", "ender": "proxy", "leg": "front"}
    (cause,) = found([silent(i, 60 + i * 9, 60.0 + i / 10, **shape) for i in (1, 2, 3)])
    texts = " ".join(one.text for one in cause.because)
    assert "nginx (" not in texts
    assert "FIN to the client and RST to the backend" in texts


def test_sixty_seconds_ended_by_the_clients_close_are_no_timeout_of_a_proxy():
    closed = {"how": "clean", "ender": "client"}
    assert found([silent(i, 60 + i * 9, 60.0, **closed) for i in (1, 2, 3)]) == []


def test_clients_that_hang_up_are_no_timeout_of_a_proxy():
    assert found([silent(i, 60 + i * 9, 60.0, ender="client") for i in (1, 2, 3)]) == []


def test_two_are_too_few():
    assert found([silent(1, 70, 60.0), silent(2, 85, 60.2)]) == []


def test_silences_that_differ_are_no_timer():
    assert found([silent(1, 70, 60.0), silent(2, 85, 64.0), silent(3, 99, 57.0)]) == []


def test_three_alike_of_many_that_differ_are_chance():
    waits = [12.0, 19.0, 25.0, 33.0, 41.0, 50.0, 77.0, 90.0, 110.0]
    others = [silent(10 + i, 130 + i * 5, wait) for i, wait in enumerate(waits)]
    alike = [silent(1, 70, 60.0), silent(2, 85, 60.2), silent(3, 99, 60.1)]
    assert found([*others, *alike]) == []


def test_pings_without_answer_explain_it_better():
    assert found([silent(i, 60 + i * 9, 20.0, is_unanswered=True) for i in (1, 2, 3)]) == []


def test_one_last_broadcast_and_one_end_are_no_common_timeout():
    """All silent from one moment on and dead at one moment: the process may have died."""
    assert codes(found([silent(i, 70 + i / 1000, 17.0) for i in (1, 2, 3)])) == ["DX502"]


def test_unless_some_default_is_as_long_then_both_are_possible():
    (cause,) = found([silent(i, 70 + i / 1000, 60.0) for i in (1, 2, 3)])
    assert (cause.code, cause.certainty) == ("DX507", Certainty.POSSIBLE)
    assert cause.against


def test_a_refused_attempt_after_it_tells_that_the_process_died():
    members = [silent(i, 70 + i / 1000, 60.0) for i in (1, 2, 3)]
    assert codes(found(members, refused=[71]))[0] == "DX502"


# ---- DX508 ------------------------------------------------------------------------------------
def aged(id_, start, age, **more):
    fields = {"age": age, "silence": 0.5, "is_flowing": True, **more}
    return member(id_, start, start + age, **fields)


def test_the_same_age_in_use_is_a_limit():
    (cause,) = found([aged(1, 0, 300.0), aged(2, 40, 300.4), aged(3, 90, 300.1)])
    assert (cause.code, cause.certainty) == ("DX508", Certainty.VERY_LIKELY)
    assert any("Google Cloud Run" in one.text for one in cause.because)


def test_a_silent_end_at_the_same_age_is_no_age_limit():
    quiet = {"is_flowing": False, "silence": 200.0}
    members = [aged(i, i * 40, 300.0, **quiet) for i in (1, 2, 3)]
    assert "DX508" not in codes(found(members))


def test_born_together_and_dead_together_is_no_age_limit():
    assert codes(found([aged(i, i / 1000, 300.0) for i in (1, 2, 3)])) == ["DX502"]


# ---- DX506 ------------------------------------------------------------------------------------
def test_knocking_at_a_closed_door_is_a_storm():
    causes = found([], refused=[i * 0.1 for i in range(50)])
    assert codes(causes) == ["DX506", "DX509"]
    assert causes[0].attempts == 50


def test_trying_again_with_growing_pauses_is_none():
    assert codes(found([], refused=[2.0**i for i in range(12)])) == ["DX509"]


def test_rejected_again_and_again_is_a_storm():
    rejected = {"is_open": False, "how": "handshake-rejected"}
    (cause,) = found([member(i, i * 0.2, i * 0.2 + 0.01, **rejected) for i in range(1, 41)])
    assert (cause.code, cause.attempts) == ("DX506", 40)


def test_the_same_number_to_different_paths_is_none():
    rejected = {"is_open": False, "how": "handshake-rejected"}
    members = [member(i, i * 0.2, i * 0.2 + 0.01, target=i, **rejected) for i in range(1, 41)]
    assert found(members) == []


def test_clients_that_leave_soon_are_none():
    short = {"how": "clean", "ender": "client"}
    assert found([member(i, i * 0.2, i * 0.2 + 0.5, **short) for i in range(1, 41)]) == []


@pytest.mark.parametrize(("code", "storms"), [(None, 0), (1000, 0), (1013, 1)])
def test_a_server_that_serves_and_closes_is_none(code, storms):
    short = {"how": "clean", "ender": "server", "code": code, "is_clean": True}
    causes = found([member(i, i * 0.2, i * 0.2 + 0.5, **short) for i in range(1, 41)])
    assert codes(causes).count("DX506") == storms


@pytest.mark.parametrize(("served", "storms"), [(4, 0), (0, 1)])
def test_some_that_are_dropped_among_many_that_are_served_are_none(served, storms):
    dropped = [member(i, i * 0.2, i * 0.2 + 0.1, how="fin") for i in range(1, 41)]
    arrived = [i * 0.2 for i in range(1, 41)]
    arrived += [i * 0.2 + k / 100 for i in range(1, 41) for k in range(1, served + 1)]
    causes = found(dropped, accepted=sorted(arrived))
    assert codes(causes).count("DX506") == storms


def test_a_herd_that_comes_back_after_a_shutdown_is_a_storm():
    gone = [member(i, 0, 5 + i / 100, how="clean", code=1001) for i in range(1, 13)]
    causes = found(gone, refused=[5.5], accepted=[6 + i / 50 for i in range(12)])
    assert codes(causes) == ["DX504", "DX506"]
    assert causes[1].attempts == 13


def test_clients_that_come_back_one_by_one_are_none():
    gone = [member(i, 0, 5 + i / 100, how="clean", code=1001) for i in range(1, 13)]
    assert codes(found(gone, accepted=[6 + i * 2 for i in range(12)])) == ["DX504"]


def test_a_page_that_opens_twenty_connections_is_none():
    opened = [member(i, 1 + i / 100, None) for i in range(1, 21)]
    assert found(opened, accepted=[1 + i / 100 for i in range(1, 21)]) == []


def test_a_busy_server_that_is_always_this_busy_has_no_herd():
    gone = [member(i, 0, 50 + i / 100, how="clean", code=1001) for i in range(1, 13)]
    accepted = [i / 20 for i in range(20 * 80)]
    assert codes(found(gone, accepted=accepted)) == ["DX504"]


# ---- DX509 ------------------------------------------------------------------------------------
def door(*arrivals):
    book = Arrivals(100)
    for address, port, moment, accepted in arrivals:
        book.add(bytes(address), port, ns(moment), 1, accepted=accepted)
    return book


def test_a_server_that_lets_one_in_refuses_not_all():
    assert found([], refused=[1], accepted=[2]) == []
    assert codes(found([], refused=[1, 2])) == ["DX509"]


def test_one_address_of_localhost_refused_and_the_other_open_is_nothing():
    six, four = bytes(15) + b"\x01", bytes([127, 0, 0, 1])
    doors, left = door((six, 80, 1, False), (four, 80, 1.1, True)).doors(10, set())
    assert (doors, left) == ([], 0)


def test_addresses_are_told_as_people_write_them():
    six, four = bytes(15) + b"\x01", bytes([10, 0, 0, 1])
    doors, _ = door((six, 80, 1, False), (four, 81, 1.1, False)).doors(10, set())
    assert {one.server for one in doors} == {"[::1]:80", "10.0.0.1:81"}


def test_of_a_port_scan_the_most_asked_for_are_told():
    scan = [(bytes([10, 0, 0, 1]), port, 1, False) for port in range(1, 90)]
    doors, left = door(
        *scan, (bytes([10, 0, 0, 2]), 80, 1, False), (bytes([10, 0, 0, 2]), 80, 2, False)
    ).doors(5, set())
    assert doors[0].server == "10.0.0.2:80"
    assert (len(doors), left) == (5, 85)


def test_beyond_the_limit_attempts_are_counted_only():
    book = Arrivals(2)
    for moment in range(5):
        book.add(bytes(4), 80, ns(moment), 1, accepted=False)
    assert book.left_out == 3


# ---- cost -------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", ["refused", "short", "bursts"])
def test_a_long_storm_costs_little_more_than_its_length(shape):
    def run(number):
        rng = random.Random(5)
        begin = time.process_time()
        if shape == "refused":
            found([], refused=sorted(rng.random() * number / 50 for _ in range(number)))
        elif shape == "short":
            found([member(i, i / 50, i / 50 + 0.01, is_open=False) for i in range(number)])
        else:
            found([member(i, 0, i // 3 * 0.1 + 1, bad=i % 7 and None) for i in range(number)])
        return time.process_time() - begin

    run(500)
    small, large = min(run(5_000) for _ in range(3)), run(40_000)
    assert large < 8 * small * 4  # n log n, and room for a busy machine; squared would be 64
