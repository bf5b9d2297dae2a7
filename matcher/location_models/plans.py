"""A plan for given open sites, checked and counted in whole numbers, whoever proposed it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from matcher.errors import SolverError
from matcher.location_models.location import Location

Ints = npt.NDArray[np.int64]

#: The flow's costs for one unit of demand are rounded; the dearest, times the nodes, stays below this: OR-Tools counts
#: in 64 bits and multiplies costs by nodes.
FLOW_COST_LIMIT = 2**60


@dataclass(frozen=True)
class SitePlan:
    """Who is served where.

    Parameters
    ----------
    sites : (n_open,)
    served_by : (n_customers,) or None
        None where demand is split.
    flow : (n_customers, n_sites) or None
        Demand served, in ``1/demand_unit``, where it may be split.
    cost : Fraction
        In ``1/cost_unit``.
    """

    sites: Ints
    served_by: Ints | None
    flow: Ints | None
    cost: Fraction


def plan_of(location: Location, sites: Ints, served_by: Ints | None) -> SitePlan:
    """The plan with these sites open.

    Parameters
    ----------
    location : Location
    sites : (n_open,)
    served_by : (n_customers,) or None
        Needed where capacities are and demand is not split; otherwise the best for the sites is found.

    Raises
    ------
    SolverError
        When the sites are too few or too many, or cannot serve everybody so.
    """
    if not location.least <= len(sites) <= location.most:
        raise SolverError(f"{len(sites)} sites are open, expected {location.least} to {location.most}")
    fees = sum(location.fixed[sites].tolist())
    if location.capacity is not None and location.split:
        return _split(location, sites, fees)
    if location.capacity is None or served_by is None:
        served_by = sites[location.cost[:, sites].argmin(axis=1)]
    if not np.isin(served_by, sites).all():
        raise SolverError("a customer is served by a closed site")
    if location.capacity is not None:
        load = np.zeros(len(location.capacity), np.int64)
        np.add.at(load, served_by, location.demand)
        if (load > location.capacity).any():
            raise SolverError("a site serves more than its capacity")
    paid = location.cost[np.arange(len(served_by)), served_by].tolist()
    return SitePlan(sites, served_by, None, Fraction(fees + sum(paid)))


def _split(location: Location, sites: Ints, fees: int) -> SitePlan:
    """Cheapest shares, by min-cost flow of units of demand; whoever needs nothing pays for the cheapest open site."""
    assert location.capacity is not None
    cost, demand = location.cost[:, sites], location.demand
    customers, count = cost.shape
    each = np.where(demand[:, None] > 0, cost / np.maximum(demand, 1)[:, None], 0.0)
    scale = FLOW_COST_LIMIT / ((each.max() or 1.0) * (customers + count + 3))
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.repeat(np.arange(customers), count),
        np.tile(customers + np.arange(count), customers),
        np.repeat(demand, count),
        np.rint(each * scale).astype(np.int64).ravel(),
    )
    sink = customers + count
    flow.add_arcs_with_capacity_and_unit_cost(
        customers + np.arange(count),
        np.full(count, sink),
        location.capacity[sites],
        np.zeros(count, np.int64),
    )
    flow.set_nodes_supplies(np.arange(sink + 1), np.r_[demand, np.zeros(count, np.int64), -demand.sum()])
    status = flow.solve()
    if status == flow.INFEASIBLE:
        raise SolverError("the open sites cannot serve everybody")
    if status != flow.OPTIMAL:
        raise SolverError(f"min-cost flow ended with {status.name}, expected OPTIMAL")
    served = flow.flows(arcs).reshape(customers, count)
    paid = sum(
        (
            Fraction(sum(a * b for a, b in zip(row, costs, strict=True)), need)
            if need
            else Fraction(min(costs))
            for row, costs, need in zip(served.tolist(), cost.tolist(), demand.tolist(), strict=True)
        ),
        Fraction(fees),
    )
    whole = np.zeros(location.cost.shape, np.int64)
    whole[:, sites] = served
    return SitePlan(sites, None, whole, paid)
