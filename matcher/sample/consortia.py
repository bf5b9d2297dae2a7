"""The consortia that synthetic providers form, and who of all providers is recognised as age-friendly."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import Texts, assumptions, rated
from matcher.sample.geography import Geography


def make_consortia(rng: np.random.Generator, ground: Geography, providers: pd.DataFrame) -> pd.DataFrame:
    """A consortium for each county, of open public providers, with its foremost general hospital at the head.

    Stations and village clinics go with the health centre of their township.

    Returns
    -------
    DataFrame
        Columns of the consortia table, by consortium, the lead first.
    """
    rates = assumptions("care")["consortia"]
    able = providers[(providers["status"] == "open") & (providers["ownership"] == "public")]
    drawn = rng.random(len(able)) < rated(rates["share"], able["kind"])
    centre = able["kind"].str.endswith("_health_centre").to_numpy()
    township = able["place_code"].str[:9]
    with_centre = ~able["kind"].isin(rates["with_centre"]) | township.isin(township[centre & drawn])
    heads = able[(able["kind"] == "general_hospital") & (able["hospital_level"].isin(["2", "3"]))]
    heads = heads.sort_values("hospital_level", ascending=False, kind="stable").drop_duplicates("county")
    lead = heads.set_index("county")["provider_id"]
    is_lead = able["provider_id"].isin(lead)
    members = able[((drawn & with_centre) | is_lead) & able["county"].isin(lead.index)]
    members = members.assign(lead=members["county"].map(lead), led=~members["provider_id"].isin(lead))
    members = members.sort_values(["county", "led", "provider_id"], kind="stable", ignore_index=True)
    county = ground.places.set_index("place_code")["name"]
    name = assumptions("names")["consortium"]
    return pd.DataFrame(
        {
            "consortium_id": "C" + members["county"],
            "name": [name.format(county=county[code]) for code in members["county"]],
            "lead_provider_id": members["lead"],
            "provider_id": members["provider_id"],
        }
    )


def age_friendly(rng: np.random.Generator, providers: pd.DataFrame) -> Texts:
    """Which open providers are recognised as age-friendly: 1, 0, or nothing told."""
    care = assumptions("care")
    public = (providers["ownership"] == "public").to_numpy()
    share = rated(care["age_friendly"]["share"], providers["kind"])
    recognised = rng.random(len(providers)) < share * np.where(public, 1.0, care["age_friendly"]["private"])
    told = rng.random(len(providers)) >= care["unreported"]["age_friendly"]
    told &= (providers["status"] == "open").to_numpy()
    found: Texts = np.where(told, np.where(recognised, "1", "0"), "").astype(object)
    return found
