"""The list that a clinic opens: who is on it, in which order, why, and what it hides."""

from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from matcher.errors import BadInput
from matcher.plan.figures import ALL
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.roster import COLUMNS, WHY, Figures, figures, in_words, provider_names, roster, workbook
from matcher.tables import SERVICES
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.builders import make_inputs, provider, resident

RESIDENTS = (
    resident(
        "R1",
        name="张三丰",
        sex="M",
        id_number="510401195001011234",
        phone="13812345678",
        address="一村二组17号",
        conditions=["hypertension", "stroke"],
    ),
    resident("R2", name="李四", sex="F", current_provider_id="P1"),
    resident("R3"),
)
PROVIDERS = (
    provider("P1", name="甲镇卫生院", capacity_home=5, capacity_community=2),
    provider("P2", name="乙镇卫生院", capacity_home=5, capacity_total=3),
    provider("P3", capacity_home=None),
)
#: resident, mode, tier, kilometres, rank
SERVED = (("R1", "home", 2, 3.0, 2), ("R2", "home", 2, 1.5, 3), ("R3", "community", 1, 4.0, 1))


def bits(*services):
    """The mask of required services."""
    return sum(1 << SERVICES.index(code) for code in services)


def plan_of(served=SERVED, provider_id="P1", switching_m=0, status="optimal", kind=None):
    """A plan in which one provider serves the people named."""
    first = PROVIDERS[0] | ({"kind": kind} if kind else {})
    inputs = make_inputs(RESIDENTS, (first, *PROVIDERS[1:]))
    rows = [
        (id, mode, "rule", tier, provider_id, km, int(km * 1000), rank) for id, mode, tier, km, rank in served
    ]
    columns = ["resident_id", "mode", "mode_rule", "tier", "provider_id", "distance_km", "cost_m", "rank"]
    needs = [bits("basic_care", "home_visit"), bits("basic_care"), 0]
    loads = [("P1", "home", 5), ("P1", "community", 2), ("P2", "home", 5)]
    return SimpleNamespace(
        inputs=inputs,
        people=inputs.residents.assign(mode="home", tier=2, services_required=needs, position="own"),
        assignments=pd.DataFrame(rows, columns=columns),
        loads=pd.DataFrame(loads, columns=["provider_id", "mode", "capacity"]),
        policy=SimpleNamespace(switching_m=switching_m, keep_households_together=False),
        outcome=SimpleNamespace(status=status),
    )


def test_the_first_tier_comes_first_then_the_nearest():
    """R3 is of tier 1; of the two in tier 2 R2 lives nearer."""
    rows = roster(plan_of(), "P1")
    assert rows["resident_id"].tolist() == ["R3", "R2", "R1"]
    assert tuple(rows.columns) == COLUMNS


def test_a_roster_shows_needs_and_conditions_but_no_one_in_full():
    """Name, phone and id number masked, the village instead of the address, never age beside an id's tail."""
    row = roster(plan_of(), "P1").set_index("resident_id").loc["R1"]
    assert row["name"] == "张*"
    assert row["phone"] == "138****5678"
    assert row["id_number"] == "5****************4"
    assert row["village"] == "一村"
    assert row["age"] == 70
    assert row["services"] == "basic_care;home_visit"
    assert row["conditions"] == "hypertension;stroke"
    everything = roster(plan_of(), "P1").to_csv() + in_words(roster(plan_of(), "P1"), "zh").to_csv()
    for secret in ("张三", "李四", "13812345678", "510401", "19500101", "1234", "二组"):
        assert secret not in everything


def test_who_has_no_place_but_lives_in_a_home_is_found_there():
    """The village of the home stands in."""
    plan = match(
        make_inputs(
            [resident("R1", place_code=None, site_id="S1", living_setting="care_home")],
            [provider("P1", kind="general_hospital", hospital_level=2, capacity_institutional=1)],
            [{"site_id": "S1", "kind": "care_home", "place_code": "V1"}],
        ),
        load_policy(),
    )
    assert roster(plan, "P1")["village"].tolist() == ["一村"]


def test_a_roster_names_nobody_of_another_provider():
    """P2 serves nobody: its list is a header, for reading too."""
    rows = roster(plan_of(), "P2")
    assert rows.empty
    assert tuple(rows.columns) == COLUMNS
    assert in_words(rows, "zh").columns.tolist()[:2] == ["居民编号", "姓名"]


def test_the_mode_filter_keeps_that_mode_only():
    """One of the three is served in community mode."""
    assert roster(plan_of(), "P1", "community")["resident_id"].tolist() == ["R3"]
    assert roster(plan_of(), "P1", "high_end").empty


def test_a_missing_name_stays_missing():
    """R3 has neither name nor phone: no star pretends that there is one, and a reader sees a blank."""
    rows = roster(plan_of(), "P1")
    assert rows.loc[0, ["name", "phone", "id_number", "sex"]].isna().all()
    assert in_words(rows, "zh").loc[0, ["姓名", "电话", "身份证号", "性别"]].tolist() == [""] * 4


@pytest.mark.parametrize(
    ("resident_id", "changes", "why"),
    [
        ("R3", {}, "nearest"),
        ("R1", {}, "nearer_full"),
        ("R2", {}, "nearer_full"),
        ("R2", {"switching_m": 500}, "current"),
        ("R1", {"switching_m": 500}, "nearer_full"),
        ("R1", {"status": "feasible"}, "unproven"),
        ("R3", {"status": "feasible"}, "nearest"),
        ("R1", {"kind": "care_site_clinic"}, "own_site"),
    ],
)
def test_the_reason_is_the_first_that_holds(resident_id, changes, why):
    """R1 has one nearer provider, R2 two and P1 is its present one, R3 none."""
    rows = roster(plan_of(**changes), "P1").set_index("resident_id")
    assert rows.loc[resident_id, "why"] == why
    assert rows.loc["R2", "nearer"] == 2


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", WHY)
def test_every_reason_has_words(code, lang):
    """No code reaches a reader; the number of nearer providers does where it matters."""
    rows = roster(plan_of(), "P1").assign(why=code)
    told = in_words(rows, lang)[t("column.roster.why", lang)]
    assert code not in told.tolist()
    assert ("2" in told.iloc[1]) == (code in ("nearer_full", "unproven"))


