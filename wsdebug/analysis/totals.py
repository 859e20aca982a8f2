"""A capture in figures: its connections by how they went."""

from __future__ import annotations

from collections.abc import Mapping

from wsdebug.model.report import Connection, Severity, Summary


def count(summary: Summary, connection: Connection) -> None:
    """Adds a connection to the capture's totals; encrypted ones are counted apart."""
    if connection.handshake.result == "encrypted":
        summary.encrypted += 1
        return
    summary.connections += 1
    summary.broken += connection.severity is Severity.ERROR
    found = summary.findings
    for finding in connection.findings:
        setattr(found, finding.severity.value, getattr(found, finding.severity.value) + 1)


def count_recurring(summary: Summary, told: Mapping[Severity, int]) -> None:
    """Adds connections without a finding, as many as were `told` of each severity."""
    summary.connections += sum(told.values())
    summary.broken += told.get(Severity.ERROR, 0)
