"""The list of one provider: the people it serves, masked, what they need and why they are on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.codes import services_of
from matcher.eligibility.derive import household_numbers
from matcher.eligibility.fixed import decisions
from matcher.eligibility.pairs import who_waits
from matcher.errors import BadInput
from matcher.masking import mask_id_export, mask_if_id_number, mask_name, mask_phone
from matcher.plan.coverage import place_within
from matcher.plan.figures import ALL, count_people
from matcher.plan.once import once_per_plan
from matcher.results.export import excel_bytes, plan_facts
from matcher.results.filters import lives_in
from matcher.words.catalogues import label, t
from matcher.words.nearest import nearest

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

COLUMNS = (
    "resident_id",
    "name",
    "sex",
    "age",
    "id_number",
    "phone",
    "village",
    "tier",
    "services",
    "distance_km",
    "position",
    "rank",
    "nearer",
    "why",
    "conditions",
    "mode",
)
#: Why this provider; ``why.<code>`` in the catalogues, with ``{nearer}`` eligible providers nearer by.
WHY = ("decided", "own_site", "nearest", "current", "household", "nearer_full", "unproven")
_CODES = {
    "sex": "sex",
    "mode": "mode",
    "services": "service",
    "conditions": "condition",
    "position": "position",
}
_HOME_VISIT = "home_visit"


@dataclass(frozen=True)
class Figures:
    """Counts over a roster.

    Parameters
    ----------
    people, home_visits, first_tier : int
        Persons served, of them those who must be visited at home, and those of tier 1.
    capacity : int or None
        Persons that the provider can serve; None where it offers no such mode.
    median_km : float or None
        Distance of the person in the middle, of those whose distance is known; None where there is none.
    """

    people: int
    home_visits: int
    first_tier: int
    capacity: int | None
    median_km: float | None

    @property
    def load(self) -> float | None:
        """Share of the capacity in use; None without capacity."""
        return self.people / self.capacity if self.capacity else None

    def share(self, persons: int) -> float | None:
        """Share of the people served; None where nobody is."""
        return persons / self.people if self.people else None


def roster(plan: Plan, provider_id: str, mode: str = ALL) -> pd.DataFrame:
    """The people whom one provider serves, first tier first, then the nearest first.

    Parameters
    ----------
    plan : Plan
        Of any status.
    provider_id : str
        One of the providers of the plan's inputs.
    mode : str, optional
        One of ``tables.MODES``; every mode by default.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: names, phones and id numbers masked, the address cut to the village; ``services``
        (required) and ``conditions`` are codes joined by ``;``; ``why`` is one of `WHY`, ``nearer`` the
        number of eligible providers that cost less. Empty where nobody is served.

    Raises
    ------
    BadInput
        ``unknown_provider``, with the most similar ids.
    """
    return shown(roster_people(plan, provider_id, mode))


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The `COLUMNS` of `roster_people`, masked."""
    return _masked(rows)[list(COLUMNS)]


def roster_people(plan: Plan, provider_id: str, mode: str = ALL) -> pd.DataFrame:
    """The rows of `roster` with all that is known of the people, unmasked: for finding somebody, not for showing.

    Raises
    ------
    BadInput
        ``unknown_provider``, with the most similar ids.
    """
    check_provider(plan, provider_id)
    served = plan.assignments[plan.assignments["provider_id"] == provider_id]
    rows = _known_of(served, plan, mode, ["tier", "distance_km", "resident_id"])
    rows["nearer"] = rows["rank"] - 1
    rows["why"] = _why(rows, plan, provider_id)
    return rows


