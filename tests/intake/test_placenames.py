"""Names of county, township and village stand for the code of the place; two of one name are never guessed."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.helpers.folders import checked, told, write_folder

PLACES = """place_code,name,level,parent_code
9901,甲市,city,
990101,东县,county,9901
990102,西县,county,9901
990101100,和平镇,township,990101
990101100201,红星村委会,village,990101100
990101100202,和平社区居民委员会,village,990101100
990102001,新村社区居民委员会,village,990102
990102002,红星村民委员会,village,990102
"""


def residents(tmp_path, text: str, parents: bool = True):
    """The roster `text` over these places, read and checked."""
    write_folder(tmp_path)
    for table in ("travel", "candidates", "sites"):
        (tmp_path / f"{table}.csv").unlink()
    places = PLACES if parents else "\n".join(line.rsplit(",", 1)[0] + "," for line in PLACES.splitlines())
    places = places.replace("level,\n", "level,parent_code\n")
    (tmp_path / "places.csv").write_text(places, encoding="utf-8")
    (tmp_path / "providers.csv").write_text("provider_id,kind\n", encoding="utf-8")
    (tmp_path / "residents.csv").write_text(text, encoding="utf-8")
    return checked(tmp_path)


@pytest.mark.parametrize(
    ("header", "names", "code"),
    [
        ("区县,村（社区）", "东县,红星村", "990101100201"),
        ("区县,村（社区）", "西县,红星村", "990102002"),
        ("县,乡镇,村", "东县,和平镇,红星村委会", "990101100201"),
        ("县,乡镇,村", "东县,和平镇,红星", "990101100201"),
        ("县,乡镇,村", "东县,和平镇,和平社区", "990101100202"),
        ("县,乡镇,村", "东县,和平镇,和平镇红星村3组", "990101100201"),
        ("乡镇,社区", "和平,和平社区居委会", "990101100202"),
        ("村", "新村社区", "990102001"),
        ("县", "西县", "990102"),
        ("place_code", "新村社区", "990102001"),
        ("place_code", "990102002", "990102002"),
    ],
)
@pytest.mark.parametrize("parents", [True, False])
def test_a_place_is_found_by_its_names(tmp_path, header, names, code, parents):
    """In full or short form, with or without a group of the village, parents written or by the codes."""
    result = residents(tmp_path, f"编号,年龄,{header}\nR1,70,{names}\n", parents)
    assert {code for *_, code in told(result.problems)} <= {"parents_from_codes"}
    assert result.inputs.residents["place_code"][0] == code


def test_a_name_borne_twice_is_told_with_both_and_not_guessed(tmp_path):
    """红星村 lies in both counties: nobody is placed in either."""
    result = residents(tmp_path, "编号,年龄,村\nR1,70,红星村\nR2,70,新村社区\n")
    assert told(result.problems) == {("residents.csv", 2, "village_name", "place_name_ambiguous")}
    assert {"990101100201", "990102002"} <= set(result.problems["value"][0].replace(",", " ").split())
    assert pd.isna(result.inputs.residents["place_code"][0])


@pytest.mark.parametrize(("names", "code"), [("东县,无此村", "990101"), ("东县,红星社区", "990101")])
def test_an_unknown_village_counts_in_the_county_and_is_told(tmp_path, names, code):
    """村 and 社区 of one name are two places."""
    result = residents(tmp_path, f"编号,年龄,县,村\nR1,70,{names}\n")
    assert told(result.problems) == {("residents.csv", 2, "village_name", "place_name_unknown")}
    assert result.inputs.residents["place_code"][0] == code


def test_a_village_is_not_looked_for_in_another_county(tmp_path):
    """新村社区 lies in 西县; a row that says 东县 counts in 东县 and is told."""
    result = residents(tmp_path, "编号,年龄,县,村\nR1,70,东县,新村社区\n")
    assert told(result.problems) == {("residents.csv", 2, "village_name", "place_name_unknown")}
    assert result.inputs.residents["place_code"][0] == "990101"
