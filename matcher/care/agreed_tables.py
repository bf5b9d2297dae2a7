"""The tables and the outcome of `agreements`: match's five files, who serves each site, and which sites have nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.care.agreed_outcome import outcome_of
from matcher.care.agreements import Agreed
from matcher.care.pairing import FREE, INSIDE, OPERATOR, leaving
from matcher.care.parties import Parties
from matcher.care.ties import standing_agreements
from matcher.plan.coverage import coverage_table
from matcher.tables import CAPACITY_COLUMNS, DISTANCE_SOURCES, MODES, OUTPUTS, UNSERVED_REASONS

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

AGREEMENT_COLUMNS = (
    "site_id",
    "mode",
    "provider_id",
    "form",
    "state",
    "residents",
    "not_covered",
    "distance_km",
    "over",
)
UNSERVED_SITE_COLUMNS = (
    "site_id",
    "mode",
    "residents",
    "tier1",
    "reason",
    "nearest_provider_id",
    "nearest_km",
)
ASSIGNMENT_COLUMNS = (*OUTPUTS["assignments"], "via")
STATES = ("kept", "new", "dropped")
#: Columns that tell rows apart.
KEYS = {"agreements": ("site_id", "mode", "provider_id"), "unserved_sites": ("site_id", "mode")}


@dataclass(frozen=True)
class AgreedTables:
    """Everything that is written.

    Parameters
    ----------
    tables : mapping of name to DataFrame
        ``assignments``, ``unserved``, ``providers``, ``coverage`` as of `match` (the first with ``via``: site or
        person; what one more place would bring is told for people who are matched alone), ``agreements``
        (`AGREEMENT_COLUMNS`; persons) and ``unserved_sites`` (`UNSERVED_SITE_COLUMNS`; persons, kilometres).
    outcome : mapping
        As of `match`; ``sites`` and ``persons`` tell the two steps apart.
    """

    tables: Mapping[str, pd.DataFrame]
    outcome: Mapping[str, object]


def agreed_tables(agreed: Agreed, time_limit_s: float) -> AgreedTables:
    """Put everything together; `status` claims no more than is proven of both steps."""
    parties = agreed.parties
    through = _assignments(agreed)
    alone = agreed.plan.assignments.assign(via="person")
    assignments = pd.concat([through, alone], ignore_index=True).astype({"cost_m": "Int64"})
    assignments = assignments.sort_values("resident_id", ignore_index=True)[list(ASSIGNMENT_COLUMNS)]
    waiting = _waiting_sites(agreed)
    left = (agreed.through < 0) & ~agreed.alone
    unserved = pd.concat([agreed.plan.unserved, _unserved(agreed, waiting, left)], ignore_index=True)
    found = assignments.set_index("resident_id")
    people = parties.people.assign(
        served=parties.people["resident_id"].isin(found.index),
        provider_id=parties.people["resident_id"].map(found["provider_id"]),
        distance_km=parties.people["resident_id"].map(found["distance_km"]),
    )
    tables = {
        "assignments": assignments,
        "unserved": unserved.sort_values("resident_id", ignore_index=True)[list(OUTPUTS["unserved"])],
        "providers": _loads(agreed),
        "coverage": coverage_table(people, parties.inputs.places, parties.inputs.sites),
        "agreements": _agreements(agreed),
        "unserved_sites": waiting,
    }
    return AgreedTables(tables, outcome_of(agreed, assignments, time_limit_s))


def _cost(parties: Parties, party: Ints, provider: Ints, how: npt.NDArray[np.object_]) -> Ints:
    """Cost of one person of each tie, −1 where the journey is not known; who is there already leaves nobody."""
    cost = parties.reach.cost[party, provider]
    pays = (cost >= 0) & ~np.isin(how, (INSIDE, OPERATOR))
    return np.asarray(cost + np.where(pays, leaving(parties, party, provider), 0), np.int64)


def _tie_arrays(agreed: Agreed) -> tuple[Ints, Ints, npt.NDArray[np.object_], Ints]:
    """Party, provider, step and persons of each tie."""
    ties = agreed.paired.ties
    party, provider, size = (
        np.array(values, np.int64)
        for values in (
            [tie.party for tie in ties],
            [tie.provider for tie in ties],
            [len(tie.people) for tie in ties],
        )
    )
    return party, provider, np.array([tie.how for tie in ties], dtype=object), size


def _ids(parties: Parties, provider: Ints) -> pd.Series:
    """Ids of providers, missing for −1."""
    return pd.Series(parties.providers["provider_id"].array.take(provider, allow_fill=True))


def _assignments(agreed: Agreed) -> pd.DataFrame:
    """Who is served through a site; distance and cost are those of the site."""
    parties = agreed.parties
    party, provider, how, size = _tie_arrays(agreed)
    cost, listed = _cost(parties, party, provider, how), parties.reach.listed[party, provider]
    row = np.concatenate([np.zeros(0, np.int64), *(tie.people for tie in agreed.paired.ties)])
    people = parties.people.iloc[row]
    here = np.repeat(np.arange(len(party)), size)
    table = people[["resident_id", "mode", "mode_rule", "tier"]].reset_index(drop=True)
    table["provider_id"] = _ids(parties, provider[here])
    table["distance_km"] = parties.reach.km[party, provider][here]
    table["cost_m"] = pd.Series(cost[here]).astype("Int64").mask(cost[here] < 0)
    table["rank"] = _ranks(agreed, party, provider)[here]
    table["distance_source"] = pd.array(DISTANCE_SOURCES, dtype="str").take(np.where(listed, 0, 1)[here])
    table["position"] = parties.table["precision"].array.take(party[here])
    return table.assign(via="site")


def _ranks(agreed: Agreed, party: Ints, provider: Ints) -> Ints:
    """1 + providers within the limit that the pairing allows and that are strictly cheaper."""
    reach, limit = agreed.parties.reach, agreed.parties.limit
    could = (agreed.paired.takes.sum(axis=2) > 0) & (reach.cost >= 0) & (reach.cost <= limit[:, None])
    cheaper = could[party] & (reach.cost[party] < reach.cost[party, provider][:, None])
    return np.asarray(1 + cheaper.sum(axis=1), np.int64)


def _agreements(agreed: Agreed) -> pd.DataFrame:
    """Every tie, kept or new, and the agreements in force that nobody of the site keeps."""
    parties = agreed.parties
    party, provider, how, size = _tie_arrays(agreed)
    residents = np.bincount(parties.people["party"].to_numpy(np.int64) + 1, minlength=len(parties.table) + 1)[
        1:
    ]
    standing = standing_agreements(parties.inputs)
    forms = standing.set_index(["site_id", "provider_id"])["form"]
    table = parties.table[["site_id", "mode"]].iloc[party].reset_index(drop=True)
    table["provider_id"] = _ids(parties, provider)
    known = pd.MultiIndex.from_frame(table[["site_id", "provider_id"]])
    in_force = forms.reindex(known).reset_index(drop=True)
    told = pd.Series([tie.form for tie in agreed.paired.ties], dtype="str")
    # Where the policy leaves the choice free, an agreement stays what was signed.
    table["form"] = told.mask((how == FREE) & in_force.notna().to_numpy(), in_force)
    stays = in_force.notna().to_numpy() | np.isin(how, (INSIDE, OPERATOR))
    table["state"] = np.where(stays, "kept", "new")
    table["residents"] = size
    table["not_covered"] = residents[party] - size
    table["distance_km"] = parties.reach.km[party, provider]
    table["over"] = _over(agreed)
    gone = standing[standing["site_id"].isin(parties.table["site_id"])]
    gone = gone[~pd.MultiIndex.from_frame(gone[["site_id", "provider_id"]]).isin(known)]
    first = pd.Index(parties.table["site_id"]).drop_duplicates()
    place = parties.table["site_id"].drop_duplicates().index[first.get_indexer(pd.Index(gone["site_id"]))]
    number = pd.Index(parties.providers["provider_id"]).get_indexer(pd.Index(gone["provider_id"]))
    gone = gone.assign(state="dropped", residents=0, distance_km=parties.reach.km[place, number])
    whole = pd.concat([table, gone], ignore_index=True)[list(AGREEMENT_COLUMNS)]
    whole["order"] = whole["mode"].map({mode: place for place, mode in enumerate(MODES)})
    whole = whole.sort_values(["site_id", "order"], kind="stable", ignore_index=True).drop(columns="order")
    return whole.astype(dict.fromkeys(("residents", "not_covered", "over"), "Int64"))


def _over(agreed: Agreed) -> Ints:
    """Persons of each tie above the places of its provider, in the order in which ties were made."""
    parties = agreed.parties
    party, provider, _, size = _tie_arrays(agreed)
    slot = provider * len(MODES) + parties.mode[party]
    total = parties.total[provider]
    above = np.zeros(len(size), np.int64)
    for key, room in ((slot, parties.places[provider, parties.mode[party]]), (provider, total)):
        used = pd.Series(size).groupby(key).cumsum().to_numpy(np.int64)
        limited = room >= 0
        above = np.where(limited, np.maximum(above, np.clip(used - room, 0, size)), above)
    return np.asarray(above, np.int64)


def _waiting_sites(agreed: Agreed) -> pd.DataFrame:
    """Parties of whom somebody is left without a provider, and why."""
    parties = agreed.parties
    left = (agreed.through < 0) & ~agreed.alone
    number = parties.people["party"].to_numpy(np.int64)
    count = np.bincount(number[left], minlength=len(parties.table))
    first = np.bincount(
        number[left & (parties.people["tier"] == 1).to_numpy(bool)], minlength=len(parties.table)
    )
    located = np.bincount(number[left & parties.counted], minlength=len(parties.table)) > 0
    rows = np.flatnonzero(count)
    nearest = _nearest(agreed)
    km = np.full(len(parties.table), np.nan)
    km[nearest >= 0] = parties.reach.km[nearest >= 0, nearest[nearest >= 0]]
    table = parties.table[["site_id", "mode"]].iloc[rows].reset_index(drop=True)
    table["residents"], table["tier1"] = count[rows], first[rows]
    table["reason"] = pd.Series(_reasons(agreed, located, nearest)[rows], dtype="str")
    table["nearest_provider_id"] = _ids(parties, nearest[rows]).astype("str")
    table["nearest_km"] = km[rows]
    return table[list(UNSERVED_SITE_COLUMNS)]


def _nearest(agreed: Agreed) -> Ints:
    """The provider of least cost that the pairing allows each party, whatever the limit; −1 for none."""
    cost = agreed.parties.reach.cost
    known = (agreed.paired.takes.sum(axis=2) > 0) & (cost >= 0)
    if not known.size:
        return np.full(len(known), -1, np.int64)
    best = np.where(known, cost, np.iinfo(np.int64).max).argmin(axis=1)
    return np.where(known.any(axis=1), best, -1)


def _reasons(agreed: Agreed, located: Bools, nearest: Ints) -> npt.NDArray[np.object_]:
    """The first reason that holds for each party, in the order of ``tables.UNSERVED_REASONS``."""
    reach, limit = agreed.parties.reach, agreed.parties.limit
    could = agreed.paired.takes.sum(axis=2) > 0
    within = (could & (reach.cost >= 0) & (reach.cost <= limit[:, None])).any(axis=1)
    unknown = (agreed.parties.table["precision"] == "none").to_numpy(bool)
    holds = {
        "waiting": np.zeros(len(could), bool),
        "no_location": ~located | (unknown & ~within),
        "no_qualified_provider": ~could.any(axis=1),
        "no_way": (nearest < 0) & (reach.shut | ~could).all(axis=1),
        "beyond_limit": ~within,
        "capacity_full": np.ones(len(could), bool),
    }
    return np.select([holds[name] for name in UNSERVED_REASONS], UNSERVED_REASONS, default="")


def _unserved(agreed: Agreed, waiting: pd.DataFrame, left: Bools) -> pd.DataFrame:
    """People who wait with their site."""
    people = agreed.parties.people[left]
    told = waiting.set_index(["site_id", "mode"])
    key = pd.MultiIndex.from_frame(people[["site_id", "mode"]])
    rows = told.reindex(key).reset_index(drop=True)
    table = people[["resident_id", "mode", "tier"]].reset_index(drop=True)
    nowhere = people["lat"].isna().reset_index(drop=True)
    table["reason"] = rows["reason"].mask(nowhere, "no_location").astype("str")
    table["nearest_provider_id"] = rows["nearest_provider_id"].astype("str")
    return table.assign(nearest_distance_km=rows["nearest_km"].astype("float64"))


def _loads(agreed: Agreed) -> pd.DataFrame:
    """Providers by offered mode: all their places, and all whom they serve."""
    loads, parties = agreed.plan.loads, agreed.parties
    some = agreed.through >= 0
    taken = pd.Series(1, index=np.flatnonzero(some)).groupby(
        [_ids(parties, agreed.through[some]).to_numpy(), parties.people.loc[some, "mode"].to_numpy()]
    )
    key = pd.MultiIndex.from_frame(loads[["provider_id", "mode"]])
    capacity = parties.providers.set_index("provider_id")[list(CAPACITY_COLUMNS)].set_axis(
        list(MODES), axis=1
    )
    places = capacity.stack().reindex(key)
    more = taken.sum().reindex(key).fillna(0) if some.any() else 0
    return loads.assign(
        capacity=places.to_numpy(np.int64), assigned=loads["assigned"] + np.asarray(more, np.int64)
    )
