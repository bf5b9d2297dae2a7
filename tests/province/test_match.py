"""A province is matched as exactly as a city: the same folder in one piece and in parts comes to the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from matcher.cli import main
from matcher.errors import BadInput, DataError
from matcher.intake.check import load_inputs
from matcher.intake.mapping import Meanings
from matcher.intake.parts import read_whole
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.plan.recheck import Recheck
from matcher.policy.documents import Policy, load_policy
from matcher.province import coordinate, machines
from matcher.province.answers import Priced
from matcher.province.machines import OneMachine
from matcher.province.match import Matched, match_province
from matcher.province.room import key_of
from matcher.province.verify import verify_province
from tests.helpers.examples import examples
from tests.helpers.parted import city_and_parts, read_parts, write_county

HERE = partial(OneMachine, workers=1)
FIGURES = (
    "residents",
    "served",
    "served_by_tier",
    "total_cost_m",
    "eligible_pairs",
    "status",
    "proof",
    "bound",
)


def matched(parted: Path, out: Path, policy: Policy | None = None) -> Matched:
    return match_province(read_whole(parted), policy or load_policy("panzhihua-2016"), out, machines=HERE)


def verified(parted: Path, out: Path, policy: Policy | None = None) -> Recheck:
    return verify_province(read_whole(parted), policy or load_policy("panzhihua-2016"), out, machines=HERE)


def figures(plan: Plan | Matched) -> dict[str, object]:
    told = (plan if isinstance(plan, Plan) else plan.plan).outcome.as_dict()
    return {name: told[name] for name in FIGURES}


@pytest.fixture
def many_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """First prices from an eighth of the people: they are wrong, and the rounds have to mend them."""
    monkeypatch.setattr(coordinate, "FEW", 0)


@pytest.fixture(scope="session")
def written(folders: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("written") / "plan"
    matched(folders[1], out)
    return out


def test_parts_come_to_what_the_whole_comes_to(
    folders: tuple[Path, Path], whole_plan: Plan, tmp_path: Path, many_rounds: None
) -> None:
    found = matched(folders[1], tmp_path / "out")
    assert found.rounds > 1
    assert figures(found) == figures(whole_plan)
    loads = pd.read_csv(tmp_path / "out" / "providers.csv", dtype={"provider_id": str})
    for column in ("provider_id", "mode", "capacity", "slot_value_served", "slot_value_tier", "slot_value_m"):
        assert loads[column].fillna(-1).tolist() == whole_plan.loads[column].fillna(-1).tolist(), column
    coverage = pd.read_csv(
        tmp_path / "out" / "coverage.csv", dtype={"place_code": str}, keep_default_na=False
    )
    assert coverage["residents"].tolist() == whole_plan.coverage["residents"].tolist()
    city = coverage[(coverage["place_code"] == "5104") & (coverage["mode"] == "all")].iloc[0]
    assert city["served"] == whole_plan.outcome.served


def test_the_unserved_are_told_the_same_reason_and_the_same_nearest_provider(
    written: Path, whole_plan: Plan
) -> None:
    parts, whole = read_parts(written, "unserved"), whole_plan.unserved
    both = parts.merge(whole, on="resident_id", suffixes=("", "_whole"))
    assert len(both) > 0.9 * len(whole)
    for column in ("mode", "tier", "reason", "nearest_provider_id"):
        assert both[column].fillna("").tolist() == both[f"{column}_whole"].fillna("").tolist()
    assert np.allclose(both["nearest_distance_km"], both["nearest_distance_km_whole"], equal_nan=True)
    assert {"capacity_full", "beyond_limit"} <= set(parts["reason"])


def test_people_cross_the_border_where_that_serves_more(
    folders: tuple[Path, Path], written: Path, whole_plan: Plan
) -> None:
    alone = 0
    for code in ("510402", "510403", "510411", "510421", "510422"):
        inputs = load_inputs(folders[0])
        people = inputs.residents[inputs.residents["place_code"].str.startswith(code, na=code == "510402")]
        near = inputs.providers[inputs.providers["place_code"].str.startswith(code)]
        own = inputs.replace(residents=people.reset_index(drop=True), providers=near.reset_index(drop=True))
        alone += match(own, load_policy("panzhihua-2016")).outcome.served
    assert alone < whole_plan.outcome.served == len(read_parts(written, "assignments"))


@pytest.mark.parametrize("change", [{"cost": "time"}, {"switching_m": 800}, {"max_passed_over": 4}], ids=str)
def test_other_rules_come_to_the_same_as_well(
    folders: tuple[Path, Path], tmp_path: Path, many_rounds: None, change: dict[str, object]
) -> None:
    policy = replace(load_policy("panzhihua-2016"), **change)  # type: ignore[arg-type]
    whole = match(load_inputs(folders[0]), policy)
    assert figures(matched(folders[1], tmp_path / "out", policy)) == figures(whole)


@examples(2, HealthCheck.function_scoped_fixture)
@given(
    residents=st.integers(50, 1200),
    seed=st.integers(0, 999),
    short=st.sampled_from([0.2, 0.6, 0.9, 2.0]),
    policy=st.sampled_from(["panzhihua-2016", "sichuan-2020", "xuanhan-2022", "chenzhou-2018"]),
)
def test_random_cities_in_parts_come_to_what_they_come_to_whole(
    many_rounds: None, residents: int, seed: int, short: float, policy: str
) -> None:
    rules = load_policy(policy)
    with TemporaryDirectory() as name:
        room = Path(name)
        city, parted = city_and_parts(room, residents, seed, short=short)
        whole = match(load_inputs(city), rules)
        assert figures(matched(parted, room / "out", rules)) == figures(whole)
        assert verified(parted, room / "out", rules).passed


def test_a_written_plan_is_proven_anew_and_every_change_of_it_is_found(
    folders: tuple[Path, Path], written: Path, whole_plan: Plan
) -> None:
    assert verified(folders[1], written).passed
    file = written / "assignments" / "county=510402" / "part.parquet"
    before = file.read_bytes()
    table = pd.read_parquet(file)
    far = whole_plan.inputs.providers["provider_id"].iloc[-1]  # for many too far, or of another kind
    try:
        for wrong, kind in (
            (table.drop(index=3), "cell"),
            (pd.concat([table, table.iloc[[3]]]), "twice"),
            (table.assign(provider_id="nobody"), "unknown_provider"),
            (table.assign(provider_id=far), "ineligible"),
            (table.assign(resident_id="x" + table["resident_id"]), "unknown"),
            (table.assign(distance_km=table["distance_km"] + 1), "cell"),
            (table[table.columns[::-1]], "cell"),
        ):
            wrong.to_parquet(file, index=False)
            told = verified(folders[1], written)
            assert not told.passed
            assert kind in {difference.kind for difference in told.differences}
        file.write_bytes(b"no table")
        assert not verified(folders[1], written).passed
    finally:
        file.write_bytes(before)
    for name, content in (("providers.csv", ",9\n"), ("outcome.json", " ")):
        whole = (written / name).read_bytes()
        (written / name).write_bytes(whole + content.encode())
        assert not verified(folders[1], written).passed
        (written / name).write_bytes(whole)
    stranger = written / "unserved" / "county=000000"
    stranger.mkdir()
    assert [one.kind for one in verified(folders[1], written).differences] == ["extra_part"]
    stranger.rmdir()
    assert verified(folders[1], written).passed


def test_a_better_plan_is_missed_by_no_checker(folders: tuple[Path, Path], written: Path) -> None:
    """Somebody who could be served is left out: feasible, and not proven."""
    file = written / "assignments" / "county=510421" / "part.parquet"
    before = file.read_bytes()
    pd.read_parquet(file).iloc[1:].to_parquet(file, index=False)
    told = verified(folders[1], written)
    file.write_bytes(before)
    assert told.certificate is not None
    assert not told.certificate.valid


def test_a_run_that_died_is_gone_on_with(
    folders: tuple[Path, Path], tmp_path: Path, many_rounds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    kept: list[int] = []

    def die(room: Path, history: Sequence[Priced]) -> None:
        keep(room, history)
        kept.append(len(history))
        if len(history) == 3:  # the third round has begun
            raise KeyboardInterrupt

    from matcher.province import match as province

    keep = province.keep_prices
    with monkeypatch.context() as patch:
        patch.setattr(province, "keep_prices", die)
        with pytest.raises(KeyboardInterrupt):
            matched(folders[1], out)
    assert not out.exists()
    assert (tmp_path / ".out.counties" / "510402.npz").is_file()

    def never(*_: object) -> None:
        raise AssertionError("the block was there")

    with monkeypatch.context() as patch:
        patch.setattr(machines, "build_block", never)
        again = matched(folders[1], out)
    fresh = matched(folders[1], tmp_path / "fresh")
    assert again.rounds == fresh.rounds - 2
    assert not (tmp_path / ".out.counties").exists()
    for name in ("providers.csv", "coverage.csv"):
        assert (out / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes()
    pd.testing.assert_frame_equal(
        read_parts(out, "assignments"), read_parts(tmp_path / "fresh", "assignments")
    )


def test_what_was_kept_for_other_data_is_not_used(folders: tuple[Path, Path], tmp_path: Path) -> None:
    stale = tmp_path / ".out.counties"
    stale.mkdir()
    (stale / "key.json").write_text('"of other data"', encoding="utf-8")
    (stale / "510402.npz").write_bytes(b"no block")
    (stale / "510402.json").write_text("{}", encoding="utf-8")
    assert matched(folders[1], tmp_path / "out").plan.outcome.status == "optimal"


def test_a_plan_in_one_piece_and_one_in_parts_take_each_others_place(
    folders: tuple[Path, Path], whole_plan: Plan, tmp_path: Path
) -> None:
    from matcher.plan.written import write_plan

    out = tmp_path / "out"
    write_plan(whole_plan, out)
    matched(folders[1], out)
    assert sorted(path.name for path in out.iterdir()) == [
        "assignments",
        "coverage.csv",
        "outcome.json",
        "providers.csv",
        "unserved",
    ]
    write_plan(whole_plan, out)
    assert not (out / "assignments").exists()
    assert (out / "assignments.csv").is_file()


def _copy(parted: Path, room: Path) -> Path:
    import shutil

    return Path(shutil.copytree(parted, room / "data"))


def _without_table(data: Path) -> None:
    (data / "residents" / "county=510403" / "part.parquet").unlink()


def _other_columns(data: Path) -> None:
    people = pd.read_parquet(data / "residents" / "county=510403" / "part.parquet")
    write_county(data, "510403", people.drop(columns="phone"))


def _shared_id(data: Path) -> None:
    one = pd.read_parquet(data / "residents" / "county=510402" / "part.parquet")
    two = pd.read_parquet(data / "residents" / "county=510403" / "part.parquet")
    write_county(data, "510403", pd.concat([two, one.iloc[[5]]]))


def _odd_folder(data: Path) -> None:
    (data / "residents" / "510403").mkdir()


def _unknown_county(data: Path) -> None:
    (data / "residents" / "county=510403").rename(data / "residents" / "county=999999")


def _both(data: Path) -> None:
    (data / "residents.csv").write_text("resident_id\n1\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_without_table, "part_files"),
        (_other_columns, "parts_columns"),
        (_shared_id, "parts_shared_id"),
        (_odd_folder, "part_name"),
        (_unknown_county, "part_unknown_county"),
        (_both, "parts_beside_table"),
    ],
)
def test_bad_parts_are_told_and_nothing_is_written(
    folders: tuple[Path, Path], tmp_path: Path, spoil: object, code: str
) -> None:
    data = _copy(folders[1], tmp_path)
    spoil(data)  # type: ignore[operator]
    with pytest.raises(BadInput) as caught:
        matched(data, tmp_path / "out")
    assert caught.value.code == code
    assert not (tmp_path / "out").exists()
    assert main(["check", str(data)]) == 1  # what stops a match is known to the check


def test_an_error_in_a_county_names_its_file_and_row(folders: tuple[Path, Path], tmp_path: Path) -> None:
    data = _copy(folders[1], tmp_path)
    people = pd.read_parquet(data / "residents" / "county=510411" / "part.parquet")
    people.loc[people.index[4], "site_id"] = "nowhere"
    write_county(data, "510411", people)
    with pytest.raises(DataError) as caught:
        matched(data, tmp_path / "out")
    problem = caught.value.problems.iloc[0]
    assert problem["file"] == "residents/county=510411/part.parquet"
    assert (problem["row"], problem["column"], problem["code"]) == (6, "site_id", "unknown_reference")


def test_households_and_other_commands_are_refused_in_words(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = replace(load_policy("panzhihua-2016"), keep_households_together=True)
    with pytest.raises(BadInput, match="parts_households"):
        matched(folders[1], tmp_path / "out", policy)
    assert main(["standards", str(folders[1]), "--out", str(tmp_path / "x"), "--lang", "en"]) == 1
    assert "only check, match and verify" in capsys.readouterr().err


def test_the_commands_match_verify_and_check_a_province(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["match", str(folders[1]), "--out", str(out), "--lang", "en"]) == 0
    assert "5 counties together" in capsys.readouterr().out
    outcome = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    assert [one["county"] for one in outcome["counties"]] == [
        "510402",
        "510403",
        "510411",
        "510421",
        "510422",
    ]
    assert outcome["certificate"]["valid"]
    assert sum(one["served"] for one in outcome["counties"]) == outcome["served"]
    assert main(["verify", str(folders[1]), "--plan", str(out), "--lang", "zh"]) == 0
    assert main(["check", str(folders[1]), "--lang", "en"]) == 0


def test_what_was_kept_for_other_words_of_a_mapping_is_not_used(folders: tuple[Path, Path]) -> None:
    whole, policy = read_whole(folders[1]), load_policy("panzhihua-2016")
    other = replace(whole, meanings=Meanings(columns={"residents": {"alter": "age"}}))
    gcj = replace(
        whole,
        inputs=whole.inputs.replace(dataset=replace(whole.inputs.dataset, datum={"residents": "gcj02"})),
    )
    assert len({key_of(one, policy) for one in (whole, other, gcj)}) == 3


def test_a_check_tells_the_errors_of_every_county(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _copy(folders[1], tmp_path)
    for code in ("510411", "510422"):
        people = pd.read_parquet(data / "residents" / f"county={code}" / "part.parquet")
        people.loc[people.index[4], "site_id"] = "nowhere"
        write_county(data, code, people)
    assert main(["check", str(data), "--lang", "en"]) == 1
    told = capsys.readouterr().out
    assert "county=510411" in told
    assert "county=510422" in told
    assert "2 errors" in told
