"""Everything that follows from tables and policy before anybody is assigned."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from matcher.candidates import Groups, Pairs, eligible_pairs, group_residents
from matcher.classify import classify
from matcher.inputs import Inputs
from matcher.policy import Policy
from matcher.problem import Problem, build_problem


@dataclass(frozen=True)
class Eligibility:
    """Classified people, their groups, all eligible pairs, and the optimisation in integers."""

    people: pd.DataFrame
    groups: Groups
    pairs: Pairs
    problem: Problem
    switching_m: int


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
    return Eligibility(people, groups, pairs, problem, policy.switching_m)
