"""The command line: what it writes, what it says, and its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from matcher.cli import main
from matcher.files.switch import claimed
from matcher.plan import written as outputs
from matcher.tables import OUTPUTS
from tests import ROOT

FILES = {"assignments.csv", "unserved.csv", "providers.csv", "coverage.csv", "outcome.json"}
RESIDENTS = """resident_id,age,origin,living_setting,place_code,lat,lon
b,70,local,own_home,V1,26.5,101.7
a,82,local,own_home,V1,26.51,101.7
c,70,local,own_home,,26.9,101.7
"""
PROVIDERS = """provider_id,kind,lat,lon,capacity_home
q,village_clinic,26.5,101.7,1
p,township_health_centre,26.52,101.7,5
"""
PLACES = "place_code,name,level,lat,lon\nV1,一村,village,26.5,101.7\n"
DATASET = 'as_of = "2026-01-01"\ndatum = "wgs84"\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three people and two providers."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, text in {
        "residents.csv": RESIDENTS,
        "providers.csv": PROVIDERS,
        "places.csv": PLACES,
        "dataset.toml": DATASET,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _match(data: Path, out: Path, *flags: str) -> int:
    return main(["match", str(data), "--out", str(out), "--lang", "en", *flags])


def test_match_writes_five_files_as_agreed(data: Path, tmp_path: Path) -> None:
    assert _match(data, tmp_path / "new" / "out") == 0
    out = tmp_path / "new" / "out"
    assert {path.name for path in out.iterdir()} == FILES
    for name, columns in OUTPUTS.items():
        content = (out / f"{name}.csv").read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in content
        assert content.decode("utf-8").splitlines()[0] == ",".join(columns)
    assert pd.read_csv(out / "assignments.csv")["resident_id"].tolist() == ["a", "b"]
    unserved = pd.read_csv(out / "unserved.csv")
    assert unserved[["resident_id", "reason", "nearest_provider_id"]].to_numpy().tolist() == [
        ["c", "beyond_limit", "p"]
    ]


def test_outcome_tells_status_proof_and_seconds(data: Path, tmp_path: Path) -> None:
    _match(data, tmp_path / "out")
    outcome = json.loads((tmp_path / "out" / "outcome.json").read_text(encoding="utf-8"))
    assert outcome["status"] == "optimal"
    assert outcome["proof"] == "prices"
    assert outcome["certificate"] == {"valid": True, "checked_pairs": 4, "min_reduced_cost": 0}
    assert (outcome["residents"], outcome["served"]) == (3, 2)
    assert outcome["served_by_tier"] == {"1": 0, "2": 1, "3": 1}
    assert outcome["bound"] == outcome["total_cost_m"]
    assert outcome["gap"] == 0
    assert set(outcome["seconds"]) == {"read", "candidates", "solve", "verify", "write", "total"}


def test_a_file_without_rows_keeps_its_header(data: Path, tmp_path: Path) -> None:
    (data / "residents.csv").write_text(RESIDENTS.splitlines()[0] + "\n", encoding="utf-8")
    assert _match(data, tmp_path / "out") == 0
    header = ",".join(OUTPUTS["unserved"])
    assert (tmp_path / "out" / "unserved.csv").read_text(encoding="utf-8") == header + "\n"


def test_row_order_and_a_second_run_give_the_same_bytes(data: Path, tmp_path: Path) -> None:
    _match(data, tmp_path / "one")
    for name in ("residents.csv", "providers.csv"):
        header, *rows = (data / name).read_text(encoding="utf-8").splitlines()
        (data / name).write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    _match(data, tmp_path / "two")
    for name in FILES - {"outcome.json"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    first, second = (
        json.loads((tmp_path / run / "outcome.json").read_text(encoding="utf-8")) for run in ("one", "two")
    )
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


def test_names_with_commas_are_quoted(data: Path, tmp_path: Path) -> None:
    text = RESIDENTS.replace("\na,", '\n"a,""1""",')
    (data / "residents.csv").write_text(text, encoding="utf-8")
    assert _match(data, tmp_path / "out") == 0
    assert pd.read_csv(tmp_path / "out" / "assignments.csv")["resident_id"].tolist() == ['a,"1"', "b"]


