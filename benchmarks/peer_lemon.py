"""LEMON's network simplex on the naive network, by pylmcf."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt
import pylmcf

from benchmarks.naive import naive_network
from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


def lemon_flow(problem: Problem) -> tuple[Ints, float]:
    """Build and solve; only the solving is timed.

    Parameters
    ----------
    problem : Problem
        As of `naive_network`.

    Returns
    -------
    (n_arcs,) array, float
        Persons on each arc, and seconds.
    """
    network = naive_network(problem)
    # pylmcf wants arcs by tail, then head.
    order = np.lexsort((network.head, network.tail))
    graph = pylmcf.Graph(len(network.supply), network.tail[order], network.head[order])
    graph.set_node_supply(network.supply)
    graph.set_edge_costs(network.cost[order])
    graph.set_edge_capacities(network.room[order])
    begun = time.perf_counter()
    graph.solve()
    seconds = time.perf_counter() - begun
    flow = np.empty(len(order), np.int64)
    flow[order] = graph.result()
    return flow[: network.arcs], seconds
