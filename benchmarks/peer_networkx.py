"""Networkx, exact and in plain Python."""

from __future__ import annotations

import time

import networkx
import numpy as np
import numpy.typing as npt

from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


def networkx_flow(people: Problem) -> tuple[Ints, float]:
    """``networkx.min_cost_flow``: a node a person, tier weights on the arcs that leave somebody unserved."""
    graph = networkx.DiGraph()
    persons = range(len(people.size))
    ends = list(zip(people.group.tolist(), people.slot.tolist(), strict=True))
    graph.add_nodes_from((("person", person) for person in persons), demand=-1)
    graph.add_node("sink", demand=len(people.size))
    graph.add_weighted_edges_from(
        (("person", person), ("slot", slot), cost)
        for (person, slot), cost in zip(ends, people.cost.tolist(), strict=True)
    )
    graph.add_weighted_edges_from(
        (("person", person), "sink", weight)
        for person, weight in zip(persons, people.unserved_cost.tolist(), strict=True)
    )
    for slot, (capacity, provider) in enumerate(
        zip(people.capacity.tolist(), people.slot_provider.tolist(), strict=True)
    ):
        onward = "sink" if people.total[provider] < 0 else ("provider", provider)
        graph.add_edge(("slot", slot), onward, weight=0, capacity=capacity)
    for provider in np.flatnonzero(people.total >= 0).tolist():
        graph.add_edge(("provider", provider), "sink", weight=0, capacity=int(people.total[provider]))
    begun = time.perf_counter()
    flow = networkx.min_cost_flow(graph)
    seconds = time.perf_counter() - begun
    return np.array([flow["person", person]["slot", slot] for person, slot in ends], np.int64), seconds
