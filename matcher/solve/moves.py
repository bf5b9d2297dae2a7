"""Repair an optimal plan after a small change: fill places that came free, take in who has no seat, path by path.

The nodes are the slots and "waiting". An edge k → i weighs the least change of cost when one person at k moves to i.
The prices of the plan make no edge cheaper than nothing, so Dijkstra's algorithm finds the cheapest chain of moves
that fills a free place, or makes room for one person more, and tells how the prices change by it (successive shortest
paths; Ahuja, Magnanti, Orlin: Network Flows, 1993, section 9.7). Only what lies near the change is ever looked at.

Where providers have totals over several modes the chain is not always the cheapest: the caller proves the result.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matcher.solve.changes import Changes
from matcher.solve.edges import least_edges
from matcher.solve.occupancy import NEVER, Occupancy
from matcher.solve.prices import seat_costs
from matcher.solve.problem import Problem, Seats

Ints = npt.NDArray[np.int64]


def repair(problem: Problem, seats: Seats, price: Ints, unseated: Ints) -> Seats:
    """A plan of everybody, reached from a plan of most by few moves.

    Parameters
    ----------
    problem : Problem
    seats : Seats
        Of all but the unseated, within the capacities.
    price : (n_slots,)
        Prices under which nobody in `seats` would rather sit elsewhere; a slot with free places may have any.
    unseated : (n_groups,)
        Persons of each group who are to be seated, or left waiting.

    Returns
    -------
    Seats
        Optimal, unless a total over several modes was in the way or `price` was not as asked.
    """
    moves = _Moves(problem, seats, price)
    while len(free := np.flatnonzero(moves.sitting.room() & (moves.price[:-1] > 0))):
        moves.fill(int(free[moves.price[free].argmax()]))
    for group in np.flatnonzero(unseated).tolist():
        moves.take_in(group, int(unseated[group]))
    return moves.sitting.seats()


class _Moves:
    """The least change of each move between nodes, and prices that make all of them dear."""

    def __init__(self, problem: Problem, seats: Seats, price: Ints) -> None:
        self.problem = problem
        self.sitting = Occupancy(problem, seats)
        self.waiting = self.sitting.waiting
        self.price = np.append(price, 0).astype(np.int64)
        self.changes = Changes(least_edges(problem, seats, seat_costs(problem, seats)))
        for slot in np.flatnonzero(self.sitting.capped).tolist():
            self._tie_modes(slot)

    def fill(self, slot: int) -> None:
        """Fill free places of a slot until its price is 0: nobody is left who gains by one of them."""
        while self.price[slot] > 0 and (room := self.sitting.room_of(slot)) > 0:
            path = self._way_into(slot)
            if len(path) == 1:
                return
            if not self._move(path, room):
                self.price[slot] = 0  # a total is in the way

    def take_in(self, group: int, count: int) -> None:
        """Seat persons of a group at least cost, others making room, or let them wait."""
        while count:
            path = self._way_out(group)
            end = path[-1]
            room = count if end == self.waiting else min(count, self.sitting.room_of(end))
            moved = self._move(path, room) if len(path) > 1 else room
            if not moved:  # a total is in the way
                path, moved = [self.waiting], count
            self._add(group, path[0], moved)
            count -= moved

    def _way_into(self, slot: int) -> list[int]:
        """Nodes from which people move on, one to the next, until one comes to `slot`; prices fall by what it saves.

        The chain begins with somebody who waited, or leaves a place empty; `slot` alone when nobody gains.
        """
        price, tree = self.price, _Tree(self.waiting + 1)
        tree.reach(slot, 0)
        best, first = int(price[slot]), slot
        while (here := tree.distance[node := tree.nearest()]) < best and not tree.settled[node]:
            if node == self.waiting:
                best, first = int(here), node
                break
            if node != slot and here + price[node] < best:
                best, first = int(here + price[node]), node
            origins, change = self.changes.into(node)
            tree.settle(node, origins, here + change + price[node] - price[origins])
        nearer = tree.distance[:-1] < best
        price[:-1][nearer] -= best - tree.distance[:-1][nearer]
        return tree.path_from(first)

    def _way_out(self, group: int) -> list[int]:
        """Nodes along which room is made for one person of a group, to a free place or to waiting; prices rise."""
        price, tree = self.price, _Tree(self.waiting + 1)
        slots, cost = self.sitting.choices(group)
        tree.reach(slots, cost + price[slots])
        tree.reach(self.waiting, self.sitting.weight[group])
        ends = np.append(self.sitting.room(), True)
        while not ends[node := tree.nearest()]:
            targets, change = self.changes.out_of(node)
            tree.settle(node, targets, tree.distance[node] + change + price[targets] - price[node])
        nearer = tree.distance < tree.distance[node]
        price[nearer] += tree.distance[node] - tree.distance[nearer]
        return tree.path_from(node)[::-1]

    def _move(self, path: list[int], count: int) -> int:
        """Move up to `count` persons along each step of a path; how many there were."""
        steps = [(here, there, self._mover(here, there)) for here, there in pairwise(path)]
        for here, _, group in steps:
            left = self.sitting.places(here) if group is None else self.sitting.people_at(here)[group]
            count = min(count, left)
        for here, _, group in steps:
            if group is not None:
                self._take(group, here, count)
        for _, there, group in steps:
            if group is not None:
                self._add(group, there, count)
        return count

    def _mover(self, here: int, there: int) -> int | None:
        """The group whose person moves at least cost; None for a mere shift of a provider's total between modes."""
        if self.sitting.share_a_total(here, there):
            return None
        people = self.sitting.changes(here)
        if there == self.waiting:
            return int(people.group[int(people.leave.argmin())])
        mine = np.flatnonzero(people.slot == there)
        return int(people.group[people.owner[mine[int(people.change[mine].argmin())]]])

    def _add(self, group: int, node: int, count: int) -> None:
        self.sitting.add(group, node, count)
        slots, cost = self.sitting.choices(group)
        own = self.sitting.cost_at(node, group)
        self.changes.lower(node, slots, cost - own)
        self.changes.lower(node, np.array([self.waiting]), np.array([self.sitting.weight[group] - own]))
        self._tie_modes(node)

    def _take(self, group: int, node: int, count: int) -> None:
        self.sitting.add(group, node, -count)
        if group not in self.sitting.people_at(node):
            self._measure(node)
        self._tie_modes(node)

    def _measure(self, node: int) -> None:
        """Least changes of all who are left at a node."""
        people = self.sitting.changes(node)
        self.changes.clear(node)
        least = np.full(self.waiting, NEVER)
        np.minimum.at(least, people.slot, people.change)
        reached = np.flatnonzero(least < NEVER)
        self.changes.lower(node, reached, least[reached])
        if len(people.leave):
            self.changes.lower(node, np.array([self.waiting]), people.leave.min(keepdims=True))

    def _tie_modes(self, node: int) -> None:
        """One person less in a mode leaves room in the provider's total, for another mode of it."""
        if node != self.waiting and self.sitting.capped[node]:
            others = np.flatnonzero(self.problem.slot_provider == self.problem.slot_provider[node])
            if self.sitting.places(node):
                self.changes.lower(node, others, np.zeros(len(others), np.int64))
            else:
                self.changes.forget(node, others)


class _Tree:
    """The tree of Dijkstra's algorithm over the nodes."""

    def __init__(self, nodes: int) -> None:
        self.distance = np.full(nodes, NEVER)
        self.settled = np.zeros(nodes, bool)
        self._link = np.full(nodes, -1)
        self._open = self.distance.copy()

    def reach(self, node: int | Ints, distance: int | Ints) -> None:
        """Begin at these nodes."""
        self.distance[node] = self._open[node] = distance

    def nearest(self) -> int:
        """The nearest node that is not settled, or any where none is reached."""
        return int(self._open.argmin())

    def settle(self, node: int, others: Ints, found: Ints) -> None:
        """Settle a node, from which other ones are found at these distances."""
        self._open[node], self.settled[node] = NEVER, True
        nearer = (found < self.distance[others]) & ~self.settled[others]
        others = others[nearer]
        self.distance[others] = self._open[others] = found[nearer]
        self._link[others] = node

    def path_from(self, node: int) -> list[int]:
        """The nodes from this one back to where the tree begins."""
        path = [node]
        while self._link[path[-1]] >= 0:
            path.append(int(self._link[path[-1]]))
        return path
