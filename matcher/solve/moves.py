"""Repair an optimal plan after a small change: fill places that came free, take in who has no seat, path by path.

The nodes are the slots and "waiting". An edge k → i weighs the least change of cost when one person at k moves to i.
The prices of the plan make no edge cheaper than nothing, so Dijkstra's algorithm finds the cheapest chain of moves
that fills a free place, or makes room for one person more, and tells how the prices change by it (successive shortest
paths; Ahuja, Magnanti, Orlin: Network Flows, 1993, section 9.7). Only what lies near the change is ever looked at.

Where providers have totals over several modes the chain is not always the cheapest: the caller proves the result.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matcher.problem import Problem, Seats, expand, people_by_provider, people_by_slot
from matcher.solve.prices import least_changes, seat_costs

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: No way; twice as much still fits.
NEVER = np.int64(2**60)


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
    while len(free := np.flatnonzero(moves.room() & (moves.price[:-1] > 0))):
        moves.fill(int(free[moves.price[free].argmax()]))
    for group in np.flatnonzero(unseated).tolist():
        moves.take_in(group, int(unseated[group]))
    return moves.seats()


@dataclass(frozen=True)
class _People:
    """Groups at a node and what each pays there; for each of their arcs the group's position, slot, and the change."""

    group: Ints
    cost: Ints
    owner: Ints
    slot: Ints
    change: Ints


