"""Scenario files: TOML and JSON say the same, mistakes are named by key, parents chain and never circle."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import ScenarioError
from matcher.scenario.edits import (
    AddProvider,
    Ageing,
    ChangeCapacity,
    ChangeDemand,
    CloseProvider,
    CloseRoad,
    MoveProvider,
    OpenPlanned,
    Scenario,
    Season,
    SetPolicy,
)
from matcher.scenario.files import as_data, from_data, load_scenario, with_parents
from matcher.tables import MODES
from matcher.words.catalogues import LANGUAGES, t

ALL_KINDS = """
id = "everything"
title = "各种变更"
seed = 7
parent = "base.toml"

[[edits]]
kind = "add_provider"
values = { provider_id = "N1", kind = "village_clinic", services = ["tcm"], lat = 26.5, lon = 101.7, capacity_home = 3 }

[[edits]]
kind = "close_provider"
provider_id = "P1"

[[edits]]
kind = "move_provider"
provider_id = "P2"
lat = 26.5
lon = 101.7

[[edits]]
kind = "change_capacity"
provider_id = "P3"
mode = "home"
by = -5

[[edits]]
kind = "open_planned"
provider_id = "P4"

[[edits]]
kind = "change_demand"
factor = 1.2
place_code = "T1"
mode = "home"

[[edits]]
kind = "ageing"
years = 5

[[edits]]
kind = "season"
month = 1

[[edits]]
kind = "close_road"
ways = [4871, 23]

