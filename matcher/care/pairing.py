"""Which provider serves each party: the one inside, the operator, the nearest, the township's; the others together.

Every step sees only the people whom the steps before have left. What is taken before the last step may exceed places,
except by a clinic inside; the last step finds what remains, never less than nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.arrays import numbered
from matcher.care.parties import Parties, less
from matcher.eligibility.qualify import is_open
from matcher.policy.pairings import DEFAULT_FORM, Pairing
from matcher.solve.single import SingleChoice, SingleSource
from matcher.tables import NOT_MEDICAL_KINDS

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

Choose: TypeAlias = Callable[[SingleSource], SingleChoice]
INSIDE, OPERATOR, FREE = "inside", "operator", "free"
#: Where no pairing of the policy holds.
NO_PAIRING = Pairing(id="", mode="", how=FREE, form=DEFAULT_FORM)


@dataclass(frozen=True)
class Tie:
    """One provider of one party.

    Parameters
    ----------
    how : str
        ``inside``, ``operator``, or how the pairing says.
    form : str
        Code of the vocabulary ``agreement_form``.
    people : (n,)
        Rows of the people whom the provider takes.
    """

    party: int
    provider: int
    how: str
    form: str
    people: Ints


@dataclass(frozen=True)
class Paired:
    """All ties, and who may tie with whom.

    Parameters
    ----------
    ties : tuple of Tie
        In the order in which they were made.
    pairing : tuple of Pairing
        That holds for each party.
    takes : (n_parties, n_providers, tiers)
        Persons whom each provider could take under the pairing after the first two steps, whatever the limit.
    problem : SingleSource
        Of the last step.
    party, provider : (n_pairs,)
        Of its pairs.
    choice : SingleChoice
    """

    ties: tuple[Tie, ...]
    pairing: tuple[Pairing, ...]
    takes: Ints
    problem: SingleSource
    party: Ints
    provider: Ints
    choice: SingleChoice


class _Left:
    """Who and what is left while the steps go on: local to `pair_parties`."""

    def __init__(self, parties: Parties) -> None:
        self.parties = parties
        self.people = parties.counted.copy()
        self.taken = np.zeros_like(parties.places)
        self.ties: list[Tie] = []

    def tie(self, party: int, provider: int, how: str, form: str, people: Ints) -> None:
        """Note one more tie."""
        self.people[people] = False
        self.taken[provider, self.parties.mode[party]] += len(people)
        self.ties.append(Tie(party, provider, how, form, people))

    def room(self, party: int, provider: int) -> int:
        """Places of a provider for a party that nobody has taken."""
        mode = self.parties.mode[party]
        room = self.parties.places[provider, mode] - self.taken[provider, mode]
        if self.parties.total[provider] >= 0:
            room = min(room, self.parties.total[provider] - self.taken[provider].sum())
        return max(int(room), 0)


class Fits:
    """Whom of a party a provider may serve, asked once for all parties.

    Parameters
    ----------
    parties : Parties
    some : (n_residents,)
        The people who are asked for.
    by_kind : bool
        See `Parties.who_fits`.
    """

    def __init__(self, parties: Parties, some: Bools, *, by_kind: bool) -> None:
        row, _, self._fits = parties.who_fits(some, by_kind=by_kind)
        people = np.flatnonzero(some)
        party = parties.people["party"].to_numpy(np.int64)[people]
        order = np.argsort(party, kind="stable")
        self._people, self._row = people[order], row[order]
        self._start = np.searchsorted(party[order], np.arange(len(parties.table) + 1))

    def __call__(self, party: int, provider: int) -> Ints:
        """Rows of the people."""
        run = slice(self._start[party], self._start[party + 1])
        return np.asarray(self._people[run][self._fits[self._row[run], provider]], np.int64)


def pair_parties(parties: Parties, choose: Choose) -> Paired:
    """Find the provider of each party.

    Parameters
    ----------
    parties : Parties
    choose : callable
        Answers the last step; `solve_single_source`, or what somebody has chosen before.
    """
    left = _Left(parties)
    able = Fits(parties, parties.counted, by_kind=False)
    _inside(left, able)
    done = _operators(left, able)
    pairing = tuple(_pairings(parties))
    takes = parties.takes(left.people) * _of_pairing(parties, pairing)[:, :, None]
    takes[done] = 0
    fits = Fits(parties, left.people, by_kind=True)
    how = np.array([one.how for one in pairing], dtype=object)
    for step in ("nearest", "township"):
        for here, there in _least_cost(parties, takes, np.asarray(how == step)):
            left.tie(here, there, step, pairing[here].form, fits(here, there))
    problem, party, provider = _together(parties, takes * np.asarray(how == FREE)[:, None, None], left.taken)
    choice = choose(problem)
    for number in choice.pair[choice.pair >= 0].tolist():
        here, there = int(party[number]), int(provider[number])
        left.tie(here, there, FREE, pairing[here].form, fits(here, there))
    return Paired(tuple(left.ties), pairing, takes, problem, party, provider, choice)


def _inside(left: _Left, able: Fits) -> None:
    """Clinics inside the site, by id: who comes first by tier, grade, age and id, up to their places."""
    parties = left.parties
    providers = parties.providers
    there = providers[is_open(providers) & providers["site_id"].notna()]
    running = _operator(parties)
    site = parties.table["site_id"]
    for provider, at in zip(there.index, there["site_id"], strict=True):
        # Who also runs the site serves it as that, whatever its places.
        here = (site == at).to_numpy(bool) & (running != provider)
        for party in np.flatnonzero(here).tolist():
            people = able(party, provider)
            people = in_order(parties, people[left.people[people]])[: left.room(party, provider)]
            if len(people):
                left.tie(party, provider, INSIDE, "own_clinic", people)


def _operators(left: _Left, able: Fits) -> Bools:
    """Medical providers that run the site serve it, and nobody else does; which parties that settles."""
    operator = _operator(left.parties)
    done = np.zeros(len(operator), bool)
    for party in np.flatnonzero(operator >= 0).tolist():
        people = able(party, int(operator[party]))
        people = people[left.people[people]]
        done[party] = len(people) > 0
        if len(people):
            left.tie(party, int(operator[party]), OPERATOR, "run_by_hospital", people)
    return done


def _operator(parties: Parties) -> Ints:
    """Number of the open medical provider that runs the site of each party, −1 for none."""
    providers = parties.providers
    operator = numbered(parties.table["operator_provider_id"], pd.Index(providers["provider_id"]))
    medical = (is_open(providers) & ~providers["kind"].isin(NOT_MEDICAL_KINDS)).to_numpy(bool)
    return np.where((operator >= 0) & np.append(medical, False)[operator], operator, -1)


def in_order(parties: Parties, people: Ints) -> Ints:
    """People by tier, then the higher grade, the higher age, and id; unknown is last."""
    order = ["tier", "ability_grade", "age", "resident_id"]
    rows = parties.people.iloc[people][order].reset_index(drop=True)
    rows = rows.sort_values(order, ascending=[True, False, False, True])
    return np.asarray(people[rows.index.to_numpy()], np.int64)


def _pairings(parties: Parties) -> Iterator[Pairing]:
    """The first pairing that holds for each party; what is not known of a site satisfies none that asks."""
    providers = parties.providers
    townships = {
        kind: set(providers.loc[providers["kind"] == kind, "township"].dropna())
        for kind in providers["kind"].unique()
    }
    rows = parties.table[["mode", "site_kind", "ownership", "township"]]
    for mode, kind, ownership, township in rows.itertuples(index=False):
        yield next(
            (
                rule
                for rule in parties.policy.pairings
                if rule.mode == mode
                and (not rule.site_kinds or kind in rule.site_kinds)
                and (rule.ownership is None or ownership == rule.ownership)
                and (rule.how != "township" or _stands(township, rule.kinds, townships))
            ),
            NO_PAIRING,
        )


def _stands(township: object, kinds: Sequence[str], townships: dict[str, set[str]]) -> bool:
    return any(township in townships.get(kind, ()) for kind in kinds or townships)


def _of_pairing(parties: Parties, pairing: Sequence[Pairing]) -> Bools:
    """(n_parties, n_providers): the provider is one that the pairing of the party asks for."""
    providers = parties.providers
    asked: dict[str, Bools] = {}
    wanted = np.ones((len(pairing), len(providers)), bool)
    for party, rule in enumerate(pairing):
        if rule.id not in asked:
            asked[rule.id] = _asked(rule, providers)
        wanted[party] = asked[rule.id]
        if rule.how == "township":
            wanted[party] &= (providers["township"] == parties.table["township"].iloc[party]).to_numpy(bool)
    return wanted


def _asked(rule: Pairing, providers: pd.DataFrame) -> Bools:
    """Providers of the kinds and level of a pairing."""
    fits = np.ones(len(providers), bool)
    if rule.kinds:
        fits &= providers["kind"].isin(rule.kinds).to_numpy(bool)
    if rule.min_level is not None:
        fits &= (providers["hospital_level"] >= rule.min_level).fillna(False).to_numpy(bool)
    return fits


def _least_cost(parties: Parties, takes: Ints, some: Bools) -> Iterator[tuple[int, int]]:
    """The provider of least cost for each of some parties that have one, the least id among equals."""
    known = (takes.sum(axis=2) > 0) & (parties.reach.cost >= 0)
    cost = np.where(known, parties.reach.cost, np.iinfo(np.int64).max)
    for party in np.flatnonzero(some & known.any(axis=1)):
        yield int(party), int(cost[party].argmin())


def _together(parties: Parties, takes: Ints, taken: Ints) -> tuple[SingleSource, Ints, Ints]:
    """The last step in integers, with party and provider of each pair."""
    cost = parties.reach.cost
    near = (takes.sum(axis=2) > 0) & (cost >= 0) & (cost <= parties.limit[:, None])
    party, provider = (axis.astype(np.int64) for axis in np.nonzero(near))
    persons = takes[party, provider]
    each = cost[party, provider] + leaving(parties, party, provider)
    modes = parties.places.shape[1]
    problem = SingleSource(
        site=party,
        slot=provider * modes + parties.mode[party],
        taken=persons,
        cost=each * persons.sum(axis=1),
        capacity=np.maximum(less(parties.places, taken), 0).ravel(),
        owner=np.repeat(np.arange(len(parties.places)), modes),
        total=less(parties.total, taken.sum(axis=1)),
        sites=len(parties.table),
    )
    return problem, party, provider


def leaving(parties: Parties, party: Ints, provider: Ints) -> Ints:
    """What a person counts whose site leaves all agreements in force: the policy's ``switching_m``, else 0."""
    leaves = np.asarray(parties.agreed.any(axis=1))[party] & ~parties.agreed[party, provider]
    return np.asarray(parties.policy.switching_m * leaves, np.int64)
