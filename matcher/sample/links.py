"""Who runs the synthetic sites, in which hospital they stand, with whom they have an agreement, and their new beds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import (
    DAYS_A_YEAR,
    Bools,
    Floats,
    Ints,
    Texts,
    assumptions,
    iso,
    pick,
    pick_within,
    rated,
)
from matcher.sample.geography import Geography
from matcher.sample.naming import named
from matcher.sample.sites import GUEST_SITES, HOMES


def link_sites(
    rng: np.random.Generator, ground: Geography, sites: pd.DataFrame, providers: pd.DataFrame
) -> pd.DataFrame:
    """Add for some sites the hospital that runs them or in which they stand, the provider of their agreement, new beds.

    A site inside a hospital moves there. Nobody has an agreement with a provider that is not open.
    """
    kinds = assumptions("sites")["kind"]
    open_ = (providers["status"] == "open").to_numpy()
    hospital = open_ & providers["kind"].str.endswith("_hospital").to_numpy()
    general = open_ & providers["kind"].isin(["general_hospital", "tcm_hospital"]).to_numpy()
    centre = open_ & providers["kind"].str.endswith("_health_centre").to_numpy()
    county = pd.factorize(pd.concat([sites["county"], providers["county"]]))[0]
    township = pd.factorize(pd.concat([sites["place_code"], providers["place_code"]]).str[:9])[0]
    count, home = len(sites), sites["kind"].isin(HOMES).to_numpy()
    found = {
        "operator": pick_within(rng, county[:count], county[count:], hospital),
        "host": nearest(sites, providers, general),
        "centre": pick_within(rng, township[:count], township[count:], centre),
    }
    chance = {
        rate: rated({kind: spec.get(rate, 0.0) for kind, spec in kinds.items()}, sites["kind"])
        for rate in ("operated", "hosted", "agreement", "unlicensed")
    }
    inside = sites["site_id"].isin(providers["site_id"]).to_numpy()
    operated = rng.random(count) < chance["operated"]
    hosted = (rng.random(count) < chance["hosted"]) & ~operated & ~inside
    with_hospital = home & (rng.random(count) < assumptions("agreements")["with_hospital"])
    partner = np.where(with_hospital, found["host"], found["centre"])
    agreed = rng.random(count) < chance["agreement"]
    ids: Texts = np.append(providers["provider_id"].to_numpy(dtype=object), "")
    sites = sites.assign(
        operator_provider_id=ids[np.where(operated, found["operator"], -1)],
        host_provider_id=ids[np.where(hosted, found["host"], -1)],
        agreement_provider_id=ids[np.where(agreed, partner, -1)],
        licensed=np.where(home, np.where(rng.random(count) < chance["unlicensed"], "0", "1"), ""),
    )
    sites = _moved(ground, sites, providers, found["host"], hosted & (found["host"] >= 0))
    return _new_beds(rng, sites)


def nearest(sites: pd.DataFrame, providers: pd.DataFrame, able: Bools) -> Ints:
    """Position of the nearest able provider of each row, -1 where there is none."""
    members = np.flatnonzero(able)
    if not len(members):
        return np.full(len(sites), -1, dtype=np.int64)
    at, there = (
        table[["lat", "lon"]].to_numpy(dtype=np.float64) for table in (sites, providers.iloc[members])
    )
    stretch = np.cos(np.radians(there[:, 0].mean()))
    apart: Floats = np.hypot(
        np.subtract.outer(at[:, 0], there[:, 0]), np.subtract.outer(at[:, 1], there[:, 1]) * stretch
    )
    found: Ints = members[apart.argmin(axis=1)]
    return found


def _moved(
    ground: Geography, sites: pd.DataFrame, providers: pd.DataFrame, host: Ints, hosted: Bools
) -> pd.DataFrame:
    """Sites inside a hospital stand where it stands and bear its name; hospitals stand at address points."""
    rows = np.flatnonzero(hosted)
    hospital = providers.iloc[host[rows]]
    points = ground.points
    point = nearest(hospital, points, np.ones(len(points), dtype=np.bool_))
    village = points["village"].to_numpy()[point]
    here = ground.villages.iloc[village]
    words = assumptions("names")
    names: Texts = hospital["name"].str.removesuffix(words["sample_suffix"]).to_numpy(dtype=object)
    sites = sites.copy()
    for column, values in {
        "name": np.array(named(words["hosted"], host=names), dtype=object),
        "place_code": here["place_code"].to_numpy(dtype=object),
        "county": here["county"].to_numpy(dtype=object),
        "lat": hospital["lat"].to_numpy(dtype=np.float64),
        "lon": hospital["lon"].to_numpy(dtype=np.float64),
        "village": village,
        "point": point,
    }.items():
        sites.loc[sites.index[rows], column] = values
    return sites


def _new_beds(rng: np.random.Generator, sites: pd.DataFrame) -> pd.DataFrame:
    """New ordinary and special beds of the younger homes that a hospital runs or that are inside one."""
    rates = assumptions("sites")["new_beds"]
    tied = (sites["operator_provider_id"] != "") | (sites["host_provider_id"] != "")
    young = sites["opened_on"].str[:4].astype(int) >= rates["from"]
    least, most = rates["part"]
    part = rng.uniform(least, most, len(sites))
    total = np.floor(sites["beds"].to_numpy() * np.where(young, part, 0.0))
    special = np.floor(total * rates["special"])
    told = tied & sites["kind"].isin(HOMES)
    return sites.assign(
        new_beds=np.where(told, total - special, np.nan), special_beds=np.where(told, special, np.nan)
    )


def make_agreements(
    rng: np.random.Generator, sites: pd.DataFrame, providers: pd.DataFrame, people: pd.DataFrame, as_of: str
) -> pd.DataFrame:
    """Agreements of all linked sites where somebody is, with their days and states, and a few that ended.

    Returns
    -------
    DataFrame
        Columns of the agreements table.
    """
    inside = providers[(providers["site_id"] != "") & (providers["status"] == "open")]
    agreed = sites[sites["agreement_provider_id"] != ""]
    rows = [
        _rows(inside["site_id"], inside["provider_id"], "own_clinic"),
        *(
            _rows(linked["site_id"], linked[column], form)
            for column, form in (
                ("operator_provider_id", "run_by_hospital"),
                ("host_provider_id", "outreach_ward"),
            )
            for linked in [sites[sites[column] != ""]]
        ),
        _rows(agreed["site_id"], agreed["agreement_provider_id"], _forms(rng, agreed, providers)),
    ]
    table = pd.concat(rows, ignore_index=True).drop_duplicates(["site_id", "provider_id"], ignore_index=True)
    opened = table["site_id"].map(sites.set_index("site_id")["opened_on"])
    lasting = _in_force(rng, table, opened, as_of)
    lasting = lasting[lasting["site_id"].isin(people["site_id"])]
    table = pd.concat([lasting, _ended(rng, agreed, providers, as_of)])
    return table.sort_values(["site_id", "provider_id", "form"], kind="stable", ignore_index=True)


def _rows(site: pd.Series, provider: pd.Series, form: str | Texts) -> pd.DataFrame:
    return pd.DataFrame({"site_id": site.to_numpy(), "provider_id": provider.to_numpy(), "form": form})


def _forms(rng: np.random.Generator, agreed: pd.DataFrame, providers: pd.DataFrame) -> Texts:
    """How each site under agreement is served, by its kind and the kind of its provider."""
    kind = agreed["agreement_provider_id"].map(providers.set_index("provider_id")["kind"])
    hospital = kind.str.endswith("_hospital").to_numpy(dtype=np.bool_)
    home, guest = (agreed["kind"].isin(kinds).to_numpy() for kinds in (HOMES, GUEST_SITES))
    which = np.select(
        [home & hospital, home, guest], ["home_hospital", "home_centre", "guest_centre"], "day_centre"
    )
    form: Texts = np.full(len(agreed), "", dtype=object)
    for name, choices in assumptions("agreements")["forms"].items():
        codes, weight = zip(*choices, strict=True)
        drawn = np.array(codes, dtype=object)[pick(rng, weight, len(agreed))]
        form = np.where(which == name, drawn, form)
    return form


def _in_force(rng: np.random.Generator, table: pd.DataFrame, opened: pd.Series, as_of: str) -> pd.DataFrame:
    """Signed within the last years, not before the site opened; mostly served."""
    rates = assumptions("agreements")
    lasting = rates["years"] * DAYS_A_YEAR
    today = np.datetime64(as_of, "D")
    # Nothing runs out on the very day.
    since = np.minimum(lasting - 1, (today - opened.to_numpy(dtype="datetime64[D]")).astype(np.int64))
    signed = today - np.floor(since * rng.random(len(table))).astype(np.int64)
    dated = rng.random(len(table)) < rates["dated"]
    ends = dated & (rng.random(len(table)) >= rates["open_ended"])
    served = (rng.random(len(table)) < rates["served"]) | (table["form"] == "own_clinic")
    return table.assign(
        signed_on=np.where(dated, iso(signed), ""),
        until=np.where(ends, iso(signed + lasting), ""),
        state=np.where(served, "served", "signed"),
    )


def _ended(
    rng: np.random.Generator, agreed: pd.DataFrame, providers: pd.DataFrame, as_of: str
) -> pd.DataFrame:
    """Agreements of before, with another provider, that nobody prolonged."""
    rates = assumptions("agreements")
    able = providers["kind"].str.endswith(("_hospital", "_health_centre")).to_numpy()
    county = pd.factorize(pd.concat([agreed["county"], providers["county"]]))[0]
    before = pick_within(rng, county[: len(agreed)], county[len(agreed) :], able)
    ids: Texts = np.append(providers["provider_id"].to_numpy(dtype=object), "")
    other = ids[before] != agreed["agreement_provider_id"].to_numpy(dtype=object)
    chosen = (before >= 0) & other & (rng.random(len(agreed)) < rates["changed"])
    lasting = rates["years"] * DAYS_A_YEAR
    signed = np.datetime64(as_of, "D") - lasting - rng.integers(lasting, 2 * lasting, len(agreed))
    table = _rows(agreed["site_id"], pd.Series(ids[before]), "agreement").assign(
        signed_on=iso(signed), until=iso(signed + lasting), state="ended"
    )
    return table[pd.Series(chosen)]
