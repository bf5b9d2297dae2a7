"""What no choice of sites can exceed, told by the prices of one choice.

Let every person have a surplus u, whatever it be, and let every open provider then take whom it likes, as many as it
has places for, and earn what these people are worth beyond u. No choice of sites can reach more than all surpluses
and the earnings of its open providers: this relaxes "everybody has one seat" (Geoffrion 1974; for capacitated
location Cornuéjols, Sridharan and Thizy 1991). With the surpluses that a choice's own optimal prices leave, the bound
is exact for this choice. It is linear in the sites, so each choice that is tried cuts off all that cannot be better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher.scenario.siting.choice import Choice, Openable, room_of_providers
from matcher.solve.edges import FAR
from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """A figure is at most ``constant + site·open + place·places`` for any choice.

    Parameters
    ----------
    constant : int
    site, place : (n_sites,)
    unit : int
        For the travel only: the figure with a minus, plus so much for each person served of the first tier, of the
        first two, … of all, is what the cut limits.
    """

    constant: int
    site: Ints
    place: Ints
    unit: int = 0

    def limit(self, choice: Choice, served: Sequence[int] = ()) -> int:
        """What the figure cannot exceed under a choice, where it serves so many of the first tiers."""
        open_sites = int(self.site[choice.open].sum()) + int(self.place @ choice.places)
        return self.constant - self.unit * sum(served) + open_sites

    def given(self, served: Sequence[int]) -> Cut:
        """The same cut for choices that serve so many of the first tiers."""
        return replace(self, constant=self.constant - self.unit * sum(served), unit=0)


def cuts_of(
    problem: Problem, part: Problem, price: Ints, sites: Openable, choice: Choice, share: float = 1.0
) -> tuple[Cut, ...]:
    """Cuts for all figures of merit from the prices of one choice.

    Parameters
    ----------
    problem : Problem
        With the arcs of all sites.
    part : Problem
        With the arcs of the open ones.
    price : (n_slots,)
        Least prices of the part.
    sites : Openable
    choice : Choice
    share : float
        Share of a closed site's places for which the cut is drawn tightest.

    Returns
    -------
    tuple of Cut
        For the people served of the first tier, of the first two, … of all tiers, and for travel with a minus, plus
        bonus.
    """
    room = room_of_providers(problem, sites, sites.everything())
    wanted = np.where(choice.open, choice.places, np.ceil(sites.places * share).astype(np.int64))
    level = np.rint(price / problem.unit).astype(np.int64)
    cheapest_level = _least(part, level[part.slot])
    cuts = []
    for tier in range(1, problem.tiers + 1):
        # A slot whose price is at least this many units is scarce for the tiers up to here.
        scarce = problem.tiers - tier + 1
        counts = (problem.tier <= tier).astype(np.int64)
        surplus = counts * (cheapest_level < scarce)
        gain = (counts - surplus)[problem.group]
        cuts.append(_cut(problem, sites, gain, surplus, wanted, room))
    unit = _small_unit(part, price)
    price = price + level * (unit - problem.unit)
    weight = (problem.tiers - problem.tier + 1) * unit
    surplus = np.maximum(0, weight - _least(part, part.cost + price[part.slot]))
    gain = (weight - surplus)[problem.group] - problem.cost
    worth = _cut(problem, sites, gain, surplus, wanted, room)
    return (*cuts, Cut(worth.constant, worth.site + sites.bonus, worth.place, unit))


def _small_unit(part: Problem, price: Ints) -> int:
    """The least unit of the tier weights under which the prices prove their plan as well.

    The cuts for travel hold under any unit, but the smaller it is, the less a fraction of a person can distort them.
    """
    value = part.cost + price[part.slot]
    weight = part.unserved_cost
    paid = np.minimum(_least(part, value), weight)
    dearer = np.concatenate((value - np.repeat(paid, np.diff(part.start)), weight - paid, price))
    units = np.rint(dearer / part.unit).astype(np.int64)
    return 1 + int((units * part.unit - dearer)[units > 0].max(initial=0))


def _least(part: Problem, value: Ints) -> Ints:
    """Least value among the arcs of each group, `FAR` where it has none."""
    least = np.full(len(part.size), FAR)
    some = np.flatnonzero(np.diff(part.start))
    if len(some):
        least[some] = np.minimum.reduceat(value, part.start[some])
    return least


def _cut(problem: Problem, sites: Openable, gain: Ints, surplus: Ints, wanted: Ints, room: Ints) -> Cut:
    """The cut that is exact where the sites have the places `wanted`."""
    limit = room.copy()
    limit[sites.provider] = wanted
    earned, last = _earnings(problem, gain, limit)
    constant = int(surplus @ problem.size) + int(earned.sum() - earned[sites.provider].sum())
    # Earnings are concave in the places: the straight line along the last place taken is above them everywhere.
    slope = np.where(wanted < sites.places, last[sites.provider], 0)
    return Cut(constant, (earned[sites.provider] - slope * wanted).astype(np.int64), slope.astype(np.int64))


def _earnings(problem: Problem, gain: Ints, limit: Ints) -> tuple[Ints, Ints]:
    """Most that each provider earns within its places, and what its last place earns (0 where one stays empty).

    The sets of people within the places of each mode and of the provider form a laminar matroid: taking the best first
    is optimal.
    """
    arc = np.flatnonzero(gain > 0)
    slot, size = problem.slot[arc], problem.size[problem.group[arc]]
    order, taken = _best_first(slot, gain[arc], size, problem.capacity)
    arc, provider = arc[order], problem.slot_provider[slot[order]]
    order, taken = _best_first(provider, gain[arc], taken, limit)
    arc, provider = arc[order], provider[order]
    earned = np.zeros(len(limit), np.int64)
    np.add.at(earned, provider, gain[arc] * taken)
    people = np.bincount(provider, taken, len(limit)).astype(np.int64)
    last = np.full(len(limit), FAR)
    np.minimum.at(last, provider[taken > 0], gain[arc][taken > 0])
    # Without any place the line is that of the first one: it is above all that follow.
    first = np.zeros(len(limit), np.int64)
    np.maximum.at(first, problem.slot_provider[problem.slot], gain)
    return earned, np.where(limit == 0, first, np.where(people == limit, last, 0))


def _best_first(key: Ints, gain: Ints, size: Ints, room: Ints) -> tuple[Ints, Ints]:
    """Order by key and falling gain, and how many of each are taken until a key's room (−1: endless) is full."""
    order = np.lexsort((-gain, key))
    key, size = key[order], size[order]
    before = np.cumsum(size) - size
    first = np.searchsorted(key, key)
    ahead = before - before[first] if len(key) else before
    left = np.where(room[key] < 0, FAR, room[key]) - ahead
    return order, np.clip(left, 0, size)
