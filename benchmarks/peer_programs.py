"""Exact solvers that see a linear program or a matrix: HiGHS by SciPy, POT, and spopt's capacitated p-median."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]


class NotApplicable(Exception):
    """The instance has something that the solver's model cannot say."""


def highs_flow(people: Problem) -> tuple[Ints, float]:
    """``scipy.optimize.linprog`` (HiGHS) on the transport program, tier weights in the objective."""
    arcs = np.arange(len(people.slot))
    provider = people.slot_provider[people.slot]
    capped = np.flatnonzero(people.total[provider] >= 0)
    rows = np.concatenate(
        (
            people.group,
            len(people.size) + people.slot,
            len(people.size) + len(people.capacity) + provider[capped],
        )
    )
    columns = np.concatenate((arcs, arcs, capped))
    total = np.where(people.total < 0, len(people.size), people.total)
    bound = np.concatenate((people.size, people.capacity, total))
    matrix: Any = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(bound), len(arcs)))
    gain = people.cost - people.unserved_cost[people.group]
    begun = time.perf_counter()
    result = optimize.linprog(gain, A_ub=matrix, b_ub=bound, bounds=(0, 1), method="highs")
    seconds = time.perf_counter() - begun
    if result.status != 0 or result.x is None:
        raise RuntimeError(result.message)
    return np.rint(result.x).astype(np.int64), seconds


def pot_flow(people: Problem) -> tuple[Ints, float]:
    """``ot.emd`` on the full matrix: a column for "unserved", and rows for the places that stay empty.

    A provider's total capacity is said by a row for as many places as must stay empty there.
    """
    import ot

    persons, slots = len(people.size), len(people.capacity)
    offered = np.bincount(people.slot_provider, people.capacity, len(people.total)).astype(np.int64)
    short = np.flatnonzero((people.total >= 0) & (people.total < offered))
    shut = (offered - people.total)[short]
    away = np.where(people.slot_provider == short[:, None], 0.0, _forbidden(people))
    cost = np.zeros((persons + len(short) + 1, slots + 1))
    cost[:persons] = _full_matrix(people)
    cost[persons:-1] = np.column_stack((away, np.full(len(short), _forbidden(people))))
    supply = np.concatenate((people.size, shut, [people.capacity.sum() - shut.sum()])).astype(float)
    demand = np.append(people.capacity, persons).astype(float)
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # POT warns where it stopped before the optimum
        sent = ot.emd(supply, demand, cost, numItermax=10**9)
    seconds = time.perf_counter() - begun
    return np.rint(sent[people.group, people.slot]).astype(np.int64), seconds


def spopt_flow(people: Problem) -> tuple[Ints, float]:
    """``spopt.locate.PMedian`` with capacities and all sites open, "unserved" being one more; solved by HiGHS."""
    import pulp
    from spopt.locate import PMedian

    if (people.total >= 0).any():
        raise NotApplicable("no total capacities")
    model = PMedian.from_cost_matrix(
        _full_matrix(people),
        people.size,
        p_facilities=len(people.capacity) + 1,
        facility_capacities=np.append(people.capacity, len(people.size)),
    )
    begun = time.perf_counter()
    model.solve(pulp.HiGHS(msg=False, gapRel=0.0), results=False)
    seconds = time.perf_counter() - begun
    ends = zip(people.group.tolist(), people.slot.tolist(), strict=True)
    return np.array([round(model.cli_assgn_vars[end].value()) for end in ends], np.int64), seconds


def _forbidden(people: Problem) -> float:
    """Dearer than leaving anybody unserved."""
    return 2.0 * float(people.unserved_cost.max())


def _full_matrix(people: Problem) -> npt.NDArray[np.float64]:
    """Cost of every (person, slot), the last column being "unserved"; who may not go somewhere pays `_forbidden`."""
    cost = np.full((len(people.size), len(people.capacity) + 1), _forbidden(people))
    cost[people.group, people.slot] = people.cost
    cost[:, -1] = people.unserved_cost
    return cost
