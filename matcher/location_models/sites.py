"""What a site is worth at given prices: which customers it would serve if each paid its price.

The Lagrangian problem falls apart into one small problem for each site: of *reduced* costs, cost minus the
customer's price, take the least sum that the site's capacity allows. All in whole numbers, so nothing is rounded.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: More numbers than this a knapsack table must not hold: 160 MB.
TABLE_LIMIT = 20_000_000
#: Regret of what can never be.
NEVER = 2**61


class SiteSums(Protocol):
    """The small problems of all sites, for one set of reduced costs at a time."""

    def worth(self, reduced: Ints) -> Ints:
        """At least so low is each site's best sum (never above 0).

        Parameters
        ----------
        reduced : (n_sites, n_customers)

        Returns
        -------
        (n_sites,)
        """
        ...

    def served(self, sites: Ints) -> Floats:
        """How often these sites together serve each customer in the sums last told."""
        ...

    def regret(self) -> Ints:
        """By how much a site's sum grows at least when it must serve a customer, (n_sites, n_customers)."""
        ...


class Boundless:
    """Sites that take in everybody: each takes whom it is paid for."""

    reduced: Ints

    def worth(self, reduced: Ints) -> Ints:
        """See `SiteSums`."""
        self.reduced = reduced
        worth: Ints = np.minimum(reduced, 0).sum(axis=1)
        return worth

    def served(self, sites: Ints) -> Floats:
        """See `SiteSums`."""
        served: Floats = (self.reduced[sites] < 0).sum(axis=0).astype(np.float64)
        return served

    def regret(self) -> Ints:
        """See `SiteSums`."""
        return np.maximum(self.reduced, 0)


class Shared:
    """Sites of limited capacity that may serve a customer in part.

    Charging `toll` for each unit of capacity, a site takes whom it is paid for; whatever the toll, no choice within
    the capacity is better than that sum less the toll of the whole capacity. The toll of the last customer who
    fits makes this nearly equal.

    Parameters
    ----------
    demand : (n_customers,)
    capacity : (n_sites,)
    """

    def __init__(self, demand: Ints, capacity: Ints) -> None:
        self.demand, self.capacity = demand, capacity
        self.weight = np.maximum(demand, 1)
        #: Any toll makes a bound; this one keeps sums within 64 bits.
        self.highest = NEVER // 2 // max(1, int(demand.sum()))
        self.taken: Floats
        self.tolled: Ints

    def worth(self, reduced: Ints) -> Ints:
        """See `SiteSums`."""
        paid = np.maximum(-reduced, 0)
        order = np.argsort(-paid / self.weight, axis=1)
        need = self.demand[order]
        left = self.capacity[:, None] - (np.cumsum(need, axis=1) - need)
        part = np.where(need > 0, np.clip(left / np.maximum(need, 1), 0.0, 1.0), 1.0)
        self.taken = np.empty(reduced.shape)
        np.put_along_axis(self.taken, order, part, axis=1)
        self.taken[paid == 0] = 0.0
        full = part < 1.0
        last = order[np.arange(len(order)), np.argmax(full, axis=1)]
        exact = -(-paid[np.arange(len(order)), last] // self.weight[last])
        toll: Ints = np.where(full.any(axis=1), np.minimum(exact, self.highest), 0)
        self.tolled = reduced + toll[:, None] * self.demand
        worth: Ints = np.minimum(self.tolled, 0).sum(axis=1) - toll * self.capacity
        return worth

    def served(self, sites: Ints) -> Floats:
        """See `SiteSums`."""
        served: Floats = self.taken[sites].sum(axis=0)
        return served

    def regret(self) -> Ints:
        """See `SiteSums`."""
        return np.where(self.demand > self.capacity[:, None], NEVER, np.maximum(self.tolled, 0))


class Whole:
    """Sites of limited capacity that serve a customer wholly or not at all: knapsacks, by dynamic programming.

    Parameters
    ----------
    demand : (n_customers,)
    capacity : (n_sites,)
    """

    def __init__(self, demand: Ints, capacity: Ints) -> None:
        self.demand, self.capacity = demand, np.minimum(capacity, demand.sum())
        self.rows = np.arange(len(capacity))
        self.reduced: Ints
        room = int(self.capacity.max(initial=0)) + 1
        #: Kept from step to step: to ask for so much memory each time costs more than to fill it.
        self.best: Ints = np.empty((len(demand) + 1, len(capacity), room), np.int64)

    @staticmethod
    def fits(demand: Ints, capacity: Ints) -> bool:
        """Whether the tables stay within `TABLE_LIMIT`."""
        most = min(int(capacity.max(initial=0)), int(demand.sum()))
        return (len(demand) + 1) * len(capacity) * (most + 1) <= TABLE_LIMIT

    def worth(self, reduced: Ints) -> Ints:
        """See `SiteSums`."""
        self.reduced = reduced
        self._table(range(len(self.demand)), self.best)
        worth: Ints = self.best[-1, self.rows, self.capacity]
        return worth

    def served(self, sites: Ints) -> Floats:
        """See `SiteSums`."""
        left = self.capacity[sites].copy()
        served = np.zeros(len(self.demand))
        for customer in range(len(self.demand) - 1, -1, -1):
            taken = self.best[customer + 1, sites, left] < self.best[customer, sites, left]
            served[customer] = taken.sum()
            left -= np.where(taken, self.demand[customer], 0)
        return served

    def regret(self) -> Ints:
        """See `SiteSums`; the best sum of those before, and of those after, over every split of what is left."""
        count, worth = len(self.demand), self.best[-1, self.rows, self.capacity]
        after = self._table(range(count - 1, -1, -1), np.empty_like(self.best))
        here = np.arange(self.best.shape[2])
        regret = np.empty(self.reduced.shape, np.int64)
        for customer, need in enumerate(self.demand.tolist()):
            there = self.capacity[:, None] - need - here
            rest = after[count - 1 - customer, self.rows[:, None], np.maximum(there, 0)]
            best = np.where(there >= 0, self.best[customer] + rest, NEVER).min(axis=1)
            regret[:, customer] = np.where(
                need <= self.capacity, best + self.reduced[:, customer] - worth, NEVER
            )
        return regret

    def _table(self, customers: range, table: Ints) -> Ints:
        """Least sums: [k, site, room] of the first k customers within the room, written into `table`."""
        room = table.shape[2]
        table[0] = 0
        for step, customer in enumerate(customers):
            need = min(int(self.demand[customer]), room)
            before, after = table[step], table[step + 1]
            after[:, :need] = before[:, :need]
            taken = before[:, : room - need] + self.reduced[:, customer, None]
            np.minimum(before[:, need:], taken, out=after[:, need:])
        return table
