"""One provider for each site: most people by tier, then least cost, then least providers in the order of sites.

Whole sites go to one provider or to none, so no prices prove the answer. What cannot matter is taken away first: a
provider that could take every site that may go there binds nobody, and a site needs nothing worse than the best of
those. What is left falls into parts that share no scarce provider; each is an integer program, level by level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.progress import Deadline, track
from matcher.solve.single_fillings import sharpened
from matcher.solve.single_model import Part, Reached
from matcher.solve.single_part import Figures, solve_part
from matcher.solve.single_prices import priced

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

TIME_LIMIT_S = 60.0
#: Of the time limit, what is kept for bounds of all parts together.
PRICES_SHARE = 0.25


@dataclass(frozen=True)
class SingleSource:
    """Which site may go where, in integers.

    Parameters
    ----------
    site, slot : (n_pairs,)
        By site; within a site in the order in which ties are broken.
    taken : (n_pairs, tiers)
        Persons of each tier that the provider would take of the site; at least one.
    cost : (n_pairs,)
        Of all of them together.
    capacity : (n_slots,)
        Places for persons; never negative.
    owner : (n_slots,)
        Provider of each slot.
    total : (n_providers,)
        Places of a provider over its slots, −1 where unlimited.
    sites : int
    """

    site: Ints
    slot: Ints
    taken: Ints
    cost: Ints
    capacity: Ints
    owner: Ints
    total: Ints
    sites: int

    @property
    def persons(self) -> Ints:
        """Persons of each pair."""
        return np.asarray(self.taken.sum(axis=1), np.int64)

    def only(self, kept: Bools) -> SingleSource:
        """The same with some of the pairs."""
        part = {name: getattr(self, name)[kept] for name in ("site", "slot", "taken", "cost")}
        return replace(self, **part)

    def figures(self, pair: Ints) -> tuple[int, ...]:
        """Persons by tier, then the cost, of some pairs."""
        return (*self.taken[pair].sum(axis=0).tolist(), int(self.cost[pair].sum()))


@dataclass(frozen=True)
class SingleChoice:
    """What was found.

    Parameters
    ----------
    pair : (n_sites,)
        Pair of each site, −1 for none.
    bounds : tuple of int or None
        Most persons of each tier, then least cost, of any choice that is not below this one in the figures before;
        None where nothing is known.
    least : bool
        Whether among all equally good choices this one is proven to name the least providers in the order of sites.
    """

    pair: Ints
    bounds: Figures
    least: bool


def solve_single_source(
    problem: SingleSource, time_limit_s: float = TIME_LIMIT_S, *, progress: bool = False
) -> SingleChoice:
    """Choose at most one pair for each site, within all places.

    Parameters
    ----------
    problem : SingleSource
    time_limit_s : float
        Wall seconds over all parts.
    progress : bool
        Show a bar on a terminal.
    """
    deadline = Deadline(time_limit_s * (1 - PRICES_SHARE))
    kept = worth_asking(problem)
    asked = np.flatnonzero(kept)
    small = problem.only(kept)
    choice = np.full(problem.sites, -1, np.int64)
    bounds: Figures = (0,) * (problem.taken.shape[1] + 1)
    least = True
    parts = _parts(small)
    # Twice the pairs need less than twice the time: a part of few sites may be as hard as one of many.
    size = [len(part.site) ** 0.25 for part in parts]
    for number, part in enumerate(track(parts, progress, "progress.agreements")):
        share = size[number] / sum(size[number:])
        found = solve_part(part, deadline.left() * share)
        taken = found.pair[found.pair >= 0]
        choice[small.site[part.number[taken]]] = asked[part.number[taken]]
        bounds = added((bounds, found.bounds))
        least = least and found.least
    pairs = choice[choice >= 0]
    if None in bounds and len(parts):
        bounds = _priced(small, problem.figures(pairs), bounds, deadline.left() + time_limit_s * PRICES_SHARE)
    return SingleChoice(choice, bounds, least)


def _priced(problem: SingleSource, figures: Sequence[int], bounds: Figures, seconds: float) -> Figures:
    """Bounds where those of the parts do not add up, by prices for all parts together.

    What one part could do better another may pay for, so a figure that follows one that is not proven is bounded for
    everybody at once.
    """
    deadline = Deadline(seconds)
    slots, totals = _binding_slots(problem), _binding_totals(problem)
    whole = _part(problem, np.arange(len(problem.site)), slots, totals)
    levels = whole.levels()
    signed = [*figures[:-1], -figures[-1]]
    told = list(bounds)
    reached: list[Reached] = []
    before: list[Floats] = []
    for number, (level, here) in enumerate(zip(levels, signed, strict=True)):
        to_come = len(levels) - number
        prices = priced(whole, level, reached, deadline.left() / to_come)
        prices = sharpened(whole, level, reached, prices, before, here, deadline.left() / to_come)
        if told[number] is None and prices.found:
            told[number] = -prices.most if number == len(levels) - 1 else prices.most
        reached.append((level, here))
        before.append(prices.price)
    return tuple(told)


def added(every: Sequence[Figures]) -> Figures:
    """Bounds of parts that share nothing, together: proven as far as each of them is."""
    known = True
    sums: list[int | None] = []
    for column in zip(*every, strict=True):
        known = known and None not in column
        sums.append(sum(one or 0 for one in column) if known else None)
    return tuple(sums)


def worth_asking(problem: SingleSource) -> Bools:
    """Pairs that the best choice may need.

    A pair goes that has no room even alone; and one to which its site always prefers a pair that is at least as good in
    every figure and takes no place that anybody else could miss.
    """
    persons = problem.persons
    kept = persons <= room(problem)
    while True:
        some = np.flatnonzero(kept)
        if not len(some):
            return kept
        part = problem.only(kept)
        safe = ~(_binding_slots(part)[part.slot] | _binding_totals(part)[part.owner[part.slot]])
        better = _beaten(part, safe)
        if not better.any():
            return kept
        kept[some[better]] = False


def room(problem: SingleSource) -> Ints:
    """Persons for whom each pair has room when nobody else comes."""
    total = problem.total[problem.owner[problem.slot]]
    room = problem.capacity[problem.slot]
    return np.asarray(np.where(total >= 0, np.minimum(room, total), room), np.int64)


def _binding_slots(problem: SingleSource) -> Bools:
    """Slots that cannot take all who may come."""
    coming = np.bincount(problem.slot, problem.persons, len(problem.capacity))
    return np.asarray(coming > problem.capacity)


def _binding_totals(problem: SingleSource) -> Bools:
    """Providers whose total cannot take all who may come."""
    coming = np.bincount(problem.owner[problem.slot], problem.persons, len(problem.total))
    return np.asarray((problem.total >= 0) & (coming > problem.total))


def _beaten(problem: SingleSource, safe: Bools) -> Bools:
    """Pairs that are never needed beside the best safe pair of their site."""
    order = np.lexsort((np.arange(len(safe)), problem.cost, *(-problem.taken.T[::-1]), problem.site))
    order = order[safe[order]]
    first = np.full(problem.sites, -1, np.int64)
    # Written from behind, so that the first in the order stays.
    first[problem.site[order[::-1]]] = order[::-1]
    best = first[problem.site]
    here = problem.taken[best]
    never_less = (here >= problem.taken).all(axis=1)
    more = (here > problem.taken).any(axis=1)
    number = np.arange(len(safe))
    cheaper = problem.cost[best] < problem.cost
    same = (problem.cost[best] == problem.cost) & (best < number)
    return np.asarray((best >= 0) & (best != number) & never_less & (more | cheaper | same))


def _parts(problem: SingleSource) -> list[Part]:
    """Sites that share no scarce provider stand apart; the smallest parts first."""
    if not len(problem.site):
        return []
    slots, totals = _binding_slots(problem), _binding_totals(problem)
    owner = problem.owner[problem.slot]
    tied = [
        (problem.site[slots[problem.slot]], problem.sites + problem.slot[slots[problem.slot]]),
        (problem.site[totals[owner]], problem.sites + len(slots) + owner[totals[owner]]),
    ]
    rows, columns = (np.concatenate(ends) for ends in zip(*tied, strict=True))
    nodes = problem.sites + len(slots) + len(totals)
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(nodes, nodes))
    label = connected_components(graph, directed=False)[1][problem.site]
    order = np.argsort(label, kind="stable")
    runs = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    return [_part(problem, run, slots, totals) for run in sorted(runs, key=lambda run: (len(run), run[0]))]


def _part(problem: SingleSource, number: Ints, slots: Bools, totals: Bools) -> Part:
    """A part with the constraints that may bind in it."""
    slot, persons = problem.slot[number], problem.persons[number]
    owner = problem.owner[slot]
    rows = [(slot == one, int(problem.capacity[one])) for one in np.unique(slot[slots[slot]])]
    rows += [(owner == one, int(problem.total[one])) for one in np.unique(owner[totals[owner]])]
    return Part(
        number=number,
        site=np.unique(problem.site[number], return_inverse=True)[1].astype(np.int64),
        taken=problem.taken[number],
        cost=problem.cost[number],
        rows=tuple((np.flatnonzero(member), persons[member], most) for member, most in rows),
    )
