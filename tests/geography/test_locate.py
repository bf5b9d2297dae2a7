"""Everybody gets the best position that is known: own, site, place, address, else none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from geopy.exc import GeocoderTimedOut
from geopy.geocoders import BaiduV3, Nominatim
from geopy.geocoders.base import Geocoder
from geopy.location import Location

from matcher.geography import geocode
from matcher.geography.datum import gcj02_to_bd09, wgs84_to_gcj02
from matcher.geography.gazetteer import GazetteerGeocoder
from matcher.geography.geocode import GeocodingWarning, make_geocoder
from matcher.geography.locate import locate
from matcher.tables import POSITIONS
from tests.helpers.builders import make_inputs


def place(code: str, name: str, level: str, parent: str | None, lat: float | None) -> dict[str, object]:
    """A place whose longitude is 75 degrees more than its latitude."""
    position = {} if lat is None else {"lat": lat, "lon": lat + 75}
    return {"place_code": code, "name": name, "level": level, "parent_code": parent, **position}


CITY = place("5104", "攀枝花市", "city", None, 26.0)
PLACES = (
    CITY,
    place("510411", "仁和区", "county", "5104", 26.1),
    place("510402", "东区", "county", "5104", 26.2),
    place("T1", "平地镇", "township", "510411", 26.3),
    place("T2", "大田镇", "township", "510411", 26.4),
    place("V1", "平地村村民委员会", "village", "T1", 26.5),
    place("V2", "新村村民委员会", "village", "T1", None),
    place("V3", "新村村民委员会", "village", "T2", 26.6),
    place("V4", "大新村村民委员会", "village", "T2", 26.7),
)
BARE = {"lat": None, "lon": None}


def located(residents=(), providers=(), sites=(), places=PLACES, datum=None, geocoder=None, **more):
    """Inputs from plain rows, located."""
    inputs = make_inputs(residents, providers, sites, places, **more)
    dataset = replace(inputs.dataset, datum=datum or {}, geocoder=geocoder or {})
    return locate(inputs.replace(dataset=dataset))


def spot(table: pd.DataFrame, row: int = 0) -> tuple[float, float, str]:
    """Position and precision of one row."""
    lat, lon, precision = table.loc[row, ["lat", "lon", "precision"]]
    return lat, lon, precision


def one(**cells) -> tuple[float, float, str]:
    """Position and precision of one resident."""
    return spot(located([{"resident_id": "R1", **cells}], sites=SITES).residents)


HOME = {"site_id": "S1", "kind": "care_home", "lat": 26.8, "lon": 101.8}
BY_PLACE = {"site_id": "S2", "kind": "day_care", "place_code": "V1"}
NOWHERE = {"site_id": "S3", "kind": "hotel"}
SITES = (HOME, BY_PLACE, NOWHERE)


def test_own_coordinates_go_first():
    """A point is a point, whatever site and place say."""
    assert one(lat=26.9, lon=101.9, site_id="S1", place_code="V1") == (26.9, 101.9, "own")


@pytest.mark.parametrize("setting", ["care_home", "day_care", "hotel", "farmstay", None])
def test_who_lives_or_gathers_at_a_site_is_there(setting):
    """Every setting but the own home, and an empty one, which follows the site."""
    assert one(living_setting=setting, site_id="S1", place_code="V1") == (26.8, 101.8, "site")


def test_who_lives_at_home_is_at_the_place_and_not_at_the_site():
    """A site that somebody at home makes use of is not where that person is."""
    assert one(living_setting="own_home", site_id="S1", place_code="V1") == (26.5, 101.5, "village")


def test_a_site_that_is_known_by_its_place_is_no_more_precise_than_that():
    """The precision of the site is handed on."""
    assert one(site_id="S2") == (26.5, 101.5, "village")


def test_a_site_without_position_leaves_the_place():
    """The next best source stands in."""
    assert one(site_id="S3", place_code="T1") == (26.3, 101.3, "township")


def test_a_place_without_coordinates_is_where_the_place_above_is():
    """The village has none; its township's count, and are called so."""
    assert one(place_code="V2") == (26.3, 101.3, "township")
    places = located().places.set_index("place_code")
    assert tuple(places.loc["V2", ["lat", "lon", "precision"]]) == (26.3, 101.3, "township")
    assert places.loc["V1", "precision"] == "village"


