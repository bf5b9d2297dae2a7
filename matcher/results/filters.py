"""Some of the people of a plan, by place, age, group and tier, for every figure at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matcher.eligibility.codes import known_mask, mask_of
from matcher.errors import BadInput
from matcher.plan.coverage import ancestors, home_place
from matcher.plan.once import once_per_plan
from matcher.tables import VOCABULARIES
from matcher.words.nearest import nearest

if TYPE_CHECKING:
    import pandas as pd

    from matcher.plan.plan import Plan

Bools = npt.NDArray[np.bool_]

#: Ages in years that are offered to choose from: from the first to the last, both included.
AGE_BANDS = ((0, 59), (60, 69), (70, 79), (80, 89), (90, 150))


@dataclass(frozen=True)
class Filter:
    """Whom to look at; None takes everybody.

    Parameters
    ----------
    place : str or None
        Code of a place of any level: whoever lives in it or within it.
    ages : (int, int) or None
        Years, both included; who has no known age is not among them.
    group : str or None
        One of ``tables.VOCABULARIES["group"]``.
    tier : int or None
    """

    place: str | None = None
    ages: tuple[int, int] | None = None
    group: str | None = None
    tier: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it takes everybody."""
        return self == Filter()

    def key(self) -> str:
        """What is asked for, in codes; empty where nothing is."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return " ".join(
            f"{name}={'-'.join(map(str, value)) if isinstance(value, tuple) else value}"
            for name, value in told.items()
        )


def narrowed(plan: Plan, wanted: Filter) -> Plan:
    """The plan as far as it concerns some of its people: to be read, not to be solved from.

    Parameters
    ----------
    plan : Plan
    wanted : Filter

    Returns
    -------
    Plan
        With the people, assignments, unserved and coverage of these alone. Loads, inputs and certificate stay those
        of everybody, since places that others take are taken; the fingerprint names the filter.

    Raises
    ------
    BadInput
        ``unknown_place`` or ``unknown_group``, with the most similar codes.
    """
    if wanted.is_empty:
        return plan
    people = plan.people[_among(plan, wanted)]
    ids = people["resident_id"]
    return replace(
        plan,
        people=people,
        assignments=_rows_of(plan.assignments, ids),
        unserved=_rows_of(plan.unserved, ids),
        outcome=replace(plan.outcome, fingerprint=f"{plan.outcome.fingerprint} {wanted.key()}"),
    )


def _rows_of(table: pd.DataFrame, ids: pd.Series[str]) -> pd.DataFrame:
    return table[table["resident_id"].isin(ids)].reset_index(drop=True)


def _among(plan: Plan, wanted: Filter) -> Bools:
    people, chosen = plan.people, np.ones(len(plan.people), bool)
    if wanted.place is not None:
        chosen &= lives_in(plan, wanted.place)
    if wanted.ages is not None:
        chosen &= people["age"].between(*wanted.ages).fillna(False).to_numpy(bool)
    if wanted.group is not None:
        groups = VOCABULARIES["group"]
        _insist(wanted.group, groups, "unknown_group", "group")
        chosen &= known_mask(people["groups"], groups) & mask_of([wanted.group], groups) != 0
    if wanted.tier is not None:
        chosen &= (people["tier"] == wanted.tier).to_numpy(bool)
    return chosen


def lives_in(plan: Plan, place_code: str) -> Bools:
    """Who lives in the place or in one within it.

    Returns
    -------
    (n_residents,) array of bool
        In the order of ``plan.people``.

    Raises
    ------
    BadInput
        ``unknown_place``, with the most similar codes.
    """
    chains = ancestors(plan.inputs.places)
    _insist(place_code, chains, "unknown_place", "place_code")
    within = {code for code, chain in chains.items() if place_code in chain}
    return _homes(plan).isin(within).to_numpy(bool)


@once_per_plan
def _homes(plan: Plan) -> pd.Series[pd.CategoricalDtype[str]]:
    """Place of each person, each place written once."""
    return home_place(plan.people, plan.inputs.sites).astype("category")


def _insist(code: str, known: Collection[str], error: str, name: str) -> None:
    if code not in known:
        near = nearest(code, known, most=3, cutoff=0.0)
        raise BadInput(error, **{name: code}, nearest=", ".join(near))
