"""The sample city: what it holds, that it is reproducible, and that it never harms what is there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import BadInput
from matcher.files import switch
from matcher.geography.outlines import inside, read_outlines
from matcher.inputs import Inputs
from matcher.intake.check import check, load_inputs
from matcher.intake.read import read_folder
from matcher.plan.match import match
from matcher.policy.documents import load_policy, policy_names
from matcher.sample.city import make_sample, sample_files
from matcher.sample.draw import apportion, choose, generator, grown, join_codes, pick_within
from matcher.sample.folder import write_folder
from matcher.sample.people import birth_dates
from matcher.tables import MODES, UNSERVED_REASONS
from tests import ROOT

SHIPPED = ROOT / "sample_data"


def residents_of(files: dict[str, bytes]) -> pd.DataFrame:
    return pd.read_csv(BytesIO(files["residents.csv"]), dtype=str, keep_default_na=False)


def assert_in_their_counties(table: pd.DataFrame, folder: Path) -> None:
    """Every row with coordinates and a place lies inside the outline of the place's county."""
    located = table[table["lat"].notna() & table["place_code"].str.len().ge(6)]
    county = located["place_code"].str[:6]
    for code, outline in read_outlines(folder).items():
        here = located[county == code]
        assert len(here)
        assert inside(outline, here["lon"].to_numpy(), here["lat"].to_numpy()).all()


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return load_inputs(SHIPPED)


def test_the_shipped_folder_is_what_the_command_makes() -> None:
    """``sample_data`` equals ``sample DIR --residents 12000 --seed 1``, byte for byte, and stays small."""
    shipped = {path.name: path.read_bytes() for path in SHIPPED.iterdir()}
    assert shipped.pop("SHA256SUMS")
    assert shipped == sample_files(12_000, 1, False)
    assert sum(map(len, shipped.values())) < 4_000_000


def test_the_shipped_folder_has_no_problem_at_all() -> None:
    assert check(read_folder(SHIPPED)).problems.empty


def test_the_twentieth_has_the_size_that_it_promises(inputs: Inputs) -> None:
    assert len(inputs.residents) == 12_000
    assert len(inputs.providers) == pytest.approx(400, abs=10)
    assert len(inputs.sites) == pytest.approx(150, abs=5)
    points = inputs.residents.loc[inputs.residents["precision"] == "own", ["lat", "lon"]]
    assert len(points.drop_duplicates()) == pytest.approx(3_000, abs=250)


def test_places_are_all_of_panzhihua_and_add_up(inputs: Inputs) -> None:
    """1 city, 5 counties, 49 townships, 336 villages; each level has the people of the level below."""
    places = inputs.places
    assert places["level"].value_counts().to_dict() == {
        "city": 1,
        "county": 5,
        "township": 49,
        "village": 336,
    }
    for column in ("pop60", "pop65"):
        below = places.groupby("parent_code")[column].sum()
        whole = places.set_index("place_code")[column].loc[below.index]
        assert (below == whole).all()
    assert places.set_index("place_code").loc["5104", "pop60"] == round(1_212_203 * 0.2171)


def test_everything_stands_in_its_own_county(inputs: Inputs) -> None:
    for table in (inputs.places, inputs.residents, inputs.providers, inputs.sites):
        assert_in_their_counties(table, SHIPPED)


def test_every_township_has_its_health_centre(inputs: Inputs) -> None:
    """Streets a community one, rural townships a township one, all of them open."""
    townships = inputs.places[inputs.places["level"] == "township"]
    kind = townships["urban"].map({True: "community_health_centre", False: "township_health_centre"})
    centres = inputs.providers[inputs.providers["status"] == "open"].set_index("place_code")["kind"]
    assert (centres.loc[townships["place_code"]].to_numpy() == kind.to_numpy()).all()


def test_nothing_that_identifies_a_person_is_made_up(inputs: Inputs) -> None:
    assert inputs.residents[["id_number", "phone"]].isna().all(axis=None)


def test_couples_live_together_and_not_alone(inputs: Inputs) -> None:
    paired = inputs.residents[inputs.residents["household_id"].notna()]
    households = paired.groupby("household_id")
    assert (households.size() == 2).all()
    assert (households["sex"].nunique() == 2).all()
    assert not paired["lives_alone"].any()
    assert (households["place_code"].nunique() <= 1).all()


