"""The classic location models: each is one way of filling in `matcher.location_models.location`."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from matcher.errors import BadInput
from matcher.location_models.answer import Answer
from matcher.location_models.location import location
from matcher.location_models.solve import TIME_LIMIT_S, solve


def p_median(cost: npt.ArrayLike, sites: int, *, time_limit_s: float = TIME_LIMIT_S) -> Answer:
    """Open exactly so many sites, so that all customers together are nearest to an open one.

    Parameters
    ----------
    cost : (n_customers, n_sites), not negative
        Of serving a customer from a site: its distance, times its people.
    sites : int
        From 1 to n_sites.
    time_limit_s : float
        Wall seconds; afterwards the best plan with its bound.

    Returns
    -------
    Answer
        With `served_by`.

    Raises
    ------
    BadInput
        See `matcher.location_models.location.location`.
    """
    return solve(location(cost, sites=sites), time_limit_s)


def capacitated_p_median(
    cost: npt.ArrayLike,
    demand: npt.ArrayLike,
    capacity: npt.ArrayLike,
    sites: int,
    *,
    time_limit_s: float = TIME_LIMIT_S,
) -> Answer:
    """As `p_median`, within capacities; each customer is served by one site wholly.

    Parameters
    ----------
    demand : (n_customers,), not negative
    capacity : (n_sites,), not negative
    """
    return solve(location(cost, demand=demand, capacity=capacity, sites=sites), time_limit_s)


def facility_location(
    cost: npt.ArrayLike,
    fixed: npt.ArrayLike,
    *,
    demand: npt.ArrayLike | None = None,
    capacity: npt.ArrayLike | None = None,
    split: bool = False,
    time_limit_s: float = TIME_LIMIT_S,
) -> Answer:
    """Open as many sites as pay: their fixed costs and those of serving every customer are least together.

    Parameters
    ----------
    cost : (n_customers, n_sites), not negative
        Of serving a customer's whole demand; a share of it costs its share.
    fixed : (n_sites,), not negative
    demand : (n_customers,), not negative
        By default 1 each.
    capacity : (n_sites,), not negative
        By default there is room for everybody everywhere.
    split : bool
        Whether several sites may share a customer's demand.
    time_limit_s : float

    Returns
    -------
    Answer
        With `flow` where capacities are and demand is split, otherwise with `served_by`.
    """
    return solve(location(cost, fixed=fixed, demand=demand, capacity=capacity, split=split), time_limit_s)


def maximal_covering(
    weight: npt.ArrayLike, covers: npt.ArrayLike, sites: int, *, time_limit_s: float = TIME_LIMIT_S
) -> Answer:
    """Open exactly so many sites, so that as much as possible is within reach: whoever is not costs its weight.

    Parameters
    ----------
    weight : (n_customers,), not negative
        Say, the people of each place.
    covers : (n_customers, n_sites) of bool
        Whether the site is within reach of the customer.
    sites : int
    time_limit_s : float

    Returns
    -------
    Answer
        Objective and bound tell the weight covered: the bound is above it; `served_by` is −1 for who is not covered.
    """
    reach = np.asarray(covers)
    if reach.dtype != np.bool_ or reach.ndim != 2 or np.shape(weight) != reach.shape[:1]:
        raise BadInput(
            "model_shape",
            what="covers",
            found=f"{reach.dtype} {' × '.join(map(str, reach.shape))}",
            expected=f"bool {' × '.join([*map(str, np.shape(weight)), 'n'])}",
        )
    lost = np.where(reach, 0, np.asarray(weight)[:, None])
    problem = location(lost, demand=weight, sites=sites)
    answer = solve(problem, time_limit_s)
    if answer.objective is None or answer.bound is None or answer.sites is None:
        return answer
    everything = Fraction(sum(problem.demand.tolist()), problem.demand_unit)
    mine = reach[:, answer.sites]
    return replace(
        answer,
        objective=everything - answer.objective,
        bound=everything - answer.bound,
        served_by=np.where(mine.any(axis=1), answer.sites[mine.argmax(axis=1)], -1),
    )