def unserved_people(plan: Plan, place_code: str, mode: str = ALL) -> pd.DataFrame:
    """Who lives in a place and is served by nobody: the same columns, ``why`` being the reason of ``unserved.csv``.

    The most urgent come first.

    Parameters
    ----------
    plan : Plan
    place_code : str
        Who lives in a place within it lives in it.
    mode : str, optional
    """
    inside = plan.people.loc[lives_in(plan, place_code), "resident_id"]
    unserved = plan.unserved[plan.unserved["resident_id"].isin(inside)]
    rows = _known_of(unserved, plan, mode, ["tier", "resident_id"])
    return rows.assign(
        nearer=0, rank=0, why=rows["reason"], position=pd.Series(None, rows.index, dtype="str")
    )


def township_of(plan: Plan, provider_id: str) -> str | None:
    """The township in which a provider stands; None where it is not known."""
    providers = plan.inputs.providers.set_index("provider_id")["place_code"]
    return place_within(plan.inputs.places, "township").get(str(providers[provider_id]))


def _known_of(some: pd.DataFrame, plan: Plan, mode: str, order: list[str]) -> pd.DataFrame:
    """All that is known of some rows of ``assignments`` or ``unserved``."""
    if mode != ALL:
        some = some[some["mode"] == mode]
    people = plan.people.iloc[_rows_of(some["resident_id"], plan)]
    about = people.columns.difference(some.columns.drop("resident_id"), sort=False)
    rows = some.merge(people[about], on="resident_id", how="left", validate="one_to_one")
    rows = rows.sort_values(order, ignore_index=True)
    rows["village"] = _village(rows, plan)
    rows["services"] = pd.Series(
        [";".join(services_of(mask)) for mask in rows["services_required"]], dtype="str"
    )
    return rows


@once_per_plan
def _ids_of_people(plan: Plan) -> pd.Index[Any]:
    """Ids in the order of `Plan.people`."""
    ids: pd.Index[Any] = pd.Index(plan.people["resident_id"])
    return ids


def _rows_of(people: pd.Series, plan: Plan) -> npt.NDArray[np.intp]:
    """Where in `Plan.people` each of some ids stands."""
    return _ids_of_people(plan).get_indexer(pd.Index(people))


def figures(rows: pd.DataFrame, plan: Plan, provider_id: str, mode: str = ALL) -> Figures:
    """Counts over `rows`, which `roster` made for the same provider and mode."""
    visits = (";" + rows["services"] + ";").str.contains(f";{_HOME_VISIT};", regex=False)
    return Figures(
        people=len(rows),
        home_visits=int(visits.sum()),
        first_tier=int((rows["tier"] == 1).sum()),
        capacity=_capacity(plan, provider_id, mode),
        median_km=count_people(rows.assign(served=True, origin="local")).median_km,
    )


