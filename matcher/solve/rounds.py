"""Rounds of one day: which stops each team makes, in which order. A heuristic of OR-Tools, which proves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from matcher.errors import SolverError

Ints = npt.NDArray[np.int64]
#: The search ends after so many better and worse answers, so that it is the same on every machine.
MOST_ANSWERS = 500
#: And after so long for each stop, where there are no more answers to find, or the machine is slow.
STOP_MS = 50
#: Above it no price of a stop is raised: all of them together still fit into the solver's integers.
MOST_PRICE = 10**15


@dataclass(frozen=True)
class Stops:
    """What is to be visited, and what it takes.

    Parameters
    ----------
    travel : (n + 1, n + 1)
        Seconds from each point to each other; the first is where every round begins and ends.
    stay : (n,)
        Seconds at each stop.
    tier : (n,)
        1 is dropped last.
    """

    travel: Ints
    stay: Ints
    tier: Ints


def solve_rounds(stops: Stops, teams: int, seconds: int) -> list[list[int]]:
    """The stops of each team in their order.

    As few of the first tier as possible are dropped, then of the second, and so on; then travel is least.

    Parameters
    ----------
    stops : Stops
    teams : int
    seconds : int
        From the start of the day to the moment at which every team is back.

    Returns
    -------
    list of list of int
        Stops, counted from 0, of the teams that go out; those of no team are dropped.
    """
    count = len(stops.stay)
    if not count or not teams:
        return []
    manager = pywrapcp.RoutingIndexManager(count + 1, teams, 0)
    model = pywrapcp.RoutingModel(manager)
    travel = model.RegisterTransitMatrix(stops.travel.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(travel)
    spent = stops.travel + np.concatenate(([0], stops.stay))[:, None]
    model.AddDimension(model.RegisterTransitMatrix(spent.tolist()), 0, seconds, True, "day")
    for stop, price in enumerate(_prices(stops.tier, teams * seconds + 1).tolist()):
        model.AddDisjunction([manager.NodeToIndex(stop + 1)], price)
    answer = model.SolveWithParameters(_search(count))
    if answer is None:
        raise SolverError(f"no rounds for {count} stops: routing status {model.status()}")
    routes = [_route(team, model, manager, answer) for team in range(teams)]
    return sorted(route for route in routes if route)


def _prices(tier: Ints, base: int) -> Ints:
    """What dropping each stop costs: more than all travel, and more than all stops of later tiers together."""
    prices = np.zeros(len(tier), np.int64)
    price = base
    for one in np.unique(tier)[::-1]:
        prices[tier == one] = price
        price = min(price * (int((tier == one).sum()) + 1), MOST_PRICE)
    return prices


def _search(stops: int) -> Any:
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.solution_limit = MOST_ANSWERS
    search.time_limit.FromMilliseconds(STOP_MS * stops)
    return search


def _route(
    team: int,
    model: pywrapcp.RoutingModel,
    manager: pywrapcp.RoutingIndexManager,
    answer: pywrapcp.Assignment,
) -> list[int]:
    index, route = answer.Value(model.NextVar(model.Start(team))), []
    while not model.IsEnd(index):
        route.append(manager.IndexToNode(index) - 1)
        index = answer.Value(model.NextVar(index))
    return route
