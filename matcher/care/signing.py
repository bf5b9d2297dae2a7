"""Family doctors: who has signed with whom, and whether a visit followed, so that "signed, never visited" shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.inputs import Inputs

SIGNING_COLUMNS = ("resident_id", "provider_id", "signed_on", "until", "state", "last_visit")
#: What may become of a signing.
SIGNING_STATES = ("signed", "served", "renewed", "ended", "not_measured")


def signings_in_force(inputs: Inputs) -> pd.DataFrame:
    """The last signing of each person up to the day of the data that is not over; an empty ``until`` sets no bound."""
    last = _begun(inputs).drop_duplicates("resident_id", keep="last")
    return last[~_over(last, inputs)]


def signing_table(inputs: Inputs) -> pd.DataFrame:
    """How far the last signing of each person has come.

    Returns
    -------
    DataFrame
        `SIGNING_COLUMNS`, by person. ``state``: ``signed`` without a visit since; ``served`` with one; ``renewed``
        where it follows a signing that was served; ``ended`` where it is over. A visit counts from the day of
        signing, by the provider signed with or by one that is not told. Without the table `visits` nobody knows:
        ``not_measured``. ``last_visit`` is the last that counts.
    """
    rows = _begun(inputs)
    rows = rows.assign(last_visit=_last_visits(rows, inputs))
    served = rows["last_visit"].notna()
    before = served.astype(int).groupby(rows["resident_id"]).cumsum() > served.astype(int)
    rows["state"] = np.select(
        [_over(rows, inputs), inputs.visits.empty, before, served],
        ["ended", "not_measured", "renewed", "served"],
        "signed",
    )
    last = rows.drop_duplicates("resident_id", keep="last")
    days = {name: last[name].dt.strftime("%Y-%m-%d") for name in ("signed_on", "until", "last_visit")}
    return last.assign(**days)[list(SIGNING_COLUMNS)].reset_index(drop=True)


def _begun(inputs: Inputs) -> pd.DataFrame:
    """Signings up to the day of the data, by person and day, with the day of the next one."""
    rows = inputs.signings[inputs.signings["signed_on"] <= pd.Timestamp(inputs.dataset.as_of)]
    rows = rows.sort_values(["resident_id", "signed_on", "provider_id"], ignore_index=True)
    return rows.assign(next_on=rows.groupby("resident_id")["signed_on"].shift(-1))


def _over(rows: pd.DataFrame, inputs: Inputs) -> pd.Series:
    return rows["until"].notna() & (rows["until"] < pd.Timestamp(inputs.dataset.as_of))


def _last_visits(rows: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """The last visit that counts for each signing: before the next one, and before it was over."""
    visits = inputs.visits[inputs.visits["on"] <= pd.Timestamp(inputs.dataset.as_of)]
    both = rows.reset_index(names="signing").merge(
        visits[["resident_id", "provider_id", "on"]], on="resident_id", suffixes=("", "_visit")
    )
    counts = (both["provider_id_visit"].isna() | (both["provider_id_visit"] == both["provider_id"])) & (
        both["on"] >= both["signed_on"]
    )
    counts &= both["next_on"].isna() | (both["on"] < both["next_on"])
    counts &= both["until"].isna() | (both["on"] <= both["until"])
    return both[counts].groupby("signing")["on"].max().reindex(rows.index)
