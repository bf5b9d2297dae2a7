"""Edits of people: more or fewer of them, older ones, those of a season; each gives other inputs and counts."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.classify import classify
from matcher.eligibility.presence import journeys_of_people, only, present
from matcher.inputs import Inputs
from matcher.plan.coverage import ancestors, home_place
from matcher.policy.documents import Policy
from matcher.scenario.ageing import aged
from matcher.scenario.checks import is_whole, nearest_ids, refuse_value
from matcher.scenario.draws import draws
from matcher.scenario.edits import Ageing, ChangeDemand, Season
from matcher.tables import MODES

Bools: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
#: Fields of ``Effect``, in persons.
Counts: TypeAlias = dict[str, int]

#: A synthetic resident is nobody, lives with nobody and has been with no provider.
_PERSONAL = ("name", "phone", "id_number", "household_id", "current_provider_id")
#: Largest factor of a demand, and most years of ageing.
MOST_FACTOR = 100
MOST_YEARS = 50


def change_demand(edit: ChangeDemand, inputs: Inputs, policy: Policy, key: str) -> tuple[Inputs, Counts]:
    """With `factor` times as many of the residents concerned, rounded half up to persons."""
    if (
        isinstance(edit.factor, bool)
        or not isinstance(edit.factor, Real)
        or not 0 <= edit.factor <= MOST_FACTOR
    ):
        refuse_value("factor", edit.factor, f"0 … {MOST_FACTOR}")
    chosen = np.flatnonzero(_concerned(edit, inputs, policy))
    ids = inputs.residents["resident_id"].iloc[chosen]
    # By number, then by id: never by row.
    turn = chosen[np.lexsort((ids.to_numpy(dtype=object), draws(ids, key)))]
    # In decimals as written: 0.29 × 50 is 14.5, which floats do not know.
    wanted = int(Decimal(str(edit.factor)) * len(turn) + Decimal("0.5"))
    if wanted > len(turn):
        who = np.resize(turn, wanted - len(turn))
        return _with_copies(inputs, who), {"came": len(who)}
    stays = np.ones(len(inputs.residents), bool)
    stays[turn[: len(turn) - wanted]] = False
    return _with_only(inputs, stays)


def age(edit: Ageing, inputs: Inputs, policy: Policy, key: str) -> tuple[Inputs, Counts]:
    """With everybody some years older."""
    if not is_whole(edit.years) or not 1 <= edit.years <= MOST_YEARS:
        refuse_value("years", edit.years, f"1 … {MOST_YEARS}")
    older = aged(inputs.residents, edit.years, inputs.dataset.as_of, policy, key)
    changed = older["ability_grade"].ne(inputs.residents["ability_grade"]).fillna(False)
    return inputs.replace(residents=older), {"changed": int(changed.sum())}


def keep_season(edit: Season, inputs: Inputs, policy: Policy, key: str) -> tuple[Inputs, Counts]:
    """Without the visitors who are away in that month."""
    if not is_whole(edit.month) or not 1 <= edit.month <= 12:
        refuse_value("month", edit.month, "1 … 12")
    return _with_only(inputs, present(inputs.residents, edit.month))


def _concerned(edit: ChangeDemand, inputs: Inputs, policy: Policy) -> Bools:
    """Residents of the place and of the mode, each where the edit names one."""
    chosen = np.ones(len(inputs.residents), bool)
    if edit.place_code is not None:
        chains = ancestors(inputs.places)
        if edit.place_code not in chains:
            refuse_value("place_code", edit.place_code, nearest_ids(str(edit.place_code), chains))
        inside = [code for code, chain in chains.items() if edit.place_code in chain]
        chosen &= home_place(inputs.residents, inputs.sites).isin(inside).to_numpy(bool)
    if edit.mode is not None:
        if edit.mode not in MODES:
            refuse_value("mode", edit.mode, ", ".join(MODES))
        chosen &= (classify(inputs, policy)["mode"] == edit.mode).to_numpy(bool)
    return chosen


def _with_copies(inputs: Inputs, who: Ints) -> Inputs:
    """With synthetic residents who are as those in the rows `who`, journeys listed by person included."""
    originals = inputs.residents.iloc[who]
    ids = _free_ids(inputs.residents["resident_id"], len(who))
    unknown = {name: pd.array([None] * len(who), dtype="str") for name in _PERSONAL}
    copies = originals.assign(resident_id=ids, row=0, **unknown)
    journeys = journeys_of_people(inputs)
    pairs = pd.DataFrame({"from_code": originals["resident_id"].to_numpy(), "copy": ids})
    listed = inputs.travel[journeys].merge(pairs, on="from_code")
    travel = inputs.travel
    if len(listed):
        listed = listed.assign(from_code=listed["copy"])[travel.columns]
        travel = pd.concat([travel, listed], ignore_index=True)
    residents = pd.concat([inputs.residents, copies], ignore_index=True)
    return inputs.replace(residents=residents, travel=travel)


def _with_only(inputs: Inputs, stays: Bools) -> tuple[Inputs, Counts]:
    """Without some residents; the very same inputs when all stay."""
    return only(inputs, stays), {} if stays.all() else {"left": int((~stays).sum())}


def _free_ids(taken: pd.Series, count: int) -> Any:
    """Ids of synthetic residents, SYN1-…, those of a later edit SYN2-…; nothing of a person's id is in them."""
    number = 1
    while taken.str.startswith(f"SYN{number}-").any():
        number += 1
    return pd.array([f"SYN{number}-{turn:06d}" for turn in range(1, count + 1)], dtype="str")
