"""Among equally good plans of groups of one person each, the one with the least slots in order of the groups.

Any optimal plan uses only arcs of reduced cost zero ("tight"), whatever optimal prices are taken, and leaves no place
empty that has a price. So any other optimal plan differs by circles of moves along tight arcs, where an empty place
without a price may move like a person.
"""

from __future__ import annotations

from collections import defaultdict, deque

import numpy as np
import numpy.typing as npt

from matcher.solve.prices import price_paid, proven_prices, reduced_costs
from matcher.solve.problem import Problem, Seats, people_by_slot

Ints = npt.NDArray[np.int64]


def least_slots(problem: Problem, seats: Seats) -> Ints:
    """Slot of each group in the plan that is least in order of the groups, among all that are as good as `seats`.

    Parameters
    ----------
    problem : Problem
        Groups of one person each; no totals.
    seats : Seats
        Optimal.

    Returns
    -------
    (n_groups,) array
        −1 for who is unserved, which counts as greater than any slot.

    Raises
    ------
    SolverError
        When `seats` can be improved.
    """
    prices = proven_prices(problem, seats)
    outside = len(problem.capacity)
    slot = np.full(len(problem.size), outside, np.int64)
    slot[seats.group] = np.where(seats.slot >= 0, seats.slot, outside)
    tight: dict[int, list[int]] = defaultdict(list)
    for arc in np.flatnonzero(reduced_costs(problem, seats, prices) == 0).tolist():
        tight[int(problem.group[arc])].append(int(problem.slot[arc]))
    may_wait = price_paid(seats, prices) == problem.unserved_cost[seats.group]
    for group in seats.group[may_wait].tolist():
        tight[group].append(outside)
    free = np.append(prices.slot == 0, False)
    room = np.append(problem.capacity - people_by_slot(problem, seats), 0)
    moves = _Moves(slot, {group: sorted(set(there)) for group, there in tight.items()}, free, room)
    for group in sorted(tight):
        moves.settle(group)
    return np.where(slot == outside, -1, slot)


class _Moves:
    """Where everybody sits, and where they could as well; `settle` changes it in place.

    Parameters
    ----------
    slot : (n_groups,)
        Changed in place; the number after the last slot is outside.
    tight : mapping of group to slots
    free : (n_slots + 1,)
        Slots without a price: a place there may be empty.
    room : (n_slots + 1,)
        Empty places.
    """

    def __init__(
        self, slot: Ints, tight: dict[int, list[int]], free: npt.NDArray[np.bool_], room: Ints
    ) -> None:
        self.slot, self.tight, self.free, self.room = slot, tight, free, room
        self.settled: set[int] = set()
        self.nowhere = len(room)
        self.held: dict[int, set[int]] = defaultdict(set)
        for group in tight:
            self.held[int(slot[group])].add(group)

    def settle(self, group: int) -> None:
        """Give a group the least slot that it can have, those before it staying where they are."""
        self.settled.add(group)
        here = int(self.slot[group])
        for there in self.tight[group]:
            if there >= here:
                return
            way = self._way(there, here)
            if way is not None:
                for mover, origin, target in [(group, here, there), *way]:
                    self._move(mover, origin, target)
                return

    def _move(self, mover: int, origin: int, target: int) -> None:
        """Move a person; or (−1) somebody takes an empty place at the origin, or leaves one at the target."""
        if mover >= 0:
            self.held[origin].discard(mover)
            self.held[target].add(mover)
            self.slot[mover] = target
        elif target == self.nowhere:
            self.room[origin] -= 1
        else:
            self.room[target] += 1

    def _way(self, start: int, end: int) -> list[tuple[int, int, int]] | None:
        """Moves that take one person out of `start` and bring one to `end`: who (or −1), whence and whither."""
        before: dict[int, tuple[int, int]] = {start: (-1, -1)}
        queue = deque([start])
        while queue and end not in before:
            now = queue.popleft()
            for mover, target in self._steps(now):
                if target not in before:
                    before[target] = (mover, now)
                    queue.append(target)
        if end not in before:
            return None
        way = []
        while end != start:
            mover, origin = before[end]
            way.append((mover, origin, end))
            end = origin
        return way[::-1]

    def _steps(self, now: int) -> list[tuple[int, int]]:
        """Who may move from a slot, and where to."""
        if now == self.nowhere:
            return [(-1, slot) for slot in np.flatnonzero(self.free).tolist()]
        steps = [
            (mover, target)
            for mover in sorted(self.held[now] - self.settled)
            for target in self.tight[mover]
            if target != now
        ]
        return [(-1, self.nowhere), *steps] if self.room[now] > 0 else steps
