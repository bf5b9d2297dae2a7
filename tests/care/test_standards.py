"""Targets and tasks: exact shares, who fails, what is not known, and the examples of the documents."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.care.measures import FUNCTIONS
from matcher.care.standards import STATUSES, Counts, attested_value, standards, verdict
from matcher.care.study import Study
from matcher.care.tasks import NOT_REPORTED, task_table
from matcher.cli import main
from matcher.errors import PolicyError
from matcher.policy.documents import load_policy, policy_names
from matcher.policy.standards import MEASURES, Target
from matcher.tables import TABLES
from matcher.words.catalogues import LANGUAGES, catalogue
from tests.helpers.builders import PLACES, make_inputs, provider, resident
from tests.helpers.folders import write_folder

VILLAGE = {"level": "village", "parent_code": "T1"}
HOSPITAL = {"kind": "general_hospital", "hospital_level": 2, "place_code": "V1"}


def measured(num, inputs, level="city", policy="panzhihua-2016"):
    """What a measure says of each subject: True, False or None by id; None where it is not measured."""
    found = FUNCTIONS[num](Study(inputs, load_policy(policy), level))
    if found is None:
        return None
    return {
        id_: None if pd.isna(met) else bool(met) for id_, met in zip(found["id"], found["met"], strict=True)
    }


def targets(*wanted, policy="panzhihua-2016"):
    return replace(load_policy(policy), targets=tuple(wanted))


def target(num="", threshold=1.0, op=">=", level="city", **more):
    den = MEASURES[num].den if num else ""
    return Target("t", 2020, op, threshold, level, "s", num, more.pop("den", den), **more)


def home(id, **more):
    return {"site_id": id, "name": f"院{id}", "kind": "care_home", "place_code": "V1"} | more


def shipped(name, id, inputs):
    """Rows and failures of one shipped target."""
    policy = load_policy(name)
    found = standards(inputs, replace(policy, targets=tuple(t for t in policy.targets if t.id == id)))
    return found.standards.to_dict("records"), found.fails


# ---- The examples


def test_three_of_ten_centres_are_exactly_thirty_per_cent():
    kinds = ("community_health_centre", "township_health_centre")
    centres = [
        provider(
            f"P{n}",
            kind=kinds[n % 2],
            place_code="V1",
            capacity_community=5 if n == 0 else None,
            capacity_institutional=5 if n in (1, 2) else None,
        )
        for n in range(10)
    ]
    (row,), fails = shipped("sichuan-2020", "centres_with_care_2022", make_inputs(providers=centres))
    assert (row["num"], row["den"], row["value"], row["status"]) == (3, 10, 0.3, "met")
    assert fails.empty


def test_nine_of_ten_homes_suffice_in_2017_and_not_in_2018():
    sites = [home(f"S{n}", agreement_provider_id="P1" if n else None) for n in range(10)]
    inputs = make_inputs(providers=[provider("P1")], sites=sites)
    found = standards(inputs, load_policy())
    status = found.standards.set_index("target_id")["status"]
    assert status["homes_served_2017"] == "met"
    assert status["homes_served_2018"] == "not_met"
    fails = found.fails[found.fails["target_id"].str.startswith("homes")]
    assert fails.to_numpy().tolist() == [["homes_served_2018", "S0", "院S0"]]


def test_without_reports_thirty_four_tasks_are_late_in_january():
    tasks = task_table(make_inputs(as_of=dt.date(2023, 1, 25)), load_policy("xuanhan-2022"))
    assert len(tasks) == 35
    assert tasks["late"].sum() == 34
    assert set(tasks["state"]) == {NOT_REPORTED}
    assert tasks.loc[tasks["late"] == 0, "no"].tolist() == [27]


# ---- Tasks


def test_a_task_is_late_after_its_day_until_it_is_done():
    def late(day, *rows):
        tasks = task_table(make_inputs(as_of=day, tasks=rows), load_policy("xuanhan-2022"))
        return tasks.set_index("no")["late"]

    assert late(dt.date(2023, 1, 20)).sum() == 0
    assert late(dt.date(2023, 2, 28)).sum() == 34
    reported = late(
        dt.date(2023, 3, 1),
        {"no": 1, "state": "done", "on": dt.date(2023, 1, 2), "evidence": "文1"},
        {"no": 2, "state": "doing"},
    )
    assert (reported[1], reported[2], reported.sum()) == (0, 1, 34)


def test_a_task_keeps_lead_partners_and_targets():
    tasks = task_table(make_inputs(), load_policy("xuanhan-2022")).set_index("no")
    assert tasks.at[4, "lead"] == "县财政局"
    assert tasks.at[4, "with"] == "县民政局"
    assert "geriatrics_2023" in tasks.at[26, "targets"]
    assert tasks["due"].value_counts().to_dict() == {"2023-01-20": 34, "2023-02-28": 1}


def test_done_without_evidence_is_told_with_its_row(tmp_path, capsys):
    rows = [
        {"no": "1", "state": "done", "evidence": "文"},
        {"no": "2", "state": "done", "evidence": ""},
        {"no": "3", "state": "open", "evidence": ""},
    ]
    folder = write_folder(tmp_path, {"tasks": rows})
    assert main(["check", str(folder), "--lang", "en"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "done_without_evidence" in line]
    assert "tasks.csv" in line
    assert "3" in line


# ---- Measures, three rows each


def test_every_measure_of_the_closed_list_has_its_function():
    assert set(FUNCTIONS) == set(MEASURES)


@pytest.mark.parametrize(
    ("agreement", "served"),
    [
        ({"state": "signed"}, True),
        ({"state": "served", "signed_on": dt.date(2026, 1, 1), "until": dt.date(2026, 1, 1)}, True),
        ({"state": "ended"}, False),
        ({"state": "signed", "signed_on": dt.date(2026, 1, 2)}, False),
        ({"state": "signed", "until": dt.date(2025, 12, 31)}, False),
    ],
)
def test_an_agreement_serves_a_home_while_it_is_in_force(agreement, served):
    row = {"site_id": "S1", "provider_id": "P1", "form": "agreement"} | agreement
    sites = [home("S1"), home("S2", operator_provider_id="P1"), home("D", kind="day_care")]
    inputs = make_inputs(providers=[provider("P1")], sites=sites, agreements=[row])
    assert measured("homes_served", inputs) == {"S1": served, "S2": True}


def test_a_home_that_a_rehab_station_runs_is_not_served_by_that():
    sites = [home("S1", operator_provider_id="P1"), home("S2", operator_provider_id="P2")]
    providers = [provider("P1", kind="rehab_station"), provider("P2")]
    told = measured("homes_served", make_inputs(providers=providers, sites=sites))
    assert told == {"S1": False, "S2": True}


def test_a_home_is_served_from_inside_by_the_open_and_not_by_the_closed():
    sites = [home("S1"), home("S2"), home("S3", agreement_provider_id="P2"), home("S4", kind=None)]
    providers = [
        provider("P1", kind="care_site_clinic", site_id="S1"),
        provider("P2", kind="care_site_clinic", site_id="S2", status="closed"),
    ]
    told = measured("homes_served", make_inputs(providers=providers, sites=sites))
    assert told == {"S1": True, "S2": False, "S3": False, "S4": None}


def test_where_the_document_says_so_a_site_with_beds_is_a_home():
    sites = [home("S1", agreement_provider_id="P1"), home("S2", kind="home_care_centre", beds=3)]
    inputs = make_inputs(providers=[provider("P1")], sites=sites)
    assert measured("homes_served", inputs) == {"S1": True}
    assert measured("homes_served", inputs, policy="chenzhou-2018") == {"S1": True, "S2": False}


def test_a_mode_counts_where_an_open_provider_has_places_in_it():
    providers = [
        provider("P1", place_code="V1", capacity_home=0, capacity_community=2),
        provider("P2", place_code="V1", capacity_home=None, capacity_migratory=1, status="planned"),
        provider("P3", place_code=None, capacity_home=None, capacity_high_end=1),
    ]
    told = measured("modes_with_provider", make_inputs(providers=providers))
    assert told == {
        "institutional": False,
        "community": True,
        "home": False,
        "migratory": False,
        "high_end": None,
    }


def test_all_five_modes_are_five():
    offers = {
        f"capacity_{mode}": 1 for mode in ("institutional", "community", "home", "migratory", "high_end")
    }
    (row,), _ = shipped(
        "panzhihua-2016", "modes_2016", make_inputs(providers=[provider("P1", place_code="V1", **offers)])
    )
    assert (row["num"], row["value"], row["status"]) == (5, 5, "met")
    assert pd.isna(row["den"])


def test_a_centre_has_care_with_places_in_either_mode():
    providers = [
        provider("P1", capacity_community=1),
        provider("P2", kind="community_health_centre", capacity_institutional=0),
        provider("P3", kind="village_clinic", capacity_community=1),
    ]
    assert measured("centres_with_care", make_inputs(providers=providers)) == {"P1": True, "P2": False}


def test_a_county_assesses_through_a_general_hospital():
    places = (*PLACES, {"place_code": "C2", "name": "丁县", "level": "county", "parent_code": "CITY"})
    able = HOSPITAL | {"services": ["assessment"]}
    inputs = make_inputs(providers=[provider("P1", **able)], places=places)
    assert measured("counties_with_assessment", inputs) == {"C1": True, "C2": False}
    nowhere = make_inputs(providers=[provider("P1", **able | {"place_code": None})], places=places)
    assert measured("counties_with_assessment", nowhere) == {"C1": None, "C2": None}


@pytest.mark.parametrize(
    ("num", "service", "kind"),
    [
        ("tcm_hospitals_with_tcm_prevention", "tcm_prevention", "tcm_hospital"),
        ("township_centres_with_tcm_hall", "tcm_hall", "township_health_centre"),
        ("hospitals_with_green_channel", "green_channel", "tcm_hospital"),
        ("hospitals_with_geriatrics", "geriatrics", "tcm_hospital"),
        ("hospitals_with_geriatric_ward", "geriatric_ward", "general_hospital"),
        ("general_hospitals_with_geriatrics", "geriatrics", "general_hospital"),
        ("providers_with_green_channel", "green_channel", "rehab_station"),
    ],
)
def test_a_service_counts_for_open_providers_of_the_kind(num, service, kind):
    wanted = {"kind": kind, "hospital_level": 2}
    providers = [
        provider("P1", **wanted, services=[service]),
        provider("P2", **wanted, services=["rehab"]),
        provider("P3", **wanted, services=[service], status="closed"),
    ]
    assert measured(num, make_inputs(providers=providers)) == {"P1": True, "P2": False}
    silent = [provider("P1", **wanted), provider("P2", **wanted)]
    assert measured(num, make_inputs(providers=silent)) is None


def test_hospitals_of_level_one_or_none_are_not_asked_for_geriatrics():
    providers = [
        provider(f"P{level}", kind="general_hospital", hospital_level=level, services=["rehab"])
        for level in (1, 2, None)
    ]
    providers.append(provider("T", kind="tcm_hospital", hospital_level=3, services=["geriatrics"]))
    inputs = make_inputs(providers=providers)
    assert measured("general_hospitals_with_geriatrics", inputs) == {"P2": False}
    assert measured("hospitals_with_geriatrics", inputs) == {"P2": False, "T": True}


@pytest.mark.parametrize(
    ("num", "kind", "urban"),
    [
        ("urban_with_home_care_centre", "home_care_centre", True),
        ("urban_with_day_care", "day_care", True),
        ("rural_with_mutual_aid_centre", "mutual_aid_centre", False),
    ],
)
def test_a_village_has_a_site_where_one_stands(num, kind, urban):
    villages = [
        {"place_code": code, "urban": flag} | VILLAGE
        for code, flag in (("A", urban), ("B", urban), ("C", not urban), ("D", None))
    ]
    sites = [home("S1", kind=kind, place_code="A"), home("S2", kind="hotel", place_code="B")]
    inputs = make_inputs(places=(*PLACES[:3], *villages), sites=sites)
    assert measured(num, inputs) == {"A": True, "B": False, "D": None}
    assert measured(num, make_inputs(places=(*PLACES[:3], *villages))) is None


def test_a_check_up_counts_for_365_days():
    days = {"R1": dt.date(2025, 1, 2), "R2": dt.date(2025, 1, 1), "R3": dt.date(2026, 1, 2)}
    visits = [
        {"visit_id": f"V{id_}", "resident_id": id_, "service": "health_check", "on": day}
        for id_, day in days.items()
    ]
    visits.append({"visit_id": "X", "resident_id": "R2", "service": "nursing", "on": dt.date(2025, 6, 1)})
    people = [resident(id_) for id_ in days]
    people += [resident("young", age=64), resident("guest", origin="visitor"), resident("ageless", age=None)]
    told = measured("health_checked", make_inputs(people, visits=visits))
    assert told == {"R1": True, "R2": False, "R3": False, "ageless": None}
    assert measured("health_checked", make_inputs(people)) is None


def test_units_inside_sites_are_insured_or_not_or_it_is_not_known():
    providers = [
        provider("P1", site_id="S1", insurance=True),
        provider("P2", site_id="S1", insurance=False),
        provider("P3", site_id="S1"),
        provider("P4", insurance=True),
    ]
    told = measured("inside_units_insured", make_inputs(providers=providers, sites=[home("S1")]))
    assert told == {"P1": True, "P2": False, "P3": None}
    assert measured("inside_units_insured", make_inputs(providers=[provider("P1", site_id="S1")])) is None


def test_a_site_has_telemedicine_through_any_of_its_providers():
    providers = [provider("P1", services=["telemedicine"]), provider("P2", services=["rehab"])]
    sites = [
        home("S1", agreement_provider_id="P1", operator_provider_id="P2"),
        home("S2", agreement_provider_id="P2"),
        home("S3", kind="hotel"),
    ]
    inputs = make_inputs(providers=providers, sites=sites)
    assert measured("sites_with_telemedicine", inputs) == {"S1": True, "S2": False, "S3": False}


def test_docked_is_a_site_whose_agreement_is_served_and_not_only_signed():
    rows = [
        {"site_id": site, "provider_id": "P1", "form": "agreement", "state": state}
        for site, state in (("S1", "served"), ("S2", "signed"))
    ]
    parts = {"providers": [provider("P1")], "sites": [home("S1"), home("S2"), home("S3")]}
    told = measured("sites_with_agreement_served", make_inputs(**parts, agreements=rows))
    assert told == {"S1": True, "S2": False, "S3": False}
    assert measured("sites_with_agreement_served", make_inputs(**parts)) is None


def test_what_a_measure_needs_are_tables_and_columns_that_there_are():
    known = {*TABLES, *(f"{table}.{column.name}" for table, specs in TABLES.items() for column in specs)}
    assert all(measure.needs and set(measure.needs) <= known for measure in MEASURES.values())


# ---- Status


@pytest.mark.parametrize("name", policy_names())
def test_empty_data_measure_nothing_and_never_tell_a_share(name):
    table = standards(make_inputs(), load_policy(name)).standards
    assert set(table["status"]) <= {"not_measured", "no_subject"}
    assert table["value"].isna().all()
    assert (table["source"] != "").all()


def test_nothing_to_be_part_of_is_no_subject():
    inputs = make_inputs(providers=[provider("P1", services=["rehab"])])
    (row,), fails = shipped("sichuan-2020", "tcm_prevention_2022", inputs)
    assert (row["status"], row["den"]) == ("no_subject", 0)
    assert fails.empty


def test_who_has_no_place_is_in_a_row_of_its_own():
    providers = [provider("P1", **HOSPITAL, services=["green_channel"]), provider("P2", services=["rehab"])]
    wanted = targets(target("providers_with_green_channel", level="county"))
    found = standards(make_inputs(providers=providers), wanted)
    rows = found.standards.fillna({"place_code": ""})[["place_code", "num", "den", "status"]]
    assert rows.to_numpy().tolist() == [["C1", 1, 1, "met"], ["", 0, 1, "not_met"]]
    assert found.fails["id"].tolist() == ["P2"]


def test_a_target_above_an_attested_mean_is_measured_once_the_mean_is_there():
    providers = [provider(f"P{n}", **HOSPITAL, services=["geriatrics"] if n else ["rehab"]) for n in range(2)]
    mean = {"target_id": "geriatrics_2023", "by": "局", "evidence": "文"}
    for value, status in ((0.5, "not_met"), (0.49, "met"), (None, "not_measured")):
        rows = [] if value is None else [mean | {"value": value}]
        (row,), _ = shipped(
            "xuanhan-2022", "geriatrics_2023", make_inputs(providers=providers, attested=rows)
        )
        assert (row["status"], row["kind"]) == (status, "computed")
    (row,), _ = shipped(
        "xuanhan-2022", "geriatrics_2023", make_inputs(providers=[provider("P", services=["rehab"])])
    )
    assert row["status"] == "no_subject"


def test_the_latest_attested_value_up_to_the_day_holds():
    said = {"target_id": "t", "by": "局", "evidence": "文"}
    rows = [
        said | {"value": 9, "place_code": "CITY", "on": dt.date(2025, 5, 1)},
        said | {"value": 10, "place_code": "CITY", "on": dt.date(2025, 6, 1)},
        said | {"value": 99, "place_code": "CITY", "on": dt.date(2026, 1, 2)},
        said | {"value": 7, "place_code": "CITY"},
        said | {"value": 5, "on": dt.date(2025, 7, 1)},
    ]
    inputs = make_inputs(attested=rows)
    assert attested_value(inputs, "t", "CITY", anywhere=True) == 10
    assert attested_value(inputs, "t", "C1", anywhere=True) == 5
    assert attested_value(inputs, "t", "C1", anywhere=False) is None
    (row,) = standards(inputs, targets(target(threshold=10.0))).standards.to_dict("records")
    assert (row["value"], row["status"], row["kind"]) == (10, "met", "attested")


def test_a_value_without_place_speaks_for_the_only_place_and_for_none_of_several():
    places = (*PLACES, {"place_code": "C2", "name": "丁县", "level": "county", "parent_code": "CITY"})
    said = [{"target_id": "t", "value": 6, "by": "局", "evidence": "文"}]
    wanted = targets(target(threshold=6.0, level="county"))
    alone = standards(make_inputs(attested=said), wanted).standards
    assert alone["status"].tolist() == ["met"]
    several = standards(make_inputs(attested=said, places=places), wanted).standards
    assert several["status"].tolist() == ["not_measured"] * 2


def test_a_threshold_is_the_decimal_that_is_written():
    """Seven tenths in binary are less than seven tenths: no float decides."""
    providers = [provider(f"P{n}", services=["green_channel" if n < 7 else "rehab"]) for n in range(10)]
    for op, status in ((">=", "met"), (">", "not_met"), ("=", "met"), ("<=", "met"), ("<", "not_met")):
        wanted = targets(target("providers_with_green_channel", 0.7, op))
        (row,) = standards(
            make_inputs(providers=[one | {"place_code": "V1"} for one in providers]), wanted
        ).standards["status"]
        assert row == status


@given(
    st.integers(0, 4),
    st.integers(0, 4),
    st.integers(0, 3),
    st.sampled_from([">=", ">", "=", "<=", "<"]),
    st.sampled_from([Fraction(n, 12) for n in range(13)]),
)
def test_a_verdict_stands_exactly_where_no_unknown_can_turn_it(met, missed, unknown, op, threshold):
    """Each of the unknown may have met, have not, or be no part of it."""
    holds = {">=": Fraction.__ge__, ">": Fraction.__gt__, "=": Fraction.__eq__, "<=": Fraction.__le__}
    holds["<"] = Fraction.__lt__
    answers = set()
    for fate in product(("met", "missed", "out"), repeat=unknown):
        whole = met + missed + unknown - fate.count("out")
        if whole:
            answers.add(holds[op](Fraction(met + fate.count("met"), whole), threshold))
    told = verdict(Counts(met, met + missed, unknown), op, threshold, share=True)
    assert told in STATUSES
    if told in ("met", "not_met"):
        assert answers == {told == "met"}
    elif told == "no_subject":
        assert met + missed + unknown == 0
    elif op != "=" and met + missed:
        assert len(answers) == 2


# ---- Policy


@pytest.mark.parametrize("name", policy_names())
def test_every_shipped_target_cites_its_document_or_says_that_it_is_a_default(name):
    policy = load_policy(name)
    assert policy.targets
    for one in policy.targets:
        assert policy.document in one.source
        assert (one.standing == "default") == one.source.startswith("项目默认")
        if one.num:
            assert one.fails_are == MEASURES[one.num].fails_are


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('num = "homes_served"\nden = "sites"', "policy_value"),
        ('num = "homes_served"\nfails_are = "places"', "policy_value"),
        ('den = "homes"', "policy_missing_key"),
        ('num = "homes"', "policy_code"),
    ],
)
def test_parts_of_no_one_measure_are_refused(tmp_path, line, code):
    file = tmp_path / "mine.toml"
    file.write_text(
        f'[[targets]]\nid = "a"\nyear = 2020\nop = ">="\nthreshold = 1\nlevel = "city"\nsource = "s"\n{line}\n',
        encoding="utf-8",
    )
    with pytest.raises(PolicyError) as caught:
        load_policy(file)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("line", "code"),
    [('due = "20.1.2023"', "policy_value"), ('due = "2023-01-20"\ntargets = ["no"]', "policy_code")],
)
def test_a_task_has_a_day_and_targets_of_its_policy(tmp_path, line, code):
    file = tmp_path / "mine.toml"
    file.write_text(f'[[tasks]]\nno = 1\ntext = "a"\nlead = ["b"]\nsource = "s"\n{line}\n', encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(file)
    assert caught.value.code == code


# ---- The command line


def test_the_command_writes_three_files_in_the_agreed_columns(tmp_path, capsys):
    data = tmp_path / "data"
    data.mkdir()
    write_folder(data, {"tasks": [{"no": "1", "state": "done", "on": "2023-01-03", "evidence": "文"}]})
    out = tmp_path / "out"
    assert main(["standards", str(data), "--policy", "xuanhan-2022", "--out", str(out), "--lang", "en"]) == 0
    heads = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in out.iterdir()}
    assert heads == {
        "standards.csv": "target_id,place_code,year,num,den,value,threshold,status,kind,source",
        "fails.csv": "target_id,id,name",
        "tasks.csv": "no,text,lead,with,due,targets,state,on,evidence,late",
    }
    tasks = pd.read_csv(out / "tasks.csv")
    assert (tasks.at[0, "state"], tasks.at[0, "on"], tasks["late"].sum()) == ("done", "2023-01-03", 34)
    assert "35, of which 34 late and 34 not reported" in capsys.readouterr().out


def test_bad_data_write_nothing(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    write_folder(data, {"tasks": [{"no": "x", "state": "done"}]})
    assert main(["standards", str(data), "--out", str(tmp_path / "out")]) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_target_of_every_policy_has_a_name(lang):
    known = catalogue(lang)
    targets = {target.id for name in policy_names() for target in load_policy(name).targets}
    assert [id for id in sorted(targets) if f"code.target.{id}" not in known] == []
