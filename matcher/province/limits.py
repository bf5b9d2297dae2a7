"""How far a plan can be from the optimum, by any prices: what no plan of the province can do better. Knows no solver.

Whatever the prices, nobody does better than their best place under them, and no slot earns more than its places times
its price (weak duality). Every round has prices; so a run may end after any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.province.block import Block
from matcher.province.machines import Machines
from matcher.solve.problem import Problem
from matcher.solve.view import view

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Wants:
    """What the people of a county would take under prices.

    Parameters
    ----------
    persons : (tiers + 1, tiers + 1)
        Of each tier, by the least digit (see `digits`) among the places that they may have; who may have none is in
        no cell.
    least : int
        Σ of each person's least cost + price, being unserved included.
    """

    persons: Ints
    least: int


@dataclass(frozen=True)
class Limits:
    """What no plan can do better.

    Parameters
    ----------
    served : (tiers,)
        Most persons of each tier and those before it together.
    weighted : int
        Least sum of costs and of the weights of the unserved.
    unit : int
        Of the weights.
    """

    served: tuple[int, ...]
    weighted: int
    unit: int

    def bounds(self, figures: Sequence[int], unserved: Sequence[int]) -> list[int | None]:
        """Bounds of each figure of a plan, as `claim` takes them.

        Parameters
        ----------
        figures : (tiers + 1,)
            Persons served by tier, then the cost.
        unserved : (tiers,)
            Persons of each tier who are not.
        """
        tiers = len(unserved)
        before = np.cumsum([0, *figures[: tiers - 1]]).tolist()
        most: list[int | None] = [limit - there for limit, there in zip(self.served, before, strict=True)]
        weights = sum((tiers - at) * self.unit * count for at, count in enumerate(unserved))
        return [*most, max(0, self.weighted - weights)]


def limits(machines: Machines, slots: Problem, price: Ints) -> Limits:
    """What no plan of the province can do better, by these prices.

    Parameters
    ----------
    machines : Machines
    slots : Problem
    price : (n_slots,)
        Not negative; of any origin.
    """
    told: list[Wants] = machines.ask(wants, slots, price)
    persons = sum((one.persons for one in told), np.zeros_like(told[0].persons))
    digit = digits(slots, price)
    served = []
    for tier in range(1, slots.tiers + 1):
        # A place with this digit or more goes to these tiers alone: at most all of them are used. Whoever may have
        # any other place is counted as served.
        scarce = slots.tiers - tier + 1
        places = _places_worth(slots, (digit >= scarce).astype(np.int64))
        served.append(places + int(persons[: tier + 1, :scarce].sum()))
    weighted = sum(one.least for one in told) - _places_worth(slots, price)
    return Limits(tuple(served), weighted, slots.unit)


def digits(slots: Problem, price: Ints) -> Ints:
    """How many units of the weights a place is worth, to the nearest; at most as many as there are tiers."""
    return np.asarray(np.minimum((price + slots.unit // 2) // slots.unit, slots.tiers), np.int64)


def wants(slots: Problem, block: Block, price: Ints, _own: None = None) -> Wants:
    """What the people of a county would take; see `Wants`."""
    problem = block.problem(slots)
    best = view(problem, price).best
    some = np.flatnonzero(np.diff(problem.start))
    persons = np.zeros((slots.tiers + 1, slots.tiers + 1), np.int64)
    if len(some):
        least = np.minimum.reduceat(digits(slots, price)[problem.slot], problem.start[some])
        np.add.at(persons, (problem.tier[some], least), problem.size[some])
    # In two halves: their sum may be beyond 64 bits.
    high, low = np.divmod(best, 2**30)
    return Wants(persons, (int(high @ problem.size) << 30) + int(low @ problem.size))


def _places_worth(slots: Problem, price: Ints) -> int:
    """Least Σ places · price, where a part of the prices of a provider may be that of its total instead."""
    order = np.argsort(slots.slot_provider, kind="stable")
    begins = np.searchsorted(slots.slot_provider[order], np.arange(len(slots.total) + 1)).tolist()
    places, prices = slots.capacity[order].tolist(), price[order].tolist()
    return sum(
        _least_worth(places[first:last], prices[first:last], total)
        for first, last, total in zip(begins, begins[1:], slots.total.tolist(), strict=False)
    )


def _least_worth(places: list[int], price: list[int], total: int) -> int:
    """The least over any price of the total; it is at none or at that of a slot, the sum being convex and piecewise."""
    return min(
        max(total, 0) * of_total
        + sum(count * max(0, one - of_total) for count, one in zip(places, price, strict=True))
        for of_total in ({0, *price} if total >= 0 else {0})
    )
