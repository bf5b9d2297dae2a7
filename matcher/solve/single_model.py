"""A part of the problem of sites as arrays, as a matrix, and as a model of CP-SAT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model
from scipy.sparse import coo_array, csr_array

from matcher.errors import SolverError
from matcher.solve.cpsat import solved

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: A level and what has been reached on it.
Reached: TypeAlias = tuple[Ints, int]


@dataclass(frozen=True)
class Part:
    """Sites that share scarce providers.

    Parameters
    ----------
    number : (n_pairs,)
        Of each pair in the whole.
    site : (n_pairs,)
        Numbered from 0 within the part, ascending.
    taken : (n_pairs, tiers)
    cost : (n_pairs,)
    rows : tuple of (pairs, persons of each, most persons)
        Places that may not suffice.
    """

    number: Ints
    site: Ints
    taken: Ints
    cost: Ints
    rows: tuple[tuple[Ints, Ints, int], ...]

    @property
    def sites(self) -> int:
        """How many sites it has."""
        return int(self.site.max()) + 1 if len(self.site) else 0

    @property
    def places(self) -> Ints:
        """(n_rows,): most persons of each row."""
        return np.array([most for _, _, most in self.rows], np.int64)

    def levels(self) -> list[Ints]:
        """Coefficients to be made large, level by level: persons by tier, then the cost with its sign turned."""
        return [*self.taken.T, -self.cost]

    def figures(self, pair: Ints) -> tuple[int, ...]:
        """What is reached on each level by some pairs."""
        return tuple(int(level[pair].sum()) for level in self.levels())

    def uses(self) -> csr_array:
        """(n_rows, n_pairs): persons of each pair in each row."""
        return _matrix([(pairs, persons) for pairs, persons, _ in self.rows], len(self.site))

    def of_sites(self) -> csr_array:
        """(n_sites, n_pairs): 1 for the site of each pair."""
        every = np.arange(len(self.site))
        return csr_array((np.ones(len(every), np.int64), (self.site, every)), (self.sites, len(every)))

    def only(self, kept: Bools, chosen: Ints) -> Part:
        """What is left to some pairs where others, of other sites, are chosen; they number the pairs of this part."""
        where = np.cumsum(kept) - 1
        picked = np.zeros(len(kept), bool)
        picked[chosen] = True
        rows = []
        for pairs, persons, most in self.rows:
            here = kept[pairs]
            left = most - int(persons[picked[pairs]].sum())
            if persons[here].sum() > left:
                rows.append((where[pairs[here]], persons[here], left))
        return Part(
            number=np.flatnonzero(kept),
            site=np.unique(self.site[kept], return_inverse=True)[1].astype(np.int64),
            taken=self.taken[kept],
            cost=self.cost[kept],
            rows=tuple(rows),
        )


def _matrix(rows: Sequence[tuple[Ints, Ints]], pairs: int) -> csr_array:
    column = np.concatenate([np.zeros(0, np.int64), *(some for some, _ in rows)])
    value = np.concatenate([np.zeros(0, np.int64), *(told for _, told in rows)])
    row = np.repeat(np.arange(len(rows)), [len(some) for some, _ in rows])
    return coo_array((value, (row, column)), (len(rows), pairs)).tocsr()


def filled(part: Part, chosen: Ints, order: Ints) -> Ints:
    """A choice that is possible, with pairs taken in some order as long as their site has none and there is room."""
    left = (part.places - part.uses()[:, chosen].sum(axis=1)).tolist() if part.rows else []
    needs: list[list[tuple[int, int]]] = [[] for _ in part.site]
    for row, (pairs, persons, _) in enumerate(part.rows):
        for pair, count in zip(pairs.tolist(), persons.tolist(), strict=True):
            needs[pair].append((row, count))
    done = set(part.site[chosen].tolist())
    picked = chosen.tolist()
    for pair, site in zip(order.tolist(), part.site[order].tolist(), strict=True):
        if site in done or any(left[row] < count for row, count in needs[pair]):
            continue
        done.add(site)
        picked.append(pair)
        for row, count in needs[pair]:
            left[row] -= count
    return np.array(sorted(picked), np.int64)


def greedy(part: Part) -> Ints:
    """A choice that is possible: sites with most people of the first tiers first, each to the cheapest with room."""
    most = np.zeros((part.sites, part.taken.shape[1]), np.int64)
    np.maximum.at(most, part.site, part.taken)
    turn = np.argsort(np.lexsort((np.arange(part.sites), *(-most.T[::-1]))))
    each = part.cost / np.maximum(part.taken.sum(axis=1), 1)
    return filled(part, np.zeros(0, np.int64), np.lexsort((each, turn[part.site])))


def model_of(part: Part) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """At most one pair for each site, within all places; a variable for each pair."""
    model = cp_model.CpModel()
    choose = [model.new_bool_var("") for _ in part.site]
    for run in runs(part):
        model.add_at_most_one([choose[pair] for pair in run])
    for pairs, persons, most in part.rows:
        model.add(total([choose[pair] for pair in pairs.tolist()], persons) <= most)
    return model, choose


def runs(part: Part) -> list[list[int]]:
    """Pairs of each site."""
    order = np.argsort(part.site, kind="stable")
    return [run.tolist() for run in np.split(order, np.flatnonzero(np.diff(part.site[order])) + 1)]


def solve(
    model: cp_model.CpModel, choose: Sequence[cp_model.IntVar], taken: Ints, seconds: float
) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    """Ask CP-SAT, which starts from the pairs `taken`.

    Raises
    ------
    SolverError
        When it fails.
    """
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(seconds, 0.0)
    # On few cores one thread that leans on the linear program proves more than many that do not.
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = 1
    model.clear_hints()  # type: ignore[no-untyped-call]
    hinted = set(taken.tolist())
    for pair, variable in enumerate(choose):
        model.add_hint(variable, int(pair in hinted))
    status = solved(solver, model)
    if status in (cp_model.MODEL_INVALID, cp_model.INFEASIBLE):
        raise SolverError(f"CP-SAT: {solver.status_name(status)}")
    return solver, status


def total(choose: Sequence[cp_model.IntVar], weight: Ints) -> cp_model.LinearExpr:
    """The sum of some variables, each with its weight."""
    return cp_model.LinearExpr.weighted_sum(list(choose), weight.tolist())


def chosen(solver: cp_model.CpSolver, choose: Sequence[cp_model.IntVar]) -> Ints:
    """The pairs that CP-SAT has chosen."""
    return np.array([pair for pair, one in enumerate(choose) if solver.value(one)], np.int64)