def test_coordinates_come_down_through_several_levels():
    """Village, township and county have none: the city stands in, for as many levels as there are."""
    places = [{**place, **(BARE if place is not CITY else {})} for place in PLACES]
    table = located([{"resident_id": "R1", "place_code": "V1"}], places=places).residents
    assert spot(table) == (26.0, 101.0, "city")


def test_nothing_known_is_none_and_no_coordinate():
    """Neither a zero nor a guess."""
    lat, lon, precision = one()
    assert np.isnan(lat)
    assert np.isnan(lon)
    assert precision == "none"


def test_a_cycle_of_places_ends():
    """Places inside each other without coordinates stay without; check tells of them."""
    places = [{"place_code": "A", "parent_code": "B"}, {"place_code": "B", "parent_code": "A"}]
    assert list(located(places=places).places["precision"]) == ["none", "none"]


def test_a_place_of_unknown_level_claims_no_precision():
    """It counts as the coarsest level."""
    places = [{"place_code": "A", "lat": 26.0, "lon": 101.0}]
    assert list(located(places=places).places["precision"]) == ["province"]


def test_providers_and_candidates_are_at_their_point_site_or_place():
    """In this order; a site counts whatever the kind."""
    rows = [
        {"provider_id": "P1", "lat": 26.9, "lon": 101.9, "site_id": "S1"},
        {"provider_id": "P2", "site_id": "S1", "place_code": "V1"},
        {"provider_id": "P3", "place_code": "V1"},
        {"provider_id": "P4"},
    ]
    inputs = located(providers=rows, candidates=rows, sites=SITES)
    for table in (inputs.providers, inputs.candidates):
        assert list(table["precision"]) == ["own", "site", "village", "none"]
        assert list(table["lat"].fillna(0)) == [26.9, 26.8, 26.5, 0]


def test_each_file_has_its_own_datum():
    """The same point in three datums in three files becomes one WGS-84 point; the datum is WGS-84 afterwards."""
    here = np.array([26.5]), np.array([101.7])
    there = wgs84_to_gcj02(*here)
    baidu = gcj02_to_bd09(*there)
    inputs = located(
        residents=[{"resident_id": "R1", "lat": baidu[0][0], "lon": baidu[1][0]}],
        providers=[{"provider_id": "P1", "lat": there[0][0], "lon": there[1][0]}],
        sites=[{"site_id": "S1", "lat": 26.5, "lon": 101.7}],
        datum={"residents": "bd09", "providers": "gcj02", "sites": "wgs84"},
    )
    for table in (inputs.residents, inputs.providers, inputs.sites):
        assert tuple(table.loc[0, ["lat", "lon"]]) == pytest.approx((26.5, 101.7), abs=1e-8)
    again = locate(inputs)
    assert again.residents["lat"][0] == inputs.residents["lat"][0]


def test_positions_of_places_are_not_shifted_twice():
    """Residents in GCJ-02 without coordinates take the WGS-84 position of their place as it is."""
    table = located([{"resident_id": "R1", "place_code": "V1"}], datum={"residents": "gcj02"}).residents
    assert spot(table) == (26.5, 101.5, "village")


def test_the_given_inputs_are_not_changed():
    """Locating makes a new value."""
    inputs = make_inputs([{"resident_id": "R1", "place_code": "V1"}], places=PLACES)
    locate(inputs)
    assert np.isnan(inputs.residents["lat"][0])
    assert "precision" not in inputs.residents


def test_every_precision_that_occurs_is_listed():
    """The list of precisions is complete and ordered from the best to none."""
    assert POSITIONS == (
        "own",
        "address",
        "site",
        "village",
        "township",
        "county",
        "city",
        "province",
        "none",
    )


