"""Which timeouts fit what was seen."""

from __future__ import annotations

from wsdebug.knowledge.timeouts.clouds import CLOUDS
from wsdebug.knowledge.timeouts.libraries import LIBRARIES
from wsdebug.knowledge.timeouts.proxies import PROXIES
from wsdebug.knowledge.timeouts.timeout import Timeout

ALL = PROXIES + CLOUDS + LIBRARIES

EARLY = 0.4
"""Seconds by which a timeout may seem to strike sooner: the capture stands elsewhere, and clocks
of whole seconds are cut off.
"""

_ONE_LEG = {
    "fin-both": frozenset({"fin"}),
    "fin-client-rst-backend": frozenset({"fin", "rst"}),
    "rst-both": frozenset({"rst"}),
    "silent-then-rst": frozenset({"rst"}),
}
"""What of a shape is to be seen on one leg alone."""


def fitting(
    seconds: float, *, kind: str | None = None, shape: str | None = None
) -> tuple[Timeout, ...]:
    """Every default that a wait of `seconds` can be: 0.4 s sooner to 1.5 s later than its number.

    `kind` as `Timeout.kind`, `shape` what was seen (`fits_shape`). Several products share many a
    number, so more than one mostly fits, and none is a proof. Best verified first.
    """
    found = [
        one
        for one in ALL
        if one.fits(seconds, EARLY)
        and kind in (None, one.kind)
        and (shape is None or fits_shape(one, shape))
    ]
    order = ("executed", "documented", "unverified")
    return tuple(sorted(found, key=lambda one: order.index(one.verified)))


def by_shape(shape: str, kind: str = "idle") -> tuple[Timeout, ...]:
    """Every timeout of `kind` whose shape is known and is this one, whatever its number: for a
    wait that nobody has by default but somebody may have configured.
    """
    return tuple(one for one in ALL if one.kind == kind and one.shape == shape)


def fits_shape(timeout: Timeout, shape: str) -> bool:
    """Whether `shape` can be what the timeout leaves on the wire. On one leg alone a `fin` may be
    the half of `fin-both`; where nobody knows a product's shape anything can.
    """
    if timeout.shape in ("unknown", shape):
        return True
    if timeout.shape == "close" and shape.startswith("close"):
        return True
    return shape in _ONE_LEG.get(timeout.shape, ())
