"""The work that visits make for each provider in each of twelve months, against its staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.care.packages import due_services, granted
from matcher.plan.once import once_per_plan

if TYPE_CHECKING:
    import datetime as dt

    from matcher.plan.plan import Plan
    from matcher.policy.documents import Policy

Ints = npt.NDArray[np.int64]
MONTHS = 12
WORKLOAD = (
    "provider_id",
    "month",
    "visits",
    "visit_hours",
    "travel_hours",
    "staff_hours",
    "short_hours",
)


@once_per_plan
def services_of_plan(plan: Plan, on: dt.date | None = None) -> pd.DataFrame:
    """`due_services` of everybody, with the plan's ``provider_id`` and ``cost_m`` (missing: nobody serves them)."""
    due = due_services(_granted(plan), plan.inputs, plan.policy.visiting, on)
    served = plan.assignments[["resident_id", "provider_id", "cost_m"]]
    return due.merge(served, on="resident_id", how="left")


@once_per_plan
def _granted(plan: Plan) -> pd.DataFrame:
    """`granted` to everybody: the same on every day of reckoning."""
    return granted(plan.people, plan.policy)


def workload(services: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Visits and hours of each provider with visits or staff, in twelve months from that of the day of reckoning.

    A service recurs every ``days`` after its due day; all that was missed before the first month is one visit in it.
    Visits at home add both ways of travel.

    Returns
    -------
    DataFrame[provider_id, month, visits, visit_hours, travel_hours, staff_hours, short_hours]
        Hours. What nobody can know without ``visits`` or ``staff`` is missing, never 0.
    """
    first = pd.Timestamp(plan.inputs.dataset.as_of).replace(day=1)
    months = pd.date_range(first, periods=MONTHS, freq="MS")
    served = services[services["provider_id"].notna()]
    staff = _staff_hours(plan.inputs.staff)
    providers = pd.Index(sorted({*served["provider_id"], *staff.index}), name="provider_id")
    grid = pd.MultiIndex.from_product([providers, months.strftime("%Y-%m")], names=["provider_id", "month"])
    sums = _sums(served, months).reindex(grid, fill_value=0).reset_index()
    measured = np.full(len(sums), not plan.inputs.visits.empty)
    table = sums[["provider_id", "month"]].copy()
    table["visits"] = sums["visits"].astype("Int64").where(measured)
    table["visit_hours"] = (sums["minutes"] / 60).where(measured)
    table["travel_hours"] = (sums["cost"] / _cost_per_hour(plan.policy)).where(measured)
    table["staff_hours"] = table["provider_id"].map(staff).astype("float64")
    short = table["visit_hours"] + table["travel_hours"] - table["staff_hours"]
    table["short_hours"] = short.clip(lower=0)
    return table[list(WORKLOAD)]


def _sums(services: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    """Visits, minutes and cost of travel by provider and month, in whole numbers."""
    known = services[services["due_on"].notna()]
    number, providers = pd.factorize(known["provider_id"])
    home = (known["where"] == "home").to_numpy()
    each = np.column_stack(
        (
            np.ones(len(known), np.int64),
            known["minutes"].to_numpy("int64"),
            np.where(home, 2 * known["cost_m"].to_numpy("int64"), 0),
        )
    )
    day, step = known["due_on"].to_numpy("datetime64[D]"), known["days"].to_numpy("timedelta64[D]")
    first, sums = months[0].to_datetime64(), np.zeros((len(providers) * MONTHS, each.shape[1]), np.int64)
    begin = first.astype("datetime64[D]")
    behind = day < begin
    _add(sums, number[behind] * MONTHS, each[behind])  # what was missed is one visit in the first month
    day = np.where(behind, day + -((day - begin) // step) * step, day)
    while len(day):
        month = (day.astype("datetime64[M]") - first.astype("datetime64[M]")).astype(np.int64)
        inside = month < MONTHS
        number, each, step, day = number[inside], each[inside], step[inside], day[inside]
        _add(sums, number * MONTHS + month[inside], each)
        day = day + step
    grid = pd.MultiIndex.from_product([providers, months.strftime("%Y-%m")], names=["provider_id", "month"])
    return pd.DataFrame(sums, index=grid, columns=["visits", "minutes", "cost"])


def _add(sums: Ints, cell: Ints, each: Ints) -> None:
    """Add what each service takes to its cell; whole numbers far below 2⁵³ stay exact."""
    for column in range(each.shape[1]):
        total = np.bincount(cell, each[:, column], minlength=len(sums))
        sums[:, column] += total.astype(np.int64)


def _cost_per_hour(policy: Policy) -> float:
    """Metres, or seconds, that an hour of travel takes."""
    return 3600.0 if policy.cost == "time" else policy.speed_kmh * 1000


def _staff_hours(staff: pd.DataFrame) -> pd.Series:
    """Hours a month of each provider; unknown where a role's persons or hours are."""
    hours = staff["fte"] * staff["hours_month"]
    unknown = hours.isna().groupby(staff["provider_id"]).any()
    return hours.groupby(staff["provider_id"]).sum().mask(unknown)
