"""Instances that every solver gets alike: a drawn county of any size, or the sample city as the engine sees it.

Nothing here may import OR-Tools: a process that has loaded it cannot load highspy, which spopt solves with (both
bring a libhighs of their own).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.eligibility.derive import derive
from matcher.intake.check import load_inputs
from matcher.policy.documents import load_policy
from matcher.solve.problem import Problem, expand, part_of, weight_unit

Ints = npt.NDArray[np.int64]

SIDE_M = 60_000
LIMIT_M = 20_000
TOWNS_M = 4_000
TIER_SHARES = (0.15, 0.25, 0.6)
#: Places for each person: short, but with reserves where few people live.
PLACES_EACH = 0.9


@dataclass(frozen=True)
class Instance:
    """An assignment problem in groups, and who is in which.

    Parameters
    ----------
    problem : Problem
    member : (n_residents,)
        Group of each resident, in the order of their ids.
    """

    problem: Problem
    member: Ints

    def persons(self) -> Problem:
        """The same problem with a group for each resident, in the order of their ids."""
        return per_resident(self.problem, self.member)

    def save(self, file: Path) -> None:
        """Write as .npz, for a process of its own to `load`."""
        np.savez(file, member=self.member, **vars(self.problem))

    @staticmethod
    def load(file: Path) -> Instance:
        """Read what `save` wrote."""
        with np.load(file) as stored:
            fields = {name: stored[name] for name in stored.files}
        member = fields.pop("member")
        numbers = {name: int(value) for name, value in fields.items() if value.ndim == 0}
        return Instance(Problem(**{**fields, **numbers}), member)


def per_resident(problem: Problem, member: Ints | None = None) -> Problem:
    """The same problem with a group for each person.

    Parameters
    ----------
    problem : Problem
    member : (n_residents,), optional
        Group of each person, in the order wanted; by group where not given.
    """
    if member is None:
        member = np.repeat(np.arange(len(problem.size)), problem.size)
    _, arc = expand(problem.start, member)
    degree = np.diff(problem.start)[member]
    ones = np.ones(len(member), np.int64)
    return part_of(problem, arc, degree, size=ones, tier=problem.tier[member])


def city(folder: Path) -> Instance:
    """A data folder under the default policy: all modes, tiers, total capacities, alike residents grouped."""
    known = derive(load_inputs(folder), load_policy())
    by_id = np.argsort(known.people["resident_id"].to_numpy(dtype=object), kind="stable")
    return Instance(known.problem, known.groups.member[by_id])


def county(residents: int, providers: int, seed: int = 1) -> Instance:
    """People around towns, providers near people, one mode, everyone at an address of their own.

    Parameters
    ----------
    residents, providers : int
    seed : int

    Returns
    -------
    Instance
        Capacities are short and uneven; who lives farther than `LIMIT_M` from a provider may not use it.
    """
    rng = np.random.default_rng(seed)
    towns = rng.uniform(0, SIDE_M, (max(2, providers // 4), 2))
    share = rng.pareto(1.5, len(towns)) + 0.2
    homes = _around(rng, towns, share, residents, 1.0)
    places = _around(rng, towns, share, providers, 0.7)
    lot = rng.lognormal(0.0, 0.8, providers)
    capacity = np.floor(PLACES_EACH * residents * lot / lot.sum()).astype(np.int64)
    metres = np.floor(np.hypot(*(homes[:, None] - places).transpose(2, 0, 1)) + 0.5).astype(np.int64)
    person, slot = np.nonzero(metres <= LIMIT_M)
    cost = metres[person, slot]
    order = np.lexsort((slot, cost, person))
    problem = Problem(
        size=np.ones(residents, np.int64),
        tier=1 + rng.choice(len(TIER_SHARES), residents, p=TIER_SHARES),
        start=np.concatenate(([0], np.cumsum(np.bincount(person, minlength=residents)))),
        slot=slot[order],
        cost=cost[order],
        capacity=capacity,
        slot_provider=np.arange(providers),
        slot_mode=np.zeros(providers, np.int64),
        total=np.full(providers, -1, np.int64),
        tiers=len(TIER_SHARES),
        unit=weight_unit(cost, providers, providers),
    )
    return Instance(problem, np.arange(residents))


def _around(
    rng: np.random.Generator,
    towns: npt.NDArray[np.float64],
    share: npt.NDArray[np.float64],
    count: int,
    wide: float,
) -> npt.NDArray[np.float64]:
    """Points around towns drawn by their share."""
    town = rng.choice(len(towns), count, p=share / share.sum())
    return towns[town] + rng.normal(0, wide * TOWNS_M, (count, 2))