def test_visitors_are_there_in_winter_some_of_them_under_sixty(inputs: Inputs) -> None:
    visitors = inputs.residents[inputs.residents["origin"] == "visitor"]
    assert len(visitors) == 720
    winter = visitors[visitors["season_from"] >= 10]
    assert len(winter) > 400
    assert winter["season_to"].isin([2, 3, 4]).all()
    under_sixty = visitors["birth_date"] > pd.Timestamp("1966-01-15")
    assert under_sixty.mean() == pytest.approx(0.15, abs=0.05)
    local = inputs.residents[inputs.residents["origin"] == "local"]
    assert (local["birth_date"] <= pd.Timestamp("1966-01-15")).all()


@pytest.mark.parametrize("policy", policy_names())
def test_every_mode_is_served_and_every_reason_occurs(inputs: Inputs, policy: str) -> None:
    plan = match(inputs, load_policy(policy))
    assert set(plan.assignments["mode"]) == set(MODES)
    # The sample has no travel table that could say "no way".
    assert set(UNSERVED_REASONS) - {"no_way"} == set(plan.unserved["reason"])
    assert 0.88 < plan.outcome.served / plan.outcome.residents < 0.95


def test_one_seed_one_city_another_seed_other_people_in_the_same_places() -> None:
    once, again, other = (sample_files(500, seed, False) for seed in (3, 3, 4))
    assert once == again
    assert {name for name in once if once[name] != other[name]} == {
        "residents.csv",
        "providers.csv",
        "candidates.csv",
        "sites.csv",
        "README.md",
        "agreements.csv",
        "visits.csv",
        "stays.csv",
        "staff.csv",
        "tasks.csv",
        "signings.csv",
        "consortia.csv",
    }


@pytest.mark.parametrize("count", [0, 1, 2, 7, 9, 17, 100, 1_234])
@pytest.mark.parametrize("distinct", [False, True])
def test_exactly_as_many_residents_as_asked_for(tmp_path: Path, count: int, distinct: bool) -> None:
    make_sample(tmp_path / "a" / "city", count, seed=2, distinct=distinct)
    found = load_inputs(tmp_path / "a" / "city")
    assert len(found.residents) == count
    assert (found.residents["origin"] == "visitor").sum() == round(count * 0.06)


def test_distinct_gives_everyone_a_position_in_the_own_county(tmp_path: Path) -> None:
    make_sample(tmp_path / "city", 20_000, distinct=True)
    residents = load_inputs(tmp_path / "city").residents
    assert not residents.duplicated(["lat", "lon"]).any()
    assert (residents["precision"] == "own").all()
    assert_in_their_counties(residents, tmp_path / "city")


def test_a_larger_city_has_moderately_more_providers_with_more_room() -> None:
    small, large = (
        pd.read_csv(BytesIO(sample_files(n, 1, False)["providers.csv"])) for n in (12_000, 60_000)
    )
    assert len(small) < len(large) < 1.2 * len(small)
    room = [
        table.filter(like="capacity_").drop(columns="capacity_total").sum().sum() for table in (small, large)
    ]
    assert room[1] / room[0] == pytest.approx(5, rel=0.1)


def test_the_readme_says_in_both_languages_what_is_synthetic() -> None:
    readme = (SHIPPED / "README.md").read_text(encoding="utf-8")
    assert "虚构" in readme
    assert "invented" in readme
    assert "--residents 12000 --seed 1`" in readme
    title = load_inputs(SHIPPED).dataset.title
    assert "合成" in title
    assert "synthetic" in title


@pytest.mark.parametrize(("residents", "seed"), [(-1, 1), (5_000_001, 1), (10, -1)])
def test_impossible_numbers_are_refused_and_nothing_is_made(
    tmp_path: Path, residents: int, seed: int
) -> None:
    with pytest.raises(BadInput):
        make_sample(tmp_path / "city", residents, seed)
    assert not (tmp_path / "city").exists()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_an_empty_folder_and_an_unchanged_sample_are_replaced(tmp_path: Path) -> None:
    city = tmp_path / "city"
    city.mkdir()
    write_folder(city, {"a.csv": b"1"})
    write_folder(city, {"b.csv": b"2"})
    assert set(contents(city)) == {"b.csv", "SHA256SUMS"}
    assert list(tmp_path.iterdir()) == [city]


