"""The plan of one county: its tables, from its people and the slots of the province that they were given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility, derive
from matcher.eligibility.pairs import who_waits
from matcher.inputs import Inputs
from matcher.masking import mask_if_id_number
from matcher.plan.assigned import assignment_table, people_with_providers
from matcher.plan.coverage import home_place
from matcher.plan.fingerprint import digest_of
from matcher.plan.seating import seat_people
from matcher.plan.unserved import unserved_table
from matcher.plan.verify import missing_pairs
from matcher.policy.documents import Policy
from matcher.province.block import Ground, slot_numbers
from matcher.solve.problem import NOWHERE, Seats
from matcher.tables import DISTANCE_SOURCES, MODES, UNSERVED_REASONS

Ints = npt.NDArray[np.int64]

#: People of a county whose pairs are made again with every provider of the province.
SAMPLED = 50


@dataclass(frozen=True)
class Counted:
    """What the figures of the province are made of, by resident.

    Parameters
    ----------
    home : (n,) int32
        Place among those of the province in order of code, −1 for unknown.
    mode, tier : (n,) int8
    served, local, waits : (n,) bool
    km : (n,)
        NaN for the unserved, and where it is not known.
    cost_m, listed : int
        Of all served together; served people whose journey is listed.
    reasons : dict of str to int
    digest : str
        Of the residents' table.
    """

    home: npt.NDArray[np.int32]
    mode: npt.NDArray[np.int8]
    tier: npt.NDArray[np.int8]
    served: npt.NDArray[np.bool_]
    local: npt.NDArray[np.bool_]
    waits: npt.NDArray[np.bool_]
    km: npt.NDArray[np.float64]
    cost_m: int
    listed: int
    reasons: Mapping[str, int]
    digest: str


@dataclass(frozen=True)
class CountyPlan:
    """Tables of a county.

    Parameters
    ----------
    assignments, unserved : DataFrame
        Columns of ``tables.OUTPUTS``.
    counted : Counted
    """

    assignments: pd.DataFrame
    unserved: pd.DataFrame
    counted: Counted


def slots_of(ground: Ground, eligibility: Eligibility, seats: Seats) -> Ints:
    """Slot of each person, −1 for unserved, in the numbers of the county; by id where a group has several.

    Parameters
    ----------
    ground, eligibility
    seats : Seats
        Of its groups, in slots of the province.
    """
    number = np.full(len(ground.slots.capacity) + 1, -1, np.int64)
    here = slot_numbers(ground, eligibility)
    number[here] = np.arange(len(here))
    own = Seats(seats.group, number[seats.slot], seats.count)
    nowhere = np.full(len(eligibility.people), NOWHERE)
    return seat_people(eligibility, own, np.arange(len(eligibility.groups.size)), nowhere)


def county_plan(ground: Ground, inputs: Inputs, eligibility: Eligibility, slot: Ints) -> CountyPlan:
    """Make the tables.

    Parameters
    ----------
    ground : Ground
    inputs : Inputs
        Of the county, with all providers.
    eligibility : Eligibility
        Of those within reach.
    slot : (n_residents,)
        In its numbers.
    """
    assignments = assignment_table(eligibility, slot)
    unserved = _unserved(inputs, ground.policy, eligibility, slot)
    people = people_with_providers(eligibility, slot)
    places = pd.Index(inputs.places["place_code"].sort_values())
    reasons = unserved["reason"].value_counts()
    counted = Counted(
        home=places.get_indexer(pd.Index(home_place(people, inputs.sites))).astype(np.int32),
        mode=pd.Categorical(people["mode"], categories=MODES).codes.astype(np.int8),
        tier=people["tier"].to_numpy(np.int8),
        served=people["served"].to_numpy(bool),
        local=(people["origin"].fillna("local") == "local").to_numpy(bool),
        waits=who_waits(people),
        km=people["distance_km"].to_numpy(np.float64),
        cost_m=sum(assignments["cost_m"].tolist()),
        listed=int((assignments["distance_source"] == DISTANCE_SOURCES[0]).sum()),
        reasons={reason: int(reasons.get(reason, 0)) for reason in UNSERVED_REASONS},
        digest=digest_of(inputs.residents, ["resident_id"]),
    )
    return CountyPlan(assignments, unserved, counted)


def _unserved(inputs: Inputs, policy: Policy, eligibility: Eligibility, slot: Ints) -> pd.DataFrame:
    """Why nobody serves them; who has nobody within the limit is told of all providers of the province."""
    table = unserved_table(eligibility, slot)
    alone = np.diff(eligibility.pairs.start)[eligibility.groups.member] == 0
    far = inputs.residents[(slot < 0) & alone]
    if not len(far):
        return table
    everywhere = derive(inputs.replace(residents=far.reset_index(drop=True)), policy)
    again = unserved_table(everywhere, np.full(len(far), -1))
    kept = table[~table["resident_id"].isin(again["resident_id"])]
    return pd.concat([kept, again], ignore_index=True).sort_values("resident_id", ignore_index=True)


def pair_faults(inputs: Inputs, policy: Policy, eligibility: Eligibility, slot: Ints) -> tuple[str, ...]:
    """Groups whose pairs differ from those that are found by measuring: within reach, and with every provider.

    Parameters
    ----------
    inputs, policy, eligibility, slot
        As in `county_plan`.
    """
    groups, pairs = eligibility.groups, eligibility.pairs
    faults = missing_pairs(eligibility.people, groups, pairs, slot < 0, policy.max_passed_over)
    some = np.unique(np.linspace(0, max(len(slot) - 1, 0), SAMPLED).astype(np.int64))[: len(slot)]
    everywhere = derive(inputs.replace(residents=inputs.residents.iloc[some].reset_index(drop=True)), policy)
    found, wanted = _sums(eligibility, some), _sums(everywhere, np.arange(len(some)))
    wrong = inputs.residents["resident_id"].iloc[some[found != wanted]]
    return (*faults, *(f"{mask_if_id_number(name)}: providers are missing" for name in wrong))


def _sums(eligibility: Eligibility, person: Ints) -> Ints:
    """A number by which the pairs of each person are told from others."""
    pairs = eligibility.pairs
    sums = np.bincount(pairs.group, pairs.cost + 1, len(pairs.start) - 1).astype(np.int64)
    return np.asarray(sums[eligibility.groups.member[person]], np.int64)


def digest(parts: Mapping[str, str]) -> str:
    """One digest of those of all counties."""
    told = "\n".join(f"{code} {one}" for code, one in sorted(parts.items()))
    return hashlib.sha256(told.encode()).hexdigest()
