"""Without capacities: branch on sites, bound by prices, and let HiGHS finish what has become small.

Each part of the search keeps its own prices, a few steps from those of the part it came from; what its regrets rule
out against the best plan is dropped. Parts with the lowest floor come first, so the bound is that of the next one.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from matcher.location_models.incumbent import Incumbent
from matcher.location_models.interchange import interchange
from matcher.location_models.prices import (
    SCALE,
    Pace,
    PricedSites,
    Relaxed,
    climb,
    first_prices,
    pair_regrets,
    weigh,
)
from matcher.location_models.program import Core, solve_core

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: Share of the time for the first prices and swaps.
BEGINNING = 0.3
#: A part where customers' costs take at most so many steps up, from the least to the next and so on, goes to HiGHS.
SMALL = 1500
#: So does the first part, of which there is only one, with at most so many steps for each customer.
FIRST = 5
#: Steps of the prices in each part.
STEPS, PATIENCE = 80, 8


@dataclass(frozen=True, order=True)
class Part:
    """Plans that use some sites only, and some of them in any case.

    Parameters
    ----------
    floor : int
        None of them costs less, in `SCALE`-ths.
    turn : int
        Equal floors come in the order they were made.
    kept : (n_kept,)
        Sites that may open.
    problem : Relaxed
        Over these.
    priced : PricedSites
    """

    floor: int
    turn: int
    kept: Ints = field(compare=False)
    problem: Relaxed = field(compare=False)
    priced: PricedSites = field(compare=False)


def branch(incumbent: Incumbent, begun: float, limit_s: float) -> None:
    """Improve the best plan so far until it is proven or the time is up.

    Parameters
    ----------
    incumbent : Incumbent
        Of a location without capacities.
    begun : float
        By ``time.monotonic``.
    limit_s : float
    """
    location = incumbent.location
    problem, priced = first_prices(location, begun + BEGINNING * limit_s)
    sites = interchange(problem.cost, problem.fixed, priced.chosen, begun + 2 * BEGINNING * limit_s)
    incumbent.offer(sites)
    search = _Search(incumbent, begun + limit_s)
    search.add(np.arange(len(problem.cost)), problem, priced, priced.floor)
    search.run()


class _Search:
    """Parts that may hold a better plan."""

    def __init__(self, incumbent: Incumbent, deadline: float) -> None:
        self.incumbent, self.deadline = incumbent, deadline
        self.parts: list[Part] = []
        self.turn = 0
        #: Of parts that HiGHS did not finish.
        self.unfinished: list[Fraction] = []

    def run(self) -> None:
        """Split the part with the lowest floor, until none may hold a better plan."""
        while (
            self.parts and self.parts[0].floor <= self.incumbent.enough and time.monotonic() < self.deadline
        ):
            part = heapq.heappop(self.parts)
            if not self._finish(part):
                self._split(part)
        open_floors = [Fraction(part.floor, SCALE) for part in self.parts[:1]] + self.unfinished
        assert self.incumbent.plan is not None
        self.incumbent.lift(min([self.incumbent.plan.cost, *open_floors]))

    def add(self, kept: Ints, problem: Relaxed, priced: PricedSites, floor: int) -> None:
        """Keep what may be better than the best plan: the sites that regrets do not rule out."""
        self.incumbent.offer(kept[priced.chosen])
        slack = self.incumbent.enough - priced.floor
        always = priced.closed > slack
        keep = always | (priced.opened <= slack)
        if always.sum() == problem.most:
            keep = always
        if slack < 0 or keep.sum() < problem.least or always.sum() > problem.most:
            return
        if always.sum() == keep.sum() or keep.sum() == problem.least:
            self.incumbent.offer(kept[keep])
            return
        self.turn += 1
        thinner = problem.kept(keep, always)
        priced = weigh(thinner, priced.price, priced.often[keep])
        heapq.heappush(self.parts, Part(max(floor, priced.floor), self.turn, kept[keep], thinner, priced))

    def _finish(self, part: Part) -> bool:
        """Let HiGHS solve a small part."""
        slack = self.incumbent.enough - part.priced.floor
        pairs = pair_regrets(part.problem, part.priced) <= slack
        most = max(SMALL, FIRST * len(pairs)) if part.turn == 1 else SMALL
        if _steps(self.incumbent.location.cost[:, part.kept], pairs) > most:
            return False
        core = Core(part.kept, part.problem.always, pairs, pairs)
        found = solve_core(self.incumbent.location, core, max(0.0, self.deadline - time.monotonic()))
        if found.sites is not None:
            self.incumbent.offer(found.sites)
        if not found.infeasible:
            floor = Fraction(part.floor, SCALE)
            self.unfinished.append(
                floor if found.bound is None else max(floor, self.incumbent.meant(found.bound))
            )
        return True

    def _split(self, part: Part) -> None:
        """With and without the site that was chosen most often."""
        free = np.flatnonzero(~part.problem.always)
        site = free[part.priced.often[free].argmax()]
        here = np.arange(len(part.kept)) == site
        for keep, always in (
            (np.ones_like(here), part.problem.always | here),
            (~here, part.problem.always),
        ):
            problem = part.problem.kept(keep, always)
            if len(problem.cost) >= problem.least:
                priced = climb(problem, part.priced.price, self._pace(part.floor))
                self.add(part.kept[keep], problem, priced, part.floor)

    def _pace(self, floor: int) -> Pace:
        enough = self.incumbent.enough
        length = max((enough + SCALE - floor) / 2, SCALE)
        return Pace(length, SCALE / 4, STEPS, PATIENCE, enough, self.deadline)


def _steps(cost: Ints, pairs: Bools) -> int:
    """How many steps there are between distinct costs of a customer's pairs, over all customers."""
    levels = np.sort(np.where(pairs, cost, -1), axis=1)
    return int(((np.diff(levels, axis=1) > 0) & (levels[:, :-1] >= 0)).sum())
