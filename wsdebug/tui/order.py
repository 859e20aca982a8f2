"""Connections in order, worst first, where changing one costs nothing for the others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import overload


class Order(Sequence[int]):
    """Ids in groups, and within a group ascending. Groups are numbered from the first shown on."""

    def __init__(self, groups: int) -> None:
        self._groups: list[list[int]] = [[] for _ in range(groups)]
        self._group_of: dict[int, int] = {}

    def copy(self) -> Order:
        """The same order, to leave some out."""
        other = Order(0)
        other._groups = [[*group] for group in self._groups]
        other._group_of = self._group_of.copy()
        return other

    def put(self, id_: int, group: int) -> bool:
        """Into a group, out of the one where it was; whether that changes anything."""
        if self._group_of.get(id_) == group:
            return False
        self.drop(id_)
        ids = self._groups[group]
        if not ids or id_ > ids[-1]:  # new connections have the highest ids
            ids.append(id_)
        else:
            ids.insert(bisect_left(ids, id_), id_)
        self._group_of[id_] = group
        return True

    def drop(self, id_: int) -> bool:
        """Leave one out; whether it was in it."""
        group = self._group_of.pop(id_, None)
        if group is None:
            return False
        ids = self._groups[group]
        del ids[bisect_left(ids, id_)]
        return True

    def group(self, number: int) -> Sequence[int]:
        """The ids of one group."""
        return self._groups[number]

    def __len__(self) -> int:
        return len(self._group_of)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._group_of

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(self._groups)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        if isinstance(index, slice):
            return [*self][index]
        left = index + len(self) if index < 0 else index
        for ids in self._groups if left >= 0 else ():
            if left < len(ids):
                return ids[left]
            left -= len(ids)
        raise IndexError(index)

    def place(self, id_: int) -> int:
        """The index of an id that is in it."""
        group = self._group_of[id_]
        before = sum(len(ids) for ids in self._groups[:group])
        return before + bisect_left(self._groups[group], id_)
