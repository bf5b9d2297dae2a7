"""Everything that follows from tables and policy before anybody is assigned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.classify import classify
from matcher.eligibility.households import household_numbers
from matcher.eligibility.pairs import Groups, Pairs, eligible_pairs, group_residents, who_waits
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.solve.problem import Problem, build_problem

Ints = npt.NDArray[np.int64]


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
    """

    people: pd.DataFrame
    groups: Groups
    pairs: Pairs
    problem: Problem
    switching_m: int
    household: Ints

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
    pairs = eligible_pairs(groups, progress=progress)
    problem = build_problem(
        groups, pairs, inputs.providers, tiers=policy.tier_count, switching_m=policy.switching_m
    )
    together = policy.keep_households_together
    household = household_numbers(people, who_waits(people)) if together else np.full(len(people), -1)
    return Eligibility(people, groups, pairs, problem, policy.switching_m, household)
