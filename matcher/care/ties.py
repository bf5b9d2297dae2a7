"""Who serves a site: by an agreement in force, by running it, or from inside it."""

from __future__ import annotations

import pandas as pd

from matcher.eligibility.qualify import is_open
from matcher.inputs import Inputs
from matcher.policy.pairings import DEFAULT_FORM
from matcher.tables import NOT_MEDICAL_KINDS

#: States of an agreement that is not ended.
IN_FORCE = ("signed", "served")


def agreements_in_force(inputs: Inputs) -> pd.DataFrame:
    """Rows of `agreements` signed or served, begun by the day of the data and not over; an empty date sets no bound."""
    rows, day = inputs.agreements, pd.Timestamp(inputs.dataset.as_of)
    begun = rows["signed_on"].isna() | (rows["signed_on"] <= day)
    lasting = rows["until"].isna() | (rows["until"] >= day)
    return rows[rows["state"].isin(IN_FORCE) & begun & lasting]


def standing_agreements(inputs: Inputs) -> pd.DataFrame:
    """`agreements_in_force`, and what ``sites.agreement_provider_id`` says, which reads as such a row.

    Returns
    -------
    DataFrame[site_id, provider_id, form]
        By site and provider, without repetition; where the table tells a form, that one.
    """
    named = inputs.sites[["site_id", "agreement_provider_id"]].dropna()
    named = named.set_axis(["site_id", "provider_id"], axis=1).assign(form=DEFAULT_FORM)
    rows = pd.concat([agreements_in_force(inputs)[list(named)], named], ignore_index=True)
    rows = rows.drop_duplicates(["site_id", "provider_id"])
    return rows.sort_values(["site_id", "provider_id"], ignore_index=True)


def not_medical(providers: pd.DataFrame) -> pd.Series:
    """Ids of providers that treat nobody: running a site, they look after no one's health."""
    return providers.loc[providers["kind"].isin(NOT_MEDICAL_KINDS), "provider_id"]


def ties(inputs: Inputs) -> pd.DataFrame:
    """Every site with each open provider that serves it: by agreement, from inside, or as the medical one that runs it.

    Returns
    -------
    DataFrame[site_id, provider_id]
        Without repetition.
    """
    sites, providers = inputs.sites, inputs.providers
    agreed, running = (
        sites[["site_id", column]].set_axis(["site_id", "provider_id"], axis=1)
        for column in ("agreement_provider_id", "operator_provider_id")
    )
    pairs = pd.concat(
        [
            agreements_in_force(inputs)[["site_id", "provider_id"]],
            agreed,
            running[~running["provider_id"].isin(not_medical(providers))],
            providers[["site_id", "provider_id"]],
        ],
        ignore_index=True,
    )
    working = pairs["provider_id"].isin(providers.loc[is_open(providers), "provider_id"])
    return pairs[working].dropna().drop_duplicates(ignore_index=True)
