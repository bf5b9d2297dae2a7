"""Measures whose subjects are residents; their names stay out."""

from __future__ import annotations

import pandas as pd

from matcher.ages import age_on
from matcher.care.assessments import due_dates
from matcher.care.signing import signing_table, signings_in_force
from matcher.care.study import Counted, Study
from matcher.eligibility.classify import asked_of, classify
from matcher.plan.coverage import home_place

#: A check-up counts for so many days.
CHECK_DAYS = 365
OLD = 65


def health_checked(study: Study) -> Counted:
    """Local people of 65 and older with a visit ``health_check`` in the last 365 days; names stay out."""
    people, visits = study.inputs.residents, study.inputs.visits
    if visits.empty:
        return None
    day = pd.Timestamp(study.inputs.dataset.as_of)
    lately = (visits["on"] > day - pd.Timedelta(days=CHECK_DAYS)) & (visits["on"] <= day)
    checked = visits.loc[lately & (visits["service"] == "health_check"), "resident_id"]
    age = age_on(people["birth_date"], study.inputs.dataset.as_of).fillna(people["age"])
    return _people(study, people["resident_id"].isin(checked), _local(people) & (age >= OLD))


def signed(study: Study) -> Counted:
    """Local people whose signing with a family doctor is in force."""
    if study.inputs.signings.empty:
        return None
    people = study.inputs.residents
    return _people(study, _has_signed(study), _local(people))


def priority_signed(study: Study) -> Counted:
    """The same of local people of the policy's groups that come first.

    What is missing about a person puts them in no group, as in every clause.
    """
    if study.inputs.signings.empty or not study.policy.priority:
        return None
    people = classify(study.inputs, study.policy)
    holds = asked_of(people, study.policy)
    first = pd.concat([pd.Series(holds(group.when), people.index) for group in study.policy.priority], axis=1)
    belongs = pd.Series(first.any(axis=1).to_numpy(bool), dtype="boolean")
    return _people(study, _has_signed(study), belongs & _local(study.inputs.residents))


def signed_and_served(study: Study) -> Counted:
    """People whose signing is in force that a visit followed, now or under an earlier one."""
    if study.inputs.signings.empty or study.inputs.visits.empty:
        return None
    table = signing_table(study.inputs)
    force = table[table["state"] != "ended"]
    ids = study.inputs.residents["resident_id"]
    met = ids.isin(force.loc[force["state"] != "signed", "resident_id"])
    return _people(study, met, ids.isin(force["resident_id"]))


def assessed_lately(study: Study) -> Counted:
    """People with a grade whose assessment is still valid; without a day it is not known."""
    people = study.inputs.residents
    if people["assessed_on"].isna().all():
        return None
    due = due_dates(study.inputs, study.policy)
    valid = (due >= pd.Timestamp(study.inputs.dataset.as_of)).astype("boolean").mask(due.isna())
    return _people(study, valid, people["ability_grade"].notna())


def _has_signed(study: Study) -> pd.Series:
    return study.inputs.residents["resident_id"].isin(signings_in_force(study.inputs)["resident_id"])


def _local(people: pd.DataFrame) -> pd.Series:
    """Missing where it is not known where somebody is from."""
    return (people["origin"] == "local").astype("boolean").mask(people["origin"].isna())


def _people(study: Study, met: pd.Series, belongs: pd.Series) -> Counted:
    people = study.inputs.residents
    table = people[["resident_id"]].assign(name="", place_code=home_place(people, study.inputs.sites))
    return study.subjects(table, "resident_id", met, belongs)
