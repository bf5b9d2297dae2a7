"""Ids that a program has mutilated are told as such, with how many would be found if it were undone."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from matcher.intake.mutilated import mutilation
from matcher.intake.telling import cause_lines
from matcher.words.catalogues import LANGUAGES
from tests.helpers.folders import checked, write_folder


def ids(*texts: str) -> pa.Array:
    """Ids as a column holds them."""
    return pa.array(texts, pa.large_string())


@pytest.mark.parametrize(
    ("unknown", "known", "lost", "hits"),
    [
        (["990101001.0", "990101002.00", "x"], ["990101001", "990101002"], "point_zero", "2 / 3"),
        (["12", "7"], ["0012", "0007"], "lost_zeros", "2 / 2"),
        (["12", "7"], ["012", "0007"], "lost_zeros", "2 / 2"),
        (["'P1", "’P2"], ["P1", "P2"], "apostrophe", "2 / 2"),
        (["510402", "510402101"], ["510402000000", "510402101000"], "shorter_codes", "2 / 2"),
        (["510402000000", "510402101000"], ["510402", "510402101"], "longer_codes", "2 / 2"),
        (["5.10402E+11", "5E+11"], ["510402101001"], "scientific", "2 / 2"),
        (["p1"], ["P1"], "letter_case", "1 / 1"),
    ],
)
def test_the_mutilation_that_explains_most_is_told(
    unknown: list[str], known: list[str], lost: str, hits: str
) -> None:
    assert mutilation(ids(*unknown), ids(*known)) == {"lost": lost, "hits": hits}


def test_ids_that_nothing_explains_get_no_hint() -> None:
    assert mutilation(ids("x", "yy"), ids("P1", "P2")) == {}
    assert mutilation(ids("x"), ids()) == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_hint_stands_in_the_one_line_of_the_cause(tmp_path: Path, lang: str) -> None:
    more = [{"resident_id": f"R{n}", "age": "70", "place_code": "V1.0"} for n in (2, 3, 4)]
    problems = checked(write_folder(tmp_path, {"residents": more})).problems
    (line,) = (line for line in cause_lines(problems, lang) if "unknown_reference" in line)
    assert "3 / 3" in line
    assert ".0" in line
