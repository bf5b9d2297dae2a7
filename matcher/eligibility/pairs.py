"""Admissible and within the limit: groups of alike residents and all their eligible providers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.arrays import distinct_rows, numbered
from matcher.eligibility.fixed import wished
from matcher.eligibility.qualify import admissible
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.progress import track
from matcher.solve.problem import expand
from matcher.tables import MODES
from matcher.travel.distance import Journeys, TravelModel, limit_cost, read_journeys, travel_model

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Cells of a (groups × providers) block looked at together: bounds the memory, not the answer.
BLOCK_CELLS = 8_000_000
#: Groups of a block: few enough to live in a narrow band.
BLOCK_GROUPS = 8_000


@dataclass(frozen=True)
class Groups:
    """Residents who are alike in everything that the optimisation sees.

    Grouping loses nothing: members are interchangeable, so any split of a group's places among them costs the same.

    Parameters
    ----------
    member : (n_residents,) group of each resident, in the order of the classified table
    size : (n_groups,) persons
    mode : (n_groups,) index into ``tables.MODES``
    tier : (n_groups,) 1 = first
    location : (n_groups,) index into the origins of `travel`
    profile : (n_groups,) row of `profiles`
    current : (n_groups,) index of the current provider, −1 for none; only where the policy prices switching
    fixed : (n_groups,) index of the provider that was decided on for them, −1 for none; see `held.py`
    profiles : DataFrame[mode, services_required, site_id, admissions, waiting]
    admitted : (n_profiles, n_providers) bool
    provider_ids : index, sorted; providers are numbered in this order everywhere
    travel : TravelModel
    limits : highest eligible cost by mode index
    """

    member: Ints
    size: Ints
    mode: Ints
    tier: Ints
    location: Ints
    profile: Ints
    current: Ints
    fixed: Ints
    profiles: pd.DataFrame
    admitted: Bools
    provider_ids: pd.Index
    travel: TravelModel
    limits: Ints


@dataclass(frozen=True)
class Pairs:
    """Every eligible (group, provider), by group, cheapest first, ties by provider id.

    Parameters
    ----------
    start : (n_groups + 1,) first pair of each group
    provider : (n_pairs,) int32
    cost : (n_pairs,) int32, before any price for switching
    """

    start: Ints
    provider: npt.NDArray[np.int32]
    cost: npt.NDArray[np.int32]

    @property
    def group(self) -> Ints:
        """Group of each pair."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def kept(self, some: Bools) -> Pairs:
        """Some of the pairs, by a flag for each; groups keep their numbers."""
        degree = np.bincount(self.group[some], minlength=len(self.start) - 1)
        return Pairs(np.concatenate(([0], np.cumsum(degree))), self.provider[some], self.cost[some])


def group_residents(people: pd.DataFrame, inputs: Inputs, policy: Policy) -> Groups:
    """Group the classified residents.

    Parameters
    ----------
    people : DataFrame
        `classify` of ``inputs.residents``, located.
    inputs : Inputs
        Located inputs.
    policy : Policy

    Returns
    -------
    Groups
        The same for any order of the rows.
    """
    providers = inputs.providers.sort_values("provider_id").reset_index(drop=True)
    provider_ids = pd.Index(providers["provider_id"])
    journeys = read_journeys(inputs.travel, provider_ids)
    origins, location = distinct_origins(people, journeys)
    profiles, profile = _profiles(people, inputs)
    admitted = admissible(profiles, providers, inputs.sites, policy)
    current = np.full(len(people), -1, np.int64)
    if policy.switching_m > 0:
        current = provider_ids.get_indexer(pd.Index(people["current_provider_id"])).astype(np.int64)
    mode = pd.Categorical(people["mode"], categories=MODES).codes.astype(np.int64)
    tier = people["tier"].to_numpy(np.int64)
    wish = wished(people, provider_ids, inputs.corrections)
    alone = np.where(wish >= 0, np.arange(len(people)), -1)
    alike = np.column_stack((mode, tier, profile, location, current, wish, alone))
    first, member = distinct_rows(alike)
    distinct = alike[first]
    model = travel_model(origins, providers, journeys, policy)
    return Groups(
        member=member,
        size=np.bincount(member, minlength=len(distinct)).astype(np.int64),
        mode=distinct[:, 0],
        tier=distinct[:, 1],
        profile=distinct[:, 2],
        location=distinct[:, 3],
        current=distinct[:, 4],
        fixed=distinct[:, 5],
        profiles=profiles,
        # Who waits for a care home takes no place anywhere.
        admitted=admitted & ~profiles["waiting"].to_numpy(bool)[:, None],
        provider_ids=provider_ids,
        travel=model,
        limits=np.array([limit_cost(policy, mode) for mode in MODES], np.int64),
    )


