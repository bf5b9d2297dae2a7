"""The sample province: residents parted by county, counties side by side, and borders that people cross."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
import pytest
import shapely

from matcher.cli import main
from matcher.errors import BadInput
from matcher.geography.outlines import inside, read_outlines
from matcher.inputs import Inputs
from matcher.intake.check import check, load_inputs
from matcher.intake.grid import COMMAND_LIMITS
from matcher.intake.parquetfile import read_parquet
from matcher.intake.read import read_folder
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.sample import province
from matcher.sample.city import make_sample
from matcher.sample.counties import EXTENT, lay_out, split
from matcher.sample.province import COUNTIES, RESIDENTS, make_province
from matcher.tables import TABLES

COUNT, PEOPLE = 4, 3_000


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def parts_of(folder: Path) -> dict[str, pa.Table]:
    """The residents by county; without partitions read from the path."""
    parts = sorted(folder.glob("residents/county=*/part.parquet"))
    return {path.parent.name[-6:]: pyarrow.parquet.ParquetFile(path).read() for path in parts}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "province"
    assert make_province(folder, PEOPLE, seed=1, counties=COUNT) == PEOPLE
    return folder


@pytest.fixture(scope="module")
def plain(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same province with its residents in one CSV, as every command reads it."""
    folder = tmp_path_factory.mktemp("plain")
    for path in made.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    pyarrow.csv.write_csv(pa.concat_tables(parts_of(made).values()), folder / "residents.csv")
    return folder


@pytest.fixture(scope="module")
def inputs(plain: Path) -> Inputs:
    return load_inputs(plain)


def test_there_is_a_part_for_each_county_and_every_other_table_is_whole(made: Path) -> None:
    counties = [f"5141{n:02d}" for n in range(1, COUNT + 1)]
    assert set(files_of(made)) == {
        *(f"residents/county={code}/part.parquet" for code in counties),
        *("places.csv", "providers.csv", "sites.csv"),
        *("dataset.toml", "outlines.geojson", "README.md", "SHA256SUMS"),
    }
    assert [len(part) > 100 for part in parts_of(made).values()] == [True] * COUNT
    assert list(made.parent.iterdir()) == [made]


def test_the_folder_has_no_problem_at_all(plain: Path) -> None:
    assert check(read_folder(plain)).problems.empty


def test_ids_are_unique_over_the_province(inputs: Inputs) -> None:
    assert len(inputs.residents) == PEOPLE
    for table, key in (("residents", "resident_id"), ("providers", "provider_id"), ("sites", "site_id")):
        assert getattr(inputs, table)[key].is_unique
    assert (inputs.residents.groupby("household_id").size() == 2).all()
    assert not inputs.residents.duplicated(["lat", "lon"]).any()


def test_everybody_lives_in_the_county_of_the_part(made: Path, inputs: Inputs) -> None:
    """By place code and by position."""
    outlines, parts = read_outlines(made), parts_of(made)
    assert set(outlines) == set(parts)
    for code, part in parts.items():
        assert pc.all(pc.starts_with(part["place_code"], code)).as_py()
        assert inside(outlines[code], part["lon"].to_numpy(), part["lat"].to_numpy()).all()
    assert inputs.residents["place_code"].isin(inputs.places["place_code"]).all()


def test_people_are_counted_upward_from_villages_to_the_province(inputs: Inputs) -> None:
    places = inputs.places
    assert places["level"].value_counts().to_dict().keys() == {
        "province",
        "city",
        "county",
        "township",
        "village",
    }
    for column in ("pop60", "pop65"):
        below = places.groupby("parent_code")[column].sum()
        assert (below == places.set_index("place_code")[column].loc[below.index]).all()


def test_who_lives_near_a_border_may_be_nearer_to_the_next_county(inputs: Inputs) -> None:
    people, providers = inputs.residents, inputs.providers
    at, there = (table[["lat", "lon"]].to_numpy() for table in (people, providers))
    nearest = np.argmin(((at[:, None] - there) ** 2).sum(axis=2), axis=1)
    county = providers["provider_id"].str[1:7].to_numpy()[nearest]
    assert 0.001 < (county != people["resident_id"].str[1:7].to_numpy()).mean() < 0.1


def test_some_are_served_across_the_border_at_the_optimum(inputs: Inputs) -> None:
    """And more people are served than where each county is matched alone."""
    policy = load_policy()
    plan = match(inputs, policy)
    assert plan.outcome.status == "optimal"
    county = plan.assignments["resident_id"].str[1:7]
    across = county != plan.assignments["provider_id"].str[1:7]
    assert 0.005 < across.mean() < 0.1
    alone = 0
    for code in county.unique():
        own = {
            table: frame[frame.iloc[:, 0].str[1:7] == code].reset_index(drop=True)
            for table, frame in (("residents", inputs.residents), ("providers", inputs.providers))
        }
        alone += match(inputs.replace(**own), policy).outcome.served
    assert alone < plan.outcome.served


def test_one_seed_one_province_another_seed_another(made: Path, tmp_path: Path) -> None:
    make_province(tmp_path / "again", PEOPLE, seed=1, counties=COUNT)
    make_province(tmp_path / "other", PEOPLE, seed=2, counties=COUNT)
    once, other = files_of(made), files_of(tmp_path / "other")
    assert files_of(tmp_path / "again") == once
    assert once.keys() == other.keys()
    assert {name for name in once if once[name] == other[name]} == {"dataset.toml"}


