"""What each person is granted in a year, and when each service is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from matcher.eligibility.classify import Bools, asked_of
from matcher.eligibility.codes import mask_of
from matcher.tables import SERVICES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from matcher.inputs import Inputs
    from matcher.policy.documents import Policy
    from matcher.policy.packages import Package, Visiting

DUE = ("resident_id", "provider_id", "package", "service", "due_on", "state", "where", "payer")


def granted(people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Services that the policy's packages grant.

    Parameters
    ----------
    people : DataFrame
        As `classify` gives it.
    policy : Policy

    Returns
    -------
    DataFrame[resident_id, package, service, times, minutes, where, payer]
        ``times`` a year, ``minutes`` each. Packages that combine in one service at one place are one row: their ids
        joined by ``;``, the most times, the longest visit, and the payer of the first.
    """
    holds = asked_of(people, policy)
    entitled = {package.id: _entitled(package, people, holds(package.when)) for package in policy.packages}
    for package in policy.packages:
        for other in package.instead_of:
            entitled[other] = entitled[other] & ~entitled[package.id]
    ids = people["resident_id"].to_numpy()
    parts = [
        pd.DataFrame({"resident_id": ids[entitled[package.id]]}).assign(
            package=package.id,
            service=item.service,
            times=item.times,
            minutes=item.minutes,
            where=item.where,
            payer=item.payer,
            combine=package.combine,
        )
        for package in policy.packages
        for item in package.items
    ]
    columns = ["resident_id", "package", "service", "times", "minutes", "where", "payer"]
    if not parts:
        return pd.DataFrame(columns=columns)
    rows = _combined(pd.concat(parts, ignore_index=True))
    return rows[columns].sort_values(["resident_id", "package", "service"], ignore_index=True)


def _entitled(package: Package, people: pd.DataFrame, holds: Bools) -> Bools:
    age = people["age"].to_numpy(np.float64, na_value=np.nan)
    needed = mask_of(package.needs, SERVICES)
    holds = holds & (people["services_required"].to_numpy() & needed == needed)
    if package.modes:
        holds &= people["mode"].isin(package.modes).to_numpy()
    if package.min_age is not None:
        holds &= age >= package.min_age
    if package.max_age is not None:
        holds &= age <= package.max_age
    return np.asarray(holds, bool)


def _combined(rows: pd.DataFrame) -> pd.DataFrame:
    """One row for what one visit serves; only rows that meet another are put together."""
    key = ["resident_id", "service", "where"]
    together = rows["combine"] & rows.duplicated([*key, "combine"], keep=False)
    some = rows[together]
    merged = some.groupby(key, sort=False, as_index=False)
    one = merged.agg(
        package=("package", "first"),
        times=("times", "max"),
        minutes=("minutes", "max"),
        payer=("payer", "first"),
    )
    names, number, rank = one["package"].to_numpy(object), merged.ngroup(), merged.cumcount()
    for place in range(1, int(rank.max()) + 1 if len(rank) else 0):
        here = (rank == place).to_numpy()
        names[number[here]] += ";" + some["package"].to_numpy(object)[here]
    one["package"] = pd.array(names, dtype="str")
    return pd.concat([rows[~together], one], ignore_index=True)


def due_services(
    services: pd.DataFrame, inputs: Inputs, visiting: Visiting, on: dt.date | None = None
) -> pd.DataFrame:
    """When each service of `granted` is due, and whether it is overdue.

    Parameters
    ----------
    services : DataFrame
    inputs : Inputs
    visiting : Visiting
        Of the policy.
    on : date, optional
        The day of reckoning, where it is not that of the data.

    Returns
    -------
    DataFrame
        `services` with ``days`` (between two visits), ``last_on``, ``due_on`` (last visit + days, or + the policy's
        ``soon_days`` after a bad outcome; the day of reckoning for who never had one) and ``state`` (ok, due, overdue).
        Without the table ``visits`` nobody knows: ``due_on`` is missing, ``state`` is not_measured.
    """
    day = pd.Timestamp(on or inputs.dataset.as_of)
    last = _last_visits(inputs.visits, day, visiting.soon_after)
    due = services.merge(last, on=["resident_id", "service"], how="left")
    due["days"] = 365 // due["times"].astype("int64")
    wait = due["days"].where(~due["outcome"].isin(visiting.soon_after), visiting.soon_days)
    due["due_on"] = (due["last_on"] + pd.to_timedelta(wait, unit="D")).fillna(day)
    margin = pd.Timedelta(days=visiting.window_days)
    due["state"] = np.select(
        [due["due_on"] < day - margin, due["due_on"] <= day + margin], ["overdue", "due"], "ok"
    )
    if inputs.visits.empty:
        due["due_on"], due["state"] = pd.NaT, "not_measured"
    return due.drop(columns="outcome")


def _last_visits(visits: pd.DataFrame, day: pd.Timestamp, soon_after: Sequence[str]) -> pd.DataFrame:
    """The last visit of each person and service; on one day, a bad outcome counts."""
    past = visits.loc[visits["on"] <= day, ["resident_id", "service", "on", "outcome"]]
    past = past.assign(bad=past["outcome"].isin(soon_after))
    last = past.sort_values(["on", "bad"], kind="stable").drop_duplicates(
        ["resident_id", "service"], keep="last"
    )
    return last.drop(columns="bad").rename(columns={"on": "last_on"})


def due_table(due: pd.DataFrame) -> pd.DataFrame:
    """``due.csv`` of `due_services` with a provider: columns `DUE`, days as text."""
    return due.assign(due_on=due["due_on"].astype("datetime64[s]").dt.strftime("%Y-%m-%d"))[list(DUE)]
