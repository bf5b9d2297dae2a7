"""Money for sites that a medical provider runs or that are inside one."""

from __future__ import annotations

import time
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.care.money import COLUMNS, NOT_MEASURED, as_written, money
from matcher.care.stays import full_months, months_later
from matcher.cli import main
from matcher.inputs import typed_frame
from matcher.policy.documents import load_policy, policy_names, policy_with
from tests.helpers.app_data import SMALL, write_tables
from tests.helpers.builders import make_inputs, provider

AS_OF = date(2026, 1, 1)
PANZHIHUA = load_policy()


def site(id="S1", **more):
    """A licensed home without new beds, run by a hospital, opened in 2025."""
    row = {"site_id": id, "kind": "care_home", "operator_provider_id": "P1", "place_code": "V1"}
    return row | {"licensed": True, "new_beds": 0, "special_beds": 0, "opened_on": date(2025, 1, 1)} | more


def stay(who, begin, until=None, grade=None, where="S1", **more):
    return {"resident_id": who, "site_id": where, "from": begin, "until": until, "grade": grade} | more


def earned(sites, stays=(), policy=PANZHIHUA, as_of=AS_OF):
    return money(make_inputs(providers=[provider("P1")], sites=sites, stays=stays, as_of=as_of), policy)


def only(table):
    (row,) = table.to_dict("records")
    return row


# ---- Once


@pytest.mark.parametrize(
    ("beds", "yuan"),
    [
        ({"new_beds": 20, "special_beds": 5}, 300_000),
        ({"new_beds": 3, "licensed": False}, 15_000),
        ({"new_beds": 3, "special_beds": None, "licensed": False}, 15_000),
        ({"new_beds": 0, "special_beds": 0}, 0),
        ({"new_beds": 0, "special_beds": 0, "licensed": None}, 0),
    ],
)
def test_new_beds_are_paid_once_in_the_year_of_opening(beds, yuan):
    row = only(earned([site(**beds)]))
    assert (row["site_id"], row["county"], row["year"], row["once"]) == ("S1", "C1", 2025, yuan)


def test_a_rehab_station_that_runs_a_home_is_no_medical_provider():
    station = provider("P2", kind="rehab_station")
    sites = [site("S1", new_beds=3), site("S2", new_beds=3, operator_provider_id="P2")]
    table = money(make_inputs(providers=[provider("P1"), station], sites=sites, as_of=AS_OF), PANZHIHUA)
    assert table["site_id"].tolist() == ["S1"]


@pytest.mark.parametrize(
    "missing", [{"new_beds": None}, {"special_beds": None}, {"new_beds": 3, "licensed": None}]
)
def test_what_decides_and_is_missing_leaves_the_sum_unmeasured(missing):
    table = earned([site(**missing)])
    assert pd.isna(only(table)["once"])
    assert only(as_written(table))["once"] == NOT_MEASURED


@pytest.mark.parametrize(
    ("tie", "counts"),
    [
        ({}, True),
        ({"operator_provider_id": None, "host_provider_id": "P1"}, True),
        ({"operator_provider_id": None}, False),
    ],
)
def test_only_sites_run_by_a_provider_or_inside_one_earn(tie, counts):
    assert len(earned([site(new_beds=1, **tie)])) == counts


def test_money_of_a_site_that_does_not_say_when_it_opened_stands_in_no_year():
    table = earned([site(new_beds=1, opened_on=None)], [stay("R1", date(2025, 1, 1), grade=3)])
    assert table["year"].isna().tolist() == [False, True]
    assert table["once"].isna().tolist() == [True, False]
    assert table["once"].sum() == 10_000
    assert table["running"].tolist() == [3_600, 0]


def test_a_site_without_place_is_in_no_county():
    assert pd.isna(only(earned([site(place_code=None)]))["county"])


# ---- Running


def test_severe_twelve_moderate_seven_and_mild_five_months():
    stays = [
        stay("R1", date(2025, 1, 1), date(2025, 12, 31), 3),
        stay("R2", date(2025, 1, 1), date(2025, 7, 31), 2),
        stay("R3", date(2025, 1, 1), date(2025, 5, 31), 1),
    ]
    assert only(earned([site()], stays))["running"] == 3_600 + 1_400
    by_person = [only(earned([site()], [row])) for row in stays]
    assert [row["running"] for row in by_person] == [3_600, 1_400, 0]
    assert [row["months"] for row in by_person] == [12, 7, 0]


@pytest.mark.parametrize(("grade", "scheme", "yuan"), [
    (0, None, 600), (1, None, 600), (2, None, 1_200), (3, None, 1_800), (4, None, 1_800),
    (3, "MZ/T 039-2013", 1_800), (2, "MZ/T 039-2013", 1_200), (4, "MZ/T 039-2013", 0), (None, None, 0),
])  # fmt: skip
def test_a_month_is_worth_what_its_grade_says_and_an_unknown_grade_is_counted(grade, scheme, yuan):
    row = only(earned([site()], [stay("R1", date(2025, 1, 1), date(2025, 6, 30), grade, scheme=scheme)]))
    assert (row["running"], row["months"], row["unknown"]) == (yuan, 6, 0 if yuan else 6)