def test_what_nobody_has_is_no_column_for_the_reader():
    """Only R1 has a phone: without R1 the list has no such column."""
    rows = roster(plan_of(), "P1")
    assert "电话" in in_words(rows, "zh")
    told = in_words(rows[rows["resident_id"] != "R1"], "zh")
    assert not {"电话", "身份证号"} & set(told.columns)
    assert {"姓名", "性别"} <= set(told.columns)


def test_codes_become_words_in_both_languages():
    """Lists too, with the comma of the language."""
    rows = roster(plan_of(), "P1")
    assert in_words(rows, "zh")["所需服务"].tolist() == ["", "基本诊疗", "基本诊疗、上门巡诊"]
    assert in_words(rows, "en")["Needs"].tolist() == ["", "Basic care", "Basic care, Home visit"]
    assert in_words(rows, "en")["Mode"].tolist() == ["Community", "Home", "Home"]


@pytest.mark.parametrize(
    ("provider_id", "mode", "expected"),
    [
        ("P1", ALL, Figures(people=3, home_visits=1, first_tier=1, capacity=7, median_km=3.0)),
        ("P1", "home", Figures(people=2, home_visits=1, first_tier=0, capacity=5, median_km=2.25)),
        ("P1", "high_end", Figures(people=0, home_visits=0, first_tier=0, capacity=None, median_km=None)),
        ("P2", ALL, Figures(people=0, home_visits=0, first_tier=0, capacity=3, median_km=None)),
        ("P3", ALL, Figures(people=0, home_visits=0, first_tier=0, capacity=None, median_km=None)),
    ],
)
def test_figures_count_the_rows_and_never_take_missing_capacity_for_zero(provider_id, mode, expected):
    """P2 is capped over its modes; P3 offers none."""
    plan = plan_of()
    assert figures(roster(plan, provider_id, mode), plan, provider_id, mode) == expected


def test_load_is_the_share_of_places_taken():
    """Three of seven; nothing to divide by without places."""
    some = Figures(people=3, home_visits=0, first_tier=0, capacity=7, median_km=1.0)
    assert some.load == pytest.approx(3 / 7)
    assert some.share(1) == pytest.approx(1 / 3)
    assert replace(some, people=0).share(0) is None
    assert replace(some, people=0, capacity=0).load is None
    assert replace(some, people=0, capacity=None).load is None


def test_an_unknown_provider_is_refused_with_the_ids_most_like_it():
    """Whoever mistypes an id sees the right one."""
    with pytest.raises(BadInput, match="unknown_provider") as caught:
        roster(plan_of(), "p1")
    assert "P1" in str(caught.value.values["nearest"])


def test_providers_are_offered_by_name_and_id():
    """P1 serves three and comes first; one without a name is offered by its id."""
    assert list(provider_names(plan_of()).items()) == [
        ("P1", "甲镇卫生院 · P1"),
        ("P3", "P3"),
        ("P2", "乙镇卫生院 · P2"),
    ]


def test_making_a_roster_changes_no_table_of_the_plan():
    """Tables in, tables out."""
    plan = plan_of()
    before = (plan.assignments.copy(), plan.people.copy())
    roster(plan, "P1")
    pd.testing.assert_frame_equal(plan.assignments, before[0])
    pd.testing.assert_frame_equal(plan.people, before[1])


@pytest.fixture(scope="module")
def small_plan():
    """Two people one kilometre from P1, which has one place; P2 has room eight kilometres off."""
    return match(
        make_inputs(
            [resident("R1", 1.0, name="张三"), resident("R2", 1.5)],
            [provider("P1", name="甲镇卫生院"), provider("P2", 5.0, capacity_home=9)],
        ),
        load_policy(),
    )


def test_a_matched_plan_explains_who_sits_where(small_plan):
    """R2 lives nearer to P2 than R1 does, so it is R2 who goes there, past P1."""
    near, far = roster(small_plan, "P1").iloc[0], roster(small_plan, "P2").iloc[0]
    assert (near["resident_id"], near["why"], near["distance_km"]) == ("R1", "nearest", pytest.approx(1.4))
    assert (far["resident_id"], far["why"], far["nearer"]) == ("R2", "nearer_full", 1)
    assert figures(roster(small_plan, "P2"), small_plan, "P2").load == pytest.approx(1 / 9)


def test_the_rosters_of_all_providers_hold_everybody_served_once(small_plan):
    """No one twice, no one lost."""
    lists = [roster(small_plan, id)["resident_id"] for id in ("P1", "P2")]
    assert sorted(pd.concat(lists)) == ["R1", "R2"]


def test_the_workbook_says_where_it_comes_from(small_plan):
    """Masked rows, then data date, policy and the plan's fingerprint."""
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(small_plan, "P1", "zh"))).active
    first = [cell.value for cell in sheet["A"]]
    assert first[0].startswith("甲镇卫生院 · P1 名册")
    assert sheet["B3"].value == "张*"
    assert first[-3:] == [
        "数据日期: 2026-01-01",
        "政策: panzhihua-2016",
        f"方案指纹: {small_plan.outcome.fingerprint}",
    ]
