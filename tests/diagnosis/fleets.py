"""Fleets written as short lines: what each connection was, and what the fleet says of them.

Times are seconds. `member(3, 0, 10.001)` began at 0 and was cut by a FIN of the server at 10.001;
whatever else is true of it stands in keywords (`Member`). `refused` and `accepted` are the moments
of attempts to connect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from wsdebug.diagnosis.fleet.arrivals import Door, Row
from wsdebug.diagnosis.fleet.crowd import Crowd
from wsdebug.diagnosis.fleet.member import Fault, Member
from wsdebug.diagnosis.fleet.registry import Fleet, found_in
from wsdebug.model.place import Side
from wsdebug.model.report import FleetCause

SERVER = "192.0.2.1:80"


def ns(seconds: float) -> int:
    return round(seconds * 1_000_000_000)


def member(id_: int, start: float, ended: float | None = None, **more: Any) -> Member:
    bad = more.pop("bad", None)
    fields: dict[str, Any] = {
        "server": SERVER,
        "client": "192.0.2.9",
        "target": 1,
        "is_open": True,
        "how": "fin",
        "ender": "server",
        "packet": id_ * 10,
    }
    if ended is None:
        fields.update(how="capture-end", ender="unknown", packet=None, is_clean=True)
    if more.get("how") == "clean":
        fields.update(is_clean=True, code=1000)
    if bad is not None:
        fields["fault"] = Fault(ns(bad), id_, Side.CLIENT, "FR104", "client-frame-not-masked")
    fields.update(more)
    return Member(id=id_, start=ns(start), ended=None if ended is None else ns(ended), **fields)


def crowd_dies(number: int, at: float, first: int = 1, **more: Any) -> list[Member]:
    """Connections that began one after the other and are cut within a few 0.1 ms."""
    return [
        member(first + index, index * 0.1, at + index * 0.0001, **more) for index in range(number)
    ]


def found(
    members: Sequence[Member], *, refused: Iterable[float] = (), accepted: Iterable[float] = ()
) -> list[FleetCause]:
    arrivals = sorted([(ns(time), 2) for time in refused] + [(ns(time), 3) for time in accepted])
    servers: dict[str, list[Member]] = {}
    for one in members:
        servers.setdefault(one.server, []).append(one)
    door = Door(SERVER, 80, Row(chain.from_iterable(arrivals)))
    crowds = [
        Crowd(name, group, door if name == SERVER else None) for name, group in servers.items()
    ]
    return found_in(Fleet(crowds, [door] if arrivals else []))


def codes(causes: Iterable[FleetCause]) -> list[str]:
    return [cause.code for cause in causes]
