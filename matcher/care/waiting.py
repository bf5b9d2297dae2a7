"""Who waits for a care home, how long, and who looks after them until then."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd

from matcher.eligibility.classify import site_settings
from matcher.inputs import Inputs, typed_frame
from matcher.plan.coverage import ancestors, home_place, place_within
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.policy.documents import Policy
from matcher.policy.rules import Interim, ModeRule
from matcher.tables import CAPACITY_COLUMNS

INSTITUTIONAL, CARE_HOME = "institutional", "care_home"
#: Levels of place for which beds are told.
LEVELS = ("county", "city")
ELDERLY = 60
WAITING_COLUMNS = ("resident_id", "tier", "rank", "months", "interim_mode", "interim_provider_id")
BEDS_COLUMNS = ("place_code", "beds", "free", "per_1000")


def waiting_table(plan: Plan, options: Options | None = None) -> pd.DataFrame:
    """Who waits for a place in a care home: by rule, or as one for whom the institutional places did not suffice.

    Within a county people wait by tier, then the higher ability grade, then age, then id; unknown is last. With r of a
    person's rank, f free beds and a turnover a month of the policy, it is 0 months where r ≤ f, else
    ⌈(r − f) ÷ (beds · turnover)⌉.

    Returns
    -------
    DataFrame[resident_id, tier, rank, months, interim_mode, interim_provider_id]
        By county and rank. ``months`` is missing where no beds of the county are known; the interim is missing where
        nobody has a place left.
    """
    reason = plan.people["resident_id"].map(plan.unserved.set_index("resident_id")["reason"])
    short = (reason == "capacity_full") & (plan.people["mode"] == INSTITUTIONAL)
    people = plan.people[(reason == "waiting") | short]
    people = people.assign(county=_county(people, plan.inputs))
    order = ["county", "tier", "ability_grade", "age", "resident_id"]
    people = people.sort_values(order, ascending=[True, True, False, False, True], ignore_index=True)
    beds = beds_table(plan).set_index("place_code")
    table = people[["resident_id", "tier"]].assign(
        rank=people.groupby("county", dropna=False).cumcount().astype("Int64") + 1
    )
    free, places = (people["county"].map(beds[name]).astype("Int64") for name in ("free", "beds"))
    table["months"] = _months(table["rank"], free, places, plan.policy.turnover_month)
    return table.merge(_interim(plan, people["resident_id"], options), how="left", on="resident_id")[
        list(WAITING_COLUMNS)
    ]


def beds_table(plan: Plan) -> pd.DataFrame:
    """Beds of the care homes of each county and city, free ones, and beds for 1,000 local people of 60 and older.

    Returns
    -------
    DataFrame[place_code, beds, free, per_1000]
        ``free`` is Σ max(0, beds − people at the home), over homes that say how many beds they have; all are missing
        where none does.
    """
    inputs, people = plan.inputs, plan.people
    homes = inputs.sites[
        inputs.sites["beds"].notna() & (site_settings(inputs.sites, plan.policy) == CARE_HOME)
    ]
    living = people.loc[people["setting"] == CARE_HOME, "site_id"].value_counts()
    there = homes["site_id"].map(living).fillna(0).astype("Int64")
    free = (homes["beds"] - there).clip(lower=0)
    local = people[(people["origin"].fillna("local") == "local") & (people["age"] >= ELDERLY).fillna(False)]
    places = inputs.places[inputs.places["level"].isin(LEVELS)].sort_values("place_code")
    sums = {
        "beds": _within(homes["place_code"], homes["beds"], inputs.places),
        "free": _within(homes["place_code"], free, inputs.places),
        "local": _within(
            home_place(local, inputs.sites), pd.Series(1, local.index, dtype="Int64"), inputs.places
        ),
    }
    table = pd.DataFrame({"place_code": places["place_code"].reset_index(drop=True)})
    for name, counted in sums.items():
        table[name] = table["place_code"].map(counted).astype("Int64")
    table["per_1000"] = (
        (table["beds"] * 1000 / table["local"]).astype("Float64").to_numpy(np.float64, na_value=np.nan)
    )
    return table[list(BEDS_COLUMNS)]


def _months(rank: pd.Series, free: pd.Series, beds: pd.Series, turnover: float) -> pd.Series:
    """Whole months until a bed is free, counted in exact fractions; missing where no bed ever is."""
    share = Fraction(str(turnover))
    behind = (rank - free).clip(lower=0) * share.denominator
    a_month = (beds * share.numerator).mask(beds == 0)
    return (-(-behind // a_month)).mask((rank <= free).fillna(False), 0).astype("Int64")


def _interim(plan: Plan, waiting: pd.Series, options: Options | None) -> pd.DataFrame:
    """Who looks after each person meanwhile: step by step of the policy's ladder, on places that nobody has."""
    inputs = plan.inputs
    people = inputs.residents[inputs.residents["resident_id"].isin(waiting)]
    providers = _less(inputs.providers, plan.assignments)
    found = [pd.DataFrame({name: pd.Series(dtype="str") for name in ("resident_id", *WAITING_COLUMNS[-2:])})]
    for step in plan.policy.interim if len(people) else ():
        left = inputs.replace(
            residents=people.reset_index(drop=True),
            providers=providers,
            corrections=typed_frame("corrections"),
        )
        served = match(left, _in_mode(plan.policy, step), options).assignments
        found.append(
            served[["resident_id"]].assign(
                interim_mode=served["mode"], interim_provider_id=served["provider_id"]
            )
        )
        people = people[~people["resident_id"].isin(served["resident_id"])]
        providers = _less(providers, served)
    return pd.concat(found, ignore_index=True)


def _in_mode(policy: Policy, step: Interim) -> Policy:
    """The policy in which everybody is of the mode of a step."""
    return replace(policy, mode_rules=(ModeRule(id=step.id, mode=step.mode),))


def _less(providers: pd.DataFrame, assignments: pd.DataFrame) -> pd.DataFrame:
    """Providers with the places that are left."""
    counts = pd.crosstab(assignments["provider_id"], assignments["mode"])
    counts["total"] = counts.sum(axis=1)
    left = {}
    for column in (*CAPACITY_COLUMNS, "capacity_total"):
        taken = counts.get(column.removeprefix("capacity_"), pd.Series(dtype="int64"))
        there = providers["provider_id"].map(taken).fillna(0).astype("Int64")
        left[column] = (providers[column] - there).clip(lower=0)
    return providers.assign(**left)


def _county(people: pd.DataFrame, inputs: Inputs) -> pd.Series:
    return home_place(people, inputs.sites).map(place_within(inputs.places, "county")).astype("str")


def _within(place: pd.Series, number: pd.Series, places: pd.DataFrame) -> pd.Series:
    """Sum of a number over each place and all that it contains."""
    chains = ancestors(places)
    own = number.groupby(place).sum()
    spread = [(up, count) for code, count in own.items() for up in chains.get(str(code), ())]
    return pd.DataFrame(spread, columns=["place", "number"]).groupby("place")["number"].sum()