def test_a_part_reads_as_what_people_would_have_typed(made: Path) -> None:
    """Every column of the table, typed; grades without a point, dates as dates, nothing for what is not known."""
    path = next(made.glob("residents/*/part.parquet"))
    schema = pyarrow.parquet.read_schema(path)
    assert schema.names == [column.name for column in TABLES["residents"]]
    assert not schema.metadata
    assert {str(kind) for kind in schema.types} == {"string", "date32[day]", "int8", "double"}
    grid, header = read_parquet(path, "residents", COMMAND_LIMITS)
    texts = {name: set(cells.to_pylist()[1:]) for name, cells in zip(header.texts, grid.columns, strict=True)}
    assert texts["ability_grade"] <= {*"01234", "5", ""}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in texts["birth_date"])
    assert all(re.fullmatch(r"\d{2,3}\.\d{1,6}", degrees) for degrees in texts["lat"] | texts["lon"])
    assert texts["id_number"] == texts["phone"] == texts["age"] == {""}


@pytest.mark.parametrize("count", [1, 2, 7, COUNTIES])
def test_tiles_fill_the_map_without_gap_or_overlap(count: int) -> None:
    """At full size too, between the outermost degrees of Sichuan; no two counties have a code in common."""
    counties = lay_out(RESIDENTS, seed=3, count=count)
    outlines = [county.tile.outline for county in counties]
    west, south, east, north = shapely.total_bounds(outlines)
    whole = (east - west) * (north - south)
    assert sum(outline.area for outline in outlines) == pytest.approx(whole)
    assert shapely.union_all(outlines).area == pytest.approx(whole)
    assert EXTENT.west <= west < east <= EXTENT.east
    assert EXTENT.south <= south < north <= EXTENT.north
    assert len({county.code for county in counties}) == count
    assert len({county.code[:4] for county in counties}) == -(-count // 9)


def test_at_full_size_counties_differ_and_add_up() -> None:
    counties = lay_out(RESIDENTS, seed=1, count=COUNTIES)
    assert sum(county.residents for county in counties) == RESIDENTS
    assert min(county.residents for county in counties) < 30_000
    assert max(county.residents for county in counties) > 250_000
    assert min(county.room for county in counties) < 0.8 < 1.4 < max(county.room for county in counties)


def test_a_tile_is_parted_by_weight() -> None:
    tiles = split(EXTENT, np.array([3.0, 1.0, 2.0]))
    assert [tile.area / EXTENT.area for tile in tiles] == pytest.approx([1 / 2, 1 / 6, 1 / 3], rel=1e-4)


@pytest.mark.parametrize(
    ("residents", "seed", "counties", "code"),
    [
        (799, 1, 4, "sample_province_residents"),
        (40_000_001, 1, 4, "sample_province_residents"),
        (1_000, -1, 4, "sample_seed"),
        (1_000, 1, 0, "sample_counties"),
        (1_000_000, 1, 501, "sample_counties"),
        (3_000, 1, None, "sample_province_residents"),
    ],
)
def test_impossible_numbers_are_refused_and_nothing_is_made(
    tmp_path: Path, residents: int, seed: int, counties: int | None, code: str
) -> None:
    with pytest.raises(BadInput) as caught:
        make_province(tmp_path / "province", residents, seed, counties)
    assert caught.value.code == code
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("change", ["part", "added", "emptied", "linked"])
def test_a_province_that_somebody_touched_is_left_alone(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "province"
    make_province(folder, 400, counties=2)
    part = folder / "residents" / "county=514101"
    if change == "part":
        (part / "part.parquet").write_bytes(b"mine")
    elif change == "added":
        (part / "more.parquet").write_bytes(b"mine")
    elif change == "emptied":
        (folder / "residents" / "county=514103").mkdir()
    else:
        (folder / "more").symlink_to(part, target_is_directory=True)
    before = files_of(folder)
    with pytest.raises(BadInput) as caught:
        make_province(folder, 400, counties=2)
    assert caught.value.code == "sample_folder_taken"
    assert files_of(folder) == before


def test_an_unchanged_sample_is_replaced_province_by_city_and_back(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    make_province(folder, 600, counties=3)
    make_province(folder, 400, counties=2)
    assert len(parts_of(folder)) == 2
    make_sample(folder, 100)
    assert not (folder / "residents").exists()
    make_province(folder, 400, counties=2)
    assert not (folder / "residents.csv").exists()
    assert list(tmp_path.iterdir()) == [folder]


def test_an_interruption_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C after the first county: the old province stands, and nothing lies beside it."""
    folder = tmp_path / "province"
    make_province(folder, 400, counties=2)
    before, drawn = files_of(folder), []

    def stopped(*arguments: object) -> object:
        if drawn:
            raise KeyboardInterrupt
        drawn.append(arguments)
        return ground(*arguments)

    ground = province.ground_of
    monkeypatch.setattr(province, "ground_of", stopped)
    with pytest.raises(KeyboardInterrupt):
        make_province(folder, 400, seed=2, counties=2)
    assert files_of(folder) == before
    assert list(tmp_path.iterdir()) == [folder]


def test_the_command_makes_a_province_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--province", "--counties", "2", "--residents", "400", "--lang", "en"]
    assert main(["sample", str(tmp_path / "province"), *flags]) == 0
    assert "province of 400" in capsys.readouterr().out
    readme = (tmp_path / "province" / "README.md").read_text(encoding="utf-8")
    assert "--province --residents 400 --counties 2 --seed 1`" in readme
    assert "虚构" in readme
    assert "invented" in readme


def test_flags_that_exclude_each_other_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "province")
    with pytest.raises(SystemExit) as ended:
        main(["sample", folder, "--province", "--county", "510422"])
    assert ended.value.code == 2
    assert main(["sample", folder, "--counties", "4", "--lang", "en"]) == 1
    assert "--province" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
