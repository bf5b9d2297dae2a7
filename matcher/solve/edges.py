"""Who would change from one slot to another at what least change of cost: a sparse graph, some forty edges a slot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.solve.problem import Problem, Seats, expand

Ints = npt.NDArray[np.int64]
#: Origin, target and change of cost of each.
Moves = tuple[Ints, Ints, Ints]

FAR = np.int64(2**61)
#: Cells of the table in which the least of many changes are found: bounds the memory, not the answer.
TABLE_CELLS = 4_000_000
#: Moves looked at together, which stay in the cache.
MOVES_AT_ONCE = 200_000


@dataclass(frozen=True)
class Edges:
    """Edges by origin, then target; the node after the last slot is "unserved".

    Parameters
    ----------
    start : (n_slots + 2,)
        First edge of each node.
    target, change : (n_edges,)
        Where it leads, and the least change of cost when one person moves along it.
    """

    start: Ints
    target: Ints
    change: Ints

    @property
    def nodes(self) -> int:
        """Slots, and one."""
        return len(self.start) - 1

    @property
    def origin(self) -> Ints:
        """Node where each edge begins."""
        return np.repeat(np.arange(self.nodes), np.diff(self.start))


def least_edges(problem: Problem, seats: Seats, cost: Ints) -> Edges:
    """The edges of a plan.

    Parameters
    ----------
    problem : Problem
    seats : Seats
    cost : (n_seats,)
        From `seat_costs`.
    """
    outside = len(problem.capacity)
    seat = np.where(seats.slot < 0, outside, seats.slot)
    unserved = problem.unserved_cost[seats.group] - cost

    def moves(some: Ints) -> Moves:
        owner, arc = expand(problem.start, seats.group[some])
        origin, leaving = seat[some], some[seat[some] < outside]
        return (
            np.concatenate((origin[owner], seat[leaving])),
            np.concatenate((problem.slot[arc], np.full(len(leaving), outside))),
            np.concatenate((problem.cost[arc] - cost[some][owner], unserved[leaving])),
        )

    return _least(seat, np.diff(problem.start)[seats.group] + 1, outside + 1, moves)


def least_of(origin: Ints, target: Ints, change: Ints, nodes: int) -> Edges:
    """The least change for each pair of nodes that somebody connects.

    Parameters
    ----------
    origin, target, change : (n,)
        Of each possible move.
    nodes : int
    """
    return _least(
        origin,
        np.ones(len(origin), np.int64),
        nodes,
        lambda some: (origin[some], target[some], change[some]),
    )


def _least(origin: Ints, count: Ints, nodes: int, moves: Callable[[Ints], Moves]) -> Edges:
    """The least changes, a few origins at a time; `count` says how many moves each entry of `origin` stands for."""
    # Sixteen bits are sorted by radix, many times faster.
    order = np.argsort(origin.astype(np.uint16) if nodes < 2**16 else origin, kind="stable")
    start = np.concatenate(([0], np.cumsum(np.bincount(origin, minlength=nodes))))
    passed = np.concatenate(([0], np.cumsum(np.bincount(origin, count, nodes))))
    rows = max(1, TABLE_CELLS // nodes)
    found, first = [], 0
    while first < nodes:
        full = int(np.searchsorted(passed, passed[first] + MOVES_AT_ONCE, side="right")) - 1
        last = min(max(full, first + 1), first + rows)
        found.append(_least_in(first, *moves(order[start[first] : start[last]]), nodes))
        first = last
    begins, targets, changes = (np.concatenate(column) for column in zip(*found, strict=True))
    return Edges(
        np.concatenate(([0], np.cumsum(np.bincount(begins, minlength=nodes)))).astype(np.int64),
        targets,
        changes,
    )


def _least_in(first: int, origin: Ints, target: Ints, change: Ints, nodes: int) -> tuple[Ints, Ints, Ints]:
    """The least changes of moves from a few nodes, `first` being the first of them: by a table of what they reach."""
    met = np.zeros(nodes, bool)
    met[target] = True
    reached = np.flatnonzero(met)
    width = len(reached)
    number = np.cumsum(met) - 1
    table = np.full((int(origin.max(initial=first)) - first + 1) * width, FAR)
    np.minimum.at(table, (origin - first) * width + number[target], change)
    cell = np.flatnonzero(table < FAR)
    return first + cell // max(width, 1), reached[cell % max(width, 1)], table[cell]
