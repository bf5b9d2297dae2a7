"""Choices of sites tried so far: what each reaches, exactly, and the cuts that it leaves for all others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matcher.errors import BadInput, SolverError
from matcher.scenario.siting.choice import Choice, Openable, arcs_of_open, room_of_providers
from matcher.scenario.siting.cuts import Cut, cuts_of
from matcher.solve.alike import merge_alike
from matcher.solve.flow import solve_flow
from matcher.solve.prices import proven_prices, served_and_cost
from matcher.solve.problem import Problem, part_of, people_by_provider, people_by_slot

if TYPE_CHECKING:
    from matcher.plan.plan import Plan
    from matcher.policy.documents import Policy

Ints = npt.NDArray[np.int64]

#: Shares of a closed site's places for which a cut is drawn, where places cost money.
SHARES = (1.0, 0.5, 0.2)


@dataclass(frozen=True)
class Reached:
    """What a choice reaches.

    Parameters
    ----------
    figures : tuple of int
        People served of the first tier, of the first two, … of all; then travel with a minus, plus bonus. Choices
        compare by the first figure that differs.
    cost : int
        Travel of the served.
    used : (n_sites,)
        People at each site.
    """

    figures: tuple[int, ...]
    cost: int
    used: Ints = field(compare=False)

    @property
    def served(self) -> int:
        """People of all tiers."""
        return self.figures[-2]

    def must_equal(self, plan: Plan) -> None:
        """See that a plan matched from the tables is what the search promised.

        Raises
        ------
        SolverError
        """
        told = (*plan.outcome.served_by_tier.values(), plan.outcome.total_cost_m)
        if told != (*self.by_tier(), self.cost):
            raise SolverError("the plan with the chosen sites is not what the search promised")

    def by_tier(self) -> tuple[int, ...]:
        """People served of each tier."""
        return tuple(np.diff(self.figures[:-1], prepend=0).tolist())


class Board:
    """A problem with sites, what was tried on it, and the cuts for each figure.

    Parameters
    ----------
    problem : Problem
        With the arcs of all sites.
    sites : Openable
    priced_places : bool
        Whether choices differ in places, not only in sites.
    """

    def __init__(self, problem: Problem, sites: Openable, *, priced_places: bool = False) -> None:
        self.problem, _ = merge_alike(problem)
        self.sites = sites
        self.cuts: list[list[Cut]] = [[] for _ in range(problem.tiers + 1)]
        self._shares = SHARES if priced_places else SHARES[:1]
        self._tried: dict[bytes, Reached] = {}

    @property
    def tried(self) -> int:
        """Choices tried."""
        return len(self._tried)

    def knows(self, choice: Choice) -> bool:
        """Whether a choice was tried."""
        return choice.key in self._tried

    def reach(self, choice: Choice) -> Reached:
        """What a choice reaches, solved exactly and proven by prices; remembered.

        Raises
        ------
        SolverError
            As `solve_flow`, or when the bound of a choice contradicts what it reaches.
        """
        if choice.key not in self._tried:
            self._tried[choice.key] = self._solve(choice)
        return self._tried[choice.key]

    def _solve(self, choice: Choice) -> Reached:
        problem = self.problem
        arc = arcs_of_open(problem, self.sites, choice)
        degree = np.bincount(problem.group[arc], minlength=len(problem.size))
        part = part_of(problem, arc, degree, total=room_of_providers(problem, self.sites, choice))
        seats = solve_flow(part).seats
        prices = proven_prices(part, seats)
        served, cost = served_and_cost(part, seats)
        counted = np.cumsum(served).tolist()
        figures = (*counted, int(self.sites.bonus[choice.open].sum()) - cost)
        for share in self._shares:
            cuts = cuts_of(problem, part, prices.slot, self.sites, choice, share)
            for known, cut, figure in zip(self.cuts, cuts, figures, strict=True):
                if cut.limit(choice, counted) < figure:
                    raise SolverError("a choice of sites reaches more than its bound")
                known.append(cut)
        people = people_by_provider(problem, people_by_slot(problem, seats))
        return Reached(figures, cost, people[self.sites.provider])


def refuse_unsuited(policy: Policy) -> None:
    """Sites are chosen for single persons, who may go to a provider whatever else is open.

    Raises
    ------
    BadInput
        When the policy keeps households together, or says how many providers a person may be sent past: a site that
        opens would then take others out of reach.
    """
    if policy.keep_households_together:
        raise BadInput("siting_households", policy=policy.id)
    if policy.max_passed_over is not None:
        raise BadInput("siting_passed_over", policy=policy.id)


def assigned_at(plan: Plan, provider_ids: Iterable[str]) -> Ints:
    """Persons that a plan gives to each of these providers, over all their modes."""
    assigned = plan.loads.groupby("provider_id")["assigned"].sum()
    return assigned.reindex(list(provider_ids), fill_value=0).to_numpy(np.int64)