def distinct_origins(people: pd.DataFrame, journeys: Journeys) -> tuple[pd.DataFrame, Ints]:
    """Distinct locations; people share one when position and listed journeys are the same."""
    origins = pd.DataFrame(
        {
            "lat": people["lat"].to_numpy(np.float64),
            "lon": people["lon"].to_numpy(np.float64),
            "place_key": numbered(people["place_code"], journeys.keys),
            "person_key": numbered(people["resident_id"], journeys.keys),
        }
    )
    codes = np.column_stack([pd.factorize(origins[name], sort=True)[0] for name in origins]).astype(np.int64)
    first, member = distinct_rows(codes)
    return origins.iloc[first], member


def who_waits(people: pd.DataFrame) -> Bools:
    """Who lives at home and waits for a care home, as `classify` marks them; nobody where it marks none."""
    return people["waiting"].to_numpy(bool) if "waiting" in people else np.zeros(len(people), bool)


def _profiles(people: pd.DataFrame, inputs: Inputs) -> tuple[pd.DataFrame, Ints]:
    """Distinct (mode, services, site, admissions, waiting); a site counts only where it can change who is admitted."""
    tied = pd.concat(
        [
            inputs.providers["site_id"],
            inputs.sites.loc[
                inputs.sites["operator_provider_id"].notna() | inputs.sites["agreement_provider_id"].notna(),
                "site_id",
            ],
        ]
    )
    site = people["site_id"].where(people["site_id"].isin(tied.dropna()))
    codes = np.column_stack(
        [
            pd.factorize(column, sort=True)[0].astype(np.int64)
            for column in (
                people["mode"].to_numpy(dtype=object),
                people["services_required"].to_numpy(np.int64),
                site.to_numpy(dtype=object),
                people["admissions"].to_numpy(np.int64),
                who_waits(people),
            )
        ]
    )
    first, member = distinct_rows(codes)
    profiles = pd.DataFrame(
        {
            "mode": people["mode"].iloc[first].to_numpy(dtype=object),
            "services_required": people["services_required"].to_numpy(np.int64)[first],
            "site_id": site.iloc[first].to_numpy(dtype=object),
            "admissions": people["admissions"].to_numpy(np.int64)[first],
            "waiting": who_waits(people)[first],
        }
    ).astype({"mode": "str", "site_id": "str"})
    return profiles, member


def eligible_pairs(groups: Groups, *, progress: bool = False) -> Pairs:
    """All eligible pairs: admissible and within the policy's limit. Nothing is pruned.

    Parameters
    ----------
    groups : Groups
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    Pairs
    """
    order, providers, costs, counts = [], [], [], []
    for members, columns in track(list(_blocks(groups)), progress, "progress.candidates"):
        provider, cost, count = _block_pairs(groups, members, columns)
        order.append(members)
        providers.append(provider)
        costs.append(cost)
        counts.append(count)
    if not order:
        return Pairs(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32))
    # Blocks go by place: back to the order of the groups.
    found = np.concatenate(([0], np.cumsum(np.concatenate(counts))))
    turn = np.argsort(np.concatenate(order))
    _, pair = expand(found, turn)
    return Pairs(
        start=np.concatenate(([0], np.cumsum(np.diff(found)[turn]))),
        provider=np.concatenate(providers)[pair],
        cost=np.concatenate(costs)[pair],
    )


