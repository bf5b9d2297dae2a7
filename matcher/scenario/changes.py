"""The people whose care differs between two plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from matcher.masking import mask_if_id_number, mask_name

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

#: What may change for a person of both plans, best news first.
CHANGES = ("newly_served", "moved", "newly_unserved")
#: People of one plan alone: a scenario may bring residents, or leave some out.
ONE_SIDED = ("new_resident", "gone")
#: Columns of `compare`.
COMPARISON = ("resident_id", "change", "from_provider", "to_provider", "delta_km")


def compare(before: Plan, after: Plan) -> pd.DataFrame:
    """Everybody whose provider differs between two plans, and who is in only one of them.

    Returns
    -------
    pandas.DataFrame
        ``resident_id``, ``change`` (one of `CHANGES` or `ONE_SIDED`), ``from_provider`` and ``to_provider`` (missing
        where nobody served or serves), ``delta_km`` (how much farther the new provider is; missing unless moved).
        Sorted by resident_id; people without a change are left out.
    """
    both = _side_by_side(_side(before, "from"), _side(after, "to"))
    served, serves = both["from_provider"].notna(), both["to_provider"].notna()
    moved = served & serves & both["from_provider"].ne(both["to_provider"])
    kinds = {
        "new_resident": both["from_there"].isna(),
        "gone": both["to_there"].isna(),
        "newly_served": serves & ~served,
        "newly_unserved": served & ~serves,
        "moved": moved,
    }
    change = np.select(list(kinds.values()), list(kinds), "")
    both["change"] = pd.Series(change, index=both.index, dtype="str")
    both["delta_km"] = both["to_km"] - both["from_km"]
    changed: pd.DataFrame = both.loc[both["change"] != "", list(COMPARISON)]
    return changed.sort_values("resident_id", ignore_index=True)


def _side_by_side(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """A row a person; most changes leave the people as they are, in their order."""
    if left["resident_id"].equals(right["resident_id"]):
        return pd.concat([left, right.drop(columns="resident_id")], axis=1)
    return left.merge(right, on="resident_id", how="outer")


def _side(plan: Plan, side: str) -> pd.DataFrame:
    """Provider and distance of everybody in a plan; ``<side>_there`` marks the people of the plan."""
    people = plan.people[["resident_id", "provider_id", "distance_km"]]
    names = {"provider_id": f"{side}_provider", "distance_km": f"{side}_km"}
    return people.rename(columns=names).assign(**{f"{side}_there": True})


def count_changes(changes: pd.DataFrame, residents: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many people changed, counted by a column of `residents` (``mode``, ``tier``, ``place_code`` …).

    Returns
    -------
    pandas.DataFrame
        ``by``, then one column of persons for each of `CHANGES`; groups without a change are left out.
    """
    told = changes.merge(residents[["resident_id", by]], on="resident_id", how="left")
    counts: pd.DataFrame = pd.crosstab(told[by], told["change"])
    counts = counts.reindex(columns=list(CHANGES), fill_value=0).rename_axis(columns=None)
    return counts.reset_index()


def changed_people(changes: pd.DataFrame, after: Plan) -> pd.DataFrame:
    """The people of a comparison as a list may show them: names masked, providers by name.

    Returns
    -------
    DataFrame[resident_id, name, mode, tier, change, from_name, to_name, delta_km]
        In the order of `changes`; an id of the shape of a national id number is masked.
    """
    providers = after.inputs.providers.set_index("provider_id")["name"]
    names = providers.fillna(dict(zip(providers.index, providers.index, strict=True)))
    told = changes.merge(after.people[["resident_id", "name", "mode", "tier"]], on="resident_id", how="left")
    told["resident_id"] = told["resident_id"].map(mask_if_id_number)
    told["name"] = told["name"].fillna("").map(mask_name)
    told["from_name"] = told["from_provider"].map(names)
    told["to_name"] = told["to_provider"].map(names)
    columns = ["resident_id", "name", "mode", "tier", "change", "from_name", "to_name", "delta_km"]
    return told[columns]


def changed_places(changes: pd.DataFrame, after: Plan) -> pd.DataFrame:
    """Where the people of a comparison live.

    Returns
    -------
    DataFrame[place_code, newly_served, moved, newly_unserved, name, lat, lon]
        Places with a position and at least one change.
    """
    counts = count_changes(changes, after.people, "place_code")
    places = after.inputs.places[["place_code", "name", "lat", "lon"]].dropna(subset=["lat", "lon"])
    return counts.merge(places, on="place_code")
