"""Offsets of plaintext and ciphertext, and how they are thinned."""

from __future__ import annotations

from wsdebug.transport.tls.places import Places


def filled(records: int) -> Places:
    places = Places()
    for number in range(1, records + 1):
        places.add(number * 25, number * 3)
    return places


def test_only_whole_records_count() -> None:
    places = filled(10)
    assert [places.plain(wire) for wire in (0, 24, 25, 49, 50, 1_000)] == [0, 0, 3, 3, 6, 30]
    assert [places.wire(plain) for plain in (1, 3, 4, 30, 31)] == [25, 25, 50, 250, None]


def test_thinned_it_tells_of_less_and_never_of_more() -> None:
    places, records = filled(50_000), 50_000
    assert len(places._wire) <= 2_048
    for number in range(1, records, 97):
        assert places.plain(number * 25) <= number * 3
        wire = places.wire(number * 3)
        assert wire is not None
        assert wire >= number * 25
    # The newest are all there.
    assert all(places.plain(number * 25) == number * 3 for number in range(49_100, 50_001))
