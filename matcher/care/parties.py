"""Parties: the people of one mode at one site, who want one provider, and how many of them each might serve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array

from matcher.arrays import numbered
from matcher.care.ties import standing_agreements
from matcher.eligibility.classify import classify
from matcher.eligibility.fixed import wished
from matcher.eligibility.pairs import BLOCK_CELLS, who_waits
from matcher.eligibility.qualify import able, admissible
from matcher.geography.locate import precisions
from matcher.inputs import Inputs
from matcher.plan.coverage import place_within
from matcher.policy.documents import Policy
from matcher.tables import CAPACITY_COLUMNS, MODES
from matcher.travel.distance import limit_cost, read_journeys, travel_model

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

#: What tells people of a party apart for a provider.
ALIKE = ["party", "tier", "services_required", "admissions"]


@dataclass(frozen=True)
class Reach:
    """Journeys between the site of each party and each provider.

    Parameters
    ----------
    km : (n_parties, n_providers)
        NaN where it is not known, or there is no way.
    cost : (n_parties, n_providers)
        Metres, or seconds with ``cost = "time"``; −1 as above.
    listed, shut : (n_parties, n_providers)
        The table `travel` tells the journey; it tells that there is no way.
    """

    km: Floats
    cost: Ints
    listed: Bools
    shut: Bools


@dataclass(frozen=True)
class Parties:
    """Everybody, by party.

    Parameters
    ----------
    inputs, policy
        What they were made from; located.
    people : DataFrame
        The classified residents, in the order of `inputs`, with ``party`` (−1: who is matched alone).
    decided : (n_residents,)
        Whose provider somebody decided on: they keep it, whatever their site does.
    counted : (n_residents,)
        Located people of a party who are not.
    table : DataFrame
        ``site_id``, ``mode``, ``mode_number``, ``site_kind``, ``ownership``, ``operator_provider_id``, ``township``,
        ``precision`` (how the site was placed): a row for each party, by site and mode.
    providers : DataFrame
        Of `inputs`, by id: providers are numbered in this order. With ``township``.
    places : (n_providers, n_modes)
        Places for the parties, −1 where the mode is not offered; those of people decided on are gone.
    total : (n_providers,)
        Over all modes, −1 where unlimited.
    reach : Reach
    agreed : (n_parties, n_providers)
        An agreement with the site is in force.
    """

    inputs: Inputs
    policy: Policy
    people: pd.DataFrame
    decided: Bools
    counted: Bools
    table: pd.DataFrame
    providers: pd.DataFrame
    places: Ints
    total: Ints
    reach: Reach
    agreed: Bools

    @property
    def mode(self) -> Ints:
        """Number of the mode of each party."""
        return self.table["mode_number"].to_numpy(np.int64)

    @property
    def limit(self) -> Ints:
        """Highest cost for each party."""
        return np.array([limit_cost(self.policy, MODES[mode]) for mode in self.mode], np.int64)

    def who_fits(self, some: Bools, *, by_kind: bool) -> tuple[Ints, pd.DataFrame, Bools]:
        """Which providers may serve some of the people.

        Parameters
        ----------
        some : (n_residents,)
        by_kind : bool
            Whether the provider must be of a kind that the policy admits.

        Returns
        -------
        row : (n,)
            Row of `kinds` of each of these people, in their order.
        kinds : DataFrame
            Distinct `ALIKE`, by party.
        fits : (n_kinds, n_providers) bool
        """
        people = self.people.loc[some, ALIKE]
        kinds = people.drop_duplicates().sort_values(ALIKE, ignore_index=True)
        row = pd.MultiIndex.from_frame(kinds).get_indexer(pd.MultiIndex.from_frame(people))
        asked = kinds.assign(
            **{name: self.table[name].array.take(kinds["party"]) for name in ("site_id", "mode")}
        )
        test = admissible if by_kind else able
        step = max(1, BLOCK_CELLS // max(1, len(self.providers)))
        fits = [np.zeros((0, len(self.providers)), bool)]
        for begin in range(0, len(asked), step):
            block = asked.iloc[begin : begin + step]
            passes = test(block, self.providers, self.inputs.sites, self.policy)
            for sites in self._agreed_sites(block["site_id"]) if by_kind else ():
                passes |= test(block, self.providers, sites, self.policy)
            fits.append(passes)
        return row.astype(np.int64), kinds, np.concatenate(fits)

    def takes(self, some: Bools) -> Ints:
        """(n_parties, n_providers, tiers): persons among `some` whom each provider may serve."""
        row, kinds, fits = self.who_fits(some, by_kind=True)
        size = np.bincount(row, minlength=len(kinds))
        shape = (len(self.table), len(kinds))
        counts = []
        for tier in range(1, self.policy.tier_count + 1):
            weight = size * (kinds["tier"].to_numpy() == tier)
            share = coo_array((weight, (kinds["party"].to_numpy(), np.arange(len(kinds)))), shape=shape)
            counts.append(share.tocsr() @ fits.astype(np.int64))
        return np.stack(counts, axis=-1)

    def _agreed_sites(self, wanted: pd.Series) -> list[pd.DataFrame]:
        """The table of sites with each further agreement in the place of the one that it names."""
        rows = standing_agreements(self.inputs)
        rows = rows[rows["site_id"].isin(wanted)]
        turn = rows.groupby("site_id").cumcount()
        tables = []
        for number in range(int(turn.max()) + 1 if len(rows) else 0):
            named = rows[turn == number].set_index("site_id")["provider_id"]
            sites = self.inputs.sites
            tables.append(sites.assign(agreement_provider_id=sites["site_id"].map(named).astype("str")))
        return tables


def find_parties(inputs: Inputs, policy: Policy) -> Parties:
    """People of the policy's modes for sites who are at a site and wait for no home, by site and mode."""
    people = classify(inputs, policy)
    through = [mode for mode in MODES if policy.served_by[mode] == "site"]
    at_site = people["mode"].isin(through) & people["site_id"].notna() & ~who_waits(people)
    number = people["mode"].map({mode: place for place, mode in enumerate(MODES)})
    keys = pd.DataFrame({"site_id": people["site_id"], "mode_number": number})
    table = keys[at_site].drop_duplicates().sort_values(["site_id", "mode_number"], ignore_index=True)
    found = pd.MultiIndex.from_frame(table).get_indexer(pd.MultiIndex.from_frame(keys))
    people = people.assign(party=np.where(at_site, found, -1))
    providers = inputs.providers.sort_values("provider_id", ignore_index=True)
    township = place_within(inputs.places, "township")
    providers = providers.assign(township=providers["place_code"].map(township).astype("str"))
    ids = pd.Index(providers["provider_id"])
    decided = wished(people, ids, inputs.corrections)
    places, total = _places(providers, decided, np.asarray(number, np.int64))
    sites = inputs.sites.set_index("site_id").reindex(table["site_id"]).reset_index()
    table = table.assign(
        mode=np.array(MODES, dtype=object)[table["mode_number"]],
        site_kind=sites["kind"],
        ownership=sites["ownership"],
        operator_provider_id=sites["operator_provider_id"],
        township=sites["place_code"].map(township).astype("str"),
        precision=precisions(sites).replace({"own": "site"}),
    )
    agreed = np.zeros((len(table), len(ids)), bool)
    rows = standing_agreements(inputs)
    known = table[["site_id"]].reset_index(names="party").merge(rows, on="site_id")
    agreed[known["party"], numbered(known["provider_id"], ids)] = True
    return Parties(
        inputs=inputs,
        policy=policy,
        people=people,
        decided=decided >= 0,
        counted=(at_site & people["lat"].notna()).to_numpy(bool) & (decided < 0),
        table=table,
        providers=providers,
        places=places,
        total=total,
        reach=_reach(sites, providers, inputs, policy),
        agreed=agreed,
    )


