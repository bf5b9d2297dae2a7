"""Possible sites of new providers: those of the data, or villages that lack a provider of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import BadInput
from matcher.geography.locate import locate
from matcher.geography.sphere import great_circle_km, unit_vectors
from matcher.inputs import Inputs, typed_frame
from matcher.plan.coverage import ancestors
from matcher.policy.documents import Policy
from matcher.scenario.checks import nearest_ids
from matcher.tables import CAPACITY_COLUMNS, MODES, SERVICES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Kind of the provider that a village without one may get, where the data name no candidates.
DEFAULT_KIND = "village_clinic"
#: Ids that an error names at most.
NAMED = 5


def candidate_table(inputs: Inputs, kind: str = DEFAULT_KIND, modes: Sequence[str] = MODES) -> pd.DataFrame:
    """The candidates that offer one of `modes`, with their capacities in these modes alone.

    Parameters
    ----------
    inputs : Inputs
        Located. Without candidates in it, villages without a provider of `kind` are the candidates.
    kind : str
    modes : sequence of str

    Returns
    -------
    DataFrame
        Columns of the candidates table, by id, and ``places``: persons over all modes.

    Raises
    ------
    BadInput
        No candidate at all; one without position or without places.
    """
    table = inputs.candidates if len(inputs.candidates) else villages_without(inputs, kind)
    _refuse("candidate_no_places", table, table[list(CAPACITY_COLUMNS)].isna().all(axis=1))
    capacity = [f"capacity_{mode}" for mode in modes]
    offers = table[capacity].notna().any(axis=1)
    table = table[offers].sort_values("provider_id", ignore_index=True)
    if not len(table):
        raise BadInput("no_candidates", kind=kind, modes=", ".join(modes))
    others = [column for column in CAPACITY_COLUMNS if column not in capacity]
    table[others] = pd.NA
    _refuse("candidate_no_position", table, table["lat"].isna())
    offered = table[capacity].sum(axis=1)
    places = pd.concat([offered, table["capacity_total"], table["max_slots"]], axis=1).min(axis=1)
    _refuse("candidate_no_places", table, places == 0)
    return table.assign(places=places.astype("int64"))


def villages_without(inputs: Inputs, kind: str) -> pd.DataFrame:
    """A candidate of this kind in each village with a position that has none, as large as most are.

    Capacities are the median of the providers of this kind, for the modes that half of them offer; services are those
    that half of them offer. Money is not known.

    Raises
    ------
    BadInput
        When no provider is of this kind: nothing says how large one would be.
    """
    alike = inputs.providers[(inputs.providers["kind"] == kind) & (inputs.providers["status"] != "closed")]
    if not len(alike):
        raise BadInput(
            "no_provider_of_kind", kind=kind, allowed=", ".join(sorted(set(inputs.providers["kind"])))
        )
    places = inputs.places
    lacking = places[
        (places["level"] == "village")
        & places["lat"].notna()
        & ~places["place_code"].isin(alike["place_code"])
    ]
    capacity = {
        column: int(alike[column].median())
        for column in (*CAPACITY_COLUMNS, "capacity_total")
        if alike[column].notna().mean() >= 0.5
    }
    lists = alike["services"].str.split(";")
    services = [service for service in SERVICES if lists.map(lambda held, s=service: s in held).mean() >= 0.5]
    taken = set(inputs.providers["provider_id"])
    rows: list[dict[str, object]] = []
    for code in lacking["place_code"]:
        name = f"NEW-{code}"
        while name in taken:
            name += "+"
        rows.append(
            {
                "provider_id": name,
                "kind": kind,
                "ownership": "public",
                "place_code": code,
                "services": services,
                "premises": "new_ground",
                **capacity,
            }
        )
    empty = inputs.replace(
        candidates=typed_frame("candidates", rows),
        residents=inputs.residents[:0],
        providers=inputs.providers[:0],
    )
    return locate(empty).candidates


def places_with_candidates(inputs: Inputs) -> dict[str, str]:
    """Names of the townships and counties in which a candidate of the data stands, by code."""
    above = {code for chain in _places_of(inputs).values() for code in chain}
    places = inputs.places
    some = places[places["level"].isin(["township", "county"]) & places["place_code"].isin(above)]
    return dict(zip(some["place_code"], some["name"].fillna(some["place_code"]), strict=True))


def candidates_outside(inputs: Inputs, place_code: str) -> list[str]:
    """Ids of the candidates that stand in no place within this one, or in none that is known."""
    where = _places_of(inputs)
    return [id for id in inputs.candidates["provider_id"] if place_code not in where.get(id, ())]


def _places_of(inputs: Inputs) -> dict[str, list[str]]:
    """The places that contain each candidate."""
    chains = ancestors(inputs.places)
    known = inputs.candidates[["provider_id", "place_code"]].dropna()
    return {id: chains.get(code, []) for id, code in known.itertuples(index=False)}


def as_providers(table: pd.DataFrame, providers: pd.DataFrame, places: Ints | None = None) -> pd.DataFrame:
    """Candidates as open providers.

    Parameters
    ----------
    table : DataFrame
        From `candidate_table`.
    providers : DataFrame
        Whose columns to take.
    places : (n,), optional
        Persons over all modes; the candidate's own limits without it.
    """
    offered = table[list(CAPACITY_COLUMNS)].sum(axis=1)
    held = table["places"] if places is None else pd.Series(places, index=table.index)
    rows = table.assign(status="open", row=0, capacity_total=held.where(held < offered).astype("Int64"))
    return rows.reindex(columns=providers.columns).astype(providers.dtypes.to_dict())


def with_open(inputs: Inputs, rows: pd.DataFrame) -> Inputs:
    """The inputs with more providers, from `as_providers`."""
    return inputs.replace(providers=pd.concat([inputs.providers, rows], ignore_index=True))


def beside_bonus(table: pd.DataFrame, sites: pd.DataFrame, policy: Policy) -> Ints:
    """Bonus of each candidate for being next to a care site, by the policy's rules; several rules add up.

    Parameters
    ----------
    table : DataFrame
        From `candidate_table`.
    sites : DataFrame
        Located.
    policy : Policy

    Returns
    -------
    (n,) array
        Metres (seconds where the policy's cost is time).
    """
    bonus = np.zeros(len(table), np.int64)
    here = unit_vectors(table["lat"].to_numpy(), table["lon"].to_numpy())
    for rule in policy.beside:
        near = sites[sites["kind"].isin(rule.site_kinds) & sites["lat"].notna()]
        points = unit_vectors(near["lat"].to_numpy(), near["lon"].to_numpy())
        for number, point in enumerate(here):
            if table["kind"].iloc[number] in rule.kinds and len(points):
                nearest = great_circle_km(np.broadcast_to(point, points.shape), points).min()
                bonus[number] += rule.bonus_m * int(nearest <= rule.within_km)
    return bonus


def chosen_mask(table: pd.DataFrame, ids: Iterable[str], error: str = "unknown_candidate") -> Bools:
    """True in the rows of these ids.

    Raises
    ------
    BadInput
        `error`, naming an id that no row has, and those most like it.
    """
    known = table["provider_id"].tolist()
    wanted = list(ids)
    for name in wanted:
        if name not in known:
            raise BadInput(error, found=name, allowed=nearest_ids(name, known))
    return table["provider_id"].isin(wanted).to_numpy(bool)


def _refuse(code: str, table: pd.DataFrame, where: pd.Series[bool]) -> None:
    if where.any():
        ids = table.loc[where, "provider_id"]
        raise BadInput(code, ids=", ".join(ids.head(NAMED)), number=len(ids))
