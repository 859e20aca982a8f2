"""The command palette: every action of the table of keys, with its key, and the themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from textual.app import App
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from wsdebug.tui.keys import KEYS, PANELS, Key, shown_as, works_in


def commands(screen: Screen[Any]) -> Iterator[tuple[str, str, Callable[[], object]]]:
    """Name, what is said of it, what it does."""
    app: App[object] = screen.app
    is_ascii = app.has_class("ascii")
    for key in KEYS:
        if key.palette:
            yield key.does, f"key {shown_as(key, ascii_only=is_ascii)}", _action(screen, key)
    for name in sorted(app.available_themes):
        yield f"theme {name}", "colours", _theme(app, name)


def _action(screen: Screen[Any], key: Key) -> Callable[[], object]:
    """In a panel where it does something."""

    async def run() -> None:
        if not works_in(key, getattr(screen, "panel", "")):
            await screen.run_action(f"panel({PANELS.index(key.panels[0])})")
        await screen.run_action(key.action)

    return run


def _theme(app: App[object], name: str) -> Callable[[], object]:
    def run() -> None:
        app.theme = name

    return run


class KeyCommands(Provider):
    """Fuzzy search over them."""

    async def discover(self) -> Hits:
        """All, before anything is typed."""
        for name, says, run in commands(self.screen):
            yield DiscoveryHit(name, run, help=says)

    async def search(self, query: str) -> Hits:
        """The best first."""
        matcher = self.matcher(query)
        for name, says, run in commands(self.screen):
            score = matcher.match(f"{name} {says}")
            if score > 0:
                yield Hit(score, name, run, help=says)


class Palette(CommandPalette):
    """Keys that come before its list has lines do nothing."""

    def _action_command_list(self, action: str) -> None:
        # The list counts its options before they are laid out; a page over none is a KeyError.
        shown = self.query_one(CommandList)
        if shown.option_count and shown.size.height and self._list_visible:
            super()._action_command_list(action)


def palette(screen: Screen[Any]) -> CommandPalette:  # noqa: ARG001 - it asks the screen under it
    """The palette over the main screen."""
    return Palette(providers=[KeyCommands], placeholder="what to do?")
