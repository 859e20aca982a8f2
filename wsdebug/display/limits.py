"""How limits are written: `flow-buffer=8M`, as `wsdebug read --limit` takes them."""

from __future__ import annotations

from wsdebug.model.limits import IN_BYTES

UNITS = ("", "k", "M", "G")


def written(name: str, value: int) -> str:
    """The value with the largest unit that says it exactly; `name` as in `Limits`."""
    step = 1_024 if name in IN_BYTES else 1_000
    unit = 0
    while value and value % step == 0 and unit < len(UNITS) - 1:
        value //= step
        unit += 1
    return f"{value}{UNITS[unit]}"


def option(name: str, value: int) -> str:
    """The option that sets a limit."""
    return f"--limit {name.replace('_', '-')}={written(name, value)}"


def raised(name: str, value: int) -> str:
    """A clause for the end of a sentence: the option that doubles a limit that was reached."""
    return f"{option(name, 2 * value)} allows more"
