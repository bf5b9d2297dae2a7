"""Money for sites that a medical provider runs or that are inside one: once for new beds, monthly for beds in use."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.care.stays import full_months, months_later, row_on, spells
from matcher.care.ties import not_medical
from matcher.inputs import Inputs
from matcher.plan.coverage import place_within
from matcher.policy.documents import Policy
from matcher.policy.rules import Payment

#: Column of `sites` that each amount for a new bed is paid for.
BEDS = {"new_bed": "new_beds", "special_bed": "special_beds", "short_place": "new_beds"}
MONTHLY = "monthly"
COLUMNS = ("site_id", "county", "year", "once", "running", "months", "unknown")
#: Counted over the months of stays.
RUNNING = ("running", "months", "unknown")
#: What adds up over sites and years.
SUMS = ("once", *RUNNING)
#: Stands in a file for a figure that could not be worked out.
NOT_MEASURED = "not_measured"
_TYPES = {"site_id": "str", "year": "Int64"} | dict.fromkeys(RUNNING, "Int64")


def money(inputs: Inputs, policy: Policy) -> pd.DataFrame:
    """What each site earns in each year, on the terms of the policy's `payments` (攀办发〔2016〕71号 四(三)).

    A month counts in the year in which it begins, new beds in that in which the site opened.

    Returns
    -------
    DataFrame[site_id, county, year, once, running, months, unknown]
        ``once`` and ``running`` are yuan; ``months`` are full months of beds in use that are paid for, ``unknown``
        those of them whose grade is not known, which earn nothing. ``Int64``, missing where beds, licence or stays are
        not given: never 0. ``year`` is missing where a site does not say when it opened.
    """
    sites = _of_medical(inputs)
    tied = np.logical_or.reduce(
        [_tied(sites, payment) for payment in policy.payments] or [np.zeros(len(sites), bool)]
    )
    sites = sites[tied].reset_index(drop=True)
    running = pd.concat(
        [_empty(), *(_running(inputs, sites, policy, payment) for payment in policy.payments)],
        ignore_index=True,
    )
    running = running.groupby(["site_id", "year"], as_index=False)[list(RUNNING)].sum()
    table = _by_year(
        sites.assign(year=sites["opened_on"].dt.year.astype("Int64")), _once(sites, policy), running
    )
    if inputs.stays.empty:
        table = table.assign(**dict.fromkeys(RUNNING, pd.array([pd.NA] * len(table), "Int64")))
    table["county"] = (
        table["site_id"]
        .map(sites.set_index("site_id")["place_code"])
        .map(place_within(inputs.places, "county"))
        .astype("str")
    )
    return table.sort_values(["site_id", "year"], ignore_index=True)[list(COLUMNS)]


def _of_medical(inputs: Inputs) -> pd.DataFrame:
    """The sites, without providers that are no medical ones."""
    others = not_medical(inputs.providers)
    columns = ["operator_provider_id", "host_provider_id"]
    return inputs.sites.assign(
        **{name: inputs.sites[name].mask(inputs.sites[name].isin(others)) for name in columns}
    )


def as_written(table: pd.DataFrame) -> pd.DataFrame:
    """`money` for a file, which says where a figure is not measured."""
    figures = {name: table[name].astype("string").fillna(NOT_MEASURED).astype("str") for name in SUMS}
    return table.assign(**figures)


def _tied(sites: pd.DataFrame, payment: Payment) -> np.ndarray:
    columns = [f"{relation}_provider_id" for relation in payment.relations]
    return np.asarray(sites[columns].notna().any(axis=1), bool)


def _once(sites: pd.DataFrame, policy: Policy) -> pd.Series:
    """Yuan for new beds of each site; missing where a figure that decides it is."""
    total = pd.Series(0, sites.index, dtype="Int64")
    for payment in policy.payments:
        if payment.amount in BEDS:
            yuan = sites[BEDS[payment.amount]] * int(getattr(policy.subsidies, payment.amount))
            total += _where_held(yuan, sites, payment)
    return total


def _where_held(yuan: pd.Series, sites: pd.DataFrame, payment: Payment) -> pd.Series:
    """The yuan of sites for which the payment's terms hold, 0 where they do not, missing where nobody knows."""
    held = pd.Series(_tied(sites, payment), sites.index, dtype="boolean")
    if payment.licensed is not None:
        held &= sites["licensed"] == payment.licensed
    unclear = held.isna() & (yuan != 0).fillna(True)
    return yuan.mask(~held.fillna(True), 0).mask(unclear)


