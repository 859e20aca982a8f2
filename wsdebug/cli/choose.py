"""Which findings and which connections are shown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from wsdebug.analysis.totals import count, count_recurring
from wsdebug.model.errors import UserError
from wsdebug.model.handshake import Agreed, Deflate
from wsdebug.model.report import Connection, Finding, Severity, Summary
from wsdebug.rules import all_rules


class Choice:
    """What `--select`, `--ignore` and `--connections` left to be shown."""

    def __init__(
        self, select: Sequence[str] = (), ignore: Sequence[str] = (), connections: str | None = None
    ) -> None:
        every = {rule.name for rule in all_rules()}
        # An empty --select, as an unset variable leaves it in a script, chooses nothing special.
        self._names = (_named(select) or every) - _named(ignore)
        self._keeps_all = self._names == every
        self._ranges = None if connections is None else _ranges(connections)

    @property
    def chooses_connections(self) -> bool:
        """Whether only some connections were asked for."""
        return self._ranges is not None

    @property
    def numbers(self) -> tuple[tuple[int, int], ...]:
        """From and to of what was asked for; empty where all are."""
        return tuple((first, last) for first, last in self._ranges or ())

    @property
    def is_possible(self) -> bool:
        """Whether any capture can have what was asked for: connections count from 1."""
        return self._ranges is None or any(last for _, last in self._ranges)

    def wants(self, connection: Connection) -> bool:
        """Whether the connection is to be shown."""
        return self._ranges is None or self.wants_id(connection.id)

    def wants_id(self, id_: int) -> bool:
        """The same of one that has no report yet."""
        if self._ranges is None:
            return True
        return any(first <= id_ <= last for first, last in self._ranges)

    def wants_finding(self, finding: Finding) -> bool:
        """Whether the finding is to be shown."""
        return finding.name in self._names

    def missed(self, number: int) -> list[int]:
        """The beginnings of what was asked for beyond the last of `number` connections."""
        return [first for first, _ in self._ranges or () if not 1 <= first <= number]

    def applied(self, connection: Connection) -> Connection:
        """The connection with only the findings that were chosen."""
        if self._keeps_all:
            return connection
        kept = [finding for finding in connection.findings if finding.name in self._names]
        return msgspec.structs.replace(connection, findings=kept)


class Tally:
    """Counts what is shown, so that the summary agrees with it."""

    def __init__(self) -> None:
        self.summary = Summary()
        self.worst: Severity | None = None

    def add(self, connection: Connection) -> None:
        """Count one connection. An encrypted one is no WebSocket as far as anybody can tell."""
        count(self.summary, connection)
        self._reach(connection.severity)

    def add_recurring(self, told: Mapping[Severity, int]) -> None:
        """Count WebSockets without a finding, as many as were `told` of each severity."""
        count_recurring(self.summary, told)
        for severity in told:
            self._reach(severity)

    def _reach(self, severity: Severity) -> None:
        if self.worst is None or severity.rank > self.worst.rank:
            self.worst = severity

    def reaches(self, level: str) -> bool:
        """Whether a finding or an ending is at or above `level` (a severity, or never)."""
        if level == "never" or self.worst is None:
            return False
        return self.worst.rank >= Severity(level).rank


def _named(wanted: Iterable[str]) -> set[str]:
    """The names of the rules meant by names, codes and beginnings of codes, in any case."""
    names: set[str] = set()
    for each in (part.strip() for text in wanted for part in text.split(",")):
        if each:
            names |= _rules_of(each)
    return names


def _rules_of(wanted: str) -> set[str]:
    key = wanted.lower()
    rules = all_rules()
    found = {rule.name for rule in rules if rule.name == key or rule.code.lower().startswith(key)}
    if found:
        return found
    known = [*(rule.name for rule in rules), *(rule.code.lower() for rule in rules)]
    near = difflib.get_close_matches(key, known, 1, 0.5)
    match = near[0] if near and "-" in near[0] else near[0].upper() if near else None
    raise UserError(
        f'There is no rule "{wanted}".',
        f"Did you mean {match}?" if match else "`wsdebug rules` lists them all.",
    )


def declared_ports(wanted: Iterable[str]) -> dict[int, Agreed]:
    """`8080=ws`, `8080=ws,deflate` as ports and what their connections agreed on."""
    ports = {}
    for each in wanted:
        found = re.fullmatch(r"\s*(\d{1,5})\s*=\s*ws\s*(,\s*deflate)?\s*", each, re.ASCII)
        if found is None or not 0 < int(found[1]) < 1 << 16:
            raise UserError(
                f'"{each}" is no port and protocol.',
                "Write the server's port: -d 8080=ws, or -d 8080=ws,deflate with compression.",
            )
        ports[int(found[1])] = Agreed(deflate=Deflate()) if found[2] else Agreed(known=False)
    return ports


def _ranges(text: str) -> list[tuple[int, int]]:
    """`3,5-7` as [(3, 3), (5, 7)]."""
    ranges = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", part, re.ASCII)
        if found is None or (found[2] and int(found[2]) < int(found[1])):
            raise UserError(
                f'"{part}" is no choice of connections.', "Write numbers and ranges: -c 3,5-7"
            )
        ranges.append((int(found[1]), int(found[2] or found[1])))
    return ranges
