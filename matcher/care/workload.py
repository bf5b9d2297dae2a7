"""The work that visits make for each provider in each of twelve months, against its staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from matcher.care.packages import due_services, granted
from matcher.plan.once import once_per_plan

if TYPE_CHECKING:
    import datetime as dt

    from matcher.plan.plan import Plan
    from matcher.policy.documents import Policy

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
    due = due_services(granted(plan.people, plan.policy), plan.inputs, plan.policy.visiting, on)
    served = plan.assignments[["resident_id", "provider_id", "cost_m"]]
    return due.merge(served, on="resident_id", how="left")


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
    start, end = months[0], months[-1] + pd.offsets.MonthBegin(1)
    day, step = known["due_on"].to_numpy("datetime64[D]"), known["days"].to_numpy("timedelta64[D]")
    begin = np.datetime64(start, "D")
    behind = day < begin
    next_day = np.where(behind, day + -((day - begin) // step) * step, day)
    parts = [_counted(known[behind], np.full(behind.sum(), begin))]
    while len(known):
        inside = next_day < np.datetime64(end, "D")
        known, next_day, step = known[inside], next_day[inside], step[inside]
        parts.append(_counted(known, next_day))
        next_day = next_day + step
    return pd.concat(parts).groupby(["provider_id", "month"]).sum()


def _counted(services: pd.DataFrame, day: np.ndarray) -> pd.DataFrame:
    home = (services["where"] == "home").to_numpy()
    rows = pd.DataFrame(
        {
            "provider_id": services["provider_id"].to_numpy(),
            "month": np.datetime_as_string(day.astype("datetime64[M]")),
            "visits": 1,
            "minutes": services["minutes"].to_numpy("int64"),
            "cost": np.where(home, 2 * services["cost_m"].to_numpy("int64"), 0),
        }
    )
    return rows.groupby(["provider_id", "month"], as_index=False).sum()


def _cost_per_hour(policy: Policy) -> float:
    """Metres, or seconds, that an hour of travel takes."""
    return 3600.0 if policy.cost == "time" else policy.speed_kmh * 1000


def _staff_hours(staff: pd.DataFrame) -> pd.Series:
    """Hours a month of each provider; unknown where a role's persons or hours are."""
    hours = staff["fte"] * staff["hours_month"]
    unknown = hours.isna().groupby(staff["provider_id"]).any()
    return hours.groupby(staff["provider_id"]).sum().mask(unknown)
