"""Explains what people meet in logs and reports: a rule, a close code, an HTTP status, a header
in hex. Plain text of at most 80 columns, safe for any terminal.
"""

from wsdebug.explain.lookup import explain
from wsdebug.explain.rules import rules_table

__all__ = ["explain", "rules_table"]
