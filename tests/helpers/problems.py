"""Small assignment problems for Hypothesis, and their optimum by trying every plan."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st

from matcher.solve.problem import Problem, Seats, weight_unit

TIERS = 3


def make_problem(
    people: list[tuple[int, int, dict[int, int]]],
    capacity: list[int],
    slot_provider: list[int] | None = None,
    total: list[int] | None = None,
) -> Problem:
    """Problem from (size, tier, {slot: cost}) rows; each slot is a provider of its own unless said otherwise."""
    slot_provider = slot_provider or list(range(len(capacity)))
    total = total or [-1] * (max(slot_provider, default=-1) + 1)
    arcs = [sorted(options.items(), key=lambda item: (item[1], item[0])) for _, _, options in people]
    seen: dict[int, int] = {}
    slot_mode = []
    for provider in slot_provider:
        slot_mode.append(seen.get(provider, 0))
        seen[provider] = slot_mode[-1] + 1
    cost = np.array([cost for row in arcs for _, cost in row], np.int64)
    return Problem(
        size=np.array([size for size, _, _ in people], np.int64),
        tier=np.array([tier for _, tier, _ in people], np.int64),
        start=np.cumsum([0] + [len(row) for row in arcs]),
        slot=np.array([slot for row in arcs for slot, _ in row], np.int64),
        cost=cost,
        capacity=np.array(capacity, np.int64),
        slot_provider=np.array(slot_provider, np.int64),
        slot_mode=np.array(slot_mode, np.int64),
        total=np.array(total, np.int64),
        tiers=TIERS,
        unit=weight_unit(cost, len(capacity), len(total)),
    )


@st.composite
def problems(draw: st.DrawFn, max_people: int = 6, max_slots: int = 4, max_size: int = 1) -> Problem:
    """Up to six groups and four slots, some sharing a provider with a total; a group keeps to one mode."""
    slots = draw(st.integers(1, max_slots))
    providers = draw(st.integers(1, slots))
    owner = sorted(draw(st.lists(st.integers(0, providers - 1), min_size=slots, max_size=slots)))
    owner = [sorted(set(owner)).index(p) for p in owner]
    total = [draw(st.one_of(st.just(-1), st.integers(0, 3))) for _ in range(max(owner) + 1)]
    capacity = draw(st.lists(st.integers(0, 3), min_size=slots, max_size=slots))
    mode = [owner[: i + 1].count(p) - 1 for i, p in enumerate(owner)]
    people = []
    for _ in range(draw(st.integers(0, max_people))):
        mine = draw(st.sampled_from(sorted(set(mode))))
        options = {
            slot: draw(st.integers(0, 9))
            for slot in range(slots)
            if mode[slot] == mine and draw(st.booleans())
        }
        people.append((draw(st.integers(1, max_size)), draw(st.integers(1, TIERS)), options))
    return make_problem(people, capacity, owner, total)


Value = tuple[int, ...]


def brute_force(problem: Problem) -> Value:
    """(−served of tier 1, …, −served of tier T, cost) of the best of all plans, persons one by one."""
    persons = [group for group, size in enumerate(problem.size.tolist()) for _ in range(size)]
    options = [[None, *range(int(problem.start[group]), int(problem.start[group + 1]))] for group in persons]
    best: Value | None = None
    for plan in product(*options):
        used = np.bincount(
            [problem.slot[arc] for arc in plan if arc is not None], minlength=len(problem.capacity)
        )
        total = np.bincount(problem.slot_provider, used, len(problem.total))
        if (used > problem.capacity).any() or ((problem.total >= 0) & (total > problem.total)).any():
            continue
        served = [0] * problem.tiers
        cost = 0
        for group, arc in zip(persons, plan, strict=True):
            if arc is not None:
                served[int(problem.tier[group]) - 1] -= 1
                cost += int(problem.cost[arc])
        value = (*served, cost)
        best = value if best is None or value < best else best
    assert best is not None
    return best


def value_of(problem: Problem, seats: Seats) -> Value:
    """The same measure of a plan in seats; refuses one that is not feasible."""
    used = np.zeros(len(problem.capacity), np.int64)
    served = [0] * problem.tiers
    left = problem.size.copy()
    cost = 0
    for group, slot, count in zip(seats.group, seats.slot, seats.count, strict=True):
        left[group] -= count
        if slot < 0:
            continue
        arcs = range(int(problem.start[group]), int(problem.start[group + 1]))
        (arc,) = [arc for arc in arcs if problem.slot[arc] == slot]
        used[slot] += count
        served[int(problem.tier[group]) - 1] -= int(count)
        cost += int(problem.cost[arc]) * int(count)
    assert not left.any()
    assert (used <= problem.capacity).all()
    totals = np.bincount(problem.slot_provider, used, len(problem.total))
    assert ((problem.total < 0) | (totals <= problem.total)).all()
    return (*served, cost)
