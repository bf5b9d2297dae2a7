"""Foreign files are named for what they are, by name or by content, with the way out."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest

from matcher.intake.fileforms import FOREIGN
from matcher.intake.telling import render_problems
from matcher.words.catalogues import LANGUAGES, catalogue
from tests.helpers.folders import checked, told, write_folder

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def packed(*names: str, mimetype: str = "") -> Callable[[Path], None]:
    """Writes a zip with parts of these names."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as parts:
            if mimetype:
                parts.writestr("mimetype", mimetype)
            for name in names:
                parts.writestr(name, "x")

    return write


def holding(content: bytes) -> Callable[[Path], None]:
    """Writes these bytes."""
    return lambda path: path.write_bytes(content) and None


def geometry(path: Path) -> None:
    """A GeoParquet file whose positions stand in its shapes alone."""
    meta = {"geo": "{}"}
    table = pa.table({"resident_id": ["R1"], "geometry": pa.array([b"x"], pa.binary())})
    pyarrow.parquet.write_table(table.replace_schema_metadata(meta), path)


CASES = [
    ("residents.xls", holding(OLE), "xls"),
    ("residents.et", holding(OLE), "et"),
    (
        "residents.ods",
        packed("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        "ods",
    ),
    (
        "residents.xlsx",
        packed("content.xml", mimetype="application/vnd.oasis.opendocument.spreadsheet"),
        "ods",
    ),
    ("residents.xlsb", packed("xl/workbook.bin"), "xlsb"),
    ("residents.xlsx", packed("xl/workbook.bin"), "xlsb"),
    ("residents.xlsx", holding(OLE + "EncryptedPackage".encode("utf-16-le")), "password"),
    ("residents.xlsx", holding(OLE), "xls"),
    ("residents.xlsx", holding(b"resident_id,name\nR1,x\n"), "text"),
    ("residents.xls", holding(b"<html><table><tr><td>resident_id</td></tr></table></html>"), "html"),
    ("residents.csv", packed("xl/workbook.xml"), "xlsx"),
    ("residents.csv", holding(b'{"type": "FeatureCollection"}'), "json"),
    ("residents.csv", holding(b"%PDF-1.7"), "document"),
    ("residents.zip", packed("residents.csv"), "archive"),
    ("residents.parquet", geometry, "geoparquet"),
]


@pytest.mark.parametrize(("name", "write", "form"), CASES, ids=[f"{name}-{form}" for name, _, form in CASES])
def test_a_foreign_file_is_named_with_the_way_out(
    tmp_path: Path, name: str, write: Callable[[Path], None], form: str
) -> None:
    """One error for the table, which says in both languages what the file is."""
    write_folder(tmp_path)
    (tmp_path / "residents.csv").unlink()
    write(tmp_path / name)
    problems = checked(tmp_path).problems
    found = problems[problems["file"] == name]
    assert found["code"].tolist() == ["foreign_format"]
    for lang in LANGUAGES:
        (line,) = render_problems(found, lang).to_dict("records")
        word = catalogue(lang)[f"file_form.{form}"]
        assert word in f"{line['value']} {line['allowed']} {line['fix']}"


def test_every_form_has_its_words() -> None:
    for lang in LANGUAGES:
        assert {f"file_form.{form}" for form in FOREIGN.values()} <= set(catalogue(lang))


def test_a_foreign_copy_beside_a_table_that_can_be_read_is_only_told(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "residents.xls").write_bytes(OLE)
    found = checked(tmp_path)
    assert told(found.problems) == {("residents.xls", 0, "", "foreign_beside")}
    assert found.inputs is not None


def test_shapes_beside_coordinates_are_left_out_and_told(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "places.csv").unlink()
    table = pa.table(
        {
            "place_code": ["T1", "V1"],
            "name": ["甲镇", "一村"],
            "level": ["township", "village"],
            "parent_code": [None, "T1"],
            "lat": [26.5, 26.5],
            "lon": [101.7, 101.7],
            "geometry": pa.array([b"x", b"y"], pa.binary()),
        }
    )
    pyarrow.parquet.write_table(table.replace_schema_metadata({"geo": "{}"}), tmp_path / "places.parquet")
    found = checked(tmp_path)
    assert ("places.parquet", 1, "", "geometry_left_out") in {
        (f, r, "", c) for f, r, _, c in told(found.problems)
    }
    assert found.inputs is not None