def test_bad_data_exit_1_and_write_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "providers.csv").write_text(PROVIDERS.replace(",5\n", ",约50\n"), encoding="utf-8")
    assert _match(data, tmp_path / "out") == 1
    assert not (tmp_path / "out").exists()
    error = capsys.readouterr().err
    assert "providers.csv" in error
    assert "capacity_home" in error


@pytest.mark.parametrize("policy", ["panzhihua-2061", "no/such/file.toml"])
def test_an_unknown_policy_exits_1_naming_the_nearest(
    data: Path, tmp_path: Path, policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _match(data, tmp_path / "out", "--policy", policy) == 1
    assert not (tmp_path / "out").exists()
    assert capsys.readouterr().err.strip()


def test_an_unknown_policy_key_is_refused_with_the_nearest(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "mine.toml"
    policy.write_text("detour_facter = 1.2\n", encoding="utf-8")
    assert _match(data, tmp_path / "out", "--policy", str(policy)) == 1
    assert "detour_factor" in capsys.readouterr().err


def test_an_empty_policy_file_changes_nothing(data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text("", encoding="utf-8")
    _match(data, tmp_path / "one")
    _match(data, tmp_path / "two", "--policy", str(tmp_path / "empty.toml"))
    one, two = (json.loads((tmp_path / name / "outcome.json").read_text("utf-8")) for name in ("one", "two"))
    assert one["fingerprint"] == two["fingerprint"]


def test_wrong_flags_exit_2(data: Path) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["match", str(data)])
    assert exit_info.value.code == 2


def test_help_speaks_chinese_and_english(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ([], ["check"], ["sample"], ["match"], ["slots"], ["verify"], ["app"]):
        with pytest.raises(SystemExit) as exit_info:
            main([*command, "--help"])
        assert exit_info.value.code == 0
        told = capsys.readouterr().out
        assert any("一" <= letter <= "鿿" for letter in told)
        assert " / " in told


@pytest.mark.parametrize("failing", ["write_csv", "write_outcome"])
@pytest.mark.parametrize("call", [1, 2, 4])
def test_a_full_disk_exits_3_and_leaves_the_old_results(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, call: int
) -> None:
    """The n-th write fails: the five files of the run before stand as they were, and no draft is left."""
    out = tmp_path / "out"
    _match(data, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    calls = {"count": 0}
    real = getattr(outputs, failing)

    def full(*arguments: object) -> None:
        calls["count"] += 1
        if calls["count"] == call:
            raise OSError(28, "No space left on device")
        real(*arguments)

    monkeypatch.setattr(outputs, failing, full)
    expected = 3 if failing == "write_csv" or call == 1 else 0
    assert _match(data, out) == expected
    after = {path.name: path.read_bytes() for path in out.iterdir()}
    if expected == 3:
        assert after == before
    else:
        assert set(after) == FILES


def test_results_never_replace_the_data(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    assert _match(data, data) == 1
    assert main(["slots", str(data), "--out", str(data / "providers.csv")]) == 1
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before
    assert str(data) in capsys.readouterr().err


@pytest.mark.parametrize("inside", ["out", "a/b/out"])
def test_results_do_not_go_below_the_data_either(data: Path, inside: str, tmp_path: Path) -> None:
    """Nor by way of a link."""
    assert _match(data, data / inside) == 1
    (tmp_path / "link").symlink_to(data, target_is_directory=True)
    assert _match(data, tmp_path / "link" / inside) == 1
    assert not (data / inside.split("/")[0]).exists()


def test_two_runs_do_not_write_to_one_folder(data: Path, tmp_path: Path) -> None:
    with claimed(tmp_path / "out"):
        assert _match(data, tmp_path / "out") == 1
    assert _match(data, tmp_path / "out") == 0


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00rubbish", b"a,b\n1,2\n"])
def test_verify_of_a_spoilt_plan_exits_1(data: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "assignments.csv").write_bytes(content)
    assert main(["verify", str(data), "--plan", str(tmp_path)]) == 1


def test_verify_masks_ids_that_are_id_numbers(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _match(data, tmp_path / "out")
    path = tmp_path / "out" / "assignments.csv"
    path.write_text(path.read_text("utf-8").replace("\na,", "\n11010519491231002X,"), encoding="utf-8")
    assert main(["verify", str(data), "--plan", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().out
    assert "the data know nobody called" in told
    assert "19491231" not in told


def test_an_interrupt_exits_130(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("matcher.plan.match.match", interrupt)
    assert _match(data, tmp_path / "out") == 130
    assert not (tmp_path / "out").exists()
    assert capsys.readouterr().err.strip()


def test_an_internal_error_shows_no_trace_and_no_values(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("510411195001011234")

    monkeypatch.setattr("matcher.plan.match.match", break_down)
    monkeypatch.delenv("MATCHER_DEBUG", raising=False)
    assert _match(data, tmp_path / "out") == 3
    error = capsys.readouterr().err
    assert "ZeroDivisionError" in error
    assert "510411195001011234" not in error
    assert "Traceback" not in error


def test_check_tells_problems_as_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "providers.csv").write_text(PROVIDERS.replace(",5\n", ",-5\n"), encoding="utf-8")
    assert main(["check", str(data), "--json", "--lang", "en"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)
    assert set(problem) == {"file", "row", "column", "code", "severity", "value", "allowed", "fix"}
    assert (problem["file"], problem["row"], problem["column"], problem["value"]) == (
        "providers.csv",
        3,
        "capacity_home",
        "-5",
    )


def test_match_tells_of_warnings(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A column that nobody knows is not read: that is said, and the plan is made all the same."""
    (data / "providers.csv").write_text(PROVIDERS.replace("capacity_home", "places_home"), encoding="utf-8")
    assert _match(data, tmp_path / "out") == 0
    told = capsys.readouterr().err
    (line,) = (line for line in told.splitlines() if "unknown_column" in line)
    assert "providers.csv" in line
    assert "places_home" in line
    assert "check" in told


@pytest.mark.parametrize("flags", [["--datum", "wgs48"], ["--as-of", "2026-13-01"]])
def test_a_flag_with_a_wrong_value_exits_2(data: Path, tmp_path: Path, flags: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        _match(data, tmp_path / "out", *flags)
    assert exit_info.value.code == 2


def test_check_of_sound_data_exits_0(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(data), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_without_dataset_toml_date_and_datum_must_be_given(data: Path, tmp_path: Path) -> None:
    (data / "dataset.toml").unlink()
    assert _match(data, tmp_path / "out") == 1
    assert _match(data, tmp_path / "out", "--as-of", "2026-01-01", "--datum", "wgs84") == 0


def test_slots_ranks_where_places_help(data: Path, tmp_path: Path) -> None:
    """`c` is beyond every limit and the others sit at their nearest: no place anywhere brings anything."""
    target = tmp_path / "new" / "slots.csv"
    assert main(["slots", str(data), "--out", str(target), "--places", "2"]) == 0
    table = pd.read_csv(target)
    assert table["provider_id"].tolist() == ["p", "q"]
    assert table[["more_served", "more_m"]].to_numpy().tolist() == [[0, 0], [0, 0]]
    assert [path.name for path in target.parent.iterdir()] == ["slots.csv"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["app", "--port", "0"],
        ["app", "--port", "65536"],
        ["slots", "DATA", "--places", "0"],
        ["slots", "DATA", "--top", "1.5"],
        ["sample", "DIR", "--residents", "-1"],
        ["sample", "DIR", "--residents", "many"],
    ],
)
def test_a_number_out_of_range_is_a_wrong_flag(arguments, capsys):
    """Told in both languages with what is allowed, before anything is read or written."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert f"“{arguments[-1]}”" in told
    assert "应为整数" in told
    assert "whole number" in told


def test_verify_accepts_what_match_wrote_and_refuses_a_changed_plan(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without `a` the plan serves one fewer: the witness names who should come in."""
    out = tmp_path / "out"
    _match(data, out)
    assert main(["verify", str(data), "--plan", str(out), "--lang", "en"]) == 0
    rows = (out / "assignments.csv").read_text(encoding="utf-8").splitlines()
    (out / "assignments.csv").write_text("\n".join([rows[0], rows[2]]) + "\n", encoding="utf-8")
    capsys.readouterr()
    assert main(["verify", str(data), "--plan", str(out), "--lang", "en"]) == 1
    assert "a: (unserved) → p" in capsys.readouterr().out


def test_verify_of_a_folder_without_a_plan_exits_1(data: Path, tmp_path: Path) -> None:
    assert main(["verify", str(data), "--plan", str(tmp_path)]) == 1


def test_nothing_but_results_when_piped(data: Path, tmp_path: Path) -> None:
    """In a real process: no progress bar on standard error, coverage on standard output."""
    command = [sys.executable, "-m", "matcher", "match", str(data), "--out", str(tmp_path / "out")]
    run = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "PYTHONUTF8": "1", "MATCHER_LANG": "zh"},
        check=True,
    )
    assert run.stderr == b""
    assert "已证明最优" in run.stdout.decode("utf-8")


def test_match_counts_listed_and_computed_journeys(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pair that the travel table does not list is computed, and said so."""
    (data / "travel.csv").write_text("from_code,provider_id,km,minutes\na,p,2.5,6\n", encoding="utf-8")
    assert _match(data, tmp_path / "out") == 0
    assert "journeys: 1 of the served by the travel table, 1 computed" in capsys.readouterr().out
    sources = pd.read_csv(tmp_path / "out" / "assignments.csv")["distance_source"].value_counts().to_dict()
    assert sources == {"table": 1, "computed": 1}


def test_corrections_of_a_file_are_kept_by_the_match_and_told(data, tmp_path, capsys):
    file = tmp_path / "decided.csv"
    file.write_text("resident_id,what,value\nb,override,p\nc,died,\na,frozen,p\n", encoding="utf-8")
    out = tmp_path / "out"
    assert main(["match", str(data), "--corrections", str(file), "--out", str(out), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "2 of 2 providers by decision kept" in told
    table = pd.read_csv(out / "assignments.csv").set_index("resident_id")["provider_id"]
    assert table.to_dict() == {"a": "p", "b": "p"}
    assert json.loads((out / "outcome.json").read_text(encoding="utf-8"))["residents"] == 2
    assert main(["verify", str(data), "--plan", str(out)]) != 0  # the data alone say nothing of it
    assert main(["verify", str(data), "--corrections", str(file), "--plan", str(out)]) == 0


@pytest.mark.parametrize("command", ["check", "match"])
def test_a_file_of_corrections_that_is_wrong_or_not_there_is_told(data, tmp_path, capsys, command):
    out = ["--out", str(tmp_path / "out")] if command == "match" else []
    file = tmp_path / "decided.csv"
    assert main([command, str(data), "--corrections", str(file), *out, "--lang", "en"]) == 1
    file.write_text("resident_id,what,value\nb,override,nobody\n", encoding="utf-8")
    assert main([command, str(data), "--corrections", str(file), *out, "--lang", "en"]) == 1
    told = capsys.readouterr()
    assert "decided.csv" in told.out + told.err
    assert not (tmp_path / "out").exists()


def test_totals_are_written_and_withhold_what_is_small(data, tmp_path):
    file = tmp_path / "totals.csv"
    (data / "places.csv").write_text(
        "place_code,name,level,lat,lon\nV1,一村,village,26.5,101.7\nC1,甲县,county,26.5,101.7\n",
        encoding="utf-8",
    )
    assert main(["totals", str(data), "--out", str(file)]) == 0
    table = pd.read_csv(file)
    assert table["place_code"].unique().tolist() in ([], ["C1"])
    assert (
        not (
            (table[["residents", "served", "unserved"]] > 0)
            & (table[["residents", "served", "unserved"]] < 5)
        )
        .any()
        .any()
    )


def test_prepare_compiles_or_says_that_there_is_nothing_to_compile(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["prepare", "--lang", "en"]) == 0
    there = find_spec("numba") is not None
    assert ("is compiled" if there else "not installed") in capsys.readouterr().out
    monkeypatch.setattr("matcher.commands.prepare.find_spec", lambda _: None)
    assert main(["prepare", "--lang", "en"]) == 0
    assert "not installed" in capsys.readouterr().out