@pytest.mark.parametrize(
    ("address", "place_code"),
    [
        ("四川省攀枝花市仁和区平地镇平地村3组", "V1"),
        ("仁和区大田镇新村12号", "V3"),
        ("平地镇平地村村民委员会旁", "V1"),
        ("大田镇大新村", "V4"),  # not the village of the shorter name in it
        ("大田镇新村与大新村", "T2"),  # both villages
        ("仁和区大田镇某处", "T2"),
        ("仁和区人民路5号", "510411"),
        ("攀枝花市", "5104"),
        ("新村7组", "510411"),  # two villages of this name: their county holds both
        ("仁和区东区之间", "5104"),  # two counties
        ("东区平地村", "510402"),  # the village lies in another county: not believed
        ("成都市", None),
        ("", None),
    ],
)
def test_the_gazetteer_finds_the_smallest_place_that_is_sure(address, place_code):
    """It goes from city to village and never guesses between namesakes."""
    found = GazetteerGeocoder(located().places).geocode(address)
    assert (found and found.raw["place_code"]) == place_code


@pytest.mark.parametrize(
    ("address", "place_code"),
    [
        ("仁和区江南路12号", "510411"),
        ("仁和区江南大道3号院", "510411"),
        ("仁和区江南一路3号", "510411"),
        ("仁和区江南3号路", "510411"),
        ("仁和区江南小区2单元", "510411"),
        ("仁和区江南花园3栋", "510411"),
        ("仁和区江南饭店", "510411"),
        ("仁和区江南村路8号", "510411"),
        ("仁和区大江南村2组", "510411"),  # a village that the table does not have
        ("大田镇江南路5号", "T2"),
        ("大田镇路5号", None),
        ("江南小区2单元", None),
        ("仁和区江南3组", "V5"),
        ("大田镇江南村委会旁", "V5"),
        ("仁和区江南村卫生室", "V5"),
        ("仁和区人民路江南社区5栋", "V5"),
        ("仁和区平山镇江南村3组", "510411"),  # a township that the table does not have
        ("四川省某州别的县江南村", None),
        ("成都市武侯区江南村", None),
        ("仁和区超市旁江南村", "510411"),
    ],
)
def test_what_is_called_after_a_village_is_no_village(address, place_code):
    """A road, an estate, a building, a longer name, a village of another township or county."""
    places = [*PLACES, place("V5", "江南村委会", "village", "T2", 26.9)]
    found = GazetteerGeocoder(located(places=places).places).geocode(address)
    assert (found and found.raw["place_code"]) == place_code


def test_an_address_that_is_sure_of_no_more_than_the_city_gives_no_position():
    """Two villages in two counties bear the name: the city's centre is near neither."""
    places = [*PLACES, place("V5", "江南村委会", "village", "T2", 26.9)]
    places += [place("V6", "江南村委会", "village", "510402", 26.1)]
    people = [
        {"resident_id": f"R{n}", "address": a}
        for n, a in enumerate(["江南村", "攀枝花市江南村", "东区江南村"])
    ]
    assert located(people, places=places).residents["precision"].tolist() == ["none", "none", "village"]


def test_an_address_alone_is_looked_up_in_the_gazetteer():
    """Position and precision are those of the place found; whoever has a place code is not looked up."""
    rows = [
        {"resident_id": "R1", "address": "大田镇新村2号"},
        {"resident_id": "R2", "address": "平地镇新村2号"},
        {"resident_id": "R3", "address": "没有的地方"},
        {"resident_id": "R4", "address": "大田镇新村2号", "place_code": "V1"},
    ]
    table = located(rows).residents
    assert list(table["precision"]) == ["village", "township", "none", "village"]
    assert list(table["lat"].fillna(0)) == [26.6, 26.3, 0, 26.5]


class Fake(Geocoder):
    """A geocoder that answers from a table and counts what it was asked."""

    def __init__(self, answers):
        super().__init__()
        self.answers, self.asked = answers, []

    def geocode(self, query, *, exactly_one=True, timeout=None):
        """The answer, or the failure, that the table has for the query."""
        self.asked.append(query)
        answer = self.answers.get(query)
        if isinstance(answer, Exception):
            raise answer
        return answer and Location(query, answer, {})