def ranks(pairs: Pairs, group: Ints, cost: npt.NDArray[np.integer]) -> Ints:
    """1 + eligible providers of a group that are strictly cheaper, before any price for switching.

    Parameters
    ----------
    pairs : Pairs
    group, cost : (n,)
        Of each pair in question.
    """
    # Costs ascend within a group, so one search among (group, cost) numbers finds them all.
    width = int(pairs.cost.max(initial=0)) + 1
    keys = pairs.group * width + pairs.cost
    return np.asarray(np.searchsorted(keys, group * width + cost) - pairs.start[group] + 1, np.int64)


def nearest_pairs(pairs: Pairs, passed_over: int | None) -> Pairs:
    """The pairs of the policy's ``max_passed_over``: those that send nobody past more cheaper providers than it says.

    Parameters
    ----------
    pairs : Pairs
    passed_over : int or None
        None keeps all.

    Returns
    -------
    Pairs
        Whoever had any pair keeps the cheapest, and ranks stay what they were.
    """
    if passed_over is None:
        return pairs
    return pairs.kept(ranks(pairs, pairs.group, pairs.cost) <= passed_over + 1)


def _blocks(groups: Groups) -> Iterator[tuple[Ints, Ints]]:
    """Groups of one mode who live next to each other, with the providers that any of them may use and reach.

    Locations are numbered from south to north: a run of them is a band.
    """
    for mode in range(len(MODES)):
        members = np.flatnonzero(groups.mode == mode)
        if not len(members):
            continue
        members = members[np.argsort(groups.location[members], kind="stable")]
        columns = np.flatnonzero(groups.admitted[np.unique(groups.profile[members])].any(axis=0))
        step = min(BLOCK_GROUPS, max(1, BLOCK_CELLS // max(1, len(columns))))
        for begin in range(0, len(members), step):
            some = members[begin : begin + step]
            near = groups.travel.near_band(groups.location[some], columns, int(groups.limits[mode]))
            yield some, columns[near]


def _block_pairs(
    groups: Groups, members: Ints, columns: Ints
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Ints]:
    limit = int(groups.limits[groups.mode[members[0]]])
    reach, place = np.unique(groups.location[members], return_inverse=True)
    near = groups.travel.within_reach(reach, columns, limit)
    member, column = np.nonzero(near[place] & groups.admitted[np.ix_(groups.profile[members], columns)])
    cost = _measured(groups, reach, columns, place[member], column)
    keep = (cost >= 0) & (cost <= limit)
    column, cost, count = _sorted_by_cost(member[keep], cost[keep], column[keep], len(members))
    return columns[column].astype(np.int32), cost.astype(np.int32), count


def _measured(groups: Groups, reach: Ints, columns: Ints, place: Ints, column: Ints) -> Ints:
    """Cost of pairs of a location among `reach` and a provider among `columns`, −1 where none is known.

    Distances are taken once for each location and provider, however many groups live there.
    """
    cell = place * len(columns) + column
    cells = len(reach) * len(columns)
    needed = np.flatnonzero(np.bincount(cell, minlength=cells))
    if len(needed) == len(cell):  # nobody shares a place
        return groups.travel.measure(reach[place], columns[column])[1]
    cost = np.full(cells, -1, np.int64)
    cost[needed] = groups.travel.measure(reach[needed // len(columns)], columns[needed % len(columns)])[1]
    return np.asarray(cost[cell])


def _sorted_by_cost(member: Ints, cost: Ints, column: Ints, members: int) -> tuple[Ints, Ints, Ints]:
    """Order by (member, cost, column); also how many each member has.

    One sort of packed numbers, several times faster than lexsort. They fit: a block has at most `BLOCK_CELLS` cells
    (23 bits), or one member, and a cost is below 2³¹.
    """
    count = np.bincount(member, minlength=members).astype(np.int64)
    if not len(member):
        return column, cost, count
    column_bits = int(column.max()).bit_length()
    cost_bits = int(cost.max()).bit_length()
    packed = (((member << cost_bits) | cost) << column_bits) | column
    packed.sort()
    return packed & ((1 << column_bits) - 1), (packed >> column_bits) & ((1 << cost_bits) - 1), count
