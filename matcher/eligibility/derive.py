"""Everything that follows from tables and policy before anybody is assigned."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.classify import classify
from matcher.eligibility.held import held
from matcher.eligibility.pairs import (
    Groups,
    Pairs,
    eligible_pairs,
    group_residents,
    nearest_pairs,
    who_waits,
)
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.solve.problem import Problem, weight_unit
from matcher.tables import CAPACITY_COLUMNS

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Eligibility:
    """Classified people, their groups, all eligible pairs, and the optimisation in integers.

    Parameters
    ----------
    people : DataFrame
    groups : Groups
    pairs : Pairs
    problem : Problem
    switching_m : int
    household : (n_residents,)
        Household that stays together, 0, 1, …; −1 for who is free of any, and for all where the policy keeps none.
    fixed : (n_residents,)
        Slot of each person whose provider was decided on, −1 for all others. The problem knows neither these people's
        pairs nor their places.
    """

    people: pd.DataFrame
    groups: Groups
    pairs: Pairs
    problem: Problem
    switching_m: int
    household: Ints
    fixed: Ints

    @property
    def places(self) -> Ints:
        """Places of each slot, those of fixed people included."""
        return self.problem.capacity + self.fixed_places

    @property
    def fixed_places(self) -> Ints:
        """Places of each slot that fixed people have."""
        return np.bincount(self.fixed[self.fixed >= 0], minlength=len(self.problem.capacity)).astype(np.int64)

    def free(self, slot: Ints) -> Ints:
        """Slots of a plan (−1: unserved) as the problem knows them: who is fixed has none there."""
        return np.where(self.fixed >= 0, -1, slot)

    def with_fixed(self, slot: Ints) -> Ints:
        """Slots of a solved problem, and those of the people who are fixed."""
        return np.where(self.fixed >= 0, self.fixed, slot)

    @property
    def keeps_households(self) -> bool:
        """Whether the plan must keep any household together."""
        return bool((self.household >= 0).any())


def derive(
    inputs: Inputs, policy: Policy, *, people: pd.DataFrame | None = None, progress: bool = False
) -> Eligibility:
    """Classify, qualify and enumerate all eligible pairs.

    Parameters
    ----------
    inputs : Inputs
        Located.
    policy : Policy
    people : DataFrame, optional
        `classify` of the same inputs and policy, where it is at hand.
    progress : bool
    """
    if people is None:
        people = classify(inputs, policy)
    groups = group_residents(people, inputs, policy)
    pairs = nearest_pairs(eligible_pairs(groups, progress=progress), policy.max_passed_over)
    return assembled(people, groups, pairs, inputs.providers, policy)


def assembled(
    people: pd.DataFrame, groups: Groups, pairs: Pairs, providers: pd.DataFrame, policy: Policy
) -> Eligibility:
    """What follows from groups and their pairs: decisions that are kept, the problem, households.

    Parameters
    ----------
    people : DataFrame
        Classified.
    groups, pairs
        Of them; ``fixed`` of the groups are wishes.
    providers : DataFrame
        The input table.
    policy : Policy
    """
    groups = replace(groups, fixed=held(groups, pairs, providers, people))
    problem = build_problem(groups, pairs, providers, tiers=policy.tier_count, switching_m=policy.switching_m)
    provider = groups.fixed[groups.member]
    fixed = np.where(provider >= 0, problem.slot_at(provider, groups.mode[groups.member]), -1)
    free = who_waits(people) | (fixed >= 0)
    together = policy.keep_households_together
    household = household_numbers(people, free) if together else np.full(len(people), -1)
    return Eligibility(people, groups, pairs, problem, policy.switching_m, household, fixed)


def household_numbers(people: pd.DataFrame, free: Bools) -> Ints:
    """Number of each person's household in order of ``household_id``, −1 for who shares none with anybody.

    Parameters
    ----------
    people : DataFrame[household_id]
    free : (n_residents,)
        Who belongs to no household, whatever the table says: who waits for a care home keeps nobody at home waiting,
        and nobody follows who has a provider of their own.

    Returns
    -------
    (n_residents,) array
    """
    household = people["household_id"].mask(free)
    shared = household.duplicated(keep=False) & household.notna()
    return pd.factorize(household.where(shared), sort=True)[0].astype(np.int64)


def build_problem(
    groups: Groups, pairs: Pairs, providers: pd.DataFrame, *, tiers: int, switching_m: int
) -> Problem:
    """Turn groups and pairs into integers.

    Parameters
    ----------
    groups, pairs
        From `pairs`.
    providers : DataFrame
        The input table, any order.
    tiers : int
        Number of tiers T.
    switching_m : int
        Added to the cost of a pair that is not the group's current provider.
    """
    places, total = places_of(providers, groups.provider_ids)
    slot_provider, slot_mode = np.nonzero(places >= 0)
    slot_of = np.full(places.shape, -1, np.int64)
    slot_of[slot_provider, slot_mode] = np.arange(len(slot_provider))
    if (groups.fixed >= 0).any():
        pairs = pairs.kept((groups.fixed < 0)[pairs.group])
    group, cost, provider = pairs.group, pairs.cost.astype(np.int64), pairs.provider.astype(np.int64)
    if switching_m > 0:
        leaves = (groups.current[group] >= 0) & (groups.current[group] != provider)
        cost = cost + switching_m * leaves
        order = np.lexsort((provider, cost, group))
        cost, provider = cost[order], provider[order]
    taken = np.zeros(places.shape, np.int64)
    np.add.at(taken, (groups.fixed[groups.fixed >= 0], groups.mode[groups.fixed >= 0]), 1)
    return Problem(
        size=groups.size.copy(),
        tier=groups.tier.copy(),
        start=pairs.start.copy(),
        slot=slot_of[provider, groups.mode[group]],
        cost=cost,
        capacity=places[slot_provider, slot_mode] - taken[slot_provider, slot_mode],
        slot_provider=slot_provider.astype(np.int64),
        slot_mode=slot_mode.astype(np.int64),
        total=np.where(total >= 0, total - taken.sum(axis=1), total),
        tiers=tiers,
        unit=weight_unit(cost, len(slot_provider), len(total)),
    )


def places_of(providers: pd.DataFrame, provider_ids: pd.Index) -> tuple[Ints, Ints]:
    """Places of each provider by mode, and over all modes; −1 where a mode is not offered, or nothing is limited.

    Parameters
    ----------
    providers : DataFrame
        The input table, any order.
    provider_ids : Index
        The order of the answer.

    Returns
    -------
    (n_providers, n_modes), (n_providers,) arrays
    """
    ordered = providers.set_index("provider_id").reindex(provider_ids)
    places = ordered[list(CAPACITY_COLUMNS)].fillna(-1).to_numpy(np.int64)
    return places, ordered["capacity_total"].fillna(-1).to_numpy(np.int64)
