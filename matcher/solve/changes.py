"""The least change of cost of each move while people move: a sparse graph that is looked at from either end."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matcher.solve.edges import Edges

Ints = npt.NDArray[np.int64]


class Changes:
    """Least changes by origin and by target; a node does not move to itself.

    Parameters
    ----------
    edges : Edges
        At the beginning.
    """

    def __init__(self, edges: Edges) -> None:
        origin, target = edges.origin, edges.target
        self._out = _by_first(origin, target, edges.change, edges.nodes)
        self._into = _by_first(target, origin, edges.change, edges.nodes)
        for node in range(edges.nodes):
            self._out[node].pop(node, None)
            self._into[node].pop(node, None)

    def out_of(self, node: int) -> tuple[Ints, Ints]:
        """Where moves from a node lead, and their changes."""
        return _arrays(self._out[node])

    def into(self, node: int) -> tuple[Ints, Ints]:
        """Where moves into a node begin, and their changes."""
        return _arrays(self._into[node])

    def lower(self, origin: int, target: Ints, change: Ints) -> None:
        """Moves of one more person: a change counts where it is less than the one there."""
        row = self._out[origin]
        for to, less in zip(target.tolist(), change.tolist(), strict=True):
            if to != origin and (to not in row or less < row[to]):
                row[to] = self._into[to][origin] = less

    def forget(self, origin: int, target: Ints) -> None:
        """Nobody moves along these any more."""
        for to in target.tolist():
            self._out[origin].pop(to, None)
            self._into[to].pop(origin, None)

    def clear(self, origin: int) -> None:
        """Nobody moves from a node any more."""
        for to in self._out[origin]:
            del self._into[to][origin]
        self._out[origin] = {}


def _by_first(first: Ints, second: Ints, change: Ints, nodes: int) -> list[dict[int, int]]:
    """For each node the other ends of its edges, with the change."""
    order = np.argsort(first, kind="stable")
    start = np.searchsorted(first[order], np.arange(nodes + 1)).tolist()
    ends, changes = second[order].tolist(), change[order].tolist()
    return [dict(zip(ends[a:b], changes[a:b], strict=True)) for a, b in pairwise(start)]


def _arrays(edges: dict[int, int]) -> tuple[Ints, Ints]:
    count = len(edges)
    return np.fromiter(edges.keys(), np.int64, count), np.fromiter(edges.values(), np.int64, count)
