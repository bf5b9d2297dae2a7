"""The residents table: synthetic people, where they live, what they ask for, and what is not known of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.sample.draw import Texts, assumptions, choose, iso, join_codes, pick, pick_within
from matcher.sample.geography import Geography
from matcher.sample.housing import house_locals, house_visitors, households, scattered
from matcher.sample.naming import person_names
from matcher.sample.people import birth_dates, chances, draw_people
from matcher.tables import VOCABULARIES


def make_residents(
    rng: np.random.Generator,
    ground: Geography,
    sites: pd.DataFrame,
    providers: pd.DataFrame,
    count: int,
    as_of: str,
    distinct: bool,
) -> pd.DataFrame:
    """Exactly `count` residents, visitors among them.

    Parameters
    ----------
    rng : Generator
    ground : Geography
    sites, providers : DataFrame
        As `make_sites` and `make_providers` give them.
    count : int
    as_of : str
        The day on which ages count, ISO.
    distinct : bool
        Everyone at coordinates of their own; else several people at each address point, and a few nowhere.

    Returns
    -------
    DataFrame
        Columns of the residents table; ``id_number``, ``phone`` and ``age`` are left out on purpose.
    """
    visitors = round(count * assumptions("residents")["visitors"]["share"])
    local = house_locals(rng, ground, sites, draw_people(rng, count - visitors, visitor=False))
    guest = house_visitors(rng, ground, sites, draw_people(rng, visitors, visitor=True))
    order = ["village", "point", "couple"]
    people = pd.concat([local, guest]).sort_values(order, kind="stable", ignore_index=True)
    people = pd.concat([people, households(rng, people)], axis=1)
    table = pd.concat(
        [
            _identity(rng, people, as_of),
            _living(rng, sites, people),
            people[["household_id", "lives_alone", "ability_scheme", "ability_grade", "conditions"]],
            _wishes(rng, people),
            _season(rng, people),
            _provider(rng, ground, providers, people),
            _position(rng, ground, people, distinct),
        ],
        axis=1,
    )
    return table.assign(birth_date=_apart(table))


def _apart(people: pd.DataFrame) -> Texts:
    """Dates of birth: of people with the same name, day and address all but one were born some days earlier."""
    again = people.groupby(["name", "birth_date", "address"]).cumcount().where(people["address"] != "", 0)
    born = people["birth_date"].to_numpy(dtype="datetime64[D]") - again.to_numpy(dtype=np.int64)
    return iso(born)


def _identity(rng: np.random.Generator, people: pd.DataFrame, as_of: str) -> pd.DataFrame:
    number = pd.Series(np.arange(1, len(people) + 1)).astype(str)
    return pd.DataFrame(
        {
            "resident_id": "R" + number.str.zfill(6),
            "name": person_names(rng, people["female"].to_numpy()),
            "sex": np.where(people["female"], "F", "M"),
            "birth_date": birth_dates(rng, people["age"].to_numpy(), as_of),
            "origin": np.where(people["visitor"], "visitor", "local"),
        }
    )


def _living(rng: np.random.Generator, sites: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Setting and site; welfare homes mostly take the destitute; some settings are left to the site's kind."""
    rates = assumptions("residents")["living"]
    site = people["site"].to_numpy()
    at_site = site >= 0
    welfare = at_site & (sites["kind"].to_numpy(dtype=object)[site] == "welfare_home")
    destitute = people["destitute"] | (welfare & (rng.random(len(people)) < rates["welfare_home_destitute"]))
    groups = {
        code: (destitute if code == "destitute" else people[code]).to_numpy(dtype=np.bool_)
        for code in VOCABULARIES["group"]
    }
    unsaid = at_site & (rng.random(len(people)) < rates["setting_empty"])
    return pd.DataFrame(
        {
            "living_setting": np.where(unsaid, "", people["setting"]),
            "site_id": np.where(at_site, sites["site_id"].to_numpy(dtype=object)[site], ""),
            "groups": join_codes(groups, len(people)),
        }
    )


