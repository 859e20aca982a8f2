"""How the verb is found: a file without one is `read`, an unknown one suggests the nearest."""

from __future__ import annotations

import difflib
import os

import click

_OWN_OPTIONS = ("--help", "-h", "--version")


class Verbs(click.Group):
    """The group of commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `read` in front where the first word is a file or one of its options."""
        if args and args[0] not in self.commands and self._means_read(args[0]):
            args = ["read", *args]
        return super().parse_args(ctx, args)

    @staticmethod
    def _means_read(word: str) -> bool:
        if word.startswith("-"):
            return word not in _OWN_OPTIONS
        return "." in word or os.sep in word or os.path.exists(word)  # noqa: PTH110 - any string

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown command is an error that names the nearest one."""
        if args[0] not in self.commands:
            near = difflib.get_close_matches(args[0], self.commands, 1, 0.4)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise click.UsageError(f'there is no command and no file "{args[0]}"{meant}', ctx)
        return super().resolve_command(ctx, args)
