"""A good plan without capacities: swap an open site for a closed one as long as it pays (Teitz and Bart 1968)."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def interchange(cost: Ints, fixed: Ints, sites: Ints, deadline: float) -> Ints:
    """Sites of which no single one can be swapped at a profit.

    Each turn weighs all swaps at once and makes the best. Opening a site draws customers (`drawn`), closing one sends
    its own to their second site (`sent`); whom the opened one takes instead need not be sent so far (`saved`).

    Parameters
    ----------
    cost : (n_sites, n_customers)
    fixed : (n_sites,)
    sites : (n_open,)
        To begin with.
    deadline : float
        By ``time.monotonic``.

    Returns
    -------
    (n_open,), increasing
    """
    sites = sites.copy()
    while time.monotonic() < deadline:
        open_cost = cost[sites]
        home = open_cost.argmin(axis=0)
        nearest = open_cost.min(axis=0)
        np.put_along_axis(open_cost, home[None], np.iinfo(np.int64).max, axis=0)
        second = open_cost.min(axis=0) if len(sites) > 1 else cost.max(axis=0)
        drawn = np.maximum(nearest - cost, 0).sum(axis=1)
        sent = np.zeros(len(sites), np.int64)
        np.add.at(sent, home, second - nearest)
        order = np.argsort(home, kind="stable")
        used, first = np.unique(home[order], return_index=True)
        saved = np.zeros((len(cost), len(sites)), np.int64)
        spared = np.maximum(second - np.maximum(cost, nearest), 0)
        saved[:, used] = np.add.reduceat(spared[:, order], first, axis=1)
        change = (fixed - drawn)[:, None] + (sent - fixed[sites]) - saved
        change[sites] = 0
        entering, leaving = np.unravel_index(change.argmin(), change.shape)
        if change[entering, leaving] >= 0:
            break
        sites[leaving] = entering
    return np.sort(sites)
