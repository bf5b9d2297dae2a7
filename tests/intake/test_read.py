"""Formats, encodings, headers and rows of data files; every unreadable folder is told, never a stack trace."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from matcher.intake import read, sheets
from matcher.intake.check import check
from matcher.intake.dataset import BAIDU_KEY_VARIABLE, ONLINE_VARIABLE
from matcher.intake.grid import COMMAND_LIMITS
from matcher.intake.problems import Finding
from matcher.intake.read import read_folder
from matcher.tables import KEYS, TABLES, VOCABULARIES
from matcher.words import aliases
from matcher.words.catalogues import LANGUAGES, catalogue
from tests.helpers.folders import GOOD, PLACES, RESIDENT, checked, csv_text, told, write_folder

Spoil = Callable[[Path], object]


@dataclass(frozen=True)
class SpoiltFolder:
    """A way to spoil the sound folder, and the problem that it makes."""

    code: str
    spoil: Spoil
    file: str = "residents.csv"
    row: int = 0
    column: str = ""


def text(table: str, content: str) -> Spoil:
    """Replace a table by this text."""
    return lambda folder: (folder / f"{table}.csv").write_text(content, encoding="utf-8")


def raw(name: str, content: bytes) -> Spoil:
    """Write these bytes."""
    return lambda folder: (folder / name).write_bytes(content)


def dataset(content: str) -> Spoil:
    """Replace dataset.toml."""
    return lambda folder: (folder / "dataset.toml").write_text(content, encoding="utf-8")


def sheet_of(
    table: str, rows: list[list[object]], more: dict[str, list[list[object]]] | None = None
) -> Spoil:
    """Replace a table by a workbook with these cells, and further sheets."""

    def spoil(folder: Path) -> None:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for name, cells in (more or {}).items():
            extra = book.create_sheet(name)
            for row in cells:
                extra.append(row)
        book.save(folder / f"{table}.xlsx")
        (folder / f"{table}.csv").unlink(missing_ok=True)

    return spoil


def truncated_workbook(folder: Path) -> None:
    """A workbook whose second half is lost."""
    sheet_of("sites", [["site_id"], ["S1"]])(folder)
    whole = (folder / "sites.xlsx").read_bytes()
    (folder / "sites.xlsx").write_bytes(whole[: len(whole) // 2])


def sparse_workbook(folder: Path) -> None:
    """A few kilobytes that name the last cell of the largest sheet."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "site_id", "S1"
    book.save(folder / "sites.xlsx")
    (folder / "sites.csv").unlink()


