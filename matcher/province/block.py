"""The people of one county in integers: their pairs, by groups, over the slots of the whole province."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility, derive, places_of
from matcher.intake.parts import Hashes, Part, Whole, id_hashes, read_part
from matcher.intake.telling import cause_lines
from matcher.policy.documents import Policy
from matcher.province.near import near_providers
from matcher.solve.problem import Problem

Ints = npt.NDArray[np.int64]

_ARRAYS = ("size", "tier", "start", "slot", "cost", "ids")


@dataclass(frozen=True)
class Ground:
    """What all blocks stand on.

    Parameters
    ----------
    whole : Whole
    policy : Policy
    provider_ids : Index
        Sorted; the providers of `slots` by number.
    slots : Problem
        Places of the province, without anybody.
    """

    whole: Whole
    policy: Policy
    provider_ids: pd.Index
    slots: Problem


@dataclass(frozen=True)
class Block:
    """The optimisation as one county sees it.

    Parameters
    ----------
    size, tier : (n_groups,) int32, int8
    start : (n_groups + 1,) int64
    slot, cost : (n_arcs,) int32
        Slots are those of the province.
    ids : (n_residents,) uint64
        Hash of each resident's id, ascending.
    """

    size: npt.NDArray[np.int32]
    tier: npt.NDArray[np.int8]
    start: Ints
    slot: npt.NDArray[np.int32]
    cost: npt.NDArray[np.int32]
    ids: Hashes

    def problem(self, slots: Problem) -> Problem:
        """As the solvers want it."""
        wide = {
            name: getattr(self, name).astype(np.int64) for name in ("size", "tier", "start", "slot", "cost")
        }
        return replace(slots, **wide)

    def save(self, path: Path) -> None:
        """Write it, all of it or none."""
        draft = path.with_name(f".{path.name}")
        with draft.open("wb") as file:
            np.savez(file, **{name: getattr(self, name) for name in _ARRAYS})
        os.replace(draft, path)

    @classmethod
    def load(cls, path: Path) -> Block:
        """Read it again."""
        with np.load(path) as stored:
            return cls(*(stored[name] for name in _ARRAYS))


@dataclass(frozen=True)
class Facts:
    """What is told of a block.

    Parameters
    ----------
    residents, most_cost : int
        Persons; the dearest of their eligible pairs.
    columns : frozenset of str
        That its table has.
    warnings : dict of str to tuple of str
        Causes, by language.
    """

    residents: int
    most_cost: int
    columns: frozenset[str]
    warnings: dict[str, tuple[str, ...]]


def ground_of(whole: Whole, policy: Policy) -> Ground:
    """The places of all providers; the unit of the weights is known once all blocks are."""
    provider_ids = pd.Index(whole.inputs.providers["provider_id"].sort_values(), dtype="str")
    places, total = places_of(whole.inputs.providers, provider_ids)
    slot_provider, slot_mode = (side.astype(np.int64) for side in np.nonzero(places >= 0))
    nobody = np.zeros(0, np.int64)
    slots = Problem(
        size=nobody,
        tier=nobody.copy(),
        start=np.zeros(1, np.int64),
        slot=nobody.copy(),
        cost=nobody.copy(),
        capacity=places[slot_provider, slot_mode],
        slot_provider=slot_provider,
        slot_mode=slot_mode,
        total=total.copy(),
        tiers=policy.tier_count,
        unit=0,
    )
    return Ground(whole, policy, provider_ids, slots)


def part_of_county(ground: Ground, code: str) -> tuple[Part, Eligibility]:
    """The people of a county, with all providers; and what follows from those within reach."""
    part = read_part(ground.whole, code)
    return part, derive(near_providers(part.inputs, ground.policy), ground.policy)


def build_block(ground: Ground, code: str) -> tuple[Block, Facts]:
    """The block of a county.

    Raises
    ------
    DataError
        When its table has errors.
    """
    part, eligibility = part_of_county(ground, code)
    problem = eligibility.problem
    number = slot_numbers(ground, eligibility)
    ids = id_hashes(part.inputs.residents["resident_id"])
    block = Block(
        size=problem.size.astype(np.int32),
        tier=problem.tier.astype(np.int8),
        start=problem.start,
        slot=number[problem.slot].astype(np.int32),
        cost=problem.cost.astype(np.int32),
        ids=np.sort(ids),
    )
    return block, Facts(
        residents=len(part.inputs.residents),
        most_cost=int(problem.cost.max(initial=0)),
        columns=part.columns,
        warnings={lang: tuple(cause_lines(part.problems, lang)) for lang in ("zh", "en")},
    )


def slot_numbers(ground: Ground, eligibility: Eligibility) -> Ints:
    """Slot of the province of each slot that a county knows."""
    problem = eligibility.problem
    provider = ground.provider_ids.get_indexer(eligibility.groups.provider_ids)
    return ground.slots.slot_at(provider[problem.slot_provider], problem.slot_mode)
