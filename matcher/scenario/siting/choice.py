"""What may be chosen: sites, the rules that a choice keeps, and one choice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Openable:
    """Providers of a problem that may be open or not; all others are open whatever is chosen.

    Parameters
    ----------
    provider : (n_sites,)
        Number of each site's provider in the problem.
    places : (n_sites,)
        Most persons that a site can hold over all modes.
    bonus : (n_sites,)
        What an open site counts beside the travel it saves, in the unit of the costs.
    """

    provider: Ints
    places: Ints
    bonus: Ints

    def everything(self) -> Choice:
        """All sites with all their places."""
        return Choice(np.ones(len(self.provider), bool), self.places)


@dataclass(frozen=True)
class Rules:
    """Which choices are allowed.

    Parameters
    ----------
    required, forbidden : (n_sites,) bool
        Sites that are open, or closed, in any choice.
    most : int or None
        Most open sites.
    least : int
        Fewest open sites.
    budget : int or None
        Most money; without it the places of an open site are all built.
    fixed, per_place : (n_sites,)
        Money for a site, and for each of its places, in the unit of `budget`.
    """

    required: Bools
    forbidden: Bools
    most: int | None = None
    least: int = 0
    budget: int | None = None
    fixed: Ints | None = None
    per_place: Ints | None = None

    def money(self, choice: Choice) -> int:
        """What a choice costs; 0 without a budget."""
        if self.budget is None or self.fixed is None or self.per_place is None:
            return 0
        return int(self.fixed[choice.open].sum() + self.per_place @ choice.places)

    def allow(self, choice: Choice) -> bool:
        """Whether a choice keeps the rules."""
        number = int(choice.open.sum())
        return (
            not (self.required & ~choice.open).any()
            and not (self.forbidden & choice.open).any()
            and self.least <= number
            and (self.most is None or number <= self.most)
            and (self.budget is None or self.money(choice) <= self.budget)
        )


@dataclass(frozen=True)
class Choice:
    """Sites that are open, and the places of each; closed sites have none.

    Parameters
    ----------
    open : (n_sites,) bool
    places : (n_sites,)
    """

    open: Bools
    places: Ints

    def __post_init__(self) -> None:
        object.__setattr__(self, "places", np.where(self.open, self.places, 0).astype(np.int64))

    @property
    def key(self) -> bytes:
        """The same for equal choices."""
        return self.open.tobytes() + self.places.tobytes()

    def with_site(self, site: int, places: int) -> Choice:
        """A choice with one site more."""
        opened, held = self.open.copy(), self.places.copy()
        opened[site], held[site] = True, places
        return replace(self, open=opened, places=held)

    def without(self, site: int) -> Choice:
        """A choice with one site less."""
        opened = self.open.copy()
        opened[site] = False
        return replace(self, open=opened)


def most_places(problem: Problem) -> Ints:
    """Most persons that each provider can hold over all modes."""
    offered = np.bincount(problem.slot_provider, problem.capacity, len(problem.total)).astype(np.int64)
    return np.where(problem.total >= 0, np.minimum(problem.total, offered), offered)


def arcs_of_open(problem: Problem, sites: Openable, choice: Choice) -> Ints:
    """Arcs of a problem that lead to providers open under a choice."""
    shut = np.zeros(len(problem.total), bool)
    shut[sites.provider[~choice.open]] = True
    return np.flatnonzero(~shut[problem.slot_provider[problem.slot]])


def room_of_providers(problem: Problem, sites: Openable, choice: Choice) -> Ints:
    """Places of each provider over all modes under a choice, −1 where only its modes limit it."""
    total = problem.total.copy()
    offered = np.bincount(problem.slot_provider, problem.capacity, len(total)).astype(np.int64)
    binding = choice.places < offered[sites.provider]
    total[sites.provider] = np.where(binding, choice.places, -1)
    return total
