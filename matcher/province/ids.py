"""No two counties share a resident: looked up by hashes, of which only those that meet are held against the ids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matcher.errors import BadInput
from matcher.intake.parts import read_part
from matcher.masking import mask_if_id_number
from matcher.province.block import Block, Ground, id_hashes
from matcher.province.machines import Machines
from matcher.solve.problem import Problem

Hashes = npt.NDArray[np.uint64]


def insist_on_own_ids(machines: Machines, ground: Ground) -> None:
    """Refuse a resident who stands in two counties, or twice in one.

    Raises
    ------
    BadInput
        Naming both counties.
    """
    every = machines.ask(_ids, ground.slots, None)
    met = _twice(every)
    if not len(met):
        return
    where: dict[str, str] = {}
    for code, ids in zip(machines.codes, every, strict=True):
        if not np.isin(met, ids).any():
            continue
        people = read_part(ground.whole, code).inputs.residents["resident_id"]
        for name in people[np.isin(id_hashes(people), met)]:
            if name in where:
                raise BadInput("parts_shared_id", found=mask_if_id_number(name), part=where[name], other=code)
            where[name] = code


def _twice(every: Sequence[Hashes]) -> Hashes:
    ids = np.sort(np.concatenate(every))
    return np.unique(ids[1:][ids[1:] == ids[:-1]])


def _ids(_slots: Problem, block: Block, _common: None, _own: None) -> Hashes:
    return block.ids