@pytest.mark.parametrize(
    ("back", "months"), [(date(2025, 4, 1), 6), (date(2025, 4, 2), 6), (date(2025, 4, 3), 0)]
)
def test_a_break_of_more_than_one_day_begins_again(back, months):
    stays = [stay("R1", date(2025, 1, 1), date(2025, 3, 31), 3), stay("R1", back, date(2025, 6, 30), 3)]
    assert only(earned([site()], stays))["months"] == months


def test_a_new_grade_counts_from_the_month_that_begins_with_it():
    stays = [
        stay("R1", date(2025, 1, 1), date(2025, 3, 14), 3),
        stay("R1", date(2025, 3, 15), date(2025, 6, 30), 1),
    ]
    row = only(earned([site()], stays))
    assert (row["running"], row["months"]) == (3 * 300 + 3 * 100, 6)


def test_nobody_is_paid_for_more_than_three_years_and_each_month_in_its_year():
    table = earned([site(opened_on=date(2020, 7, 1))], [stay("R1", date(2020, 7, 1), grade=3)])
    assert table["year"].tolist() == [2020, 2021, 2022, 2023]
    assert table["months"].tolist() == [6, 12, 12, 6]
    assert table["once"].tolist() == [0, 0, 0, 0]


def test_a_stay_that_is_not_over_runs_to_the_day_of_the_data_and_none_begins_later():
    stays = [
        stay("R1", date(2025, 7, 2)),
        stay("R2", date(2026, 1, 2)),
        stay("R3", date(2025, 7, 2), date(2027, 1, 1)),
    ]
    assert only(earned([site()], stays))["months"] == 12
    assert only(earned([site()], stays, as_of=date(2025, 12, 31)))["months"] == 0


def test_two_people_are_two_stays_and_so_are_two_sites():
    half, rest = (date(2025, 1, 1), date(2025, 3, 31)), (date(2025, 4, 1), date(2025, 6, 30))
    sites = [site(), site("S2")]
    assert earned(sites, [stay("R1", *half), stay("R2", *rest)])["months"].sum() == 0
    assert earned(sites, [stay("R1", *half), stay("R1", *rest, where="S2")])["months"].sum() == 0


def test_without_stays_the_running_money_is_not_measured():
    row = only(as_written(earned([site()])))
    assert [row[name] for name in ("once", "running", "months", "unknown")] == ["0", *[NOT_MEASURED] * 3]


# ---- The policy decides


def test_a_document_that_names_no_money_pays_none():
    for name in policy_names()[1:]:
        assert earned([site(new_beds=1)], policy=load_policy(name)).empty


def test_the_terms_are_those_of_the_policy():
    terms = {"id": "a", "amount": "monthly", "relations": ["host"], "least_months": 3, "most_gap_days": 9}
    mine = policy_with(PANZHIHUA, "payments", [terms | {"from_first_month": False, "licensed": True}], "x")
    at = [site(host_provider_id="P1"), site("S2"), site("S3", host_provider_id="P1", licensed=False)]
    stays = [
        stay("R1", date(2025, 1, 1), date(2025, 2, 28), 3),
        stay("R1", date(2025, 3, 10), date(2025, 4, 30), 3),
        stay("R2", date(2025, 1, 1), grade=3, where="S2"),
        stay("R3", date(2025, 1, 1), grade=3, where="S3"),
    ]
    table = earned(at, stays, mine)
    assert table.set_index("site_id")["months"].to_dict() == {"S1": 1, "S3": 0}


# ---- Months


@pytest.mark.parametrize(
    ("begin", "end", "months"),
    [
        ("2025-01-15", "2025-02-13", 0),
        ("2025-01-15", "2025-02-14", 1),
        ("2025-01-31", "2025-02-27", 1),
        ("2024-02-29", "2025-02-27", 12),
        ("2025-01-01", "2024-12-01", 0),
    ],
)
def test_a_month_is_full_on_the_day_before_the_same_day(begin, end, months):
    assert full_months(np.array([begin], "datetime64[s]"), np.array([end], "datetime64[s]")).tolist() == [
        months
    ]


DAYS = st.dates(date(1999, 1, 1), date(2030, 12, 31))


@given(DAYS, st.integers(0, 2_000))
def test_full_months_are_the_most_that_fit(begin, days):
    start, end = (np.array([day], "datetime64[s]") for day in (begin, begin + timedelta(days)))
    after = end.astype("datetime64[D]") + 1
    months = full_months(start, end)
    assert months_later(start, months) <= after < months_later(start, months + 1)


