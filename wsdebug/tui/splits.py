"""The borders between the panels, which the mouse drags."""

from __future__ import annotations

from typing import NamedTuple

from textual.widget import Widget

_LEAST = {"x": 20, "y": 5}
"""Columns and lines that a panel keeps."""


class Split(NamedTuple):
    """Two that share a row or a column, and the axis along which their border moves."""

    first: Widget
    second: Widget
    axis: str

    def edges(self) -> tuple[int, int, int]:
        """Where the first begins, where the second does, where that ends."""
        one, two = self.first.region, self.second.region
        return (one.x, two.x, two.right) if self.axis == "x" else (one.y, two.y, two.bottom)

    def is_at(self, x: int, y: int) -> bool:
        """Whether the border is there. Between rows it is the last line of the upper one alone:
        in the first line of the lower one stand tabs to click on.
        """
        if not (self.first.display and self.second.display):
            return False
        _, border, _ = self.edges()
        one, two = self.first.region, self.second.region
        if self.axis == "y":
            return y == border - 1 and one.x <= x < one.right
        return x in (border - 1, border) and two.y < y < two.bottom - 1

    def move(self, x: int, y: int) -> None:
        """Put the border there, as a share of the room, so that it keeps its place in a window of
        another size.
        """
        start, _, end = self.edges()
        least = _LEAST[self.axis]
        size = (x if self.axis == "x" else y) + 1 - start
        size = max(least, min(size, end - start - least))
        for each, share in ((self.first, size), (self.second, end - start - size)):
            if self.axis == "x":
                each.styles.width = f"{share}fr"
            else:
                each.styles.height = f"{share}fr"


class Splits:
    """Which border is held."""

    def __init__(self, *splits: Split) -> None:
        self._splits = splits
        self._held: Split | None = None

    def take(self, x: int, y: int) -> bool:
        """Take hold of the border at a place of the screen; whether there is one."""
        self._held = next((each for each in self._splits if each.is_at(x, y)), None)
        return self._held is not None

    def drag(self, x: int, y: int) -> None:
        """To a place of the screen."""
        if self._held is not None:
            self._held.move(x, y)

    def let_go(self) -> bool:
        """Leave it where it is; whether one was held."""
        was_held, self._held = self._held is not None, None
        return was_held
