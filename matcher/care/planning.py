"""Seasons, waiting and money as a planner looks at them: by month, by county, by year; counted once for each plan."""

from __future__ import annotations

import pandas as pd

from matcher.care.money import RUNNING, money
from matcher.care.seasons import Year, seasons
from matcher.care.waiting import beds_table, waiting_table
from matcher.plan.coverage import home_place, place_within
from matcher.plan.once import once_per_plan
from matcher.plan.plan import Plan

#: People above whom a page does not solve twelve months without being asked: it takes more than some seconds.
MANY = 20_000
#: Stands for people and sites whose county is not known.
UNKNOWN_COUNTY = ""
_NO_YEAR = 9999


@once_per_plan
def year_of(plan: Plan) -> Year:
    """`seasons` of the plan's inputs."""
    return seasons(plan.inputs, plan.policy)


@once_per_plan
def people_waiting(plan: Plan) -> pd.DataFrame:
    """`waiting_table` of the plan, with ``name`` and ``county`` of each person; not masked.

    Returns
    -------
    DataFrame[resident_id, tier, rank, months, interim_mode, interim_provider_id, name, county]
    """
    table = waiting_table(plan)
    people = plan.people[plan.people["resident_id"].isin(table["resident_id"])].set_index("resident_id")
    county = home_place(people, plan.inputs.sites).map(place_within(plan.inputs.places, "county"))
    return table.assign(
        name=table["resident_id"].map(people["name"]).astype("str"),
        county=table["resident_id"].map(county).astype("str").fillna(UNKNOWN_COUNTY),
    )


@once_per_plan
def waiting_by_county(plan: Plan) -> pd.DataFrame:
    """Who waits in each county, how long at most, and its beds.

    Returns
    -------
    DataFrame[county, people, interim, untold, longest, beds, free, per_1000]
        Persons who wait, of them those with somebody meanwhile, and those for whom no months can be told; most months;
        the rest as in `beds_table`. What is not known is missing. People whose county is not known have a row with an
        empty code.
    """
    waiting = people_waiting(plan)
    counted = waiting.groupby("county").agg(
        people=("resident_id", "size"),
        interim=("interim_provider_id", "count"),
        known=("months", "count"),
        longest=("months", "max"),
    )
    places = plan.inputs.places
    codes = sorted({*places.loc[places["level"] == "county", "place_code"], *counted.index})
    table = counted.reindex(codes)
    counts = table[["people", "interim", "known"]].fillna(0).astype("int64")
    beds = beds_table(plan).set_index("place_code").reindex(codes)
    return pd.DataFrame(
        {
            "county": pd.array(codes, dtype="str"),
            "people": counts["people"].to_numpy(),
            "interim": counts["interim"].to_numpy(),
            "untold": (counts["people"] - counts["known"]).to_numpy(),
            "longest": table["longest"].astype("Int64").array,
            **{name: beds[name].array for name in beds},
        }
    )


@once_per_plan
def money_by_site(plan: Plan) -> pd.DataFrame:
    """`money` of the plan's inputs, with the ``name`` of each site."""
    table = money(plan.inputs, plan.policy)
    names = plan.inputs.sites.set_index("site_id")["name"]
    return table.assign(name=table["site_id"].map(names).astype("str"))


@once_per_plan
def money_by_county(plan: Plan) -> pd.DataFrame:
    """What the sites of each county earn in each year.

    Returns
    -------
    DataFrame[county, year, sites, once, running, months, unknown, unmeasured]
        Sums of what is measured, missing where nothing is; ``unmeasured`` are the sites of which ``once`` or
        ``running`` is not. ``county`` is empty where it is not known, ``year`` missing where a site opened nobody
        knows when.
    """
    table = money_by_site(plan).fillna({"county": UNKNOWN_COUNTY})
    table = table.assign(unmeasured=table[["once", "running"]].isna().any(axis=1))
    # A missing year groups as a number of its own.
    grouped = table.assign(year=table["year"].fillna(_NO_YEAR)).groupby(["county", "year"])
    sums = grouped[["once", *RUNNING]].sum(min_count=1)
    counts = grouped.agg(sites=("site_id", "nunique"), unmeasured=("unmeasured", "sum"))
    told = counts.join(sums).reset_index()
    told["year"] = told["year"].mask(told["year"] == _NO_YEAR)
    return told[["county", "year", "sites", "once", *RUNNING, "unmeasured"]]


def earned(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `money_by_site` or `money_by_county` but those of years in which there was nothing to pay.

    What is not measured stays: it is not nothing.
    """
    nothing = (table[["once", "running", "months"]] == 0).fillna(False).all(axis=1)
    return table[~nothing].reset_index(drop=True)
