"""Places form a tree in which nobody is lost: parents as written, else by the national codes, else told."""

from __future__ import annotations

import pandas as pd
import pytest

from matcher.intake.placetree import parents_by_code, significant
from matcher.plan.coverage import coverage_table
from tests.helpers.folders import PROVIDER, RESIDENT, checked, told, write_folder

FULL = {
    "510400000000": "city",
    "510402000000": "county",
    "510402001000": "township",
    "510402001002": "village",
    "510402999001": "village",
}
SHORT = {"9901": "city", "990101": "county", "990101001": "village", "990102001": "village"}


def folder_of(tmp_path, levels: dict[str, str], home: str, **more: str):
    """A folder of these places without parents, one person and one provider living in `home`."""
    write_folder(tmp_path)
    for table in ("travel", "candidates", "sites"):
        (tmp_path / f"{table}.csv").unlink()
    rows = "".join(f"{code},{level},{more.get(code, '')}\n" for code, level in levels.items())
    (tmp_path / "places.csv").write_text(f"place_code,level,parent_code\n{rows}", encoding="utf-8")
    for table, row in (("residents", RESIDENT), ("providers", PROVIDER)):
        cells = {**row, "place_code": home}
        (tmp_path / f"{table}.csv").write_text(
            ",".join(cells) + "\n" + ",".join(cells.values()) + "\n", encoding="utf-8"
        )
    return tmp_path


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("510400000000", "5104"), ("510402000000", "510402"), ("510402001000", "510402001"),
        ("510402001200", "510402001200"), ("510400", "5104"), ("510402", "510402"), ("510402001", "510402001"),
        ("V1", ""), ("1234567", ""),
    ],
)  # fmt: skip
def test_zeros_fill_up_a_national_code(code, digits):
    """Only whole groups of zeros are no part of it."""
    assert significant(code) == digits


def test_the_nearest_place_above_that_is_listed_is_the_parent():
    """A village of a township that is not listed lies in the county."""
    places = pd.DataFrame({"place_code": list(FULL), "level": list(FULL.values())}).assign(parent_code=None)
    parents = dict(zip(places["place_code"], parents_by_code(places), strict=True))
    assert parents["510402001002"] == "510402001000"
    assert parents["510402999001"] == "510402000000"
    assert parents["510402000000"] == "510400000000"
    assert pd.isna(parents["510400000000"])


def test_who_lives_in_a_village_counts_in_county_and_city(tmp_path):
    """The column of parents is empty, the codes say it: the roots add up to everybody."""
    result = checked(folder_of(tmp_path, SHORT, "990101001"))
    assert told(result.problems) == {("places.csv", 0, "parent_code", "parents_from_codes")}
    people = result.inputs.residents.assign(mode="home", served=False, distance_km=float("nan"))
    counted = coverage_table(people, result.inputs.places, result.inputs.sites)
    everybody = counted[counted["mode"] == "all"].set_index("place_code")["residents"]
    assert everybody.to_dict() == {"9901": 1, "990101": 1, "990101001": 1, "990102001": 0}


def test_a_place_that_nothing_holds_is_told(tmp_path):
    """Codes of one's own say nothing of parents: what is below the top and stands alone is named."""
    result = checked(folder_of(tmp_path, {"CITY": "city", "C1": "county", "V1": "village"}, "V1", V1="C1"))
    assert told(result.problems) == {("places.csv", 3, "parent_code", "no_parent")}
    assert result.inputs is not None


def test_a_parent_of_no_larger_level_is_told(tmp_path):
    """A county inside a village is a slip of two columns or codes."""
    result = checked(folder_of(tmp_path, {"V1": "village", "C1": "county"}, "V1", C1="V1"))
    assert ("places.csv", 3, "parent_code", "parent_not_above") in told(result.problems)


def test_a_place_listed_twice_is_told_as_that_alone(tmp_path):
    """Whether its two parents make a circle is not asked: the cause is the second row."""
    folder = folder_of(tmp_path, {"C1": "county", "T1": "township"}, "T1", T1="C1")
    with (folder / "places.csv").open("a", encoding="utf-8") as file:
        file.write("C1,county,T1\n")
    assert {code for *_, code in told(checked(folder).problems)} <= {"duplicate_id", "parent_not_above"}
    assert "parent_cycle" not in set(checked(folder).problems["code"])
