"""How the verb is found: a file without one is `read`, an unknown one suggests the nearest."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Sequence

import click

_OWN_OPTIONS = ("--help", "-h", "--version")


class Verbs(click.Group):
    """The group of commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the verb in front: `read` where the first word is a file; the verb that follows
        options otherwise (`-q read x.pcap`). `help VERB` is `VERB --help`.
        """
        if args and args[0] == "help" and not os.path.exists("help"):  # noqa: PTH110 - as below
            args = [*args[1:2], "--help"]
        if args and args[0] not in self.commands and self._means_read(args[0]):
            at = _after_options(args, self.commands["read"].params)
            if at < len(args) and args[at] in self.commands:
                args = [args[at], *args[:at], *args[at + 1 :]]
            else:
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
            near = difflib.get_close_matches(args[0], self.commands, 1, 0.65)
            meant = f"; did you mean {near[0]}?" if near else "."
            raise click.UsageError(f'There is no command and no file "{args[0]}"{meant}', ctx)
        return super().resolve_command(ctx, args)


def _after_options(args: Sequence[str], params: Iterable[click.Parameter]) -> int:
    """The index of the first word that is neither an option nor the value of one."""
    with_value = {
        name
        for param in params
        if isinstance(param, click.Option) and not (param.is_flag or param.count)
        for name in param.opts
    }
    at = 0
    while at < len(args) and args[at].startswith("-") and args[at] not in ("-", "--"):
        at += 2 if _wants_next(args[at], with_value) else 1
    return at


def _wants_next(word: str, with_value: set[str]) -> bool:
    """Whether the option `word` takes the word behind it: `--format`, `-F`, `-qF`; not `-Fjson`."""
    if word.startswith("--"):
        return word in with_value
    takes = [at for at in range(1, len(word)) if f"-{word[at]}" in with_value]
    return bool(takes) and takes[0] == len(word) - 1
