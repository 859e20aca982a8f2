"""The table of timeouts: numbers that fit, shapes that rule out, and lines that change them."""

from __future__ import annotations

import pytest

from wsdebug.knowledge.timeouts import ALL, SHAPES, by_shape, fits_shape, fitting


def products(*args, **keywords):
    return {one.product for one in fitting(*args, **keywords)}


def test_sixty_seconds_name_all_that_share_them_best_verified_first():
    found = fitting(60.0, kind="idle")
    assert found[0].product == "nginx"
    assert {one.product for one in found} >= {
        "nginx",
        "AWS Application Load Balancer",
        "Kubernetes ingress-nginx",
        "Traefik",
        "Apache httpd",
        "Fly.io proxy",
    }
    assert all(one.kind == "idle" for one in found)


@pytest.mark.parametrize(
    ("seconds", "fits"), [(59.5, False), (59.6, True), (61.5, True), (61.6, False), (60.5, True)]
)
def test_the_tolerance_is_that_of_lazy_timers(seconds, fits):
    assert ("nginx" in products(seconds)) is fits


def test_both_legs_tell_nginx_from_haproxy():
    assert "nginx" in products(60.0, shape="fin-both")
    assert "nginx" not in products(60.0, shape="fin-client-rst-backend")
    assert products(50.0, shape="fin-client-rst-backend") == {"HAProxy as Debian configures it"}
    assert products(50.0, shape="fin-both") == set()


def test_one_leg_cannot_tell_them():
    assert "nginx" in products(60.0, shape="fin")
    assert "nginx" not in products(60.0, shape="rst")
    assert "HAProxy as Debian configures it" in products(50.0, shape="fin")


def test_an_unknown_shape_rules_nothing_out():
    assert "AWS Application Load Balancer" in products(60.0, shape="rst")


def test_an_age_is_no_silence():
    assert products(30.0, kind="age") == {"Google Cloud load balancer"}
    assert products(30.0, kind="idle") == {"Deno.serve"}
    assert products(7200.2, kind="age") == {"AWS API Gateway"}


def test_a_number_that_nobody_has_fits_nothing():
    assert fitting(3.0) == ()
    assert fitting(187.0) == ()


def test_a_configured_number_is_known_by_its_shape_alone():
    assert {one.product for one in by_shape("fin-client-rst-backend")} == {
        "HAProxy in http mode",
        "HAProxy as Debian configures it",
    }
    assert "nginx" in {one.product for one in by_shape("fin-both")}


def test_every_row_speaks_the_words_of_the_table():
    for one in ALL:
        assert one.shape in SHAPES
        assert one.kind in {"idle", "age", "ping", "close"}
        assert one.resets in {"either", "client", "server", "each", "none"}
        assert one.verified in {"executed", "documented", "unverified"}
        assert (one.kind == "idle") == (one.resets != "none"), one
        assert (one.every is not None) == (one.kind == "ping"), one
        assert "\n" not in one.change


def test_a_close_of_any_code_fits_a_close():
    (deno,) = (one for one in ALL if one.product == "Deno.serve")
    assert fits_shape(deno, "close-1001")
    assert not fits_shape(deno, "fin")