def bomb(folder: Path) -> None:
    """A workbook that says of itself that it unpacks to five gigabytes."""
    sheet_of("sites", [["site_id"]])(folder)
    with zipfile.ZipFile(folder / "sites.xlsx") as book:
        parts = {name: book.read(name) for name in book.namelist()}
    zeros = b"\0" * (1 << 20)
    with zipfile.ZipFile(folder / "sites.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(name, part)
        for number in range(3):
            book.writestr(f"xl/media/{number}", zeros)


def frame(table: str, values: pd.DataFrame) -> Spoil:
    """Replace a table by a Parquet file."""

    def spoil(folder: Path) -> None:
        values.to_parquet(folder / f"{table}.parquet")
        (folder / f"{table}.csv").unlink()

    return spoil


AS_OF = "as_of = 2026-01-01\n"
DATUM = 'datum = "wgs84"\n'
SPOILT_FOLDERS = [
    SpoiltFolder("missing_table", lambda folder: (folder / "providers.csv").unlink(), "providers"),
    SpoiltFolder("table_twice", raw("sites.parquet", b"x"), "sites.csv"),
    SpoiltFolder("empty_file", raw("residents.csv", b"")),
    SpoiltFolder("empty_file", raw("residents.csv", b"\xef\xbb\xbf")),
    SpoiltFolder("empty_file", text("residents", "\n\n,,\n")),
    SpoiltFolder("empty_file", sheet_of("sites", []), "sites.xlsx"),
    SpoiltFolder("unreadable_file", truncated_workbook, "sites.xlsx"),
    SpoiltFolder("too_many_columns", sparse_workbook, "sites.xlsx"),
    SpoiltFolder("unreadable_file", frame("sites", pd.DataFrame({"site_id": [{"a": 1}]})), "sites.parquet"),
    SpoiltFolder("unreadable_setting", dataset("as_of = = 3"), "dataset.toml", row=1),
    SpoiltFolder(
        "unreadable_setting", dataset(f"as_of = 2026-01-01\nyear = {'9' * 5000}"), "dataset.toml", row=2
    ),
    SpoiltFolder("unknown_encoding", raw("residents.csv", b"resident_id,name\nR1,\xff\xfe\n"), row=2),
    SpoiltFolder("unknown_encoding", raw("residents.csv", "resident_id\nR1".encode("utf-16"))),
    SpoiltFolder("unknown_encoding", raw("residents.csv", "resident_id,name\nR1,张".encode()[:-1]), row=2),
    SpoiltFolder("unclosed_quote", text("residents", 'resident_id,name\nR1,a\nR2,"b\nR3,c\n'), row=3),
    SpoiltFolder("unclosed_quote", text("residents", 'resident_id,name\nR1,"a\nR2,"b\nR3,c\n'), row=2),
    SpoiltFolder("ragged_row", text("residents", "resident_id,age\nR1,70\nR2\n"), row=3),
    SpoiltFolder("ragged_row", text("residents", "resident_id,age\nR1,70\nR2,70,\n"), row=3),
    SpoiltFolder("no_header", text("residents", "R1,70\nR2,71\n"), row=1),
    SpoiltFolder(
        "duplicate_column", text("residents", "resident_id,age,age\nR1,70,71\n"), row=1, column="age"
    ),
    SpoiltFolder(
        "duplicate_column", text("residents", "resident_id,age,年龄\nR1,70,71\n"), row=1, column="age"
    ),
    SpoiltFolder("missing_column", text("sites", "name\n甲\n"), "sites.csv", row=1, column="site_id"),
    SpoiltFolder(
        "unknown_column",
        text("residents", "resident_id,place_code,age,agee\nR1,V1,70,1\n"),
        row=1,
        column="agee",
    ),
    SpoiltFolder("unknown_column", text("residents", "resident_id,place_code,age,\nR1,V1,70,1\n"), row=1),
    SpoiltFolder("unknown_file", raw("resident.csv", b"resident_id\n"), "resident.csv"),
    SpoiltFolder(
        "sheet_ignored", sheet_of("sites", [["site_id"]], {"old": [["S1"]], "none": []}), "sites.xlsx"
    ),
    SpoiltFolder(
        "accessmod_table",
        text("travel", "from__cat,to__name,time_m,distance_m\nV1,P1,9,5000\n"),
        "travel.csv",
        row=1,
    ),
    SpoiltFolder(
        "foreign_travel", text("travel", "from_id,to_id,travel_time_p50\nV1,P1,9\n"), "travel.csv", row=1
    ),
    SpoiltFolder("foreign_travel", text("travel", "出发地,目的地,分钟\nV1,P1,9\n"), "travel.csv", row=1),
    SpoiltFolder("foreign_travel", text("travel", "Origin,Destination,km\nV1,P1,9\n"), "travel.csv", row=1),
    SpoiltFolder("numeric_id", sheet_of("sites", [["site_id"], [101]]), "sites.xlsx", 2, "site_id"),
    SpoiltFolder("missing_as_of", dataset(DATUM), "dataset.toml", column="as_of"),
    SpoiltFolder("bad_as_of", dataset('as_of = "soon"\n' + DATUM), "dataset.toml", column="as_of"),
    SpoiltFolder("missing_datum", dataset(AS_OF), "dataset.toml", column="datum"),
    SpoiltFolder("unknown_datum", dataset(AS_OF + 'datum = "wgs72"\n'), "dataset.toml", column="datum"),
    SpoiltFolder("unknown_key", dataset(AS_OF + DATUM + 'titel = "x"\n'), "dataset.toml", column="titel"),
    SpoiltFolder(
        "unknown_key",
        dataset(AS_OF + '[datum]\ndefault = "wgs84"\nresident = "bd09"\n'),
        "dataset.toml",
        column="datum.resident",
    ),
    SpoiltFolder(
        "unknown_geocoder",
        dataset(AS_OF + DATUM + '[geocoder]\nname = "oracle"\n'),
        "dataset.toml",
        column="geocoder.name",
    ),
    SpoiltFolder(
        "missing_geocoder_setting",
        dataset(AS_OF + DATUM + '[geocoder]\nname = "baidu"\n'),
        "dataset.toml",
        column="geocoder",
    ),
    SpoiltFolder(
        "online_geocoder",
        dataset(AS_OF + DATUM + '[geocoder]\nname = "nominatim"\nuser_agent = "me"\n'),
        "dataset.toml",
        column="geocoder.name",
    ),
    SpoiltFolder(
        "unknown_key",
        dataset(AS_OF + DATUM + '[geocoder]\nname = "gazetteer"\nplaces = "all"\n'),
        "dataset.toml",
        column="geocoder.places",
    ),
    SpoiltFolder(
        "bad_routing_setting",
        dataset(AS_OF + DATUM + '[routing]\nengine = "osrm"\nurl = "http://me:secret@host"\n'),
        "dataset.toml",
        column="routing.url",
    ),
    SpoiltFolder("file_too_large", bomb, "sites.xlsx"),
    SpoiltFolder("no_folder", lambda folder: None, "nowhere"),
]
CASES = [pytest.param(case, id=f"{case.code}-{number}") for number, case in enumerate(SPOILT_FOLDERS)]


@pytest.mark.parametrize("case", CASES)
def test_a_spoilt_folder_is_told_by_file_and_row(tmp_path, case, monkeypatch):
    """One thing spoilt gives one kind of problem, at its place."""
    if case.code == "no_folder":
        problems = checked(Path("nowhere")).problems
    else:
        if case.code == "file_too_large":
            monkeypatch.setattr(read, "COMMAND_LIMITS", replace(COMMAND_LIMITS, unpacked_bytes=1 << 20))
        monkeypatch.setenv(ONLINE_VARIABLE, "1" if case.code == "missing_geocoder_setting" else "")
        monkeypatch.delenv(BAIDU_KEY_VARIABLE, raising=False)
        case.spoil(write_folder(tmp_path))
        problems = checked(tmp_path).problems
    assert (case.file, case.row, case.column, case.code) in told(problems)
    assert set(problems["code"]) == {case.code}


def residents_of(folder: Path) -> list[tuple[int, str]]:
    """Row and id of the residents that were read."""
    table = read_folder(folder).tables["residents"]
    return list(zip(table.row.tolist(), table.cells["resident_id"].to_pylist(), strict=True))


def test_rows_count_as_in_a_spreadsheet(tmp_path):
    """Blank lines, rows of commas and line breaks inside quotes each count for what a spreadsheet shows."""
    write_folder(tmp_path)
    lines = [
        "resident_id,age,name",
        "R1,70,",
        "",
        'R2,71,"two\nlines"',
        ",,",
        " , ,　",
        "R3,72",
        "R4,73,x",
        "",
    ]
    (tmp_path / "residents.csv").write_text("\r\n".join(lines), encoding="utf-8", newline="")
    assert residents_of(tmp_path) == [(2, "R1"), (4, "R2"), (8, "R4")]
    assert told(checked(tmp_path).problems) == {("residents.csv", 7, "", "ragged_row")}


def test_a_header_below_blank_lines_keeps_the_rows_of_the_file(tmp_path):
    """The first row that is not blank is the header."""
    write_folder(tmp_path)
    (tmp_path / "residents.csv").write_text("\n\nresident_id,age\nR1,70\n", encoding="utf-8")
    assert residents_of(tmp_path) == [(4, "R1")]


def test_a_ragged_row_does_not_make_references_to_it_unknown(tmp_path):
    """The id of a row that is told already still counts as known."""
    write_folder(tmp_path, {"residents": [{**RESIDENT, "resident_id": "R2", "current_provider_id": "P2"}]})
    ragged = "provider_id,kind\nP1,village_clinic\nP2,village_clinic,too,much\n"
    (tmp_path / "providers.csv").write_text(ragged, encoding="utf-8")
    assert told(checked(tmp_path).problems) == {("providers.csv", 3, "", "ragged_row")} | {
        ("providers.csv", 2, "lat", "no_location")
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_chinese_offices_are_understood(tmp_path, encoding):
    """UTF-8 with and without BOM, and GB18030 with a rare character that GBK lacks."""
    write_folder(tmp_path)
    (tmp_path / "residents.csv").write_text(
        "居民编号,姓名,年龄,place_code\nR1,张𠮷,70,V1\n", encoding=encoding
    )
    result = checked(tmp_path)
    assert len(result.problems) == 0
    assert result.inputs.residents["name"][0] == "张𠮷"


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_every_format_gives_the_same_tables(tmp_path, suffix):
    """Numbers, dates and flags in their own cell types equal the same as text."""
    rows = {
        "resident_id": ["R1", "R2"],
        "birth_date": [dt.date(1950, 1, 5), None],
        "age": [None, 70],
        "lat": [26.5, None],
        "lon": [101.7, None],
        "lives_alone": [True, False],
        "conditions": ["stroke;diabetes", None],
    }
    expected = [("R1", dt.datetime(1950, 1, 5), 26.5, True, "diabetes;stroke"), ("R2", None, None, False, "")]
    write_folder(tmp_path)
    table = pd.DataFrame(rows).astype({"age": "Int64", "lat": "Float64", "lon": "Float64"})
    (tmp_path / "residents.csv").unlink()
    if suffix == "csv":
        table.to_csv(tmp_path / "residents.csv", index=False)
    elif suffix == "parquet":
        table.to_parquet(tmp_path / "residents.parquet", index=False)
    else:
        cells = table.astype(object).where(table.notna(), None).to_numpy().tolist()
        sheet_of("residents", [list(rows), *cells])(tmp_path)
    residents = checked(tmp_path).inputs.residents
    columns = ["resident_id", "birth_date", "lat", "lives_alone", "conditions"]
    shown = residents[columns].astype(object)
    assert [tuple(row) for row in shown.where(shown.notna(), None).to_numpy()] == expected
    assert list(residents["age"].fillna(-1)) == [-1, 70]
    assert list(residents["row"]) == [2, 3]


def test_parquet_with_lists_categories_and_times_is_read_as_text(tmp_path):
    """What a data frame may hold becomes what people would have typed."""
    table = pd.DataFrame(
        {
            "resident_id": pd.Categorical(["R1"]),
            "birth_date": pd.to_datetime(["1950-01-05"]),
            "needs": [["rehab", "nursing"]],
            "age": [75.0],
            "household_id": [7],
        }
    )
    frame("residents", table)(write_folder(tmp_path))
    person = checked(tmp_path).inputs.residents.iloc[0]
    assert (person["needs"], person["age"], person["household_id"]) == ("nursing;rehab", 75, "7")
    assert person["birth_date"] == pd.Timestamp("1950-01-05")


def test_parquet_numbers_with_a_point_are_no_ids(tmp_path):
    """A float has lost the digits of a long id, as in Excel."""
    frame("residents", pd.DataFrame({"resident_id": [5.10402195001050016e17], "age": [70]}))(
        write_folder(tmp_path)
    )
    assert told(checked(tmp_path).problems) == {("residents.parquet", 2, "resident_id", "numeric_id")}


def test_excel_numbers_in_id_columns_are_refused_row_by_row(tmp_path):
    """Excel keeps fifteen digits of an id number and makes a date of 1-2; the same as text are sound."""
    cells = [
        ["居民编号", "身份证号", "家庭编号", "出生日期"],
        ["R1", 510402195001050016, "1-2", dt.date(1950, 1, 5)],
        ["R2", "510402195001050016", dt.date(2026, 1, 2), "1950-01-05"],
    ]
    sheet_of("residents", cells)(write_folder(tmp_path))
    problems = checked(tmp_path).problems
    assert told(problems) == {
        ("residents.xlsx", 2, "id_number", "numeric_id"),
        ("residents.xlsx", 3, "household_id", "numeric_id"),
    }
    assert "5104021950" not in "".join(problems["value"])


def test_excel_errors_and_formulas_without_value_are_told(tmp_path):
    """Both would read as empty cells: a lookup that failed is not a missing value."""
    cells = [["resident_id", "age", "place_code"], ["R1", "=70+1", "#N/A"], ["R2", 70, None]]
    sheet_of("residents", cells)(write_folder(tmp_path))
    assert told(checked(tmp_path).problems) == {
        ("residents.xlsx", 2, "age", "excel_error"),
        ("residents.xlsx", 2, "place_code", "excel_error"),
    }


def test_a_sheet_called_like_the_table_is_taken(tmp_path):
    """A workbook with notes in front is read at the right sheet, and the notes are told."""
    sheet_of(
        "residents", [["read me"]], {"Residents": [["resident_id", "age", "place_code"], ["R1", 70, "V1"]]}
    )(write_folder(tmp_path))
    assert residents_of(tmp_path) == [(2, "R1")]
    assert told(checked(tmp_path).problems) == {("residents.xlsx", 0, "", "sheet_ignored")}


def test_blank_rows_and_columns_of_a_workbook_keep_the_rows(tmp_path):
    """Rows are those that Excel shows at its left edge."""
    cells = [[], [None, "resident_id", "age"], [], [None, "R1", 70]]
    sheet_of("residents", cells)(write_folder(tmp_path))
    assert residents_of(tmp_path) == [(4, "R1")]


def test_too_many_rows_of_parquet_are_refused_before_reading(tmp_path, monkeypatch):
    """A small file may promise a billion equal rows."""
    monkeypatch.setattr(read, "COMMAND_LIMITS", replace(COMMAND_LIMITS, rows=4))
    frame("sites", pd.DataFrame({"site_id": [f"S{number}" for number in range(5)]}))(write_folder(tmp_path))
    assert told(checked(tmp_path).problems) == {("sites.parquet", 0, "", "too_many_rows")}


GARBAGE = [b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04garbage", bytes(range(256)) * 9, b"\n" * 9]


@pytest.mark.parametrize("content", GARBAGE)
@pytest.mark.parametrize("suffix", sheets.SUFFIXES)
def test_garbage_of_any_name_is_a_problem_and_no_stack_trace(tmp_path, content, suffix):
    """Pictures, broken archives and noise end as one error of the file."""
    write_folder(tmp_path)
    (tmp_path / "sites.csv").unlink()
    (tmp_path / f"sites{suffix}").write_bytes(content)
    problems = checked(tmp_path).problems
    assert set(problems["file"]) == {f"sites{suffix}"}
    assert len(problems) == 1
    assert problems["severity"][0] == "error"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("table", TABLES)
def test_the_labels_of_the_catalogues_are_headers(tmp_path, table, lang):
    """A file with the headers of either language is read like one with column names."""
    write_folder(tmp_path)
    labels = [catalogue(lang)[f"column.{table}.{spec.name}"] for spec in TABLES[table]]
    (tmp_path / f"{table}.csv").write_text(",".join(labels) + "\n", encoding="utf-8")
    raw_table = read_folder(tmp_path).tables[table]
    assert raw_table.cells.column_names == [spec.name for spec in TABLES[table]]


def test_headers_may_differ_in_width_case_and_blanks(tmp_path):
    """A header is found whatever the keyboard added to it."""
    write_folder(tmp_path)
    (tmp_path / "residents.csv").write_text(
        "　ＲＥＳＩＤＥＮＴ_ＩＤ ,身份证号码, Age\nR1,,70\n", encoding="utf-8"
    )
    assert read_folder(tmp_path).tables["residents"].cells.column_names == ["resident_id", "id_number", "age"]


def words_of(kind: str) -> list[tuple[str, str, set[str]]]:
    """Every alias with what it may stand for, by table or vocabulary."""
    told_by = aliases._aliases()[kind]
    groups = TABLES if kind == "header" else [*VOCABULARIES, "flag"]
    pairs = []
    for group in groups:
        targets = [spec.name for spec in TABLES[group]] if kind == "header" else [*told_by.get(group, {})]
        meanings: dict[str, set[str]] = {}
        for target in targets:
            labels = [catalogue(lang).get(f"column.{group}.{target}", target) for lang in LANGUAGES]
            if kind == "value":
                labels = [catalogue(lang).get(f"code.{group}.{target}", target) for lang in LANGUAGES]
            more = [*told_by.get(group, {}).get(target, ()), *told_by.get("any", {}).get(target, ())]
            for word in (target, *labels, *more):
                meanings.setdefault(aliases.fold(word), set()).add(target)
        pairs += [(group, word, found) for word, found in meanings.items()]
    return pairs


@pytest.mark.parametrize("kind", ["header", "value"])
def test_no_word_stands_for_two_things(kind):
    """Within a table, or within a vocabulary, each header and each word has one meaning."""
    words = words_of(kind)
    assert len(words) > 50
    assert [(group, word, found) for group, word, found in words if len(found) > 1] == []


def test_aliases_name_columns_and_codes_that_exist():
    """A misspelt entry in the catalogue of aliases would silently do nothing."""
    told_by = aliases._aliases()
    names = {table: {spec.name for spec in specs} for table, specs in TABLES.items()}
    for table, entries in told_by["header"].items():
        known = set().union(*names.values()) if table == "any" else names[table]
        assert set(entries) <= known
    for vocabulary, entries in told_by["value"].items():
        assert set(entries) <= set(aliases.FLAGS if vocabulary == "flag" else VOCABULARIES[vocabulary])
    assert set(told_by["cell"]) <= set().union(*names.values())
    assert set(told_by["unit"]) <= {spec.unit for specs in TABLES.values() for spec in specs}
    for vocabulary, near in told_by["near"].items():
        assert set(near.get("like", {})) <= set(VOCABULARIES[vocabulary])


def test_a_file_without_header_shows_nobody(tmp_path):
    """When the first row is data, its cells are not told as unknown columns."""
    write_folder(tmp_path)
    (tmp_path / "residents.csv").write_text("R1,张三,13812345678\n", encoding="utf-8")
    problems = checked(tmp_path).problems
    assert told(problems) == {("residents.csv", 1, "", "no_header")}
    assert "张三" not in problems.to_string()


def test_lock_files_and_other_files_are_left_alone(tmp_path):
    """What Excel and people leave in a folder is not read."""
    write_folder(tmp_path)
    for name in ("~$residents.xlsx", ".residents.csv", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert len(checked(tmp_path).problems) == 0


@pytest.mark.parametrize("day", ["2026-01-01", '"2026-01-01"', "2026-01-01T08:00:00"])
def test_as_of_is_a_date_or_a_text(tmp_path, day):
    """TOML dates and quoted dates mean the same day."""
    inputs = checked(write_folder(tmp_path, dataset=f"as_of = {day}\n{DATUM}")).inputs
    assert inputs.dataset.as_of == dt.date(2026, 1, 1)


def test_datums_may_differ_by_file(tmp_path):
    """A table of datums names tables or files, and a default for the rest."""
    text = AS_OF + '[datum]\ndefault = "wgs84"\n"residents.csv" = "BD09"\nproviders = "gcj02"\n'
    datum = checked(write_folder(tmp_path, dataset=text)).inputs.dataset.datum
    assert (datum["residents"], datum["providers"], datum["places"]) == ("bd09", "gcj02", "wgs84")


NOMINATIM = {"name": "nominatim", "user_agent": "me"}


@pytest.mark.parametrize(
    ("allowed", "online", "geocoder"),
    [("1", True, NOMINATIM), ("1", False, {}), ("", True, {}), ("yes", True, {})],
)
def test_an_online_geocoder_needs_the_word_of_who_starts_the_program(
    tmp_path, monkeypatch, allowed, online, geocoder
):
    """Else the gazetteer serves, which the folder's problems say; uploads (not `online`) are never sent out."""
    monkeypatch.setenv(ONLINE_VARIABLE, allowed)
    write_folder(tmp_path, dataset=AS_OF + DATUM + '[geocoder]\nname = "nominatim"\nuser_agent = "me"\n')
    found = check(read_folder(tmp_path, online=online))
    assert found.inputs.dataset.geocoder == geocoder
    assert found.problems["code"].tolist() == ([] if geocoder else ["online_geocoder"])


@pytest.mark.parametrize(
    ("name", "setting"), [("nominatim", 'domain = "evil.org"'), ("baidu", 'api_key_env = "DB_PASSWORD"')]
)
def test_a_folder_names_neither_a_server_nor_a_variable(tmp_path, monkeypatch, name, setting):
    """A data folder from a stranger must not send addresses or secrets where it likes."""
    for variable, value in ((ONLINE_VARIABLE, "1"), (BAIDU_KEY_VARIABLE, "key"), ("DB_PASSWORD", "secret")):
        monkeypatch.setenv(variable, value)
    text = f'{AS_OF}{DATUM}[geocoder]\nname = "{name}"\nuser_agent = "me"\n{setting}\n'
    found = checked(write_folder(tmp_path, dataset=text))
    assert not {"domain", "api_key_env"} & set(found.inputs.dataset.geocoder)
    assert set(found.problems["code"]) == {"unknown_key"}


def test_a_finding_of_a_whole_file_takes_one_line():
    """It has no row."""
    assert Finding("empty_file", "x.csv").size == 1


def test_the_keys_of_all_tables_are_columns():
    """The headers that a file must have exist in the specification."""
    for table, keys in KEYS.items():
        assert set(keys) <= {spec.name for spec in TABLES[table]}


def test_small_text_helper_round_trips(tmp_path):
    """The rows that the tests write are the rows that are read."""
    write_folder(tmp_path, {"places": [{**PLACES[0], "place_code": "T2", "name": "乙,镇"}]})
    names = check(read_folder(tmp_path)).inputs.places["name"]
    assert list(names) == ["甲镇", "一村", "乙,镇"]
    assert csv_text(GOOD["travel"]).count("\n") == 2