@pytest.mark.parametrize("change", ["edited", "added", "removed", "foreign", "file"])
def test_whatever_somebody_touched_is_left_alone(tmp_path: Path, change: str) -> None:
    city = tmp_path / "city"
    if change == "file":
        city.write_text("mine", encoding="utf-8")
    else:
        write_folder(city, {"a.csv": b"1", "b.csv": b"2"})
        (city / ("c.csv" if change == "added" else "a.csv")).write_bytes(b"mine")
        if change in ("removed", "foreign"):
            (city / ("a.csv" if change == "removed" else "SHA256SUMS")).unlink()
    before = contents(tmp_path) if change == "file" else contents(city)
    with pytest.raises(BadInput) as caught:
        write_folder(city, {"a.csv": b"3"})
    assert caught.value.code == "sample_folder_taken"
    assert (contents(tmp_path) if change == "file" else contents(city)) == before


@pytest.mark.parametrize("broken", range(5))
@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("fault", [OSError, KeyboardInterrupt])
def test_a_failure_at_any_step_leaves_the_old_state_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: int, exists: bool, fault: type[BaseException]
) -> None:
    """The n-th write or rename fails: the folder is wholly old or wholly new, and nothing lies beside it."""
    city = tmp_path / "city"
    if exists:
        write_folder(city, {"a.csv": b"old"})
    old = contents(city) if exists else None
    steps = iter(range(100))

    def failing(action):
        def act(*arguments, **options):
            if next(steps) == broken:
                raise fault
            return action(*arguments, **options)

        return act

    monkeypatch.setattr(Path, "rename", failing(Path.rename))
    monkeypatch.setattr(switch, "exchange", failing(switch.exchange))
    monkeypatch.setattr(Path, "write_bytes", failing(Path.write_bytes))
    monkeypatch.setattr(Path, "write_text", failing(Path.write_text))
    try:
        write_folder(city, {"a.csv": b"new", "b.csv": b"new"})
        assert set(contents(city)) == {"a.csv", "b.csv", "SHA256SUMS"}
    except fault:
        assert (contents(city) if city.exists() else None) == old
    assert set(tmp_path.iterdir()) <= {city}


@given(total=st.integers(0, 500), weights=st.lists(st.integers(0, 20), min_size=1, max_size=9))
def test_whole_shares_add_up_and_stay_near_their_proportion(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)
    if sum(weights) == 0:
        assert parts.sum() == 0
    else:
        assert parts.sum() == total
        assert (np.abs(parts - total * np.array(weights) / sum(weights)) < 1).all()


@given(
    wanted=st.lists(st.integers(0, 4), max_size=8),
    members=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=8),
    seed=st.integers(0, 99),
)
def test_a_member_is_picked_from_the_wanted_group_only(wanted, members, seed) -> None:
    """A picked member has the group asked for and some weight; nobody is picked where no member has any."""
    group = np.array([code for code, _ in members], dtype=np.int64)
    weight = np.array([weight for _, weight in members], dtype=np.float64)
    found = pick_within(generator(seed), np.array(wanted, dtype=np.int64), group, weight)
    for code, member in zip(wanted, found, strict=True):
        able = np.flatnonzero((group == code) & (weight > 0))
        assert member in able if len(able) else member == -1


def test_what_has_no_weight_is_never_chosen() -> None:
    assert choose(generator(1), [0, 1, 0, 3], 3).tolist() == [1, 3]


def test_counts_grow_from_the_twentieth_to_the_whole_city_and_no_further() -> None:
    assert [grown((10, 20), n) for n in (0, 12_000, 54_772, 250_000, 5_000_000)] == [10, 10, 15, 20, 20]


def test_codes_are_joined_sorted_and_none_is_empty() -> None:
    flags = {"b": np.array([True, True, False]), "a": np.array([False, True, False])}
    assert join_codes(flags, 3).tolist() == ["b", "a;b", ""]


def test_born_so_that_the_age_holds_on_the_day() -> None:
    """Nobody's birthday of the last year is later than the day, and all days of a year occur."""
    born = pd.to_datetime(pd.Series(birth_dates(generator(1), np.full(20_000, 70), "2026-01-15")))
    assert born.min() == pd.Timestamp("1955-01-16")
    assert born.max() == pd.Timestamp("1956-01-15")