def _wishes(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Modes and services asked for by some."""
    rates = assumptions("residents")
    grade = people["grade"].to_numpy()
    at_home = (people["setting"] == "own_home").to_numpy() & ~people["visitor"].to_numpy()
    visitor = people["visitor"].to_numpy()
    mode = np.where(at_home, _one_of(rng, rates["requested_mode"], grade), "")
    asked = {code: [rate] * 5 for code, rate in rates["requested_mode_visitor"].items()}
    mode = np.where(visitor, _one_of(rng, asked, grade), mode)
    needs = chances(rng, rates["needs"], grade)
    for code, rate in rates["needs_visitor"].items():
        usual = needs.get(code, np.zeros(len(people), dtype=np.bool_))
        needs[code] = np.where(visitor, rng.random(len(people)) < rate, usual)
    return pd.DataFrame({"requested_mode": mode, "needs": join_codes(needs, len(people))})


def _one_of(rng: np.random.Generator, rates: dict[str, list[float]], grade: npt.NDArray[np.int64]) -> Texts:
    """At most one code for everyone, each by its rate at the person's grade."""
    codes = np.array([*rates, ""], dtype=object)
    limits = np.cumsum(np.array(list(rates.values())).T, axis=1)[grade]
    return np.asarray(codes[(rng.random(len(grade))[:, None] >= limits).sum(axis=1)], dtype=object)


def _season(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """First and last month of most visitors' stay: over New Year, or in summer."""
    rates = assumptions("residents")["visitors"]
    known = people["visitor"].to_numpy() & (rng.random(len(people)) < rates["season_known"])
    summer = rng.random(len(people)) < rates["summer"]
    months = {}
    for name in ("season_from", "season_to"):
        drawn = {}
        for season in ("winter", "away_from_heat"):
            month, weight = zip(*rates[season][name], strict=True)
            drawn[season] = np.array(month)[pick(rng, weight, len(people))].astype(str)
        months[name] = np.where(known, np.where(summer, drawn["away_from_heat"], drawn["winter"]), "")
    return pd.DataFrame(months)


def _provider(
    rng: np.random.Generator, ground: Geography, providers: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    """The provider of the township with which some local people have signed, open or not."""
    township = ground.villages["township"].to_numpy(dtype=object)[people["village"]]
    number = pd.factorize(np.concatenate([township, providers["place_code"].str[:9]]))[0]
    offers = providers["capacity_home"].notna().to_numpy()
    found = pick_within(rng, number[: len(people)], number[len(people) :], offers)
    signed = rng.random(len(people)) < assumptions("residents")["living"]["current_provider"]
    signed &= (people["setting"] == "own_home").to_numpy() & ~people["visitor"].to_numpy() & (found >= 0)
    ids: Texts = providers["provider_id"].to_numpy(dtype=object)
    return pd.DataFrame({"current_provider_id": np.where(signed, ids[found], "")})


def _position(
    rng: np.random.Generator, ground: Geography, people: pd.DataFrame, distinct: bool
) -> pd.DataFrame:
    """Village, address and coordinates; a few local people have the village only, a handful nothing."""
    rates = assumptions("residents")["living"]
    words = assumptions("names")
    point, village = people["point"].to_numpy(), people["village"].to_numpy()
    urban = ground.villages["urban"].to_numpy()[ground.points["village"]]
    template = np.where(urban, words["urban_address"], words["rural_address"])
    addresses = [text.format(n=n) for text, n in zip(template, ground.points["number"], strict=True)]
    place: Texts = ground.villages["place_code"].to_numpy(dtype=object)[village]
    at_site = people["site"] >= 0
    address = np.where(
        at_site & (people["setting"] != "own_home"), "", np.array(addresses, dtype=object)[point]
    )
    if distinct:
        lat, lon = scattered(rng, ground, point, village)
        return pd.DataFrame({"place_code": place, "address": address, "lat": lat, "lon": lon})
    lat, lon = ground.points[["lat", "lon"]].to_numpy()[point].T.copy()
    at_home = (people["site"] < 0).to_numpy() & ~people["visitor"].to_numpy()
    lost = rates["village_only"] + rates["nowhere"]
    unknown = rng.permutation(choose(rng, at_home, round(len(people) * lost)))
    nowhere = unknown[: round(len(people) * rates["nowhere"])]
    lat[unknown] = lon[unknown] = np.nan
    place[nowhere] = address[nowhere] = ""
    return pd.DataFrame({"place_code": place, "address": address, "lat": lat, "lon": lon})
