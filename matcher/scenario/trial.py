"""A provider tried before it is built: who is in its reach, who else could serve them, what each capacity brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from matcher.eligibility.derive import Eligibility, derive
from matcher.inputs import Inputs
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.scenario.applying import apply
from matcher.scenario.changes import CHANGES, compare
from matcher.scenario.edits import AddProvider, Scenario
from matcher.tables import MODES


@dataclass(frozen=True)
class InReach:
    """Whom a new provider could serve, before anything is solved.

    Parameters
    ----------
    people, unserved : int
        Persons who qualify for it within their limit, and of them those whom nobody serves now.
    by_mode : DataFrame[mode, people, unserved]
        Modes in which somebody is, in the order of ``tables.MODES``.
    competitors : DataFrame[provider_id, name, shared, assigned, capacity]
        Other providers that could serve the same people: how many, and how full they are; most shared first.
    inputs, eligibility
        With the provider, for whoever solves next.
    """

    people: int
    unserved: int
    by_mode: pd.DataFrame
    competitors: pd.DataFrame
    inputs: Inputs = field(repr=False)
    eligibility: Eligibility = field(repr=False)


def in_reach(before: Plan, edit: AddProvider) -> InReach:
    """Who could go to a provider that is not there yet.

    Parameters
    ----------
    before : Plan
        Without it.
    edit : AddProvider

    Raises
    ------
    ScenarioError
        When the provider cannot be added.
    """
    inputs = apply(Scenario("trial", (edit,)), before.inputs, before.policy).inputs
    there = derive(inputs, before.policy, people=before.eligibility.people)  # a provider changes nobody
    groups, pairs = there.groups, there.pairs
    new = groups.provider_ids.get_loc(str(edit.values["provider_id"]))
    near = np.zeros(len(groups.size), bool)
    near[pairs.group[pairs.provider == new]] = True
    inside = near[groups.member]
    unserved = inside & ~before.people["served"].to_numpy(bool)
    counted = pd.DataFrame({"mode": before.people["mode"], "people": inside, "unserved": unserved})
    by_mode = counted.groupby("mode")[["people", "unserved"]].sum().reindex(list(MODES), fill_value=0)
    asked = near[pairs.group] & (pairs.provider != new)
    shared = np.bincount(
        pairs.provider[asked], groups.size[pairs.group[asked]], minlength=len(groups.provider_ids)
    )
    return InReach(
        people=int(inside.sum()),
        unserved=int(unserved.sum()),
        by_mode=by_mode[by_mode["people"] > 0].reset_index(),
        competitors=_competitors(before, groups.provider_ids, shared.astype(np.int64)),
        inputs=inputs,
        eligibility=there,
    )


def _competitors(before: Plan, ids: pd.Index, shared: np.ndarray) -> pd.DataFrame:
    loads = before.loads.groupby("provider_id")[["assigned", "capacity"]].sum()
    names = before.inputs.providers.set_index("provider_id")["name"]
    table = pd.DataFrame({"provider_id": ids, "shared": shared})
    table = table[table["shared"] > 0].merge(loads, on="provider_id", how="left").fillna(0)
    table["name"] = table["provider_id"].map(names).fillna(table["provider_id"])
    table = table.astype({"assigned": "int64", "capacity": "int64"})
    table = table.sort_values(["shared", "provider_id"], ascending=[False, True], ignore_index=True)
    return table[["provider_id", "name", "shared", "assigned", "capacity"]]


@dataclass(frozen=True)
class Brought:
    """What a new provider brings, solved exactly.

    Parameters
    ----------
    after : Plan
    used : int
        Persons whom it serves.
    newly_served, moved, newly_unserved : int
        Persons whose care differs from the plan before.
    """

    after: Plan
    used: int
    newly_served: int
    moved: int
    newly_unserved: int


def brought(
    before: Plan, edit: AddProvider, start: Plan | None = None, reach: InReach | None = None
) -> Brought:
    """Match with the provider and compare.

    Parameters
    ----------
    before : Plan
        Without it.
    edit : AddProvider
    start : Plan, optional
        Another plan that is nearer to the answer, for speed alone.
    reach : InReach, optional
        `in_reach` of the same, where it is at hand.

    Raises
    ------
    ScenarioError
        When the provider cannot be added.
    """
    reach = reach or in_reach(before, edit)
    after = match(reach.inputs, before.policy, start=start or before, eligibility=reach.eligibility)
    changes = compare(before, after)["change"].value_counts()
    used = int((after.people["provider_id"] == edit.values["provider_id"]).sum())
    return Brought(after, used, **{change: int(changes.get(change, 0)) for change in CHANGES})


def sweep(before: Plan, edit: AddProvider, mode: str, capacities: Sequence[int]) -> pd.DataFrame:
    """What a new provider brings with each capacity in one mode, each solved exactly.

    Parameters
    ----------
    before : Plan
    edit : AddProvider
        Its other modes stay as they are.
    mode : str
        One of ``tables.MODES``.
    capacities : sequence of int
        Persons.

    Returns
    -------
    DataFrame[capacity, served, used, newly_served, moved, newly_unserved]
        ``served`` counts everybody; the others as in `Brought`.

    Raises
    ------
    ScenarioError
    """
    rows = []
    start = before
    for capacity in capacities:
        tried = replace(edit, values={**edit.values, f"capacity_{mode}": capacity})
        told = brought(before, tried, start)
        start = told.after
        numbers = {name: getattr(told, name) for name in ("used", *CHANGES)}
        rows.append({"capacity": capacity, "served": start.outcome.served, **numbers})
    return pd.DataFrame(rows, columns=["capacity", "served", "used", *CHANGES])
