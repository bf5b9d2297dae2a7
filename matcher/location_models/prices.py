"""Prices of the customers: a bound below every plan, and what each site and pair would cost beyond it.

Each customer pays a price for being served; sites then choose apart (`matcher.location_models.sites`). The sum of all
prices and of the chosen sites' worth is below the cost of every plan (Lagrangian duality), and a plan that uses a
site or pair which the sites would not choose is dearer by that one's *regret*. Whole numbers: the bound is exact.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.location_models.location import Location
from matcher.location_models.sites import NEVER, Boundless, Shared, SiteSums, Whole

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Prices and bounds are whole numbers of this part of a unit of cost.
SCALE = 2**8
#: Share of the last direction in the next: short cuts through the zigzag of subgradients.
MOMENTUM = 0.7
#: Share by which the memory of which sites were chosen fades at each step.
FADING = 0.05


@dataclass(frozen=True)
class Relaxed:
    """A location problem whose customers pay prices, over some of its sites.

    Parameters
    ----------
    cost : (n_sites, n_customers)
        In `SCALE`-ths, as all here.
    fixed : (n_sites,)
    always : (n_sites,)
        Sites that open in any case.
    least, most : int
    sites : SiteSums
    """

    cost: Ints
    fixed: Ints
    always: Bools
    least: int
    most: int
    sites: SiteSums

    def kept(self, keep: Bools, always: Bools) -> Relaxed:
        """The same over fewer sites, without capacities."""
        return replace(self, cost=self.cost[keep], fixed=self.fixed[keep], always=always[keep])

    def at(self, price: Ints) -> Offer:
        """What the sites choose at these prices."""
        charge = self.sites.worth(self.cost - price) + self.fixed
        key = np.where(self.always, -NEVER, charge)
        order = np.argsort(key, kind="stable")
        count = min(max(self.least, int((key < 0).sum())), self.most)
        floor = int(price.sum()) + int(charge[order[:count]].sum())
        return Offer(floor, charge, order[:count], order[count:])


@dataclass(frozen=True)
class Offer:
    """Answer of `Relaxed.at`: no plan costs less than `floor`; sites by `charge`, cheapest first."""

    floor: int
    charge: Ints
    chosen: Ints
    rest: Ints


@dataclass(frozen=True)
class Pace:
    """How long to climb.

    Parameters
    ----------
    length : float
        What the first step aims to gain.
    last : float
        Steps aiming at less are not made.
    steps, patience : int
        At most so many; and so many without gain halve the length.
    enough : int
        A higher floor is not needed.
    deadline : float
        By ``time.monotonic``.
    """

    length: float
    last: float
    steps: int = 2000
    patience: int = 20
    enough: int = NEVER
    deadline: float = float("inf")


@dataclass(frozen=True)
class PricedSites:
    """A bound with regrets.

    Parameters
    ----------
    floor : int
        No plan costs less.
    price : (n_customers,)
    chosen : (n_chosen,)
        The sites that would open at these prices.
    often : (n_sites,)
        How often each was chosen lately, from 0 to 1.
    opened, closed : (n_sites,)
        A plan that opens, or does not open, the site costs at least ``floor`` plus this.
    """

    floor: int
    price: Ints
    chosen: Ints
    often: Floats
    opened: Ints
    closed: Ints


def relaxed(location: Location, sites: SiteSums) -> Relaxed:
    """The problem over all its sites."""
    cost = np.ascontiguousarray(location.cost.T) * SCALE
    always = np.zeros(len(cost), np.bool_)
    return Relaxed(cost, location.fixed * SCALE, always, location.least, location.most, sites)


def first_prices(location: Location, deadline: float) -> tuple[Relaxed, PricedSites]:
    """Good prices from nothing; by knapsacks at last where demand is not split and they are small enough.

    Parameters
    ----------
    location : Location
    deadline : float
        By ``time.monotonic``; at least one step is made.
    """
    demand, capacity = location.demand, location.capacity
    problem = relaxed(location, Boundless() if capacity is None else Shared(demand, capacity))
    second = min(1, len(problem.cost) - 1)
    price: Ints = np.partition(problem.cost, second, axis=0)[second]
    floor = abs(problem.at(price).floor)
    last = floor / 10**6 + SCALE / 50
    priced = climb(problem, price, Pace(floor / 10 + SCALE, last, deadline=deadline))
    if capacity is not None and not location.split and Whole.fits(demand, capacity):
        problem = replace(problem, sites=Whole(demand, capacity))
        priced = climb(problem, priced.price, Pace(floor / 100 + SCALE, last, deadline=deadline))
    return problem, priced


def climb(problem: Relaxed, price: Ints, pace: Pace) -> PricedSites:
    """Raise the floor by subgradient steps: dearer for whom nobody serves, cheaper for whom several do."""
    at: Floats = price.astype(np.float64)
    best, highest, stalled, length = price, -NEVER, 0, pace.length
    step: Floats = np.zeros(len(price))
    often: Floats = np.zeros(len(problem.cost))
    for _ in range(pace.steps):
        price = np.rint(at).astype(np.int64)
        offer = problem.at(price)
        often *= 1 - FADING
        often[offer.chosen] += FADING
        stalled = 0 if offer.floor - highest > length / 1000 else stalled + 1
        if offer.floor > highest:
            best, highest = price, offer.floor
        missing = 1.0 - problem.sites.served(offer.chosen)
        if not missing.any() or highest > pace.enough:
            break
        if stalled >= pace.patience:
            length, stalled, at, step = length / 2, 0, best.astype(np.float64), np.zeros(len(price))
        if length < pace.last or time.monotonic() > pace.deadline:
            break
        step = missing + MOMENTUM * step
        size = float(step @ step)
        at = at + (length / size if size else 0.0) * step
    return weigh(problem, best, often)


def weigh(problem: Relaxed, price: Ints, often: Floats) -> PricedSites:
    """Regrets: one site more, or in place of the worst; one less, or the next one in its place."""
    offer = problem.at(price)
    charge, chosen, rest = offer.charge, offer.chosen, offer.rest
    opened, closed = np.zeros_like(charge), np.zeros_like(charge)
    if problem.always[chosen[-1]]:
        opened[rest] = NEVER if len(chosen) == problem.most else charge[rest]
    else:
        worst = int(charge[chosen[-1]])
        opened[rest] = charge[rest] - (worst if len(chosen) == problem.most else max(worst, 0))
    if len(chosen) > problem.least:
        closed[chosen] = (min(int(charge[rest[0]]), 0) if len(rest) else 0) - charge[chosen]
    else:
        closed[chosen] = int(charge[rest[0]]) - charge[chosen] if len(rest) else NEVER
    closed[problem.always] = NEVER
    return PricedSites(offer.floor, price, chosen, often, opened, closed)


def pair_regrets(problem: Relaxed, priced: PricedSites) -> Ints:
    """By how much a plan is above the floor that serves a customer *wholly* from a site, (n_customers, n_sites)."""
    problem.at(priced.price)
    regrets: Ints = np.minimum(problem.sites.regret() + priced.opened[:, None], NEVER)
    return regrets.T
