"""What befell many connections at once: one file a cause (CAUSES, DX5xx).

`FleetWatch` takes a small record of each connection as it ends, and what came of each attempt to
connect; at the end of the capture it answers. A cause of this kind names the culprit and the
victims, where there are such.
"""

from wsdebug.diagnosis.fleet import (
    common_age_limit,
    common_idle_timeout,
    connection_refused,
    mass_disconnect,
    process_crash,
    process_killed,
    proxy_reload,
    reconnect_storm,
    server_shutdown,
)
from wsdebug.diagnosis.fleet.arrivals import Arrival
from wsdebug.diagnosis.fleet.member import Fault, Member, member_of, same_end, target_of
from wsdebug.diagnosis.fleet.registry import FLEET, FleetRule, all_fleet_causes
from wsdebug.diagnosis.fleet.set_back import SetBack
from wsdebug.diagnosis.fleet.watch import FleetWatch

__all__ = [
    "FLEET",
    "Arrival",
    "Fault",
    "FleetRule",
    "FleetWatch",
    "Member",
    "SetBack",
    "all_fleet_causes",
    "member_of",
    "same_end",
    "target_of",
]

_MODULES = (
    process_crash,
    process_killed,
    proxy_reload,
    server_shutdown,
    mass_disconnect,
    reconnect_storm,
    common_idle_timeout,
    common_age_limit,
    connection_refused,
)
"""Importing them registers their causes."""
