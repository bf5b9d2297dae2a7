"""Green channel: to which hospital each person is sent who falls seriously ill, and how many minutes away it is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.care.minutes import NOBODY, from_people, nearest
from matcher.care.ties import ties
from matcher.eligibility.classify import asked_of, classify
from matcher.eligibility.codes import mask_of
from matcher.eligibility.qualify import is_open, offered
from matcher.inputs import Inputs
from matcher.plan.coverage import UNKNOWN_PLACE, ancestors, home_place, place_within
from matcher.policy.documents import Policy
from matcher.policy.referral import GreenChannel
from matcher.tables import SERVICES
from matcher.travel.distance import TravelModel

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

#: Upper ends of the bands in minutes, inclusive.
BAND_MINUTES = (30, 60, 120)
BEYOND, NOT_MEASURED = "beyond", "not_measured"
BANDS = (*(str(minutes) for minutes in BAND_MINUTES), BEYOND)
GREEN_COLUMNS = ("resident_id", "hospital_id", "minutes", "band", "returns")
SHARES = tuple(f"share{minutes}" for minutes in BAND_MINUTES)
PLACE_COLUMNS = ("place_code", "residents", *SHARES, BEYOND)


def green_channel(inputs: Inputs, policy: Policy, people: pd.DataFrame | None = None) -> pd.DataFrame:
    """The hospital of each person's green channel, by the policy's ``green_channel``.

    Nearest by whole seconds, then by id; nobody's capacity is asked. A journey of the travel table comes before
    kilometres by the policy's speed.

    Parameters
    ----------
    inputs : Inputs
        Located.
    policy : Policy
    people : DataFrame, optional
        `classify` of these inputs and this policy, where it is at hand.

    Returns
    -------
    DataFrame[resident_id, hospital_id, minutes, band, returns]
        By resident. ``band`` is the first of `BANDS` that holds the minutes; ``beyond`` also where the travel table
        says that there is no way to any. It is ``not_measured``, and hospital and minutes are missing, where a position
        is not known or no provider fits any rule. ``returns`` is 1 where the rule brings people back, missing where no
        rule decides.
    """
    people = classify(inputs, policy) if people is None else people
    providers = inputs.providers[is_open(inputs.providers)].sort_values("provider_id", ignore_index=True)
    model, location = from_people(people, providers, inputs.travel, policy)
    hospital, seconds = np.full(len(people), NOBODY, np.int64), np.full(len(people), -1, np.int64)
    returns, shut = np.full(len(people), -1, np.int64), np.zeros(len(people), bool)
    for rule, rows, site, columns, allowed in _decisions(inputs, policy, people, providers):
        hospital[rows], seconds[rows], shut[rows] = _distinct(model, location[rows], site, columns, allowed)
        returns[rows] = rule.returns
    band = np.where((seconds < 0) & shut, BEYOND, _bands(seconds))
    table = pd.DataFrame(
        {
            "resident_id": people["resident_id"].to_numpy(),
            "hospital_id": providers["provider_id"].array.take(hospital, allow_fill=True),
            "minutes": np.where(seconds >= 0, seconds / 60, np.nan),
            "band": band,
            "returns": pd.array(np.where(returns >= 0, returns, 0), "Int64"),
        }
    ).astype({"resident_id": "str", "band": "str"})
    table["returns"] = table["returns"].mask(returns < 0)
    return table.sort_values("resident_id", ignore_index=True)


def _decisions(
    inputs: Inputs, policy: Policy, people: pd.DataFrame, providers: pd.DataFrame
) -> Iterator[tuple[GreenChannel, Ints, Ints, Ints, Bools]]:
    """Each rule with the people whom it decides: their rows and their sites, then its providers, and by site which.

    A rule that is not tied knows one site, 0, for all.
    """
    ids = pd.Index(inputs.sites["site_id"])
    site = ids.get_indexer(pd.Index(people["site_id"])).astype(np.int64)
    owner = inputs.sites["ownership"].to_numpy(dtype=object)
    asked, offers = asked_of(people, policy), offered(providers, policy)
    open_still = np.ones(len(people), bool)
    for rule in policy.green_channel:
        columns = np.flatnonzero(_fits(rule, providers, offers))
        chosen = open_still & people["mode"].isin(rule.modes).to_numpy(bool) & asked(rule.when)
        if rule.site_ownership is not None:
            chosen &= np.append(owner == rule.site_ownership, False)[site]
        if rule.tied:
            allowed = _serving(inputs, ids, pd.Index(providers["provider_id"]))[:, columns]
            chosen &= np.append(allowed.any(axis=1), False)[site]
        else:
            allowed = np.ones((1, len(columns)), bool)
        if not len(columns) or not chosen.any():
            continue
        rows = np.flatnonzero(chosen)
        yield rule, rows, site[rows] if rule.tied else np.zeros(len(rows), np.int64), columns, allowed
        open_still[rows] = False


def _fits(rule: GreenChannel, providers: pd.DataFrame, offers: Ints) -> Bools:
    """Providers of the kind, level and services that a rule asks; missing never fits."""
    fits = np.ones(len(providers), bool)
    if rule.kinds:
        fits &= providers["kind"].isin(rule.kinds).to_numpy(bool)
    if rule.min_level is not None:
        fits &= (providers["hospital_level"] >= rule.min_level).fillna(False).to_numpy(bool)
    return np.asarray(fits & (~offers & mask_of(rule.services, SERVICES) == 0))


def _serving(inputs: Inputs, sites: pd.Index, providers: pd.Index) -> Bools:
    """(n_sites, n_providers): who serves each site."""
    serving = np.zeros((len(sites), len(providers)), bool)
    pairs = ties(inputs)
    site, provider = (pd.Index(pairs[name]) for name in ("site_id", "provider_id"))
    serving[sites.get_indexer(site), providers.get_indexer(provider)] = True
    return serving


def _distinct(
    model: TravelModel, location: Ints, site: Ints, columns: Ints, allowed: Bools
) -> tuple[Ints, Ints, Bools]:
    """`nearest`, asked once for all who start at one place from one site."""
    key, back = np.unique(location * len(allowed) + site, return_inverse=True)
    where, which = np.divmod(key, len(allowed))
    provider, seconds, shut = nearest(model, where, columns, allowed[which])
    return provider[back], seconds[back], shut[back]


def green_by_place(green: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """How many people of each place are within 30, 60 and 120 minutes of their green channel, and beyond.

    Parameters
    ----------
    green : DataFrame
        From `green_channel`.
    inputs : Inputs

    Returns
    -------
    DataFrame[place_code, residents, share30, share60, share120, beyond]
        A row for each place of any level where people live, in code order; people whose place is not known have a row
        with an empty code. ``residents`` are all of them. Shares are of those whose band is measured: within so many
        minutes, each holding the one before; ``share120`` and ``beyond`` add up to 1. They are missing where nobody's
        is.
    """
    people = inputs.residents
    place = home_place(people, inputs.sites).fillna(UNKNOWN_PLACE).to_numpy(dtype=object)
    of_person = pd.Series(place, people["resident_id"])
    counts = pd.crosstab(green["resident_id"].map(of_person), green["band"])
    counts = counts.reindex(columns=[*BANDS, NOT_MEASURED], fill_value=0)
    chains = ancestors(inputs.places)
    spread = [(up, code) for code in counts.index for up in chains.get(str(code), [UNKNOWN_PLACE])]
    above = pd.DataFrame(spread, columns=["place_code", "code"])
    sums = counts.loc[above["code"]].groupby(above["place_code"].to_numpy()).sum()
    known = sums[list(BANDS)].sum(axis=1)
    within = sums[list(BANDS)].cumsum(axis=1).div(known.where(known > 0), axis=0)
    table = pd.DataFrame({"place_code": sums.index.astype("str"), "residents": sums.sum(axis=1).to_numpy()})
    for share, band in zip(SHARES, BANDS, strict=False):
        table[share] = within[band].to_numpy(np.float64)
    table[BEYOND] = (sums[BEYOND] / known.where(known > 0)).to_numpy(np.float64)
    return table[list(PLACE_COLUMNS)].sort_values("place_code", ignore_index=True)


def place_minutes(green: pd.DataFrame, inputs: Inputs, level: str) -> pd.DataFrame:
    """Half of the people of each place are no farther from their green channel than this, for maps and lists.

    Parameters
    ----------
    green : DataFrame
        From `green_channel`.
    inputs : Inputs
    level : str
        One of ``tables.PLACE_LEVELS``.

    Returns
    -------
    DataFrame
        `green_by_place` of the places of the level, with ``name`` (the code where it has none), ``parent_name``,
        ``lat``, ``lon``, ``minutes`` (the median of those measured, missing where half of them have no way), ``band``
        and ``unknown`` (people not measured). The farthest first, those not measured last.
    """
    places = inputs.places
    known = green[green["band"] != NOT_MEASURED]
    home = home_place(inputs.residents, inputs.sites).to_numpy(dtype=object)
    lying = pd.Series(home, inputs.residents["resident_id"]).map(place_within(places, level))
    minutes = known["minutes"].fillna(np.inf).groupby(known["resident_id"].map(lying)).median()
    table = places.loc[places["level"] == level, ["place_code", "name", "parent_code", "lat", "lon"]]
    table = table.merge(green_by_place(green, inputs), on="place_code")
    table["parent_name"] = table["parent_code"].map(places.set_index("place_code")["name"])
    table["name"] = table["name"].fillna(table["place_code"])
    median = table["place_code"].map(minutes).to_numpy(np.float64)
    table["band"] = pd.Series(_bands(np.where(np.isnan(median), -1, median * 60)), dtype="str")
    counted = known["resident_id"].map(lying).value_counts()
    table["unknown"] = table["residents"] - table["place_code"].map(counted).fillna(0).astype(np.int64)
    order = np.lexsort((table["place_code"], np.where(np.isnan(median), np.inf, -median)))
    table["minutes"] = np.where(np.isinf(median), np.nan, median)
    return table.iloc[order].drop(columns="parent_code").reset_index(drop=True)


def _bands(seconds: npt.NDArray[np.float64] | Ints) -> npt.NDArray[np.object_]:
    """The band of each time; not measured where it is negative."""
    band = np.array(BANDS, object)[np.searchsorted(np.array(BAND_MINUTES) * 60, seconds)]
    return np.where(seconds < 0, NOT_MEASURED, band)
