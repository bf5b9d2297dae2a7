"""The integer program over what the prices leave open: few sites, few pairs, solved by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from matcher.errors import SolverError
from matcher.location_models.location import Location

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: A closed site is closed for HiGHS up to a millionth, so its capacity alone does not keep away customers who need so
#: small a share of it, or nothing.
SLIVER = 1e-5


@dataclass(frozen=True)
class Core:
    """What may be used.

    Parameters
    ----------
    sites : (n_kept,)
        Increasing.
    always : (n_kept,)
        The site opens in any case.
    pairs : (n_customers, n_kept)
        The site may serve the customer.
    tight : (n_customers, n_kept)
        Where capacities keep customers from closed sites, these pairs get a row of their own to do so as well.
    """

    sites: Ints
    always: Bools
    pairs: Bools
    tight: Bools


@dataclass(frozen=True)
class CoreResult:
    """What HiGHS says of a core.

    Parameters
    ----------
    sites : (n_open,) or None
        Indices into all sites; None without a plan.
    served_by : (n_customers,) or None
        Site with the largest share of each customer, where capacities matter.
    bound : float or None
        In units of cost; None where nothing is known.
    infeasible : bool
        Proven.
    """

    sites: Ints | None = None
    served_by: Ints | None = None
    bound: float | None = None
    infeasible: bool = False


@dataclass(frozen=True)
class _Program:
    """``least cost @ x + constant`` where ``low <= rows @ x <= high``, x from 0 (or 1 where a site is sure) to 1."""

    cost: Floats
    rows: sparse.csr_array
    low: Floats
    high: Floats
    whole: int
    constant: int = 0


def solve_core(location: Location, core: Core, limit_s: float) -> CoreResult:
    """Open sites at least cost over a core.

    Parameters
    ----------
    location : Location
    core : Core
    limit_s : float
        Wall seconds.

    Raises
    ------
    SolverError
        When HiGHS ends in any other way than solved, infeasible or out of time.
    """
    if len(core.sites) < location.least or not core.pairs.any(axis=1).all():
        return CoreResult(infeasible=True)
    program = _by_radius(location, core) if location.capacity is None else _by_share(location, core)
    columns, kept = len(program.cost), len(core.sites)
    least = np.zeros(columns)
    least[:kept] = core.always
    answer = milp(
        program.cost / location.cost_unit,
        constraints=LinearConstraint(program.rows, program.low, program.high),
        bounds=Bounds(least, 1),
        integrality=(np.arange(columns) < program.whole).astype(np.int64),
        options={"time_limit": limit_s, "mip_rel_gap": 0.0},
    )
    if answer.status == 2:
        return CoreResult(infeasible=True)
    if answer.status not in (0, 1):
        raise SolverError(f"HiGHS status {answer.status}: {answer.message}")
    bound = answer.mip_dual_bound
    if bound is not None:
        bound = bound + program.constant / location.cost_unit if np.isfinite(bound) else None
    if answer.x is None:
        return CoreResult(bound=bound)
    served_by = None
    if location.capacity is not None:
        share = np.zeros(core.pairs.shape)
        share[core.pairs] = answer.x[kept:]
        served_by = core.sites[share.argmax(axis=1)]
    return CoreResult(core.sites[answer.x[:kept] > 0.5], served_by, bound)


def _by_radius(location: Location, core: Core) -> _Program:
    """Without capacities: a column for each distinct cost of a customer, 1 unless a cheaper site opens.

    A customer pays its least cost and, at each step to the next, the difference unless one of the sites before
    the step opens. The steps of customers that see the same sites are one. (Cornuéjols, Nemhauser, Wolsey 1980.)
    """
    kept = len(core.sites)
    cost = location.cost[:, core.sites]
    steps: dict[bytes, int] = {}
    required: set[bytes] = set()  # some site of each of these opens, whatever it costs
    constant = 0
    for mine, allowed in zip(cost, core.pairs, strict=True):
        levels = np.unique(mine[allowed]).tolist()
        constant += levels[0]
        for here, following in pairwise(levels):
            near = (allowed & (mine <= here)).tobytes()
            steps[near] = steps.get(near, 0) + following - here
        required.add(allowed.tobytes())
    sees = [np.frombuffer(sites, np.bool_) for sites in (*steps, *required)]
    rows = len(sees) + 1
    opens = sparse.coo_array(np.array([*sees, np.ones(kept)], np.float64))
    return _Program(
        np.concatenate((location.fixed[core.sites], list(steps.values()))).astype(np.float64),
        sparse.csr_array(sparse.hstack([opens, sparse.eye_array(rows, len(steps))])),
        np.append(np.ones(rows - 1), location.least),
        np.append(np.full(rows - 1, np.inf), location.most),
        kept,
        constant,
    )


def _by_share(location: Location, core: Core) -> _Program:
    """With capacities: a column for each pair, the share of the customer that the site serves."""
    assert location.capacity is not None
    kept, customers = len(core.sites), len(location.cost)
    customer, site = np.nonzero(core.pairs)
    pairs, share = len(site), kept + np.arange(len(site))
    room = np.minimum(location.capacity[core.sites], location.demand.sum()).astype(np.float64)
    need = location.demand[customer].astype(np.float64)
    tight = np.flatnonzero(core.tight[customer, site] | (need <= SLIVER * room[site]))
    every = np.arange(kept)
    unit = np.ones(pairs)

    def block(values: Floats, row: Ints, column: Ints, count: int) -> sparse.coo_array:
        return sparse.coo_array((values, (row, column)), shape=(count, kept + pairs))

    once = block(unit, customer, share, customers)
    within = block(np.append(need, -room), np.append(site, every), np.append(share, every), kept)
    closed = block(
        np.repeat([1.0, -1.0], len(tight)),
        np.tile(np.arange(len(tight)), 2),
        np.append(share[tight], site[tight]),
        len(tight),
    )
    enough = block(room, np.zeros(kept, np.int64), every, 1)
    number = block(np.ones(kept), np.zeros(kept, np.int64), every, 1)
    none, free = np.zeros(kept + len(tight)), np.full(kept + len(tight), -np.inf)
    return _Program(
        np.concatenate((location.fixed[core.sites], location.cost[:, core.sites][core.pairs])).astype(
            np.float64
        ),
        sparse.csr_array(sparse.vstack([once, within, closed, enough, number])),
        np.concatenate((np.ones(customers), free, [location.demand.sum(), location.least])),
        np.concatenate((np.ones(customers), none, [np.inf, location.most])),
        kept if location.split else kept + pairs,
    )
