"""`--limit NAME=VALUE`: what is kept of a capture at most, and the list of it in the help."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from wsdebug.model.errors import UserError

if TYPE_CHECKING:
    from wsdebug.model.limits import Limits

_UNITS = ("", "k", "M", "G")
_VALUE = re.compile(r"(\d{1,18})([kMG]?)", re.ASCII)


class WithLimits(click.Command):
    """A command whose help lists the limits and what they stand at."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, before the epilog proper."""
        from wsdebug.display.limits import written  # noqa: PLC0415 - only for the help

        rows = [
            (f"{name.replace('_', '-')}={written(name, value)}", description)
            for name, value, description in _known()
        ]
        with formatter.section("Limits (--limit)"):
            formatter.write_dl(rows)
        super().format_epilog(ctx, formatter)


def limits_from(settings: Iterable[str]) -> Limits:
    """The limits with `settings` (`flows=1M`; several parted by commas) in place of the usual."""
    import msgspec  # noqa: PLC0415 - only to read

    from wsdebug.model.limits import DEFAULT_LIMITS  # noqa: PLC0415

    parts = (part.strip() for setting in settings for part in setting.split(","))
    changes = dict(_setting(part) for part in parts if part)
    return msgspec.structs.replace(DEFAULT_LIMITS, **changes)


def _setting(text: str) -> tuple[str, int]:
    from wsdebug.model.limits import IN_BYTES  # noqa: PLC0415 - only to read

    written, equals, value = text.partition("=")
    name = written.strip().lower().replace("-", "_")
    if name not in {known for known, _, _ in _known()}:
        raise _unknown(written, name)
    found = _VALUE.fullmatch(value.strip())
    if not equals or found is None or not int(found[1]):
        raise UserError(
            f'"{text}" is no limit.', f"Write a number from 1 on: --limit {written}=50k (k, M or G)"
        )
    step = 1_024 if name in IN_BYTES else 1_000
    return name, int(found[1]) * step ** _UNITS.index(found[2])


def _unknown(written: str, name: str) -> UserError:
    near = difflib.get_close_matches(name, [known for known, _, _ in _known()], 1, 0.6)
    meant = f"Did you mean {near[0].replace('_', '-')}?" if near else None
    hint = meant or "`wsdebug read --help` lists them all."
    return UserError(f'There is no limit "{written}".', hint)


def _known() -> list[tuple[str, int, str]]:
    """Name, usual value and description of each limit that can be set here."""
    import msgspec  # noqa: PLC0415 - only for the help and to read

    from wsdebug.model.limits import DEFAULT_LIMITS, Limits  # noqa: PLC0415

    described = msgspec.json.schema(Limits)["$defs"]["Limits"]["properties"]
    return [
        (name, getattr(DEFAULT_LIMITS, name), described[name]["description"])
        for name in Limits.__struct_fields__
        if name not in _ELSEWHERE
    ]


_ELSEWHERE = frozenset({"payload", "rows"})
"""`--payload` sets the one; the other is for `wsdebug.frames` alone."""
