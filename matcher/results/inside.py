"""One place looked into: its people by mode and tier, who of them is not served and why, and where the others go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.masking import mask_if_id_number, mask_name
from matcher.plan.coverage import home_place
from matcher.plan.figures import ALL, Figures, count_by, count_people
from matcher.results.export import excel_bytes, plan_facts
from matcher.results.filters import lives_in
from matcher.results.roster import check_provider
from matcher.tables import MODES, UNSERVED_REASONS
from matcher.words.catalogues import label, t

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

Bools = npt.NDArray[np.bool_]

#: Columns of `unserved_people`.
UNSERVED = (
    "resident_id",
    "name",
    "place",
    "mode",
    "tier",
    "reason",
    "nearest_provider",
    "nearest_distance_km",
)
_WORDS = {"mode": "mode", "reason": "reason"}


@dataclass(frozen=True)
class Inside:
    """What is known of the people of one place.

    Parameters
    ----------
    place_code, name, parent_name : str
        ``parent_name`` is empty at the top.
    figures : Figures
        Of all its people.
    by_mode, by_tier : DataFrame
        As `figures.count_by`: a row a mode, a row a tier.
    by_reason : Series of int
        Unserved persons by reason, every reason listed.
    goes_to : DataFrame[provider_id, name, persons, median_km, lat, lon]
        Who serves its people, most persons first.
    """

    place_code: str
    name: str
    parent_name: str
    figures: Figures
    by_mode: pd.DataFrame
    by_tier: pd.DataFrame
    by_reason: pd.Series[int]
    goes_to: pd.DataFrame


def inside(plan: Plan, place_code: str, mode: str = ALL) -> Inside:
    """Look into a place of any level; whoever lives in a place within it counts as well.

    Parameters
    ----------
    plan : Plan
    place_code : str
    mode : str
        One of ``tables.MODES``, or `ALL`.

    Raises
    ------
    BadInput
        ``unknown_place``, with the most similar codes.
    """
    lives = lives_in(plan, place_code)
    people = plan.people[lives & _of_mode(plan.people, mode)]
    places = plan.inputs.places.set_index("place_code")
    parent = places.at[place_code, "parent_code"]
    unserved = people.loc[~people["served"].to_numpy(bool), "resident_id"]
    reasons = plan.unserved.loc[plan.unserved["resident_id"].isin(unserved), "reason"].value_counts()
    return Inside(
        place_code=place_code,
        name=_name(places, place_code),
        parent_name="" if parent not in places.index else _name(places, str(parent)),
        figures=count_people(people),
        by_mode=count_by(people, "mode", MODES),
        by_tier=count_by(people, "tier", range(1, plan.policy.tier_count + 1)),
        by_reason=reasons.reindex(list(UNSERVED_REASONS), fill_value=0),
        goes_to=_goes_to(plan, people[people["served"]]),
    )


def unserved_people(plan: Plan, place_code: str | None = None, mode: str = ALL) -> pd.DataFrame:
    """Everybody without a provider, of one place or of all, first tier first.

    Parameters
    ----------
    plan : Plan
    place_code : str or None
        None takes everybody.
    mode : str

    Returns
    -------
    DataFrame
        `UNSERVED`: names masked, as are ids that are id numbers; ``place`` is the name of where the person lives.

    Raises
    ------
    BadInput
        ``unknown_place``.
    """
    lives = np.ones(len(plan.people), bool) if place_code is None else lives_in(plan, place_code)
    people = plan.people[lives & ~plan.people["served"].to_numpy(bool) & _of_mode(plan.people, mode)]
    names = plan.inputs.places.set_index("place_code")["name"]
    providers = plan.inputs.providers.set_index("provider_id")["name"]
    home = home_place(people, plan.inputs.sites)
    about = pd.DataFrame(
        {
            "resident_id": people["resident_id"],
            "shown_id": people["resident_id"].map(mask_if_id_number),
            "name": people["name"].map(mask_name, na_action="ignore"),
            "place": home.map(names).fillna(home),
        }
    )
    rows = plan.unserved.merge(about, on="resident_id", validate="one_to_one")
    near = rows["nearest_provider_id"]
    rows["nearest_provider"] = near.map(providers).fillna(near)
    rows = rows.sort_values(["tier", "place", "resident_id"], ignore_index=True)
    return rows.assign(resident_id=rows["shown_id"])[list(UNSERVED)]


def in_words(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """`unserved_people` for reading: headers and codes in one language."""
    told = rows.copy()
    for column, vocabulary in _WORDS.items():
        told[column] = [label(vocabulary, code, lang) for code in rows[column]]
    return told.rename(columns={name: t(f"column.unserved.{name}", lang) for name in UNSERVED})


def workbook(
    plan: Plan, lang: str, place_code: str | None = None, mode: str = ALL, *, export_id: str | None = None
) -> bytes:
    """`unserved_people` in words as an Excel file, with what it was made from below the rows.

    `export_id` stands in the first line, see `excel_bytes`.

    Raises
    ------
    BadInput
        ``unknown_place``, or ``too_many_rows`` for one sheet.
    """
    told = in_words(unserved_people(plan, place_code, mode), lang)
    places = plan.inputs.places.set_index("place_code")
    where = plan.inputs.dataset.title if place_code is None else _name(places, place_code)
    title = t("export.unserved_sheet", lang, place=where)
    return excel_bytes(told, title, lang, plan_facts(plan), export_id=export_id)


def _of_mode(people: pd.DataFrame, mode: str) -> Bools:
    return np.ones(len(people), bool) if mode == ALL else (people["mode"] == mode).to_numpy(bool)


def _name(places: pd.DataFrame, place_code: str) -> str:
    name = places.at[place_code, "name"]
    return name if isinstance(name, str) else place_code


def _goes_to(plan: Plan, served: pd.DataFrame) -> pd.DataFrame:
    grouped = served.groupby("provider_id").agg(
        persons=("resident_id", "size"), median_km=("distance_km", "median")
    )
    about = plan.inputs.providers[["provider_id", "name", "lat", "lon"]]
    table = grouped.reset_index().merge(about, on="provider_id")
    table["name"] = table["name"].fillna(table["provider_id"])
    table = table.sort_values(["persons", "provider_id"], ascending=[False, True], ignore_index=True)
    return table[["provider_id", "name", "persons", "median_km", "lat", "lon"]]


def offers(plan: Plan, provider_id: str) -> pd.DataFrame:
    """What one provider offers by mode, and what one more place there would bring.

    Returns
    -------
    DataFrame[mode, capacity, assigned, slot_value_served, slot_value_m]
        As in ``providers.csv``, in the order of ``tables.MODES``.

    Raises
    ------
    BadInput
        ``unknown_provider``.
    """
    check_provider(plan, provider_id)
    rows = plan.loads[plan.loads["provider_id"] == provider_id].set_index("mode")
    rows = rows.reindex([mode for mode in MODES if mode in rows.index]).reset_index()
    return rows[["mode", "capacity", "assigned", "slot_value_served", "slot_value_m"]]


def comes_from(plan: Plan, provider_id: str, mode: str = ALL) -> pd.DataFrame:
    """Where the people of one provider live.

    Returns
    -------
    DataFrame[place_code, name, persons, median_km, lat, lon]
        Most persons first; whose place is not known is left out.
    """
    check_provider(plan, provider_id)
    people = plan.people[(plan.people["provider_id"] == provider_id) & _of_mode(plan.people, mode)]
    home = home_place(people, plan.inputs.sites).rename("place_code")
    grouped = people.groupby(home).agg(persons=("resident_id", "size"), median_km=("distance_km", "median"))
    table = grouped.reset_index().merge(
        plan.inputs.places[["place_code", "name", "lat", "lon"]], on="place_code"
    )
    table["name"] = table["name"].fillna(table["place_code"])
    return table.sort_values(["persons", "place_code"], ascending=[False, True], ignore_index=True)
