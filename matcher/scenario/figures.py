"""The tables of a comparison, made from one plan or from two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields

import pandas as pd

from matcher.plan.figures import ALL, by_distance_band, count_by, share
from matcher.plan.plan import Plan
from matcher.results.overview import by_mode, by_tier, figures
from matcher.scenario.applying import Effect
from matcher.scenario.changes import COMPARISON, compare

#: Tables of a comparison, in the order of their columns.
COLUMNS: dict[str, tuple[str, ...]] = {
    "scenarios": ("scenario", "mode", "residents", "served", "share", "mean_km", "p90_km"),
    "changes": ("scenario", *COMPARISON),
    "people": (
        *("scenario", "resident_id", "change", "mode", "tier"),
        *("from_provider", "from_km", "from_reason", "to_provider", "to_km", "to_reason"),
    ),
    "totals": ("scenario", "by", "key", "residents", "served", "share"),
    "edits": ("scenario", "source", "edit", "kind", "came", "left", "changed", "note"),
}


def tables_of(scenario: str, before: Plan, after: Plan, effects: Sequence[Effect]) -> dict[str, pd.DataFrame]:
    """All tables of one scenario.

    Parameters
    ----------
    scenario : str
        What its rows are called.
    before, after : Plan
    effects : sequence of Effect
        Of its edits.

    Returns
    -------
    dict of DataFrame
        With the names and columns of `COLUMNS`:

        - ``scenarios``: by mode, and over all. ``share`` is missing where nobody is, the kilometres where nobody is
          served; journeys of unknown length are left out of these.
        - ``changes``: see `changes.compare`.
        - ``people``: the same people with mode and tier (after; before for who is gone), the distance on both sides,
          and the reason where they are or were not served.
        - ``totals``: ``by`` tier, place (over all modes; places contain those below them) and distance band of the
          policy, whose ``served`` are those within the band, of all residents.
        - ``edits``: persons that came, left or changed grade by each edit; ``source`` is the scenario, this one or an
          ancestor, that holds it.
    """
    changes = compare(before, after)
    told = {
        "scenarios": _by_mode(after),
        "changes": changes,
        "people": _with_reasons(changes, before, after),
        "totals": _totals(after),
        "edits": _edits(effects),
    }
    return {name: table.assign(scenario=scenario)[list(COLUMNS[name])] for name, table in told.items()}


def _edits(effects: Sequence[Effect]) -> pd.DataFrame:
    names = [f.name for f in fields(Effect)]
    table = pd.DataFrame([astuple(effect) for effect in effects], columns=names)
    numbers = dict.fromkeys(("edit", "came", "left", "changed"), "int64")
    return table.astype(numbers).rename(columns={"scenario": "source"})


def _by_mode(plan: Plan) -> pd.DataFrame:
    """The figures of each mode, and of all."""
    everybody = count_by(plan.people.assign(mode=ALL), "mode", [ALL])
    return pd.concat([by_mode(plan), everybody], ignore_index=True)


def _totals(plan: Plan) -> pd.DataFrame:
    tiers = by_tier(plan).rename(columns={"tier": "key"}).assign(by="tier")
    places = plan.coverage[plan.coverage["mode"] == ALL].rename(columns={"place_code": "key"})
    columns = ["by", "key", "residents", "served", "share"]
    parts = [tiers, places.assign(by="place"), _by_band(plan).assign(by="band_km")]
    return pd.concat([part[columns].astype({"key": "str"}) for part in parts], ignore_index=True)


def _by_band(plan: Plan) -> pd.DataFrame:
    """Bands ``0-1``, ``1-2`` … in km, ``100-`` for the last, which is open, and ``unknown`` where somebody is."""
    bands = by_distance_band(plan.people, plan.policy).groupby(["from_km", "to_km"], as_index=False).sum()
    ranges = bands[["from_km", "to_km", "served"]].itertuples(index=False)
    served = {f"{low:g}-{high:g}".removesuffix("inf"): count for low, high, count in ranges}
    unknown = figures(plan).unknown_km
    if unknown:
        served["unknown"] = unknown
    table = pd.DataFrame(
        {"key": list(served), "served": list(served.values()), "residents": len(plan.people)}
    )
    return table.assign(share=share(table["served"], table["residents"]))


def _with_reasons(changes: pd.DataFrame, before: Plan, after: Plan) -> pd.DataFrame:
    told = changes[["resident_id", "change", "from_provider", "to_provider"]]
    for side, plan in (("from", before), ("to", after)):
        people = plan.people[["resident_id", "mode", "tier", "distance_km"]]
        people = people.merge(plan.unserved[["resident_id", "reason"]], on="resident_id", how="left")
        names = {name: f"{side}_{name}" for name in ("mode", "tier", "reason")} | {
            "distance_km": f"{side}_km"
        }
        told = told.merge(people.rename(columns=names), on="resident_id", how="left")
    return told.assign(
        mode=told["to_mode"].fillna(told["from_mode"]),
        tier=told["to_tier"].fillna(told["from_tier"]).astype("Int64"),
    )
