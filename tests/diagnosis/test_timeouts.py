"""Which timeouts can have ended a connection: silence or age, each direction, one leg or two."""

from __future__ import annotations

from tests.diagnosis.lives import life, stamp
from wsdebug.diagnosis.timeouts import (
    age_timeouts,
    idle_timeouts,
    is_same,
    shaped_alike,
    wait_before,
)
from wsdebug.model.place import Side


def names(timeouts):
    return {one.product for one in timeouts}


def test_silence_of_both_sides_counts_from_the_last_byte_of_either():
    wait = wait_before(life("C data @10; S data @40; S fin @100"), stamp(100))
    assert (wait.silence, wait.client, wait.server, wait.age) == (60.0, 90.0, 60.0, 98.0)
    assert wait.shape == "fin"
    assert "nginx" in names(idle_timeouts(wait))
    assert not wait.both_legs
    assert shaped_alike(wait) == ()  # one leg proves no product


def test_a_clock_of_the_client_alone_runs_on_while_the_server_pushes():
    wait = wait_before(life("C data @10; S data @129; S fin @130"), stamp(130))
    assert names(idle_timeouts(wait)) == {"uWebSockets"}


def test_a_chatting_connection_is_no_idle_one_and_may_be_too_old():
    wait = wait_before(life("C data @301; S data @301; S fin @302"), stamp(302))
    assert wait.is_flowing
    assert names(age_timeouts(wait)) == {"Google Cloud Run"}
    assert idle_timeouts(wait) == ()


def test_a_silent_connection_is_not_called_too_old():
    wait = wait_before(life("C data @150; S fin @302"), stamp(302))
    assert age_timeouts(wait) == ()


def test_a_connection_that_never_spoke_waited_since_its_101():
    wait = wait_before(life("S fin @62"), stamp(62))
    assert (wait.silence, wait.age) == (60.0, 60.0)
    assert not wait.is_flowing


def test_both_legs_name_the_shape():
    front = life("S data @40; S fin @100", proxy_side=Side.SERVER, other_leg="fin")
    assert wait_before(front, stamp(100)).shape == "fin-both"
    back = life("S data @40; C rst @100", proxy_side=Side.CLIENT, other_leg="fin")
    wait = wait_before(back, stamp(100))
    assert wait.shape == "fin-client-rst-backend"
    assert "nginx" not in names(idle_timeouts(wait))
    assert "HAProxy in http mode" in names(shaped_alike(wait))


def test_a_proxy_with_a_key_of_its_own_is_none_that_passes_bytes_on():
    script, own = "S data @40; S fin @100", {"proxy_side": Side.SERVER, "other_leg": "fin"}
    wait = wait_before(life(script, own_key=True, **own), stamp(100))
    assert shaped_alike(wait) == ()
    assert "nginx" not in names(idle_timeouts(wait))
    assert "AWS Application Load Balancer" in names(idle_timeouts(wait))


def test_a_reset_of_both_legs_is_a_shape_of_its_own():
    front = life("S data @40; S rst @100", proxy_side=Side.SERVER, other_leg="rst")
    wait = wait_before(front, stamp(100))
    assert wait.shape == "rst-both"
    assert "nginx" not in names(idle_timeouts(wait))


def test_who_goes_on_behind_a_forged_reset_was_heard_before_it():
    script = "C data @50; S data @90; S rst! @100; S data @120"
    wait = wait_before(life(script), stamp(100))
    assert (wait.silence, wait.server, wait.client) == (10.0, 10.0, 50.0)


def test_of_an_end_behind_the_first_nobody_knows_who_was_silent():
    wait = wait_before(life("C data @50; S rst! @100; S data @120; S fin @110"), stamp(110))
    assert (wait.silence, wait.server, wait.client) == (None, None, 60.0)


def test_without_time_stamps_nothing_is_known():
    wait = wait_before(life("S fin @9", handshake="not-captured"), stamp(9))
    assert (wait.silence, wait.age) == (None, None)
    assert idle_timeouts(wait) == age_timeouts(wait) == ()


def test_the_same_number_means_within_two_percent():
    assert is_same(100.0, 101.9)
    assert not is_same(100.0, 103.0)
