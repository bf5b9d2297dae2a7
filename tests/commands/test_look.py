"""``look``: the numbers of the overview on the terminal and in files."""

from __future__ import annotations

import pandas as pd
import pytest

from matcher.cli import main
from tests.helpers.app_data import SMALL, write_tables


@pytest.fixture
def small(tmp_path):
    """Three people; one is served, one waits for a place, one is too far away."""
    return write_tables(tmp_path / "data", SMALL)


def test_it_prints_who_is_served_and_where_not(small, capsys):
    assert main(["look", str(small), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "3 residents, 1 served" in told
    assert "甲镇: 2 unserved" in told


def test_a_filter_holds_for_every_file(small, tmp_path):
    """Of tier 9 there is nobody: the tables are there, with nobody in them."""
    out = tmp_path / "out"
    assert main(["look", str(small), "--place", "V1", "--out", str(out)]) == 0
    places = pd.read_csv(out / "places.csv", dtype={"place_code": str})
    assert places.loc[places["level"] == "village", "residents"].tolist() == [3]
    assert len(pd.read_csv(out / "unserved.csv")) == 2
    assert main(["look", str(small), "--tier", "9", "--out", str(out)]) == 0
    assert pd.read_csv(out / "places.csv")["residents"].sum() == 0
    assert pd.read_csv(out / "unserved.csv").empty
    assert {file.name for file in out.iterdir()} == {"places.csv", "loads.csv", "unserved.csv"}


def test_names_are_masked(small, tmp_path):
    assert main(["look", str(small), "--out", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "unserved.csv").read_text(encoding="utf-8")
    assert "李*" in text
    assert "李四" not in text


@pytest.mark.parametrize("flags", [["--place", "V9"], ["--out", "."]])
def test_what_cannot_be_is_bad_input(small, capsys, flags, monkeypatch):
    """An unknown place is named with the nearest; results never go among the data."""
    monkeypatch.chdir(small)
    assert main(["look", str(small), *flags]) == 1
    told = capsys.readouterr().err
    assert "V1" in told or "data" in told


@pytest.mark.parametrize("ages", ["70", "80-70", "a-b", "70-"])
def test_ages_are_two_numbers(small, capsys, ages):
    with pytest.raises(SystemExit) as end:
        main(["look", str(small), "--ages", ages])
    assert end.value.code == 2
    assert ages in capsys.readouterr().err