def _places(providers: pd.DataFrame, decided: Ints, mode: Ints) -> tuple[Ints, Ints]:
    """Places by provider and mode, and over all modes, less those of people whose provider was decided on."""
    held = np.zeros((len(providers), len(MODES)), np.int64)
    some = decided >= 0
    np.add.at(held, (decided[some], mode[some]), 1)
    places = providers[list(CAPACITY_COLUMNS)].fillna(-1).to_numpy(np.int64)
    total = providers["capacity_total"].fillna(-1).to_numpy(np.int64)
    return less(places, held), less(total, held.sum(axis=1))


def less(places: Ints, taken: Ints) -> Ints:
    """Places that are left, never below 0; −1 (none offered, or no limit) stays."""
    return np.where(places >= 0, np.maximum(places - taken, 0), places)


def _reach(sites: pd.DataFrame, providers: pd.DataFrame, inputs: Inputs, policy: Policy) -> Reach:
    """Journeys of the sites, one row each; a journey listed for the site's place replaces the computed one."""
    journeys = read_journeys(inputs.travel, pd.Index(providers["provider_id"]))
    origins = sites[["lat", "lon"]].assign(
        place_key=numbered(sites["place_code"], journeys.keys), person_key=-1
    )
    model = travel_model(origins, providers, journeys, policy)
    shape = (len(sites), len(providers))
    site, provider = (axis.ravel().astype(np.int64) for axis in np.indices(shape))
    km, cost = model.measure(site, provider)
    return Reach(
        km=km.reshape(shape),
        cost=cost.reshape(shape),
        listed=model.listed(site, provider).reshape(shape),
        shut=model.shut_between(np.arange(shape[0]), np.arange(shape[1])),
    )
