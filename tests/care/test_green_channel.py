"""To which hospital each person is sent who falls seriously ill, and how far it is in minutes."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from matcher.care.green_channel import (
    BANDS,
    GREEN_COLUMNS,
    NOT_MEASURED,
    PLACE_COLUMNS,
    green_by_place,
    green_channel,
    place_minutes,
)
from matcher.care.upstream import UPSTREAM_COLUMNS
from matcher.cli import main
from matcher.errors import PolicyError
from matcher.geography.locate import locate
from matcher.inputs import typed_frame
from matcher.policy.documents import load_policy, policy_names, policy_with
from tests.helpers.app_data import write_tables
from tests.helpers.builders import PLACES, make_inputs, provider, resident

POLICY = load_policy()
XUANHAN = load_policy("xuanhan-2022")
CHENZHOU = load_policy("chenzhou-2018")
#: 30 minutes by the policy's speed, as kilometres in a line.
HALF_HOUR_KM = 15 / 1.4


def hospital(id, km=0.0, **more):
    more = {"kind": "general_hospital", "hospital_level": 2, "services": "green_channel"} | more
    return provider(id, km, **more)


def channel(people, providers, policy=POLICY, **tables):
    inputs = locate(make_inputs(people, providers, **tables))
    table = green_channel(inputs, policy)
    assert table.columns.tolist() == list(GREEN_COLUMNS)
    assert set(table["band"]) <= {*BANDS, NOT_MEASURED}
    return table.set_index("resident_id")


def only(table):
    (row,) = table.astype(object).where(table.notna(), None).to_dict("records")
    return row


def at(degrees):
    return {"lat": 26.5 + degrees, "lon": 101.7}


@pytest.mark.parametrize(("degrees", "minutes", "band"), [(0.09, 28.02, "30"), (0.10, 31.13, "60")])
def test_nine_hundredths_of_a_degree_are_28_minutes_and_ten_are_31(degrees, minutes, band):
    row = only(channel([resident("R1", **at(degrees))], [hospital("H1")]))
    assert (row["hospital_id"], round(row["minutes"], 2), row["band"], row["returns"]) == (
        "H1",
        minutes,
        band,
        0,
    )


@pytest.mark.parametrize(
    ("minutes", "band"),
    [
        (0, "30"),
        (30, "30"),
        (30.01, "60"),
        (60, "60"),
        (61, "120"),
        (120, "120"),
        (120.02, "beyond"),
        (999, "beyond"),
    ],
)
def test_bands_hold_their_upper_ends(minutes, band):
    travel = [{"from_code": "V1", "provider_id": "H1", "minutes": minutes}]
    assert only(channel([resident("R1")], [hospital("H1")], travel=travel))["band"] == band


def test_a_journey_of_the_table_comes_before_the_distance_and_one_of_the_person_before_the_places():
    travel = [
        {"from_code": "V1", "provider_id": "H2", "minutes": 3},
        {"from_code": "R2", "provider_id": "H2", "minutes": 90},
    ]
    people = [resident("R1"), resident("R2")]
    table = channel(people, [hospital("H1", 2), hospital("H2", 50)], travel=travel)
    assert table["hospital_id"].tolist() == ["H2", "H1"]
    assert table["minutes"].tolist() == pytest.approx([3, 336 / 60])


def test_of_hospitals_as_near_the_least_id_is_taken():
    assert only(channel([resident("R1")], [hospital("H2", 3), hospital("H1", -3)]))["hospital_id"] == "H1"


@pytest.mark.parametrize(
    "unfit",
    [
        {"status": "closed"},
        {"status": "planned"},
        {"hospital_level": 1},
        {"hospital_level": None},
        {"services": "emergency"},
        {"kind": "nursing_hospital"},
    ],
)
def test_only_an_open_large_hospital_with_the_service_is_taken(unfit):
    row = only(channel([resident("R1")], [hospital("H1", 1, **unfit), hospital("H2", 30)]))
    assert row["hospital_id"] == "H2"


def test_without_a_hospital_or_a_position_nothing_is_measured_and_nothing_is_nought():
    nobody = only(channel([resident("R1")], [provider("P1")]))
    assert nobody == {"hospital_id": None, "minutes": None, "band": NOT_MEASURED, "returns": None}
    lost = resident("R1", lat=None, lon=None, place_code=None)
    assert only(channel([lost], [hospital("H1")]))["band"] == NOT_MEASURED
    assert only(channel([resident("R1")], [hospital("H1", lat=None, lon=None)]))["band"] == NOT_MEASURED


def test_where_there_is_no_way_to_any_hospital_it_is_beyond():
    travel = [{"from_code": "V1", "provider_id": id, "reachable": False} for id in ("H1", "H2")]
    row = only(channel([resident("R1")], [hospital("H1"), hospital("H2")], travel=travel))
    assert (row["band"], row["hospital_id"], row["minutes"]) == ("beyond", None, None)
    row = only(channel([resident("R1")], [hospital("H1"), hospital("H2", 1)], travel=travel[:1]))
    assert (row["band"], row["hospital_id"]) == ("30", "H2")


# ---- Rules


def lives(id, where, **more):
    return resident(id, living_setting="care_home", site_id=where, **more)


PRIVATE = {"site_id": "S1", "kind": "care_home", "ownership": "private", "place_code": "V1"} | at(0)
CENTRES = [provider("P1", 9, services="basic_care"), provider("P2", 3, services="basic_care")]


def test_private_homes_send_to_their_own_health_centre_and_take_back():
    """宣汉县 三(三)2."""
    site = PRIVATE | {"agreement_provider_id": "P1"}
    row = only(channel([lives("R1", "S1")], [hospital("H1", 1), *CENTRES], XUANHAN, sites=[site]))
    assert (row["hospital_id"], row["returns"]) == ("P1", 1)


@pytest.mark.parametrize(
    "tie",
    [
        {"agreements": [{"site_id": "S1", "provider_id": "P1", "form": "agreement", "state": "signed"}]},
        {"sites": [PRIVATE | {"operator_provider_id": "P1"}]},
    ],
)
def test_a_row_of_agreements_or_an_operator_makes_a_health_centre_ones_own(tie):
    tables = {"sites": [PRIVATE]} | tie
    assert only(channel([lives("R1", "S1")], CENTRES, XUANHAN, **tables))["hospital_id"] == "P1"


def test_private_homes_without_an_agreement_send_to_the_nearest_health_centre():
    for site in (PRIVATE, PRIVATE | {"agreement_provider_id": "H1"}):
        row = only(channel([lives("R1", "S1")], [hospital("H1", 1), *CENTRES], XUANHAN, sites=[site]))
        assert (row["hospital_id"], row["returns"]) == ("P2", 1)


@pytest.mark.parametrize("owner", ["public", None])
def test_other_homes_send_to_the_large_hospital_and_nobody_returns(owner):
    site = PRIVATE | {"ownership": owner, "agreement_provider_id": "P1"}
    row = only(channel([lives("R1", "S1")], [hospital("H1", 20), *CENTRES], XUANHAN, sites=[site]))
    assert (row["hospital_id"], row["returns"]) == ("H1", 0)


def test_homes_outside_urban_places_send_to_a_township_centre():
    """郴州市 二(二)."""
    for urban, expected in ((False, "P2"), (True, "H1"), (None, "H1")):
        places = [place | {"urban": urban} for place in PLACES]
        people = [lives("R1", "S1")]
        found = channel(people, [hospital("H1", 20), *CENTRES], CHENZHOU, sites=[PRIVATE], places=places)
        assert found["hospital_id"].tolist() == [expected]


@pytest.mark.parametrize("name", policy_names())
def test_every_policy_has_a_channel_for_everybody(name):
    modes = {
        mode for rule in load_policy(name).green_channel for mode in rule.modes if rule.site_ownership is None
    }
    assert modes == {"institutional", "community", "home", "migratory", "high_end"}


def test_a_rule_of_ones_own_is_read_and_a_wrong_one_refused(tmp_path):
    rule = {
        "id": "mine",
        "modes": ["home"],
        "kinds": ["village_clinic"],
        "source": "x",
        "standing": "default",
    }
    policy = policy_with(POLICY, "green_channel", [rule], "mine")
    row = only(channel([resident("R1")], [provider("P1", kind="village_clinic"), hospital("H1")], policy))
    assert row["hospital_id"] == "P1"
    with pytest.raises(PolicyError) as refused:
        policy_with(POLICY, "green_channel", [rule | {"min_level": 4}], "mine")
    assert refused.value.values["where"] == "green_channel[1].min_level"


# ---- By place


def test_shares_of_a_place_hold_those_before_and_are_of_the_measured():
    people = [resident(f"R{n}", km * HALF_HOUR_KM) for n, km in enumerate((0.5, 0.9, 1.5, 3, 5))]
    people.append(resident("R9", place_code=None, lat=None, lon=None))
    inputs = locate(make_inputs(people, [hospital("H1")]))
    table = green_by_place(green_channel(inputs, POLICY), inputs)
    assert table.columns.tolist() == list(PLACE_COLUMNS)
    assert table["place_code"].tolist() == ["", "C1", "CITY", "T1", "V1"]
    assert table["residents"].tolist() == [1, 5, 5, 5, 5]
    assert table.loc[0, ["share30", "share60", "share120", "beyond"]].isna().all()
    for _, row in table.iloc[1:].iterrows():
        assert row[["share30", "share60", "share120", "beyond"]].tolist() == [2 / 5, 3 / 5, 4 / 5, 1 / 5]


def test_who_is_not_measured_is_no_part_of_the_shares():
    people = [resident("R1"), resident("R2", 5 * HALF_HOUR_KM), resident("R3", lat=None, lon=None)]
    inputs = make_inputs(people, [hospital("H1")])  # not located: R3 has a place and no position
    row = green_by_place(green_channel(inputs, POLICY), inputs).set_index("place_code").loc["V1"]
    assert row.tolist() == [3, 0.5, 0.5, 0.5, 0.5]


VILLAGES = [
    *PLACES,
    *({"place_code": f"V{n}", "level": "village", "parent_code": "T1"} | at(0) for n in (2, 3, 4)),
]


def test_a_place_tells_the_median_of_the_measured_the_farthest_first_and_the_unmeasured_last():
    """V1: 20, 40 and one without position; V2: no way for two of three; V3: nobody measured; V4: nobody lives there."""
    nowhere = {"lat": None, "lon": None}
    people = [resident(f"A{n}", n * 2 / 3 * HALF_HOUR_KM) for n in (1, 2)] + [resident("A3", **nowhere)]
    people += [resident(f"B{n}", place_code="V2") for n in range(3)]
    people.append(resident("C1", place_code="V3", **nowhere))
    travel = [{"from_code": id, "provider_id": "H1", "reachable": False} for id in ("B0", "B1")]
    inputs = make_inputs(people, [hospital("H1")], places=VILLAGES, travel=travel)
    table = place_minutes(green_channel(inputs, POLICY), inputs, "village")
    assert table["place_code"].tolist() == ["V2", "V1", "V3"]
    assert table["band"].tolist() == ["beyond", "30", NOT_MEASURED]
    assert table["unknown"].tolist() == [0, 1, 1]
    assert table["name"].tolist() == ["V2", "一村", "V3"]
    minutes = table["minutes"]
    assert minutes[1] == pytest.approx(30, abs=0.01)
    assert minutes[[0, 2]].isna().all()


# ---- Speed and the command


def test_a_city_of_250_000_takes_seconds():
    rng, size = np.random.default_rng(1), 250_000
    one = typed_frame("residents", [resident("R")])
    people = one.take(np.zeros(size, np.int64)).reset_index(drop=True)
    people["resident_id"] = people["resident_id"] + pd.Series(range(size), dtype="str")
    people["lat"], people["lon"] = 26 + rng.random(size), 101 + rng.random(size)
    hospitals = [hospital(f"H{n:02d}", lat=26 + n / 40, lon=101.5) for n in range(40)]
    inputs = make_inputs(providers=hospitals).replace(residents=people)
    begun = time.process_time()
    table = green_channel(inputs, POLICY)
    places = green_by_place(table, inputs)
    assert time.process_time() - begun < 15
    assert (len(table), places["residents"].max()) == (size, size)


@pytest.mark.parametrize("policy", ["panzhihua-2016", "xuanhan-2022"])
def test_the_command_writes_three_files_as_agreed(tmp_path, capsys, policy):
    people = [resident("R1", **at(0.09)), resident("R2", **at(0.10))]
    data = write_tables(
        tmp_path / "data",
        {"residents": people, "providers": [hospital("H1"), provider("P1", 3)], "places": PLACES},
    )
    out = tmp_path / "out"
    assert main(["referral", str(data), "--policy", policy, "--out", str(out), "--lang", "en"]) == 0
    written = {file.name: file.read_text(encoding="utf-8").splitlines() for file in out.iterdir()}
    assert set(written) == {"upstream.csv", "green_channel.csv", "green_by_place.csv"}
    assert written["upstream.csv"][0] == ",".join(UPSTREAM_COLUMNS)
    assert written["upstream.csv"][1] == "P1,H1,0,8.400000,4.200000"
    assert written["green_channel.csv"] == [
        ",".join(GREEN_COLUMNS),
        "R1,H1,28.016667,30,0",
        "R2,H1,31.133333,60,0",
    ]
    assert written["green_by_place.csv"][1] == "C1,2,0.500000,1.000000,1.000000,0.000000"
    told = capsys.readouterr().out
    assert "1 providers below level-2 hospitals" in told
    assert "within 30 minutes 1, 30–60 minutes 1, 60–120 minutes 0, beyond 0, not measured 0" in told


def test_bad_data_write_nothing(tmp_path):
    bad = {"residents": [resident("R1", age="x")], "providers": [hospital("H1")], "places": PLACES}
    data = write_tables(tmp_path / "data", bad)
    assert main(["referral", str(data), "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()