def _running(inputs: Inputs, sites: pd.DataFrame, policy: Policy, payment: Payment) -> pd.DataFrame:
    """Months of beds in use that are paid for, by site and year, and what they earn."""
    if payment.amount != MONTHLY:
        return _empty()
    own = sites[_tied(sites, payment)]
    if payment.licensed is not None:
        own = own[(own["licensed"] == payment.licensed).fillna(False)]
    stays = inputs.stays[inputs.stays["site_id"].isin(own["site_id"])]
    rows = spells(stays, inputs.dataset.as_of, payment.most_gap_days)
    spell = rows.drop_duplicates("spell")
    months = full_months(spell["begin"].to_numpy(), spell["end"].to_numpy())
    skipped = 0 if payment.from_first_month else payment.least_months
    paid = np.clip(months - skipped, 0, policy.subsidies.months) * (months >= payment.least_months)
    number = np.repeat(np.arange(len(spell)), paid)
    nth = np.arange(len(number)) - np.repeat(np.cumsum(paid) - paid, paid) + skipped
    day = months_later(spell["begin"].to_numpy()[number], nth)
    yuan = _monthly(rows, policy).to_numpy(np.float64, na_value=np.nan)[row_on(rows, number, day)]
    site, ids = pd.factorize(spell["site_id"])
    counted = pd.DataFrame(
        {
            "site": site[number],
            "year": day.astype("datetime64[Y]").astype(np.int64) + 1970,
            "running": np.nan_to_num(yuan).astype(np.int64),
            "months": 1,
            "unknown": np.isnan(yuan).astype(np.int64),
        }
    )
    counted = counted.groupby(["site", "year"], as_index=False).sum()
    counted.insert(0, "site_id", pd.Series(ids, dtype="str").take(counted.pop("site").to_numpy()).to_numpy())
    return counted.astype(_TYPES)


def _monthly(rows: pd.DataFrame, policy: Policy) -> pd.Series:
    """Yuan a month of each stay by its grade; missing where the grade is not known."""
    schemes = rows["scheme"].fillna(policy.default_scheme)
    yuan = pd.Series(pd.NA, rows.index, dtype="Int64")
    for scheme, levels in policy.ability.items():
        by_grade = {grade: policy.subsidies.monthly.get(level, 0) for grade, level in enumerate(levels)}
        yuan = yuan.mask(schemes == scheme, rows["grade"].map(by_grade).astype("Int64"))
    return yuan


def _by_year(sites: pd.DataFrame, once: pd.Series, running: pd.DataFrame) -> pd.DataFrame:
    """A row for the year in which each site opened, and for each year with months; what is not in a year is 0 there.

    In which year money for new beds falls is not known where the site does not say when it opened.
    """
    years = pd.concat([sites[["site_id", "year"]], running[["site_id", "year"]]]).drop_duplicates()
    table = years.merge(running, how="left", on=["site_id", "year"])
    table[list(RUNNING)] = table[list(RUNNING)].fillna(0)
    opened = table["site_id"].map(sites.set_index("site_id")["year"]).astype("Int64")
    yuan = table["site_id"].map(pd.Series(once.array, sites["site_id"])).astype("Int64")
    own = ((table["year"] == opened) | (table["year"].isna() & opened.isna())).fillna(False)
    elsewhere = (opened.notna() | (yuan == 0)).fillna(False)
    return table.assign(once=yuan.mask(~own & elsewhere, 0).mask(~own & ~elsewhere))


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _TYPES.items()})
