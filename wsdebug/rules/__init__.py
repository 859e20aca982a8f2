"""The catalogue of violations: each rule is a function of one fact and says what was seen, what
the standard wants, and where it is written.

`judge(fact)` gives the breaches of a fact in the order a reader meets them; `watch_table` the
headers that break a rule by themselves; `RULES` every rule by name. Why a connection died is not
decided here: see `diagnosis`.
"""

# Importing a family registers its rules.
from wsdebug.rules import closing as closing
from wsdebug.rules import frames as frames
from wsdebug.rules import handshake as handshake
from wsdebug.rules import messages as messages
from wsdebug.rules import ping as ping
from wsdebug.rules import streams as streams
from wsdebug.rules import transport as transport
from wsdebug.rules.kinds import judge
from wsdebug.rules.registry import (
    FAMILIES,
    RULES,
    Breach,
    Offence,
    Rule,
    all_rules,
    rule,
    title_of,
)
from wsdebug.rules.watch import watch_table

__all__ = [
    "FAMILIES",
    "RULES",
    "Breach",
    "Offence",
    "Rule",
    "all_rules",
    "judge",
    "rule",
    "title_of",
    "watch_table",
]
