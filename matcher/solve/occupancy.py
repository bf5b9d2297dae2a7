"""Who sits at each slot or waits, and what room is left, kept up while people move one by one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matcher.solve.problem import Problem, Seats, expand, people_by_provider, people_by_slot

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: More than any cost; twice as much still fits.
NEVER = np.int64(2**60)


@dataclass(frozen=True)
class Changes:
    """What the groups at a node would pay more elsewhere.

    Parameters
    ----------
    group, leave : (n,)
        Groups at the node, and what it costs when one of their people waits instead.
    owner, slot, change : (n_arcs,)
        For each of their arcs, the position in `group`, the slot, and the change of cost.
    """

    group: Ints
    leave: Ints
    owner: Ints
    slot: Ints
    change: Ints


class Occupancy:
    """People by node: the slots, and `waiting` behind the last of them. Changed in place.

    Parameters
    ----------
    problem : Problem
    seats : Seats
        Where people sit at first. What stays as it was is never unpacked.
    """

    def __init__(self, problem: Problem, seats: Seats) -> None:
        self.problem = problem
        self.waiting = len(problem.capacity)
        self.weight = problem.unserved_cost
        self.capped = problem.total[problem.slot_provider] >= 0
        self.used = people_by_slot(problem, seats)
        self.total_used = people_by_provider(problem, self.used)
        node = np.where(seats.slot < 0, self.waiting, seats.slot)
        order = np.argsort(node, kind="stable")
        bounds = np.searchsorted(node[order], np.arange(self.waiting + 2))
        self._before = seats
        self._rows = [order[begin:end] for begin, end in pairwise(bounds)]
        self._people: dict[int, dict[int, int]] = {}

    def people_at(self, node: int) -> dict[int, int]:
        """Persons of each group at a node."""
        if node not in self._people:
            group, count = self._at(node)
            self._people[node] = dict(zip(group.tolist(), count.tolist(), strict=True))
        return self._people[node]

    def add(self, group: int, node: int, count: int) -> None:
        """More persons of a group at a node, or fewer."""
        people = self.people_at(node)
        people[group] = people.get(group, 0) + count
        if not people[group]:
            del people[group]
        if node != self.waiting:
            self.used[node] += count
            self.total_used[self.problem.slot_provider[node]] += count

    def places(self, slot: int) -> int:
        """Free places of a slot, whatever its provider's total."""
        return int(self.problem.capacity[slot] - self.used[slot])

    def room_of(self, slot: int) -> int:
        """Persons that still fit into a slot."""
        if not self.capped[slot]:
            return self.places(slot)
        provider = self.problem.slot_provider[slot]
        return min(self.places(slot), int(self.problem.total[provider] - self.total_used[provider]))

    def room(self) -> Bools:
        """Slots into which one more person fits."""
        total = self.total_used < self.problem.total
        return np.asarray(
            (self.used < self.problem.capacity) & (~self.capped | total[self.problem.slot_provider])
        )

    def share_a_total(self, here: int, there: int) -> bool:
        """Whether two nodes are slots of one provider whose total is limited."""
        if self.waiting in (here, there) or not self.capped[here]:
            return False
        return bool(self.problem.slot_provider[here] == self.problem.slot_provider[there])

    def choices(self, group: int) -> tuple[Ints, Ints]:
        """Slots where a group may sit, and what each costs."""
        arcs = slice(self.problem.start[group], self.problem.start[group + 1])
        return self.problem.slot[arcs], self.problem.cost[arcs]

    def cost_at(self, node: int, group: int) -> int:
        """What a group pays at a node."""
        if node == self.waiting:
            return int(self.weight[group])
        slots, cost = self.choices(group)
        return int(cost[slots == node][0])

    def changes(self, node: int) -> Changes:
        """What everybody at a node would pay more elsewhere."""
        group = np.fromiter(self.people_at(node), np.int64)
        owner, arc = expand(self.problem.start, group)
        slot, cost = self.problem.slot[arc], self.problem.cost[arc]
        own = self.weight[group]
        if node != self.waiting:
            mine = slot == node
            own[owner[mine]] = cost[mine]
        return Changes(group, self.weight[group] - own, owner, slot, cost - own[owner])

    def seats(self) -> Seats:
        """Where everybody is now."""
        parts = [self._at(node) for node in range(self.waiting + 1)]
        group = np.concatenate([group for group, _ in parts])
        count = np.concatenate([count for _, count in parts])
        slot = np.repeat(np.append(np.arange(self.waiting), -1), [len(group) for group, _ in parts])
        order = np.lexsort((slot, group))
        return Seats(group[order], slot[order], count[order])

    def _at(self, node: int) -> tuple[Ints, Ints]:
        if node not in self._people:
            rows = self._rows[node]
            return self._before.group[rows], self._before.count[rows]
        people = self._people[node]
        return np.fromiter(people, np.int64), np.fromiter(people.values(), np.int64)
