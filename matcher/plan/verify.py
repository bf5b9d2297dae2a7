"""The checker: feasibility, objective and optimality of a plan, derived again from the tables. Knows no solver.

Nothing is taken from the plan but who is served by whom at what stated cost. By itself it derives groups and eligible
pairs anew; `match` hands it those that the plan was made from, and then the pairs of everybody who is left unserved
and of a thousand groups more are made again, pair by pair, without the short cuts of `candidates`. Prices are found
anew in either case, over all eligible pairs, also those that a solver never looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility, derive
from matcher.eligibility.pairs import Groups, Pairs, who_waits
from matcher.inputs import Inputs
from matcher.masking import mask_if_id_number
from matcher.plan.assigned import assignment_table
from matcher.plan.witness import Move, moves
from matcher.policy.documents import Policy
from matcher.solve.prices import Improvement, Proof, least_prices, reduced_costs
from matcher.solve.problem import expand, seats_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Groups whose eligible pairs are made again, beside all that are unserved.
SAMPLED_GROUPS = 1000
#: Pairs measured at once: bounds the memory.
MEASURED_TOGETHER = 4_000_000

#: Kilometres are written with six decimals.
HALF_A_DECIMAL = 0.6e-6


@dataclass(frozen=True)
class Certificate:
    """Outcome of `verify`.

    Parameters
    ----------
    valid : bool
        The plan is feasible and proven optimal.
    checked_pairs : int
        Eligible pairs looked at, counted by residents.
    min_reduced_cost : int or None
        Least of cost + price − what the person pays, over all eligible pairs; None where no prices exist.
    faults : tuple of str
        What is wrong with the plan, in ids.
    witness : tuple of Move
        Moves that would make it better, where it is feasible but not optimal.
    proof : Proof or None
        None also where households stay together: one more place is then worth no more than prices say, perhaps less.
    """

    valid: bool
    checked_pairs: int
    min_reduced_cost: int | None
    faults: tuple[str, ...] = ()
    witness: tuple[Move, ...] = ()
    proof: Proof | None = None

    @property
    def undecided(self) -> bool:
        """The plan is feasible, but single moves cannot tell whether it is optimal: households stay together."""
        return not (self.valid or self.faults or self.witness)


def verify(
    inputs: Inputs, policy: Policy, assignments: pd.DataFrame, eligibility: Eligibility | None = None
) -> Certificate:
    """Check a plan against the tables and prove it optimal, or say what is wrong.

    Parameters
    ----------
    inputs, policy
        What the plan was made for.
    assignments : DataFrame[resident_id, provider_id, cost_m]
        The plan. Whoever is not in it is unserved. Further columns of ``OUTPUTS["assignments"]`` are checked as well.
    eligibility : Eligibility, optional
        `derive` of the same inputs and policy, where it is at hand.

    Returns
    -------
    Certificate
    """
    anew = eligibility is None
    eligibility = eligibility or derive(inputs, policy)
    checked = _checked(eligibility)
    person = pd.Index(eligibility.people["resident_id"]).get_indexer(pd.Index(assignments["resident_id"]))
    provider = eligibility.groups.provider_ids.get_indexer(pd.Index(assignments["provider_id"]))
    faults = _identity_faults(assignments, person, provider)
    if faults:
        return Certificate(False, checked, None, faults)
    slot = np.full(len(eligibility.people), -1, np.int64)
    mode = eligibility.groups.mode[eligibility.groups.member[person]]
    slot[person] = eligibility.problem.slot_at(provider, mode)
    faults = _pair_faults(eligibility, assignments, person, slot[person]) or _capacity_faults(
        eligibility, slot
    )
    if faults:
        return Certificate(False, checked, None, faults)
    faults = _fixed_faults(eligibility, slot)
    if faults:
        return Certificate(False, checked, None, faults)
    faults = (
        ()
        if anew
        else missing_pairs(
            eligibility.people, eligibility.groups, eligibility.pairs, slot < 0, policy.max_passed_over
        )
    )
    if policy.keep_households_together:
        faults = (*faults, *_household_faults(eligibility, slot))
    if faults:
        return Certificate(False, checked, None, faults)
    if anew:
        faults = _told_faults(
            assignments, person, assignment_table(eligibility, slot), eligibility.people["resident_id"]
        )
    return _certificate(eligibility, slot, faults)


def verify_seats(eligibility: Eligibility, slot: Ints) -> Certificate:
    """As `verify`, of who sits where, on groups and pairs that are right; `missing_pairs` tells whether they are.

    Parameters
    ----------
    eligibility : Eligibility
    slot : (n_residents,)
        Slot of each person, −1 for unserved.
    """
    person = np.flatnonzero(slot >= 0)
    wrong = person[real_costs(eligibility, person, slot[person]) < 0]
    faults = (
        *_not_eligible(eligibility.people["resident_id"].array[wrong]),
        *_capacity_faults(eligibility, slot),
        *_fixed_faults(eligibility, slot),
        *(_household_faults(eligibility, slot) if eligibility.keeps_households else ()),
    )
    if faults:
        return Certificate(False, _checked(eligibility), None, faults)
    return _certificate(eligibility, slot, ())


def _checked(eligibility: Eligibility) -> int:
    """Eligible pairs, counted by residents."""
    return int((np.diff(eligibility.problem.start) * eligibility.problem.size).sum())


def _certificate(eligibility: Eligibility, slot: Ints, faults: tuple[str, ...]) -> Certificate:
    """What prices say of a plan that is feasible."""
    seats = seats_of(eligibility.groups.member, eligibility.free(slot), len(eligibility.problem.capacity))
    prices = least_prices(eligibility.problem, seats)
    if isinstance(prices, Improvement):
        # Moves of single persons say nothing against a plan that keeps households together.
        witness = () if eligibility.keeps_households else moves(eligibility, slot, prices.path)
        return Certificate(False, _checked(eligibility), None, faults, witness)
    reduced = reduced_costs(eligibility.problem, seats, prices)
    least = int(reduced.min()) if len(reduced) else None
    return Certificate(
        valid=not faults and (least is None or least >= 0),
        checked_pairs=_checked(eligibility),
        min_reduced_cost=least,
        faults=faults,
        proof=None if eligibility.keeps_households else Proof(eligibility.problem, seats, prices),
    )


def _identity_faults(assignments: pd.DataFrame, person: Ints, provider: Ints) -> tuple[str, ...]:
    doubled = assignments["resident_id"].duplicated()
    return (
        *(f"unknown resident {mask_if_id_number(name)}" for name in assignments["resident_id"][person < 0]),
        *(f"unknown provider {name}" for name in assignments["provider_id"][provider < 0]),
        *(
            f"resident {mask_if_id_number(name)} is assigned twice"
            for name in assignments["resident_id"][doubled]
        ),
    )


def _pair_faults(
    eligibility: Eligibility, assignments: pd.DataFrame, person: Ints, slot: Ints
) -> tuple[str, ...]:
    """Pairs that are not eligible, and stated costs that are not the real ones."""
    cost = real_costs(eligibility, person, slot)
    stated = assignments["cost_m"].to_numpy(np.int64)
    ids = assignments["resident_id"].array
    return (
        *_not_eligible(ids[cost < 0]),
        *(
            f"resident {mask_if_id_number(name)} has a wrong cost"
            for name in ids[(cost >= 0) & (cost != stated)]
        ),
    )


def _not_eligible(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"resident {mask_if_id_number(name)} is not eligible at the provider" for name in ids)


def _told_faults(
    assignments: pd.DataFrame, person: Ints, real: pd.DataFrame, everybody: pd.Series[str]
) -> tuple[str, ...]:
    """Cells of the further columns that are not what the pair makes them; kilometres to the six decimals of a file."""
    ids = everybody.to_numpy(dtype=object)[person]
    wanted = real.set_index("resident_id").reindex(ids)
    faults = []
    for column in wanted.columns.intersection(assignments.columns).difference(
        ["provider_id", "cost_m"], sort=False
    ):
        stated, right = assignments[column].to_numpy(dtype=object), wanted[column].to_numpy(dtype=object)
        if pd.api.types.is_numeric_dtype(wanted[column].dtype):
            numbers = pd.to_numeric(pd.Series(stated), errors="coerce").to_numpy(np.float64)
            off = np.abs(numbers - right.astype(np.float64))
            same = (off <= HALF_A_DECIMAL) | (pd.isna(right) & pd.isna(stated))
        else:
            same = (stated == right) | (pd.isna(right) & pd.isna(stated))
        faults += [f"resident {mask_if_id_number(name)} has a wrong {column}" for name in ids[~same]]
    return tuple(faults)


def real_costs(eligibility: Eligibility, person: Ints, slot: Ints) -> Ints:
    """What each person costs at a slot, any price for switching included; −1 where the pair is not eligible.

    Parameters
    ----------
    eligibility : Eligibility
    person, slot : (n,)
        Row of the person, and the slot.
    """
    group = eligibility.groups.member[person]
    width = len(eligibility.problem.capacity) + 2
    key, back = np.unique(group * width + slot + 2, return_inverse=True)
    owner, arc = expand(eligibility.problem.start, key // width)
    hit = eligibility.problem.slot[arc] == key[owner] % width - 2
    real = np.full(len(key), -1, np.int64)
    real[owner[hit]] = eligibility.problem.cost[arc[hit]]
    cost = real[back]
    fixed = np.flatnonzero((eligibility.fixed[person] >= 0) & (eligibility.fixed[person] == slot))
    cost[fixed] = _fixed_costs(eligibility, group[fixed])
    return cost


def _fixed_costs(eligibility: Eligibility, group: Ints) -> Ints:
    """What people cost at the provider that was decided on, of which the problem knows nothing."""
    groups, pairs = eligibility.groups, eligibility.pairs
    owner, pair = expand(pairs.start, group)
    hit = pairs.provider[pair] == groups.fixed[group][owner]
    cost = np.full(len(group), -1, np.int64)
    cost[owner[hit]] = pairs.cost[pair[hit]]
    leaves = (groups.current[group] >= 0) & (groups.current[group] != groups.fixed[group])
    return np.asarray(cost + eligibility.switching_m * leaves, np.int64)


def missing_pairs(
    people: pd.DataFrame, groups: Groups, pairs: Pairs, unserved: Bools, passed_over: int | None
) -> tuple[str, ...]:
    """Groups whose pairs differ from those found by measuring every admitted provider: all unserved, and a sample."""
    every = max(1, len(groups.size) // SAMPLED_GROUPS)
    wanted = np.union1d(groups.member[unserved], np.arange(0, len(groups.size), every))
    wrong = []
    for some in np.array_split(wanted, max(1, len(wanted) * len(groups.provider_ids) // MEASURED_TOGETHER)):
        row, provider = np.nonzero(groups.admitted[groups.profile[some]])
        cost = groups.travel.measure(groups.location[some[row]], provider)[1]
        within = (cost >= 0) & (cost <= groups.limits[groups.mode[some[row]]])
        row, cost = row[within], cost[within]
        if passed_over is not None:
            cheaper = pd.Series(cost).groupby(row).rank(method="min").to_numpy() - 1
            row, cost = row[cheaper <= passed_over], cost[cheaper <= passed_over]
        owner, pair = expand(pairs.start, some)
        found = np.bincount(owner, pairs.cost[pair] + 1, len(some))
        expected = np.bincount(row, cost + 1, len(some))
        wrong += some[found != expected].tolist()
    ids = people["resident_id"].array
    return tuple(
        f"the eligible providers of resident {mask_if_id_number(ids[groups.member == group][0])} are incomplete"
        for group in wrong
    )


def _fixed_faults(eligibility: Eligibility, slot: Ints) -> tuple[str, ...]:
    """People who are not where it was decided."""
    elsewhere = (eligibility.fixed >= 0) & (slot != eligibility.fixed)
    return tuple(
        f"resident {mask_if_id_number(name)} does not have the provider that was decided on"
        for name in eligibility.people["resident_id"].array[elsewhere]
    )


def _capacity_faults(eligibility: Eligibility, slot: Ints) -> tuple[str, ...]:
    problem = eligibility.problem
    used = np.bincount(slot[slot >= 0], minlength=len(problem.capacity)) - eligibility.fixed_places
    total = np.bincount(problem.slot_provider, used, len(problem.total))
    ids = eligibility.groups.provider_ids
    return (
        *(
            f"provider {name} is above its capacity"
            for name in ids[problem.slot_provider[used > problem.capacity]]
        ),
        *(
            f"provider {name} is above its total capacity"
            for name in ids[(problem.total >= 0) & (total > problem.total)]
        ),
    )


def _household_faults(eligibility: Eligibility, slot: Ints) -> tuple[str, ...]:
    """Households whose members have different providers, or of whom some have none.

    Who waits for a care home or has a provider by decision does not count.
    """
    provider = pd.Series(np.append(eligibility.problem.slot_provider, -1)[slot])
    household = eligibility.people["household_id"].mask(
        who_waits(eligibility.people) | (eligibility.fixed >= 0)
    )
    held = provider.groupby(household.to_numpy()).agg(["min", "max"])
    return tuple(
        f"household {mask_if_id_number(name)} is split" for name in held.index[held["min"] < held["max"]]
    )
