"""What would make a plan better, person by person: the witness against one that is not optimal."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matcher.eligibility.derive import Eligibility
from matcher.solve.prices import OUTSIDE
from matcher.solve.problem import Problem, expand

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Move:
    """One step of a better plan; a provider id of None stands for "unserved"."""

    resident_id: str
    from_provider: str | None
    to_provider: str | None
    delta_m: int | None


def moves(eligibility: Eligibility, slot: Ints, path: tuple[int, ...]) -> tuple[Move, ...]:
    """Name one person for each step of an improving path."""
    problem, found = eligibility.problem, []
    ids = eligibility.groups.provider_ids
    residents = eligibility.people["resident_id"].to_numpy(dtype=object)
    weight = problem.unserved_cost
    for origin, target in pairwise(path):
        seated = np.flatnonzero(slot == origin)
        group = eligibility.groups.member[seated]
        here = _cost_at(problem, group, origin, weight)
        there = _cost_at(problem, group, target, weight)
        possible = np.flatnonzero((here >= 0) & (there >= 0))
        if not len(possible):
            continue  # a step through a provider's total: nobody moves
        best = possible[int((there - here)[possible].argmin())]
        plain = origin != OUTSIDE and target != OUTSIDE
        found.append(
            Move(
                str(residents[seated[best]]),
                None if origin == OUTSIDE else str(ids[problem.slot_provider[origin]]),
                None if target == OUTSIDE else str(ids[problem.slot_provider[target]]),
                int((there - here)[best]) if plain else None,
            )
        )
    return tuple(found)


def _cost_at(problem: Problem, group: Ints, slot: int, weight: Ints) -> Ints:
    """Cost of each group at one slot, −1 where not eligible."""
    if slot == OUTSIDE:
        return weight[group]
    owner, arc = expand(problem.start, group)
    hit = problem.slot[arc] == slot
    cost = np.full(len(group), -1, np.int64)
    cost[owner[hit]] = problem.cost[arc[hit]]
    return cost