@pytest.fixture
def fake(monkeypatch):
    """Put a fake in place of the online geocoders, and take the pauses out."""

    def install(answers):
        service = Fake(answers)
        monkeypatch.setattr(geocode, "make_geocoder", lambda name, **settings: service)
        monkeypatch.setattr(geocode, "_PAUSE_S", {})
        return service

    return install


def people_at(*addresses):
    """Residents with nothing but an address."""
    return [{"resident_id": f"R{number}", "address": address} for number, address in enumerate(addresses)]


def test_each_distinct_address_is_asked_for_once(fake):
    """Two people of one address cost one question."""
    service = fake({"a": (26.5, 101.7)})
    table = located(people_at("a", "b", "a"), geocoder={"name": "nominatim", "user_agent": "test"}).residents
    assert service.asked == ["a", "b"]
    assert list(table["precision"]) == ["address", "none", "address"]
    assert spot(table, 2) == (26.5, 101.7, "address")


def test_baidu_answers_in_its_own_datum(fake):
    """What Baidu gives is shifted back to WGS-84."""
    lat, lon = gcj02_to_bd09(*wgs84_to_gcj02(np.array([26.5]), np.array([101.7])))
    fake({"a": (lat[0], lon[0])})
    table = located(people_at("a"), geocoder={"name": "baidu"}).residents
    assert spot(table)[:2] == pytest.approx((26.5, 101.7), abs=1e-8)


def test_an_answer_outside_china_is_none(fake):
    """A namesake on another continent is not believed."""
    fake({"a": (51.5, -0.1)})
    table = located(people_at("a"), geocoder={"name": "nominatim", "user_agent": "test"}).residents
    assert spot(table)[2] == "none"


def test_a_failing_service_loses_rows_and_not_the_run(fake):
    """The failure is warned of without any address; three in a row end the asking."""
    service = fake({"a": (26.5, 101.7)} | {bad: GeocoderTimedOut() for bad in "bcd"})
    people = people_at("a", "b", "c", "d", "e")
    with pytest.warns(GeocodingWarning, match=r"4 addresses were not looked up \(GeocoderTimedOut\)"):
        table = located(people, geocoder={"name": "nominatim", "user_agent": "test"}).residents
    assert service.asked == ["a", "b", "c", "d"]
    assert list(table["precision"]) == ["address", "none", "none", "none", "none"]


def test_no_online_geocoder_is_made_unless_configured(monkeypatch):
    """Without a [geocoder] in dataset.toml the gazetteer answers, and no address leaves the house."""
    for name in ("Nominatim", "BaiduV3"):
        monkeypatch.setattr(geocode, name, lambda *_, **__: pytest.fail("a network geocoder was made"))
    assert spot(located(people_at("平地镇")).residents) == (26.3, 101.3, "township")


def test_geocoders_are_made_by_name(monkeypatch):
    """The key of Baidu comes from one variable of the environment; Nominatim is the public one, whatever is told."""
    monkeypatch.setenv("MATCHER_BAIDU_KEY", "secret")
    monkeypatch.setenv("DB_PASSWORD", "not for Baidu")
    baidu = make_geocoder("baidu", api_key_env="DB_PASSWORD")
    nominatim = make_geocoder("nominatim", user_agent="county health", domain="example.org")
    assert isinstance(baidu, BaiduV3)
    assert baidu.api_key == "secret"
    assert isinstance(nominatim, Nominatim)
    assert nominatim.domain == "nominatim.openstreetmap.org"
    assert isinstance(make_geocoder("gazetteer", places=located().places), GazetteerGeocoder)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("oracle", {}), ("nominatim", {}), ("baidu", {}), ("gazetteer", {})],
)
def test_a_geocoder_without_its_settings_is_refused(monkeypatch, name, settings):
    """An unknown name, no user agent, no key, no places."""
    monkeypatch.delenv("MATCHER_BAIDU_KEY", raising=False)
    with pytest.raises(KeyError):
        make_geocoder(name, **settings)


def test_empty_tables_are_located():
    """Nobody and nothing has columns all the same."""
    inputs = located(places=())
    for table in (inputs.residents, inputs.providers, inputs.sites, inputs.places, inputs.candidates):
        assert str(table["precision"].dtype) == "str"
        assert len(table) == 0
