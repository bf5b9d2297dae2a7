"""A clinic's list as it is worked from: some of its people, found by what somebody at the desk knows of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.plan.coverage import ancestors

if TYPE_CHECKING:
    from matcher.inputs import Inputs

Bools = npt.NDArray[np.bool_]

#: So many last signs of a number are asked at least: fewer are shared by too many.
LEAST_ENDING = 4


@dataclass(frozen=True)
class Wanted:
    """Whom to list.

    Parameters
    ----------
    text : str
        Part of a name or a village, or the end of an id, an id number or a phone number; empty for everybody.
    tier : int or None
    alone : bool
        Only who lives alone.
    least_grade : int or None
        Only who has at least this grade of ability; who has none is left out.
    visits : bool
        Only who must be visited at home.
    """

    text: str = ""
    tier: int | None = None
    alone: bool = False
    least_grade: int | None = None
    visits: bool = False


def listed(rows: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Those of `roster_people` who are wanted, in their order."""
    kept = _found(rows, wanted.text.strip())
    if wanted.tier is not None:
        kept &= (rows["tier"] == wanted.tier).to_numpy(bool)
    if wanted.alone:
        kept &= rows["lives_alone"].fillna(False).to_numpy(bool)
    if wanted.least_grade is not None:
        kept &= (rows["ability_grade"] >= wanted.least_grade).fillna(False).to_numpy(bool)
    if wanted.visits:
        kept &= (";" + rows["services"] + ";").str.contains(";home_visit;", regex=False).to_numpy(bool)
    return rows[kept].reset_index(drop=True)


def _found(rows: pd.DataFrame, text: str) -> Bools:
    if not text:
        return np.ones(len(rows), bool)
    found = np.zeros(len(rows), bool)
    for column in ("name", "village"):
        found |= rows[column].fillna("").str.contains(text, case=False, regex=False).to_numpy(bool)
    found |= (rows["resident_id"].str.upper() == text.upper()).to_numpy(bool)
    if len(text) >= LEAST_ENDING:
        for column in ("resident_id", "id_number", "phone"):
            found |= rows[column].fillna("").str.upper().str.endswith(text.upper()).to_numpy(bool)
    return found


def within(provider_ids: Sequence[str], own: Collection[str] | None) -> list[str]:
    """Those that are `own`, in their order; None owns all."""
    return [id for id in provider_ids if own is None or id in own]


def providers_of(inputs: Inputs, scope: Sequence[str]) -> list[str] | None:
    """The providers of a scope, sorted; None where it is empty, and all are meant.

    Parameters
    ----------
    inputs : Inputs
    scope : sequence of str
        As `accounts.roles.SCOPES`; a township's or a county's providers are those that stand in it. What names nothing
        in the data gives nothing.
    """
    if not scope:
        return None
    named = {one.partition(":")[2] for one in scope if one.startswith("provider:")}
    areas = {one.partition(":")[2] for one in scope if not one.startswith("provider:")}
    chains = ancestors(inputs.places)
    providers = inputs.providers[["provider_id", "place_code"]].fillna("")
    return sorted(
        str(id)
        for id, place in zip(providers["provider_id"], providers["place_code"], strict=True)
        if id in named or areas.intersection(chains.get(place, ()))
    )
