"""The closed list of measures: each tells of every subject whether it has what the document asks for.

A measure gives what `Study.subjects` gives, or None where the data that it needs are not there. Where a row stands for
more than one it has a ``weight``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from matcher.care.measures_of_people import (
    assessed_lately,
    health_checked,
    priority_signed,
    signed,
    signed_and_served,
)
from matcher.care.study import Counted, Study
from matcher.care.ties import agreements_in_force
from matcher.geography.sphere import EARTH_RADIUS_KM, unit_vectors
from matcher.plan.coverage import UNKNOWN_PLACE
from matcher.tables import HOSPITAL_KINDS, MODES

PRIMARY = ("community_health_centre", "community_health_station", "township_health_centre", "village_clinic")
CENTRES = ("community_health_centre", "township_health_centre")
TOWNSHIP = ("township_health_centre",)
TCM = ("tcm_hospital",)
GENERAL = ("general_hospital",)
#: Kinds of beds beside ordinary ones.
SPECIAL = ("nursing", "rehab", "hospice")


def homes_served(study: Study) -> Counted:
    """Homes with a provider by agreement, as operator or inside; of the sites that the policy reads as care homes."""
    sites = study.inputs.sites
    if sites.empty or study.ties.empty:
        return None
    return study.subjects(sites, "site_id", sites["site_id"].isin(study.ties["site_id"]), study.homes())


def community_sites_served(study: Study) -> Counted:
    """Day-care centres and what the policy reads as their like, with a provider as `homes_served` asks for homes."""
    sites = study.inputs.sites
    if sites.empty or study.ties.empty:
        return None
    return study.subjects(sites, "site_id", sites["site_id"].isin(study.ties["site_id"]), study.day_care())


def sites_beside_provider(study: Study) -> Counted:
    """Sites of the kinds that the policy wants beside a provider, with an open one of that kind in the distance.

    The distance is that of the crow. Without a position of the site, or of all such providers, it is not known.
    """
    sites, providers, rules = study.inputs.sites, study.providers, study.policy.beside
    if sites.empty or not rules:
        return None
    met = pd.Series(False, sites.index, dtype="boolean")
    belongs = met.mask(sites["kind"].isna())
    for rule in rules:
        of_kind = sites["kind"].isin(rule.site_kinds)
        near = _near(sites, providers[providers["kind"].isin(rule.kinds)], rule.within_km)
        met = met.mask(of_kind, met | near)
        belongs |= of_kind
    return study.subjects(sites, "site_id", met, belongs)


def _near(sites: pd.DataFrame, providers: pd.DataFrame, within_km: float) -> pd.Series:
    """Which sites have one of the providers in the distance; missing where positions that lack could say so."""
    located = providers[["lat", "lon"]].dropna()
    from_, to = (unit_vectors(t["lat"].to_numpy(), t["lon"].to_numpy()) for t in (sites, located))
    most = 2 * np.sin(within_km / EARTH_RADIUS_KM / 2)  # the chord of that arc
    found = np.zeros(len(sites), dtype=bool)
    for point in to:  # providers of one kind; sites are a vector
        found |= np.sqrt(np.square(from_ - point).sum(axis=1)) <= most
    doubtful = sites["lat"].isna() | (len(located) < len(providers))
    return pd.Series(found, sites.index, dtype="boolean").mask(~found & doubtful)


def beds_of(study: Study, kinds: Sequence[str]) -> Counted:
    """Beds of some kinds, of all beds of sites that tell both; a site fails that has beds and none of these."""
    return _beds(study, study.inputs.sites, kinds)


def special_beds_of_centres(study: Study) -> Counted:
    """Beds for nursing, rehab and hospice care at sites that a health centre runs, or that are inside one."""
    sites = study.inputs.sites
    of_whom = sites[["operator_provider_id", "host_provider_id"]]
    if of_whom.isna().all(axis=None):
        return None
    centres = study.providers.loc[study.providers["kind"].isin(CENTRES), "provider_id"]
    theirs = sites[of_whom.isin(centres.to_list()).any(axis=1)]
    if theirs.empty:
        return study.subjects(theirs, "site_id", True).assign(weight=0)
    return _beds(study, theirs, SPECIAL)


def _beds(study: Study, sites: pd.DataFrame, kinds: Sequence[str]) -> Counted:
    special = sites[[f"beds_{kind}" for kind in kinds]].sum(axis=1, min_count=1).astype("Int64")
    told = sites[special.notna() & sites["beds"].notna()]
    if told.empty:
        return None
    special = special[told.index]
    parts = [
        study.subjects(told, "site_id", met).assign(weight=beds.to_numpy(dtype=np.int64))
        for met, beds in ((True, special), (False, (told["beds"] - special).clip(lower=0)))
    ]
    return pd.concat(parts, ignore_index=True)


def age_friendly_providers(study: Study) -> Counted:
    """Open providers recognised as age-friendly; missing ``age_friendly`` is not known."""
    if study.inputs.providers["age_friendly"].isna().all():
        return None
    return study.subjects(study.providers, "provider_id", study.providers["age_friendly"])


def primary_in_consortium(study: Study) -> Counted:
    """Open primary providers that are members of a consortium."""
    if study.inputs.consortia.empty:
        return None
    providers = study.providers
    members = providers["provider_id"].isin(study.inputs.consortia["provider_id"])
    return study.subjects(providers, "provider_id", members, providers["kind"].isin(PRIMARY))


def consortia_led_by_hospital(study: Study) -> Counted:
    """Consortia that an open hospital of level 2 or above leads; a missing level is not known.

    A consortium stands in the place of its lead.
    """
    rows = study.inputs.consortia.drop_duplicates("consortium_id").reset_index(drop=True)
    if rows.empty:
        return None
    lead = study.inputs.providers.set_index("provider_id")[["kind", "hospital_level", "place_code"]]
    lead = lead.reindex(rows["lead_provider_id"]).reset_index(drop=True)
    working = rows["lead_provider_id"].isin(study.providers["provider_id"])
    led = working & lead["kind"].isin(HOSPITAL_KINDS) & (lead["hospital_level"] >= 2)
    table = rows[["consortium_id", "name"]].assign(place_code=lead["place_code"])
    return study.subjects(table, "consortium_id", led)


def private_with_local_care(study: Study) -> Counted:
    """Private open providers with places in community or home mode; missing ``ownership`` is not known."""
    providers = study.providers
    if study.inputs.providers["ownership"].isna().all():
        return None
    places = providers[["capacity_community", "capacity_home"]].fillna(0).sum(axis=1)
    private = (providers["ownership"] == "private").astype("boolean").mask(providers["ownership"].isna())
    return study.subjects(providers, "provider_id", places > 0, private)


def modes_with_provider(study: Study) -> Counted:
    """The five modes, each in every place of the level: an open provider has places in it.

    A provider whose place is unknown may be in any of them.
    """
    providers = study.providers
    if study.inputs.providers.empty:
        return None
    here = study.within(providers["place_code"])
    offering = {mode: set(here[providers[f"capacity_{mode}"].fillna(0) > 0]) for mode in MODES}
    rows = [
        (mode, "", place, True if place in there else pd.NA if UNKNOWN_PLACE in there else False)
        for place in study.places
        for mode, there in offering.items()
    ]
    return pd.DataFrame(rows, columns=["id", "name", "place_code", "met"]).astype({"met": "boolean"})


def centres_with_care(study: Study) -> Counted:
    """Community and township health centres with places in institutional or community mode."""
    providers = study.providers
    if study.inputs.providers.empty:
        return None
    places = providers[["capacity_institutional", "capacity_community"]].fillna(0).sum(axis=1)
    return study.subjects(providers, "provider_id", places > 0, providers["kind"].isin(CENTRES))


def counties_with_assessment(study: Study) -> Counted:
    """Counties with a general hospital that assesses; one whose county is unknown may stand in any of them."""
    if not study.services_told:
        return None
    counties = study.inputs.places[study.inputs.places["level"] == "county"]
    able = study.providers[study.offers("assessment") & study.providers["kind"].isin(GENERAL)]
    there = study.within(able["place_code"], "county")
    met = counties["place_code"].isin(there).astype("boolean")
    return study.subjects(counties, "place_code", met.mask(~met) if (there == UNKNOWN_PLACE).any() else met)


def with_service(
    study: Study, service: str, kinds: Sequence[str] = (), min_level: int | None = None
) -> Counted:
    """Open providers of these kinds (none: all) and of this hospital level that offer a service.

    A missing level is below any, as in admissions.
    """
    if not study.services_told:
        return None
    providers = study.providers
    belongs = providers["kind"].isin(kinds) if kinds else providers["kind"].notna()
    if min_level is not None:
        belongs &= (providers["hospital_level"] >= min_level).fillna(False).astype(bool)
    return study.subjects(providers, "provider_id", study.offers(service), belongs)


def with_site(study: Study, kind: str, urban: bool) -> Counted:
    """Urban (or rural) villages in which a site of a kind stands; missing ``urban`` is not known."""
    places, sites = study.inputs.places, study.inputs.sites
    if sites.empty:
        return None
    villages = places[places["level"] == "village"]
    there = study.within(sites.loc[sites["kind"] == kind, "place_code"], "village")
    belongs = villages["urban"] == urban
    return study.subjects(villages, "place_code", villages["place_code"].isin(there), belongs)


def inside_units_insured(study: Study) -> Counted:
    """Open providers inside a site that insurance pays; missing ``insurance`` is not known."""
    providers = study.providers
    if study.inputs.providers["insurance"].isna().all():
        return None
    return study.subjects(providers, "provider_id", providers["insurance"], providers["site_id"].notna())


def sites_with_telemedicine(study: Study) -> Counted:
    """Sites one of whose providers offers telemedicine."""
    sites, pairs = study.inputs.sites, study.ties
    if sites.empty or pairs.empty or not study.services_told:
        return None
    able = study.providers.loc[study.offers("telemedicine"), "provider_id"]
    served = pairs.loc[pairs["provider_id"].isin(able), "site_id"]
    return study.subjects(sites, "site_id", sites["site_id"].isin(served))


def sites_with_agreement_served(study: Study) -> Counted:
    """Sites with an agreement in force that is served, not only signed; needs the table `agreements`."""
    sites = study.inputs.sites
    if sites.empty or study.inputs.agreements.empty:
        return None
    rows = agreements_in_force(study.inputs)
    served = rows.loc[rows["state"] == "served", "site_id"]
    return study.subjects(sites, "site_id", sites["site_id"].isin(served))


#: By the name that a target gives as ``num``; ``policy.standards.MEASURES`` says what each is a part of.
FUNCTIONS: Mapping[str, Callable[[Study], Counted]] = {
    "homes_served": homes_served,
    "modes_with_provider": modes_with_provider,
    "centres_with_care": centres_with_care,
    "counties_with_assessment": counties_with_assessment,
    "tcm_hospitals_with_tcm_prevention": partial(with_service, service="tcm_prevention", kinds=TCM),
    "township_centres_with_tcm_hall": partial(with_service, service="tcm_hall", kinds=TOWNSHIP),
    **{
        f"hospitals_with_{service}": partial(
            with_service, service=service, kinds=(*GENERAL, *TCM), min_level=2
        )
        for service in ("green_channel", "geriatrics", "geriatric_ward")
    },
    "general_hospitals_with_geriatrics": partial(
        with_service, service="geriatrics", kinds=GENERAL, min_level=2
    ),
    "providers_with_green_channel": partial(with_service, service="green_channel"),
    "urban_with_home_care_centre": partial(with_site, kind="home_care_centre", urban=True),
    "urban_with_day_care": partial(with_site, kind="day_care", urban=True),
    "rural_with_mutual_aid_centre": partial(with_site, kind="mutual_aid_centre", urban=False),
    "health_checked": health_checked,
    "inside_units_insured": inside_units_insured,
    "sites_with_telemedicine": sites_with_telemedicine,
    "sites_with_agreement_served": sites_with_agreement_served,
    "community_sites_served": community_sites_served,
    "sites_beside_provider": sites_beside_provider,
    "special_beds": partial(beds_of, kinds=SPECIAL),
    "special_beds_of_centres": special_beds_of_centres,
    "nursing_beds": partial(beds_of, kinds=("nursing",)),
    "hospice_beds": partial(beds_of, kinds=("hospice",)),
    **{
        f"primary_with_{service}": partial(with_service, service=service, kinds=PRIMARY)
        for service in ("family_bed", "home_visit", "tcm")
    },
    "providers_with_telemedicine": partial(with_service, service="telemedicine"),
    "private_with_local_care": private_with_local_care,
    "age_friendly_providers": age_friendly_providers,
    "primary_in_consortium": primary_in_consortium,
    "consortia_led_by_hospital": consortia_led_by_hospital,
    "signed": signed,
    "priority_signed": priority_signed,
    "signed_and_served": signed_and_served,
    "assessed_lately": assessed_lately,
}
