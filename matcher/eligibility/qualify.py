"""(mode, needed services, site) × provider → admissible, or why not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.codes import mask_of, service_mask
from matcher.policy.documents import Policy
from matcher.policy.rules import Admission
from matcher.tables import MODES, SERVICES

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

#: What may keep a provider from serving a person, in the order in which it is told.
WHY_NOT = ("closed", "mode_not_offered", "kind_not_admitted", "other_site", "missing_service")


def admissible(profiles: pd.DataFrame, providers: pd.DataFrame, sites: pd.DataFrame, policy: Policy) -> Bools:
    """Whether each provider may serve people of each profile, distance and free places aside.

    Parameters
    ----------
    profiles : DataFrame[mode, services_required, site_id, admissions]
        One row for each distinct kind of person, as `classify` describes people.
    providers, sites : DataFrame
        Input tables.
    policy : Policy
        Its admissions.

    Returns
    -------
    (n_profiles, n_providers) bool array
        The provider is open, offers the mode (a capacity is given, 0 included), is of a kind that the policy
        admits, offers every needed service, and is no clinic inside another care site.
    """
    allowed = np.ones((len(profiles), len(providers)), bool)
    for _, passes in _tests(profiles, providers, sites, policy):
        allowed &= passes
    return allowed


def able(profiles: pd.DataFrame, providers: pd.DataFrame, sites: pd.DataFrame, policy: Policy) -> Bools:
    """Like `admissible`, whatever kinds the policy admits: for a provider that is at the site, or runs it."""
    allowed = np.ones((len(profiles), len(providers)), bool)
    for code, passes in _tests(profiles, providers, sites, policy):
        if code != "kind_not_admitted":
            allowed &= passes
    return allowed


def why_not(person: pd.Series, providers: pd.DataFrame, sites: pd.DataFrame, policy: Policy) -> pd.Series:
    """The first thing that keeps each provider from serving a person.

    Parameters
    ----------
    person : Series
        One row of the classified residents.
    providers, sites : DataFrame
        Input tables.
    policy : Policy
        Its admissions.

    Returns
    -------
    Series of str
        A code of `WHY_NOT` for each provider, in their order; "" where the provider may serve the person.
    """
    profile = person.to_frame().T.astype(
        {"mode": "str", "services_required": "int64", "site_id": "str", "admissions": "int64"}
    )
    codes = np.full(len(providers), "", dtype=object)
    for code, passes in _tests(profile, providers, sites, policy):
        codes[(codes == "") & ~np.broadcast_to(passes, (1, len(providers)))[0]] = code
    return pd.Series(codes, index=providers.index, dtype="str")


def is_open(providers: pd.DataFrame) -> pd.Series[bool]:
    """Providers that are neither planned nor closed; who says nothing is open."""
    return providers["status"].fillna("open") == "open"


def _tests(
    profiles: pd.DataFrame, providers: pd.DataFrame, sites: pd.DataFrame, policy: Policy
) -> Iterator[tuple[str, Bools]]:
    """Each code of `WHY_NOT` with who passes; arrays broadcast to (n_profiles, n_providers)."""
    mode = pd.Index(MODES).get_indexer(pd.Index(profiles["mode"]))
    inside = _same(profiles["site_id"], providers["site_id"])
    yield "closed", is_open(providers).to_numpy(bool)[None, :]
    yield "mode_not_offered", np.stack([providers[f"capacity_{name}"].notna() for name in MODES])[mode]
    yield "kind_not_admitted", _admitted(profiles, providers, sites, inside, policy)
    # A clinic inside a care site is there for the people of that site alone.
    yield "other_site", inside | (providers["kind"] != "care_site_clinic").to_numpy(bool)[None, :]
    yield "missing_service", _offers(profiles["services_required"].to_numpy(np.int64), providers, policy)


def offered(providers: pd.DataFrame, policy: Policy) -> Ints:
    """Mask of the services that each provider lists, or gives by its kind."""
    by_kind = {kind: mask_of(services, SERVICES) for kind, services in policy.offered_by_kind.items()}
    return service_mask(providers["services"]) | providers["kind"].map(by_kind).fillna(0).to_numpy(np.int64)


def _offers(needed: Ints, providers: pd.DataFrame, policy: Policy) -> Bools:
    """Whether each provider offers every needed service; people share few distinct needs."""
    distinct, which = np.unique(needed, return_inverse=True)
    lacks = distinct[:, None] & ~offered(providers, policy)[None, :]
    return np.asarray((lacks == 0)[which])


def _admitted(
    profiles: pd.DataFrame, providers: pd.DataFrame, sites: pd.DataFrame, inside: Bools, policy: Policy
) -> Bools:
    """Whether one admission of the policy holds."""
    related = {"inside": inside}
    for relation in ("operator", "agreement"):
        related[relation] = _tied(profiles["site_id"], sites, f"{relation}_provider_id", providers)
    services, holding = offered(providers, policy), profiles["admissions"].to_numpy(np.int64)
    admitted = np.zeros((len(profiles), len(providers)), bool)
    for position, rule in enumerate(policy.admissions):
        pairs = (holding >> position & 1 == 1)[:, None] & _fits(rule, providers, services)[None, :]
        admitted |= pairs if rule.relation is None else pairs & related[rule.relation]
    return admitted


def _fits(rule: Admission, providers: pd.DataFrame, services: Ints) -> Bools:
    """Providers of the kind, level, ownership and services that an admission asks; missing never fits."""
    fits = np.ones(len(providers), bool)
    if rule.kinds:
        fits &= providers["kind"].isin(rule.kinds).to_numpy(bool)
    if rule.min_level is not None:
        fits &= (providers["hospital_level"] >= rule.min_level).fillna(False).to_numpy(bool)
    if rule.ownership is not None:
        fits &= (providers["ownership"] == rule.ownership).to_numpy(bool)
    if rule.any_services:
        fits &= services & mask_of(rule.any_services, SERVICES) != 0
    return fits


def _same(left: pd.Series, right: pd.Series) -> Bools:
    """(n_left, n_right): both ids are there and equal."""
    codes, _ = pd.factorize(pd.concat([left, right], ignore_index=True))
    a, b = codes[: len(left), None], codes[None, len(left) :]
    return np.asarray((a == b) & (a >= 0))


def _tied(site_id: pd.Series, sites: pd.DataFrame, column: str, providers: pd.DataFrame) -> Bools:
    """(n_profiles, n_providers): the provider that `column` of the person's site names."""
    named = site_id.map(sites.set_index("site_id")[column].dropna())
    return _same(named, providers["provider_id"])