class _Moves:
    """People by slot, the least change of each move between slots, and prices that make all of them dear."""

    def __init__(self, problem: Problem, seats: Seats, price: Ints) -> None:
        slots = len(problem.capacity)
        self.problem = problem
        self.waiting = slots
        self.price = np.append(price, 0).astype(np.int64)
        self.weight = problem.unserved_cost
        self.change = np.minimum(least_changes(problem, seats, seat_costs(problem, seats)), NEVER)
        np.fill_diagonal(self.change, NEVER)
        node = np.where(seats.slot < 0, slots, seats.slot)
        order = np.argsort(node, kind="stable")
        bounds = np.searchsorted(node[order], np.arange(slots + 2))
        self._rows = [order[a:b] for a, b in pairwise(bounds)]
        self._before = seats
        self._people: dict[int, dict[int, int]] = {}
        self.used = people_by_slot(problem, seats)
        self.total_used = people_by_provider(problem, self.used)
        self.capped = problem.total[problem.slot_provider] >= 0
        for slot in np.flatnonzero(self.capped).tolist():
            self._tie_modes(slot)

    def room(self) -> Bools:
        """Slots into which one more person fits."""
        total = self.total_used < self.problem.total
        return np.asarray(
            (self.used < self.problem.capacity) & (~self.capped | total[self.problem.slot_provider])
        )

    def fill(self, slot: int) -> None:
        """Fill free places of a slot until its price is 0: nobody is left who gains by one of them."""
        while self.price[slot] > 0 and (room := self._room_of(slot)) > 0:
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
            room = count if end == self.waiting else min(count, self._room_of(end))
            moved = self._move(path, room) if len(path) > 1 else room
            if not moved:  # a total is in the way
                path, moved = [self.waiting], count
            self._add(group, path[0], moved)
            count -= moved

    def seats(self) -> Seats:
        """Where everybody is now."""
        parts = [self._at(node) for node in range(self.waiting + 1)]
        group = np.concatenate([group for group, _ in parts])
        count = np.concatenate([count for _, count in parts])
        slot = np.repeat(np.append(np.arange(self.waiting), -1), [len(group) for group, _ in parts])
        order = np.lexsort((slot, group))
        return Seats(group[order], slot[order], count[order])

    def _way_into(self, slot: int) -> list[int]:
        """Nodes from which people move on, one to the next, until one comes to `slot`; prices fall by what it saves.

        The chain begins with somebody who waited, or leaves a place empty; `slot` alone when nobody gains.
        """
        price, distance, following, settled = self.price, *self._unreached()
        distance[slot] = 0
        open_ = distance.copy()
        best, first = int(price[slot]), slot
        while (here := int(open_[node := int(open_.argmin())])) < best:
            if node == self.waiting:
                best, first = here, node
                break
            if node != slot and here + int(price[node]) < best:
                best, first = here + int(price[node]), node
            open_[node], settled[node] = NEVER, True
            found = here + self.change[:, node] + price[node] - price
            nearer = (found < distance) & ~settled
            distance[nearer] = open_[nearer] = found[nearer]
            following[nearer] = node
        nearer = distance[:-1] < best
        price[:-1][nearer] -= best - distance[:-1][nearer]
        path = [first]
        while path[-1] != slot:
            path.append(int(following[path[-1]]))
        return path

    def _way_out(self, group: int) -> list[int]:
        """Nodes along which room is made for one person of a group, to a free place or to waiting; prices rise."""
        price, distance, before, settled = self.price, *self._unreached()
        arcs = slice(self.problem.start[group], self.problem.start[group + 1])
        slots = self.problem.slot[arcs]
        distance[slots] = self.problem.cost[arcs] + price[slots]
        distance[self.waiting] = self.weight[group]
        open_ = distance.copy()
        ends = np.append(self.room(), True)
        while not ends[node := int(open_.argmin())]:
            here = int(open_[node])
            open_[node], settled[node] = NEVER, True
            found = here + self.change[node] + price - price[node]
            nearer = (found < distance) & ~settled
            distance[nearer] = open_[nearer] = found[nearer]
            before[nearer] = node
        nearer = distance < distance[node]
        price[nearer] += distance[node] - distance[nearer]
        path = [node]
        while before[path[0]] >= 0:
            path.insert(0, int(before[path[0]]))
        return path

    def _unreached(self) -> tuple[Ints, Ints, Bools]:
        """Distances, links of the tree, and which nodes are settled, at the start of a search."""
        nodes = self.waiting + 1
        return np.full(nodes, NEVER), np.full(nodes, -1), np.zeros(nodes, bool)

    def _move(self, path: list[int], count: int) -> int:
        """Move up to `count` persons along each step of a path; how many there were."""
        steps = [(here, there, self._mover(here, there)) for here, there in pairwise(path)]
        for here, _, group in steps:
            left = self._places(here) if group is None else self._people_of(here)[group]
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
        if self._same_provider(here, there):
            return None
        people = self._changes(here)
        if there == self.waiting:
            return int(people.group[int((self.weight[people.group] - people.cost).argmin())])
        mine = np.flatnonzero(people.slot == there)
        return int(people.group[people.owner[mine[int(people.change[mine].argmin())]]])

    def _add(self, group: int, node: int, count: int) -> None:
        people = self._people_of(node)
        people[group] = people.get(group, 0) + count
        self._count(node, count)
        arcs = slice(self.problem.start[group], self.problem.start[group + 1])
        slots, row = self.problem.slot[arcs], self.change[node]
        own = self._cost_at(node, group)
        row[slots] = np.minimum(row[slots], self.problem.cost[arcs] - own)
        row[self.waiting] = min(row[self.waiting], self.weight[group] - own)
        row[node] = NEVER
        self._tie_modes(node)

    def _take(self, group: int, node: int, count: int) -> None:
        people = self._people_of(node)
        people[group] -= count
        self._count(node, -count)
        if not people[group]:
            del people[group]
            self._measure(node)
        self._tie_modes(node)

    def _count(self, node: int, count: int) -> None:
        if node != self.waiting:
            self.used[node] += count
            self.total_used[self.problem.slot_provider[node]] += count

    def _measure(self, node: int) -> None:
        """Least changes of all who are left at a node."""
        people = self._changes(node)
        row = np.full(self.waiting + 1, NEVER)
        np.minimum.at(row, people.slot, people.change)
        if len(people.group):
            row[self.waiting] = (self.weight[people.group] - people.cost).min()
        row[node] = NEVER
        self.change[node] = row

    def _changes(self, node: int) -> _People:
        """Who sits at a node, and what each would pay elsewhere."""
        group = np.fromiter(self._people_of(node), np.int64)
        owner, arc = expand(self.problem.start, group)
        slot, cost = self.problem.slot[arc], self.problem.cost[arc]
        own = self.weight[group]
        if node != self.waiting:
            mine = slot == node
            own[owner[mine]] = cost[mine]
        return _People(group, own, owner, slot, cost - own[owner])

    def _cost_at(self, node: int, group: int) -> int:
        """What a group pays at a node."""
        if node == self.waiting:
            return int(self.weight[group])
        arcs = slice(self.problem.start[group], self.problem.start[group + 1])
        return int(self.problem.cost[arcs][self.problem.slot[arcs] == node][0])

    def _tie_modes(self, node: int) -> None:
        """One person less in a mode leaves room in the provider's total, for another mode of it."""
        if node != self.waiting and self.capped[node]:
            others = np.flatnonzero(self.problem.slot_provider == self.problem.slot_provider[node])
            self.change[node, others] = 0 if self._places(node) else NEVER
            self.change[node, node] = NEVER

    def _same_provider(self, here: int, there: int) -> bool:
        if self.waiting in (here, there) or not self.capped[here]:
            return False
        return bool(self.problem.slot_provider[here] == self.problem.slot_provider[there])

    def _places(self, slot: int) -> int:
        return int(self.problem.capacity[slot] - self.used[slot])

    def _room_of(self, slot: int) -> int:
        if not self.capped[slot]:
            return self._places(slot)
        provider = self.problem.slot_provider[slot]
        return min(self._places(slot), int(self.problem.total[provider] - self.total_used[provider]))

    def _people_of(self, node: int) -> dict[int, int]:
        if node not in self._people:
            rows = self._rows[node]
            pairs: Iterable[tuple[int, int]] = zip(
                self._before.group[rows].tolist(), self._before.count[rows].tolist(), strict=True
            )
            self._people[node] = dict(pairs)
        return self._people[node]

    def _at(self, node: int) -> tuple[Ints, Ints]:
        if node not in self._people:
            rows = self._rows[node]
            return self._before.group[rows], self._before.count[rows]
        people = self._people[node]
        return np.fromiter(people, np.int64), np.fromiter(people.values(), np.int64)