[[edits]]
kind = "set_policy"
key = "limit_km.home"
value = 8
"""
EXPECTED = Scenario(
    "everything",
    (
        AddProvider(
            {
                "provider_id": "N1",
                "kind": "village_clinic",
                "services": ["tcm"],
                "lat": 26.5,
                "lon": 101.7,
                "capacity_home": 3,
            }
        ),
        CloseProvider("P1"),
        MoveProvider("P2", lat=26.5, lon=101.7),
        ChangeCapacity("P3", "home", by=-5),
        OpenPlanned("P4"),
        ChangeDemand(1.2, "T1", "home"),
        Ageing(5),
        Season(1),
        CloseRoad((4871, 23)),
        SetPolicy("limit_km.home", 8),
    ),
    title="各种变更",
    parent="base.toml",
    seed=7,
)


@pytest.fixture
def write(tmp_path):
    """Write a file of the scenario folder."""

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_toml_and_json_say_every_kind_of_edit_alike(write):
    write("base.toml", 'id = "base"')
    toml = load_scenario(write("s.toml", ALL_KINDS))
    json_ = load_scenario(write("s.json", json.dumps(as_data(EXPECTED))))
    assert toml == json_
    assert toml.edits == EXPECTED.edits
    assert (toml.id, toml.title, toml.seed, toml.base) == ("everything", "各种变更", 7, Scenario("base"))


def test_a_file_of_nothing_but_an_id_is_a_scenario_without_edits(write):
    assert load_scenario(write("s.toml", b'\xef\xbb\xbfid = "s"')) == Scenario("s")


names = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=8).filter(str.strip)
maybe = st.none() | names
positions = st.floats(-90, 90)
edits = st.one_of(
    st.builds(
        AddProvider, st.dictionaries(names, names | st.integers() | positions | st.lists(names), max_size=4)
    ),
    st.builds(CloseProvider, names),
    st.builds(MoveProvider, names, st.none() | positions, st.none() | positions, maybe, maybe),
    st.builds(
        ChangeCapacity,
        names,
        st.sampled_from(MODES),
        st.none() | st.integers(0, 10**9),
        st.none() | st.integers(-(10**9), 10**9),
    ),
    st.builds(OpenPlanned, names),
    st.builds(ChangeDemand, st.floats(0, 100), maybe, st.none() | st.sampled_from(MODES)),
    st.builds(Ageing, st.integers(1, 50)),
    st.builds(Season, st.integers(1, 12)),
    st.builds(SetPolicy, names, names | st.integers() | positions | st.booleans() | st.lists(positions)),
)


@given(st.builds(Scenario, names, st.lists(edits).map(tuple), names, maybe, st.integers(0, 2**32 - 1)))
def test_a_scenario_comes_back_from_json_as_it_went(scenario):
    assert from_data(json.loads(json.dumps(as_data(scenario))), "s") == scenario


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        ("", "scenario_missing_key", "id"),
        ("id = 3", "scenario_value", "id"),
        ('id = "s"\nedit = []', "scenario_unknown_key", "edit"),
        ('id = "s"\nseed = -1', "scenario_value", "seed"),
        ('id = "s"\nedits = 3', "scenario_value", "edits"),
        ('id = "s"\nedits = [3]', "scenario_value", "edits[1]"),
        ('id = "s"\n[[edits]]\nprovider_id = "P1"', "scenario_missing_key", "edits[1].kind"),
        ('id = "s"\n[[edits]]\nkind = "close"', "scenario_code", "edits[1].kind"),
        ('id = "s"\n[[edits]]\nkind = "season"', "scenario_missing_key", "edits[1].month"),
        ('id = "s"\n[[edits]]\nkind = "season"\nmonth = 13', "scenario_value", "edits[1].month"),
        ('id = "s"\n[[edits]]\nkind = "ageing"\nyears = 1.5', "scenario_value", "edits[1].years"),
        ('id = "s"\n[[edits]]\nkind = "change_demand"\nfactor = nan', "scenario_value", "edits[1].factor"),
        (
            'id = "s"\n[[edits]]\nkind = "season"\nmonth = 1\n[[edits]]\nkind = "season"\nmonht = 1',
            "scenario_unknown_key",
            "edits[2].monht",
        ),
        ('id = "s"\n[[edits]]\nkind = "add_provider"\nvalues = 3', "scenario_value", "edits[1].values"),
        (
            'id = "s"\n[[edits]]\nkind = "change_capacity"\nprovider_id = "P"\nmode = "hom"',
            "scenario_code",
            "edits[1].mode",
        ),
    ],
)
def test_a_mistake_is_named_by_file_and_key_in_both_languages(write, content, code, where):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write("s.toml", content))
    assert (caught.value.code, caught.value.values["where"]) == (code, where)
    for lang in LANGUAGES:
        text = t(f"error.{code}", lang, **caught.value.values)
        assert "s.toml" in text
        assert where in text


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("s.yaml", "", "scenario_format"),
        ("s.toml", "id = ", "unreadable_syntax"),
        ("s.json", '{"id": "s",}', "unreadable_syntax"),
        ("s.json", "[" * 100_000, "unreadable_too_deep"),
        ("s.json", "[]", "scenario_value"),
        ("s.toml", 'title = "方案"'.encode("gb18030"), "unreadable_no_utf8"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(write, name, content, code):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(name, content))
    assert caught.value.code == code
    for lang in LANGUAGES:
        assert name in t(f"error.{code}", lang, **caught.value.values)


def test_a_file_that_is_not_there_is_refused_by_its_path(tmp_path):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "none.toml")
    assert caught.value.code == "scenario_unreadable"
    assert "none.toml" in t("error.scenario_unreadable", "en", **caught.value.values)


def test_parents_chain_each_path_relative_to_the_file_that_names_it(write):
    write("base.json", '{"id": "base"}')
    write("winter/winter.toml", 'id = "winter"\nparent = "../base.json"')
    child = load_scenario(write("s.toml", 'id = "s"\nparent = "winter/winter.toml"'))
    assert [one.id for one in child.lineage()] == ["base", "winter", "s"]


def test_parents_in_a_circle_are_refused(write):
    write("a.toml", 'id = "a"\nparent = "b.toml"')
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write("b.toml", 'id = "b"\nparent = "./a.toml"'))
    assert caught.value.code == "scenario_circle"


def test_parents_kept_elsewhere_are_found_by_name():
    kept = {"base": Scenario("base"), "winter": Scenario("winter", parent="base")}
    found = with_parents(kept["winter"], "winter", lambda parent, _: (parent, kept[parent]))
    assert found.base == kept["base"]
    kept["base"] = Scenario("base", parent="winter")
    with pytest.raises(ScenarioError):
        with_parents(kept["winter"], "winter", lambda parent, _: (parent, kept[parent]))
