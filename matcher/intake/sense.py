"""What may be so and is unlikely to be meant: rows at odds with themselves, with another table, or with another row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from matcher.ages import age_on
from matcher.intake.problems import Mask, Reporter
from matcher.tables import HOSPITAL_KINDS, NOT_MEDICAL_KINDS, UPSTREAM_LEVEL

Frames = Mapping[str, pd.DataFrame]
Reporters = Mapping[str, Reporter]

GUEST_SETTINGS = ("hotel", "farmstay")
CARE_HOMES = ("care_home", "welfare_home", "wellness_home")
#: Forms of agreement that speak of a home: its infirmary, its ward, its hospital.
FORMS_OF_HOMES = ("shared_infirmary", "run_by_hospital", "outreach_ward")
#: Seasonal visitors are middle-aged and elderly (中老年).
YOUNGEST_VISITOR = 45


def check_sense(frames: Frames, reporters: Reporters, as_of: dt.date | None) -> None:
    """Warn of what hardly can be meant; refuse a code that is a place and a person at once.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Typed tables.
    reporters : mapping of str to Reporter
        Of the tables that were read.
    as_of : datetime.date or None
        None leaves out what needs ages.
    """
    if "residents" in reporters:
        _check_settings(frames, reporters["residents"])
        _check_visitors(frames["residents"], as_of, reporters["residents"])
        _check_persons_twice(frames["residents"], reporters["residents"])
        _check_households(frames["residents"], reporters["residents"])
        both = frames["residents"]["resident_id"].isin(frames["places"]["place_code"].dropna())
        reporters["residents"]("place_and_person", "resident_id", _mask(both))
    if "sites" in reporters:
        _check_sites(frames, reporters["sites"])
    if "agreements" in reporters:
        _check_agreements(frames, reporters["agreements"])
    if "stays" in reporters:
        stays = frames["stays"]
        reporters["stays"]("stay_backwards", "until", _mask(stays["until"] < stays["from"]))
    if "signings" in reporters:
        signings = frames["signings"]
        over = _mask(signings["until"] < signings["signed_on"])
        reporters["signings"]("signing_backwards", "until", over)
    if "consortia" in reporters:
        _check_consortia(frames, reporters["consortia"])
    if "residents" in reporters and as_of is not None:
        ahead = frames["residents"]["assessed_on"] > pd.Timestamp(as_of)
        reporters["residents"]("assessed_in_future", "assessed_on", _mask(ahead))
    if "visits" in reporters and as_of is not None:
        future = frames["visits"]["on"] > pd.Timestamp(as_of)
        reporters["visits"]("visit_in_future", "on", _mask(future))
    for table in ("providers", "candidates"):
        if table in reporters:
            _check_kinds(frames[table], reporters[table])
    if "providers" in reporters:
        _check_upstream(frames["providers"], reporters["providers"])
        _check_providers_twice(frames["providers"], reporters["providers"])
    if "tasks" in reporters:
        bare = (frames["tasks"]["state"] == "done") & frames["tasks"]["evidence"].isna()
        reporters["tasks"]("done_without_evidence", "evidence", _mask(bare))


def _check_settings(frames: Frames, report: Reporter) -> None:
    """Where somebody lives, the kind of the site they name, and whether they are from here."""
    people = frames["residents"]
    setting, origin = people["living_setting"], people["origin"]
    kind = people["site_id"].map(_column(frames["sites"], "site_id", "kind"))
    guest = setting.isin(GUEST_SETTINGS)
    seasonal = people["season_from"].notna() | people["season_to"].notna()
    report("local_in_hotel", "living_setting", _mask(guest & (origin == "local")))
    report("guest_without_origin", "origin", _mask((guest | seasonal) & origin.isna()))
    report("home_at_care_home", "living_setting", _mask((setting == "own_home") & kind.isin(CARE_HOMES)))
    elsewhere = (setting == "care_home") & kind.notna() & ~kind.isin(CARE_HOMES)
    report("care_home_elsewhere", "living_setting", _mask(elsewhere))
    report("care_home_without_site", "site_id", _mask((setting == "care_home") & people["site_id"].isna()))


def _check_visitors(people: pd.DataFrame, as_of: dt.date | None, report: Reporter) -> None:
    if as_of is None:
        return
    age = age_on(people["birth_date"], as_of).fillna(people["age"])
    young = _mask((people["origin"] == "visitor") & (age < YOUNGEST_VISITOR))
    report("young_visitor", "origin", young, [str(years) for years in age[young]])


def _check_sites(frames: Frames, report: Reporter) -> None:
    """Beds against people and kinds of beds; who has an agreement, and who runs the site."""
    sites, people = frames["sites"], frames["residents"]
    inside = people.loc[people["living_setting"].fillna("care_home") == "care_home", "site_id"].value_counts()
    living = sites["site_id"].map(inside).astype("float64").fillna(0)
    care = sites["kind"].isna() | sites["kind"].isin(CARE_HOMES)
    crowded = _mask(care & (living > sites["beds"]))
    pairs = zip(living[crowded], sites["beds"][crowded], strict=True)
    report("more_people_than_beds", "beds", crowded, [f"{int(there)} > {int(beds)}" for there, beds in pairs])
    special = sites[["beds_nursing", "beds_rehab", "beds_hospice"]]
    too_many = (special.sum(axis=1) > sites["beds"]) & sites["beds"].notna()
    report("special_beds_above_beds", "beds", _mask(too_many))
    status = _column(frames["providers"], "provider_id", "status")
    kind = _column(frames["providers"], "provider_id", "kind")
    closed = sites["agreement_provider_id"].map(status) == "closed"
    report("agreement_with_closed", "agreement_provider_id", _mask(closed))
    village = sites["operator_provider_id"].map(kind) == "village_clinic"
    report("run_by_village_clinic", "operator_provider_id", _mask(village))
    idle = sites["operator_provider_id"].map(kind).isin(NOT_MEDICAL_KINDS)
    report("operator_not_medical", "operator_provider_id", _mask(idle))


def _check_agreements(frames: Frames, report: Reporter) -> None:
    """Agreements that are not ended: somebody lives there, the form suits the site, the provider is open."""
    rows = frames["agreements"]
    lasting = rows["state"] != "ended"
    nobody = ~rows["site_id"].isin(frames["residents"]["site_id"].dropna())
    report("site_without_residents", "site_id", _mask(lasting & nobody))
    kind = rows["site_id"].map(_column(frames["sites"], "site_id", "kind"))
    odd = rows["form"].isin(FORMS_OF_HOMES) & kind.notna() & ~kind.isin((*CARE_HOMES, "service_complex"))
    report("site_kind_mismatch", "form", _mask(lasting & odd))
    status = rows["provider_id"].map(_column(frames["providers"], "provider_id", "status"))
    report("agreement_closed", "provider_id", _mask(lasting & (status == "closed")))


def _check_consortia(frames: Frames, report: Reporter) -> None:
    """One lead for a consortium, and that a hospital."""
    rows = frames["consortia"]
    leads = rows.groupby("consortium_id")["lead_provider_id"].transform("nunique")
    report("two_leads", "lead_provider_id", _mask(leads > 1))
    kind = rows["lead_provider_id"].map(_column(frames["providers"], "provider_id", "kind"))
    report("lead_not_hospital", "lead_provider_id", _mask(kind.notna() & ~kind.isin(HOSPITAL_KINDS)))


def _check_kinds(providers: pd.DataFrame, report: Reporter) -> None:
    level = providers["hospital_level"].notna() & (providers["kind"] == "village_clinic")
    report("level_of_village_clinic", "hospital_level", _mask(level))
    public = (providers["kind"] == "private_clinic") & (providers["ownership"] == "public")
    report("private_clinic_public", "ownership", _mask(public))


def _check_upstream(providers: pd.DataFrame, report: Reporter) -> None:
    """Nobody is upstream of oneself, at any remove; who is upstream is an open hospital of level 2 or above."""
    told = providers.dropna(subset=["provider_id", "parent_provider_id"])
    above = dict(zip(told["provider_id"], told["parent_provider_id"], strict=True))
    circular = {one for one in above if _comes_back(one, above)}
    report("upstream_cycle", "parent_provider_id", _mask(providers["provider_id"].isin(circular)))
    able = providers["kind"].isin(HOSPITAL_KINDS) & (providers["hospital_level"] >= UPSTREAM_LEVEL)
    able &= providers["status"].fillna("open") == "open"
    named = providers["parent_provider_id"].isin(providers["provider_id"])
    fits = providers["parent_provider_id"].isin(providers.loc[_mask(able), "provider_id"])
    report("upstream_level", "parent_provider_id", _mask(named & ~fits))


def _comes_back(start: str, above: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    now = above.get(start)
    while now is not None and now not in seen:
        if now == start:
            return True
        seen.add(now)
        now = above.get(now)
    return False


def _check_persons_twice(people: pd.DataFrame, report: Reporter) -> None:
    """The same name, birth and dwelling, or phone, under two ids."""
    twice = np.zeros(len(people), dtype=bool)
    for where in ("address", "phone"):
        twice |= _repeated(people, ["name", "birth_date", where])
    report("person_twice", "resident_id", twice)


def _check_providers_twice(providers: pd.DataFrame, report: Reporter) -> None:
    report("provider_twice", "name", _repeated(providers, ["name", "place_code", "kind"]))


def _repeated(table: pd.DataFrame, columns: Sequence[str]) -> Mask:
    """Rows that equal another one in these columns, all filled."""
    keys = table[[*columns]]
    return _mask(keys.notna().all(axis=1) & keys.duplicated(keep=False))


def _check_households(people: pd.DataFrame, report: Reporter) -> None:
    """One household stands in one place; those who live at sites are away."""
    told = people[people["household_id"].notna() & people["place_code"].notna() & people["site_id"].isna()]
    places = told.groupby("household_id")["place_code"].nunique()
    apart = people["household_id"].isin(places.index[places > 1])
    report("household_apart", "household_id", _mask(apart & people["site_id"].isna()))


def _column(table: pd.DataFrame, key: str, column: str) -> pd.Series:
    """A column by the key; of a key that stands twice, the first."""
    told = table.dropna(subset=[key]).drop_duplicates(key)
    return told.set_index(key)[column]


def _mask(answers: Any) -> Mask:
    """Answers as a NumPy mask, in which unknown is False."""
    return np.asarray(pd.array(answers, dtype="boolean").fillna(False), dtype=bool)