def slowly(stays):
    """Months and unknown of one site by year, a person and a day at a time."""
    found: dict[int, list[int]] = {}
    for who in {row["resident_id"] for row in stays}:
        rows = sorted((row for row in stays if row["resident_id"] == who), key=lambda row: row["from"])
        there = {
            row["from"] + timedelta(n) for row in rows for n in range((row["until"] - row["from"]).days + 1)
        }
        there |= {day + timedelta(1) for day in there if day + timedelta(2) in there}
        for begin in sorted(day for day in there if day - timedelta(1) not in there):
            end = begin
            while end in there:
                end += timedelta(1)
            starts = [later(begin, n) for n in range(37) if later(begin, n + 1) <= end][:36]
            for start in starts if len(starts) >= 6 else ():
                grade = [row for row in rows if row["from"] <= start][-1]["grade"]
                counts = found.setdefault(start.year, [0, 0, 0])
                counts[0] += {None: 0, 0: 100, 1: 100, 2: 200, 3: 300, 4: 300}[grade]
                counts[1] += 1
                counts[2] += grade is None
    return {year: tuple(counts) for year, counts in sorted(found.items())}


def later(day, months):
    stamp = pd.Timestamp(day) + pd.DateOffset(months=months)
    return stamp.date()


STAYS = st.lists(
    st.builds(
        lambda who, begin, days, grade: stay(
            who, date(2020, 1, 1) + timedelta(begin), date(2020, 1, 1) + timedelta(begin + days), grade
        ),
        st.sampled_from(["R1", "R2"]),
        st.integers(0, 800),
        st.integers(0, 400) | st.just(1_200),
        st.none() | st.integers(0, 4),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: (row["resident_id"], row["from"]),
)


@given(STAYS)
def test_months_agree_with_counting_day_by_day(stays):
    table = earned([site(opened_on=date(2019, 1, 1))], stays)
    table = table[table["months"] > 0]
    rows = zip(table["year"], table["running"], table["months"], table["unknown"], strict=True)
    assert {year: tuple(counts) for year, *counts in rows} == slowly(stays)


def test_stays_of_everybody_in_a_large_city_take_seconds():
    number = 250_000
    stays = typed_frame("stays")
    begin = pd.Series(pd.to_datetime("2020-01-01") + pd.to_timedelta(np.arange(number) % 2_000, "D"))
    columns = {
        "resident_id": np.arange(number).astype(str),
        "site_id": "S1",
        "from": begin.astype("datetime64[s]"),
    }
    stays = pd.DataFrame(columns).reindex(columns=stays.columns).astype(stays.dtypes.drop("row"))
    inputs = make_inputs(sites=[site()], as_of=AS_OF).replace(stays=stays.assign(grade=3))
    began = time.process_time()
    assert money(inputs, PANZHIHUA)["months"].sum() > number
    assert time.process_time() - began < 10


# ---- The command


def test_the_command_writes_the_file_as_agreed(tmp_path, capsys):
    tables = SMALL | {
        "sites": [site(new_beds=20, special_beds=5, licensed=1), site("S2", new_beds=None, licensed=None)],
        "stays": [stay("R1", date(2025, 1, 1), date(2025, 12, 31), 3)],
    }
    data, out = write_tables(tmp_path / "data", tables), tmp_path / "out"
    assert main(["money", str(data), "--policy", "panzhihua-2016", "--out", str(out), "--lang", "en"]) == 0
    assert {file.name for file in out.iterdir()} == {"money.csv"}
    lines = (out / "money.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        ",".join(COLUMNS),
        "S1,C1,2025,300000,3600,12,0",
        "S2,C1,2025,not_measured,0,0,0",
    ]
    told = capsys.readouterr().out
    assert "yuan once: 300000; yuan running: 3600; months: 12" in told
    assert "1 sites with a sum that is not measured" in told


def test_without_stays_the_command_says_so(tmp_path, capsys):
    data = write_tables(tmp_path / "data", SMALL | {"sites": [site(licensed=1)]})
    assert main(["money", str(data), "--out", str(tmp_path / "out"), "--lang", "en"]) == 0
    assert "yuan running: not measured" in capsys.readouterr().out


def test_of_a_document_without_money_the_command_says_so(tmp_path, capsys):
    data, out = write_tables(tmp_path / "data", SMALL), tmp_path / "out"
    flags = ["--policy", "xuanhan-2022", "--out", str(out), "--lang", "en"]
    assert main(["money", str(data), *flags]) == 0
    assert "xuanhan-2022 names no money" in capsys.readouterr().out
    assert (out / "money.csv").read_text(encoding="utf-8") == ",".join(COLUMNS) + "\n"


def test_a_stay_that_ends_before_it_begins_is_bad_data(tmp_path, capsys):
    tables = SMALL | {"sites": [site(licensed=1)], "stays": [stay("R1", date(2025, 2, 1), date(2025, 1, 1))]}
    data, out = write_tables(tmp_path / "data", tables), tmp_path / "out"
    assert main(["money", str(data), "--out", str(out), "--lang", "en"]) == 1
    assert "stays.csv" in capsys.readouterr().err
    assert not out.exists()
