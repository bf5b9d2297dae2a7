"""What it would cost the others if one person went to one provider: solved again with that place taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from matcher.plan.verify import real_costs
from matcher.solve.again import carry_over, solve_again
from matcher.solve.prices import served_and_cost
from matcher.solve.problem import Problem, Seats

if TYPE_CHECKING:
    from matcher.plan.plan import Plan


@dataclass(frozen=True)
class Exchange:
    """What changes for everybody, the person included.

    Parameters
    ----------
    moved : int
        Others who would go elsewhere or wait.
    served : tuple of int
        Persons served more, by tier; negative where somebody would have to wait.
    metres : int
        Travel of all together that is added (seconds where the policy counts time).
    """

    moved: int
    served: tuple[int, ...]
    metres: int

    @property
    def lost(self) -> int:
        """Persons who would have nobody; what another tier gains makes up for none of them."""
        return sum(max(0, -more) for more in self.served)


def exchange(plan: Plan, row: int, provider_id: str) -> Exchange | None:
    """The best plan in which a person is served by a provider, against the plan at hand.

    Parameters
    ----------
    plan : Plan
        Of everybody, proven by prices.
    row : int
        Of the person in ``plan.people``.
    provider_id : str

    Returns
    -------
    Exchange or None
        None where the provider has no place for people of the mode, the person is not eligible there, or the plan is
        not proven by prices.
    """
    if plan.certificate.proof is None:
        return None
    proof, groups = plan.proof(), plan.eligibility.groups
    group = groups.member[[row]]
    provider = groups.provider_ids.get_indexer(pd.Index([provider_id])).astype(np.int64)
    slot = proof.problem.slot_at(provider, groups.mode[group])
    if slot[0] < 0 or proof.problem.capacity[slot[0]] < 1 or proof.problem.total[provider[0]] == 0:
        return None
    own = int(real_costs(plan.eligibility, np.array([row]), slot)[0])
    if own < 0:
        return None
    rest = _without(proof.problem, int(group[0]), int(slot[0]))
    others = np.arange(len(groups.member)) != row
    slots = plan.eligibility.free(plan.slot)[others]
    seats, unseated = carry_over(rest, groups.member[others], slots)
    after = solve_again(rest, seats, unseated, proof.prices.slot)
    served_before, cost_before = served_and_cost(proof.problem, proof.seats)
    served, cost = served_and_cost(rest, after.seats)
    served[proof.problem.tier[group[0]] - 1] += 1
    return Exchange(
        moved=_moved(rest, groups.member[others], slots, after.seats),
        served=tuple((served - served_before).tolist()),
        metres=cost + own - cost_before,
    )


def _without(problem: Problem, group: int, slot: int) -> Problem:
    """One person and the place that they take are gone."""
    size, capacity, total = problem.size.copy(), problem.capacity.copy(), problem.total.copy()
    size[group] -= 1
    capacity[slot] -= 1
    provider = problem.slot_provider[slot]
    if total[provider] > 0:
        total[provider] -= 1
    return replace(problem, size=size, capacity=capacity, total=total)


def _moved(problem: Problem, member: np.ndarray, slot: np.ndarray, after: Seats) -> int:
    """How many persons do not keep their seat."""
    width = len(problem.capacity) + 1
    before_key, before = np.unique(member * width + slot + 1, return_counts=True)
    after_key = after.group * width + after.slot + 1
    known = np.zeros(len(before_key), np.int64)
    hit = np.isin(after_key, before_key)
    np.add.at(known, np.searchsorted(before_key, after_key[hit]), after.count[hit])
    return int(np.maximum(before - known, 0).sum())