def in_words(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A roster for reading: headers, codes and reasons in one language, blanks for missing texts.

    ``rank`` and ``nearer`` are left out, since the reason says them, and so is what nobody on the list has (no
    phones, no id numbers).
    """
    told = rows.drop(columns=["rank", "nearer"])
    if len(told):
        told = told.dropna(axis="columns", how="all")
    comma = t("roster.comma", lang)
    for column, vocabulary in _CODES.items():
        if column in told:
            words = {
                cell: _label_list(vocabulary, cell, lang, comma) for cell in told[column].dropna().unique()
            }
            told[column] = told[column].map(words)
    texts: list[str] = list(told.select_dtypes("str").columns)
    told[texts] = told[texts].fillna("")
    told["why"] = [
        t(f"why.{code}", lang, nearer=n) if code in WHY else label("reason", code, lang)
        for code, n in zip(rows["why"], rows["nearer"], strict=True)
    ]
    return told.rename(columns={name: t(f"column.roster.{name}", lang) for name in told.columns})


def workbook(
    plan: Plan, provider_id: str, lang: str, mode: str = ALL, *, export_id: str | None = None
) -> bytes:
    """`roster` in words as an Excel file, with what it was made from below the rows; behind it one sheet a village.

    `export_id` stands in the first line, see `excel_bytes`.

    Raises
    ------
    BadInput
        ``unknown_provider``, or ``too_many_rows`` for one sheet.
    """
    told = in_words(roster(plan, provider_id, mode), lang)
    name = provider_names(plan)[provider_id]
    village = t("column.roster.village", lang)
    title = t("roster.sheet", lang, provider=name)
    by = village if village in told else None
    return excel_bytes(told, title, lang, plan_facts(plan), export_id=export_id, by=by)


@once_per_plan
def provider_names(plan: Plan) -> dict[str, str]:
    """Provider id to what a reader looks for, the name and the id; who serves most comes first, then by name."""
    people = plan.assignments["provider_id"].value_counts()
    providers = plan.inputs.providers[["provider_id", "name"]].assign(
        people=plan.inputs.providers["provider_id"].map(people).fillna(0),
        name=plan.inputs.providers["name"].fillna(""),
    )
    providers = providers.sort_values(["people", "name", "provider_id"], ascending=[False, True, True])
    pairs = zip(providers["provider_id"], providers["name"], strict=True)
    return {id: f"{name} · {id}" if name else id for id, name in pairs}


def check_provider(plan: Plan, provider_id: str) -> None:
    """Raise ``unknown_provider``, with the most similar ids, unless the plan knows the provider."""
    known = plan.inputs.providers["provider_id"]
    if provider_id not in set(known):
        near = nearest(provider_id, known, most=3, cutoff=0.0)
        raise BadInput("unknown_provider", provider_id=provider_id, nearest=", ".join(near))


def _village(rows: pd.DataFrame, plan: Plan) -> pd.Series:
    """Name of the person's place; who has none named lives where the site is."""
    of_site = rows["site_id"].map(plan.inputs.sites.set_index("site_id")["place_code"])
    names = plan.inputs.places.set_index("place_code")["name"]
    return rows["place_code"].fillna(of_site).map(names)


def _why(rows: pd.DataFrame, plan: Plan, provider_id: str) -> np.ndarray:
    """First that holds: decided on, inside unit, nothing nearer, stays with who serves now, household, nearer full.

    Only an optimal plan leaves no nearer place free (moving there would cost less); a feasible one
    claims nothing.
    """
    providers = plan.inputs.providers.set_index("provider_id")
    decided = rows["resident_id"].map(decisions(plan.inputs.corrections).set_index("resident_id")["value"])
    inside = providers.loc[provider_id, "kind"] == "care_site_clinic"
    stays = (rows["current_provider_id"] == provider_id) & (plan.policy.switching_m > 0)
    together = np.zeros(len(rows), bool)
    if plan.policy.keep_households_together:
        shared = household_numbers(plan.people, who_waits(plan.people)) >= 0
        together = shared[_rows_of(rows["resident_id"], plan)]
    return np.select(
        [decided == provider_id, np.full(len(rows), inside), rows["nearer"] == 0, stays, together],
        ["decided", "own_site", "nearest", "current", "household"],
        default="nearer_full" if plan.outcome.status == "optimal" else "unproven",
    )


def _masked(rows: pd.DataFrame) -> pd.DataFrame:
    masks = {
        "resident_id": mask_if_id_number,
        "name": mask_name,
        "id_number": mask_id_export,
        "phone": mask_phone,
    }
    return rows.assign(
        **{name: rows[name].map(mask, na_action="ignore").astype("str") for name, mask in masks.items()}
    )


def _capacity(plan: Plan, provider_id: str, mode: str) -> int | None:
    loads = plan.loads[plan.loads["provider_id"] == provider_id]
    if mode != ALL:
        loads = loads[loads["mode"] == mode]
    if loads.empty:
        return None
    places = int(loads["capacity"].sum())
    total = plan.inputs.providers.set_index("provider_id")["capacity_total"][provider_id]
    return places if pd.isna(total) else min(places, int(total))


def _label_list(vocabulary: str, cell: str, lang: str, comma: str) -> str:
    return comma.join(label(vocabulary, code, lang) for code in cell.split(";") if code)
