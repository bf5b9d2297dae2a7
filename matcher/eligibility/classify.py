"""Resident → service mode, tier and needed services, by the ordered rules of a policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.ages import age_on
from matcher.eligibility.codes import known_mask, mask_of, service_mask
from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.policy.rules import (
    ABILITY_LEVELS,
    CHOICES,
    FLAGS,
    Admission,
    Clause,
    ModeRule,
    Requirement,
    TierRule,
)
from matcher.tables import ABILITY_GRADES, SERVICES, VOCABULARIES

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def classify(inputs: Inputs, policy: Policy) -> pd.DataFrame:
    """Mode and tier of every resident with the rules that decided, and the services each needs.

    Parameters
    ----------
    inputs : Inputs
        Residents, sites, places and the day on which ages count.
    policy : Policy
        Its mode rules, tier rules and requirements.

    Returns
    -------
    pandas.DataFrame
        ``inputs.residents`` in the same order, with ``age`` on that day and new columns: ``site_kind``,
        ``setting`` (where they live, missing where unknown), ``urban`` (boolean, of their place), ``mode``,
        ``mode_rule``, ``waiting`` (bool: for a place of that mode, so that nobody serves them in it), ``tier``
        (int64), ``tier_rule``, ``services_required`` (int64 mask, see ``codes.services_of``: the person's ``needs``
        and what the policy requires), and ``admissions`` (int64 mask: the policy's admissions that are for them).
    """
    residents = inputs.residents.copy(deep=False)
    residents["age"] = age_on(residents["birth_date"], inputs.dataset.as_of).fillna(residents["age"])
    residents["site_kind"] = _lookup(residents["site_id"], inputs.sites, "site_id", "kind")
    residents["setting"] = _setting(residents, inputs.sites, policy)
    residents["urban"] = _lookup(residents["place_code"], inputs.places, "place_code", "urban")
    facts = _facts(residents, policy)
    by_mode, by_tier = _first(policy.mode_rules, facts), _first(policy.tier_rules, facts)
    residents["mode"] = _words([rule.mode for rule in policy.mode_rules], by_mode, residents.index)
    residents["mode_rule"] = _words([rule.id for rule in policy.mode_rules], by_mode, residents.index)
    residents["waiting"] = np.array([rule.waiting for rule in policy.mode_rules])[by_mode]
    residents["tier"] = np.array([rule.tier for rule in policy.tier_rules], np.int64)[by_tier]
    residents["tier_rule"] = _words([rule.id for rule in policy.tier_rules], by_tier, residents.index)
    residents["services_required"] = _services(residents, facts, by_mode, policy)
    residents["admissions"] = _admissions(facts, by_mode, policy)
    return residents


def asked_of(people: pd.DataFrame, policy: Policy) -> Callable[[Sequence[Clause]], Bools]:
    """What gives the mask of classified people for whom one of some clauses holds; everyone, when there is none."""
    facts = _facts(people, policy)
    return lambda when: _any_holds(when, facts)


def _lookup(keys: pd.Series, table: pd.DataFrame, key: str, column: str) -> pd.Series:
    """The value of `column` for each key, missing where there is none; keeps the type of the column."""
    found = pd.Index(table[key]).get_indexer(pd.Index(keys))
    return pd.Series(table[column].array.take(found, allow_fill=True), index=keys.index)


def site_settings(sites: pd.DataFrame, policy: Policy) -> pd.Series[str]:
    """How people live at each site, after its kind and whether it has beds; missing where the policy does not say."""
    beds = ((sites["beds"] > 0) | (sites["beds_nursing"] > 0)).fillna(False).astype(bool)
    setting = sites["kind"].map(dict(policy.setting_of_site)).astype("str")
    return sites["kind"].map(dict(policy.setting_with_beds)).astype("str").where(beds).fillna(setting)


def _setting(residents: pd.DataFrame, sites: pd.DataFrame, policy: Policy) -> pd.Series:
    """Where people live: as stated, else after kind and beds of their site; who has no site lives at home."""
    of_site = _lookup(
        residents["site_id"], sites.assign(setting=site_settings(sites, policy)), "site_id", "setting"
    )
    at_home = of_site.mask(residents["site_id"].isna(), "own_home")
    return residents["living_setting"].fillna(at_home)


@dataclass(frozen=True)
class _Facts:
    """What clauses ask about, one array element a person.

    Parameters
    ----------
    choices : position of each person's value in its vocabulary, −1 where missing; flags are (False, True)
    lists : bit masks of conditions and of groups
    age : years, NaN where missing
    """

    choices: Mapping[str, Ints]
    lists: Mapping[str, Ints]
    age: npt.NDArray[np.float64]


def _facts(residents: pd.DataFrame, policy: Policy) -> _Facts:
    seasonal = residents["season_from"].notna() | residents["season_to"].notna()
    asked = residents.assign(seasonal=seasonal)
    choices = {
        name: _positions(asked[name], vocabulary) for name, vocabulary in CHOICES.items() if name != "ability"
    }
    choices["ability"] = _ability(residents, policy)
    choices |= {name: _integers(asked[name].astype("Int64")) for name in FLAGS}
    lists = {
        "conditions": known_mask(residents["conditions"], VOCABULARIES["condition"]),
        "groups": known_mask(residents["groups"], VOCABULARIES["group"]),
    }
    return _Facts(choices, lists, residents["age"].to_numpy(np.float64, na_value=np.nan))


def _integers(values: pd.Series) -> Ints:
    """Missing is −1, which no position in a vocabulary and no flag is."""
    return np.asarray(values.fillna(-1), np.int64)


def _positions(values: pd.Series, vocabulary: Sequence[str]) -> Ints:
    return pd.Index(vocabulary).get_indexer(pd.Index(values)).astype(np.int64)


def _ability(residents: pd.DataFrame, policy: Policy) -> Ints:
    """Level of each grade by the table of its own scheme; a missing scheme is the policy's default one."""
    schemes = list(ABILITY_GRADES)
    scheme = _positions(residents["ability_scheme"].fillna(policy.default_scheme), schemes)
    # The last column answers for a missing grade (−1), as for one that the scheme does not have.
    levels = np.full((len(schemes), max(map(len, ABILITY_GRADES.values())) + 1), -1, np.int64)
    for row, name in enumerate(schemes):
        named = policy.ability[name]
        levels[row, : len(named)] = [ABILITY_LEVELS.index(level) for level in named]
    return np.asarray(levels[scheme, _integers(residents["ability_grade"])])


def _first(rules: Sequence[ModeRule | TierRule], facts: _Facts) -> Ints:
    """Index of the first rule that holds for each person; the last holds for everyone, as loading saw to."""
    first = np.full(len(facts.age), len(rules) - 1, np.int64)
    for index in reversed(range(len(rules) - 1)):
        first[_any_holds(rules[index].when, facts)] = index
    return first


def _any_holds(when: Sequence[Clause], facts: _Facts) -> Bools:
    """People for whom one of the clauses holds; everyone, when there is none."""
    if not when:
        return np.ones(len(facts.age), bool)
    return np.asarray(np.logical_or.reduce([_holds(clause, facts) for clause in when]))


def _holds(clause: Clause, facts: _Facts) -> Bools:
    holds = np.ones(len(facts.age), bool)
    for name, vocabulary in CHOICES.items():
        wanted = getattr(clause, name)
        if wanted:
            holds &= np.isin(facts.choices[name], [vocabulary.index(code) for code in wanted])
    for name in FLAGS:
        wanted = getattr(clause, name)
        if wanted is not None:
            holds &= facts.choices[name] == int(wanted)
    if clause.conditions:
        holds &= facts.lists["conditions"] & mask_of(clause.conditions, VOCABULARIES["condition"]) != 0
    if clause.groups:
        holds &= facts.lists["groups"] & mask_of(clause.groups, VOCABULARIES["group"]) != 0
    each = mask_of(clause.all_groups, VOCABULARIES["group"])
    holds &= facts.lists["groups"] & each == each
    # A missing age is NaN, which no comparison satisfies.
    if clause.min_age is not None:
        holds &= facts.age >= clause.min_age
    if clause.max_age is not None:
        holds &= facts.age <= clause.max_age
    return holds


def _services(residents: pd.DataFrame, facts: _Facts, by_mode: Ints, policy: Policy) -> Ints:
    """What the person asks for, and what the requirements of the person's mode add."""
    needed = service_mask(residents["needs"])
    for rule in policy.requirements:
        needed[_concerned(rule, facts, by_mode, policy)] |= mask_of(rule.services, SERVICES)
    return needed


def _admissions(facts: _Facts, by_mode: Ints, policy: Policy) -> Ints:
    """Bit *k* is set where the *k*-th admission of the policy is for the person."""
    admissions = np.zeros(len(facts.age), np.int64)
    for position, rule in enumerate(policy.admissions):
        concerned = _concerned(rule, facts, by_mode, policy)
        if rule.urban is not None:
            concerned &= facts.choices["urban"] == int(rule.urban)
        admissions[concerned] |= 1 << position
    return admissions


def _concerned(rule: Admission | Requirement, facts: _Facts, by_mode: Ints, policy: Policy) -> Bools:
    """People of the rule's modes for whom one of its clauses holds."""
    of_modes = np.array([mode_rule.mode in rule.modes for mode_rule in policy.mode_rules])[by_mode]
    return np.asarray(of_modes & _any_holds(rule.when, facts))


def _words(words: Sequence[str], position: Ints, index: pd.Index) -> pd.Series:
    return pd.Series(pd.array(list(words), dtype="str").take(position), index=index)
