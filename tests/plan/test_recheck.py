"""`verify` of a written plan: whatever is changed in its five files is found, by file, row and column."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from matcher.cli import main
from matcher.errors import BadInput
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.plan.recheck import Recheck, recheck
from matcher.plan.written import write_plan
from matcher.policy.documents import load_policy
from matcher.results.verdict import recheck_lines
from matcher.tables import OUTPUT_KEYS, OUTPUTS
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.folders import write_folder

POLICY = load_policy("panzhihua-2016")
TOGETHER = replace(POLICY, keep_households_together=True)
TABLES = tuple(f"{name}.csv" for name in OUTPUTS)
FILES = (*TABLES, "outcome.json")


def street(policy=POLICY) -> Plan:
    """Three served by two providers, one waits, one is too far away."""
    people = [
        resident("a", 0, household_id="h"),
        resident("b", 1, household_id="h"),
        resident("c", 2),
        resident("d", 3),
        resident("far", 60),
    ]
    return match(
        make_inputs(people, [provider("p", 0, capacity_home=2), provider("q", 2)]),
        policy,
        Options(time_limit_s=5),
    )


@pytest.fixture(scope="module")
def plan() -> Plan:
    return street()


@pytest.fixture
def folder(plan: Plan, tmp_path: Path) -> Path:
    write_plan(plan, tmp_path / "out")
    return tmp_path / "out"


def checked(plan: Plan, folder: Path) -> Recheck:
    return recheck(plan.inputs, plan.policy, folder)


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))


def write_rows(path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), "utf-8", newline="")


def test_a_plan_as_it_was_written_passes(plan: Plan, folder: Path):
    told = checked(plan, folder)
    assert (told.passed, told.differences) == (True, ())


def test_a_changed_cell_of_any_column_is_named(plan: Plan, folder: Path):
    """Each cell of each table's header, first and last row gets another text: by itself it is found, with its row and
    column (of the cells that tell rows apart, the first).
    """
    for name in TABLES:
        path = folder / name
        before = path.read_bytes()
        rows = rows_of(path)
        for row in sorted({1, min(2, len(rows)), len(rows)}):
            for column, cell in enumerate(rows[row - 1]):
                changed = [list(line) for line in rows]
                changed[row - 1][column] = f"{cell}0" if cell else "1"
                write_rows(path, changed)
                told = checked(plan, folder)
                assert not told.passed
                places = {(one.file, one.row, one.column) for one in told.differences}
                key = OUTPUT_KEYS[name.removesuffix(".csv")]
                named = key[0] if rows[0][column] in key and row > 1 else rows[0][column]
                assert (name, row, named) in places, (name, row, column, told.differences)
        path.write_bytes(before)


def test_another_provider_of_the_data_is_named_too(plan: Plan, folder: Path):
    """`a` sent to `q` in place of `p`: not the best, and the cells of the journey are not those of the pair."""
    path = folder / "assignments.csv"
    rows = rows_of(path)
    rows[1][rows[0].index("provider_id")] = "q"
    write_rows(path, rows)
    told = checked(plan, folder)
    assert not told.passed
    assert ("assignments.csv", 2, "distance_km") in {(d.file, d.row, d.column) for d in told.differences}
    assert any("above its capacity" in line for line in recheck_lines(told, "en"))


@pytest.mark.parametrize(
    ("other", "kind"), [("far", "ineligible"), ("closed", "ineligible"), ("zz", "unknown_provider")]
)
def test_a_provider_who_may_not_serve_is_named_by_its_row(tmp_path: Path, other: str, kind: str):
    """Beyond the limit, or not open, or not there: what follows from it is not told."""
    providers = [provider("p"), provider("far", 60), provider("closed", status="closed")]
    plan = match(make_inputs([resident("a")], providers), POLICY)
    write_plan(plan, tmp_path)
    path = tmp_path / "assignments.csv"
    path.write_text(path.read_text("utf-8").replace(",p,", f",{other},"), "utf-8")
    told = checked(plan, tmp_path)
    assert [(one.file, one.kind, one.row, one.column, one.found) for one in told.differences] == [
        ("assignments.csv", kind, 2, "provider_id", other)
    ]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("change", ["drop", "twice", "add", "swap", "short", "long"])
def test_rows_more_or_less_are_named(plan: Plan, folder: Path, name: str, change: str):
    path = folder / name
    rows = rows_of(path)
    changed = {
        "drop": [rows[0], *rows[2:]],
        "twice": [*rows, rows[-1]],
        "add": [*rows, ["zz", *rows[-1][1:]]],
        "swap": [rows[0], rows[2], rows[1], *rows[3:]],
        "short": [*rows[:-1], rows[-1][:-1]],
        "long": [*rows[:-1], [*rows[-1], ""]],
    }[change]
    write_rows(path, changed)
    told = checked(plan, folder)
    assert not told.passed
    where = "unserved.csv" if (name, change) == ("assignments.csv", "drop") else name
    first = next(one for one in told.differences if one.file == where)
    assert first.row is not None
    assert first.column in rows[0]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_or_is_none_is_named(plan: Plan, folder: Path, name: str):
    for content in (None, b"", b"\xff\xfe\x00", b'"'):
        shutil.rmtree(folder)
        write_plan(plan, folder)
        (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
        if (name, content) == ("assignments.csv", None):
            with pytest.raises(BadInput) as error:
                checked(plan, folder)
            assert error.value.code == "no_plan"
            continue
        told = checked(plan, folder)
        assert not told.passed
        assert told.differences[0].file == name


@pytest.mark.parametrize("name", FILES)
def test_the_way_of_writing_counts(plan: Plan, folder: Path, name: str):
    """A byte order mark, Windows' line ends, an empty line at the end, a missing line end."""
    path = folder / name
    whole = path.read_bytes()
    for changed in (b"\xef\xbb\xbf" + whole, whole.replace(b"\n", b"\r\n"), whole + b"\n", whole[:-1]):
        path.write_bytes(changed)
        told = checked(plan, folder)
        assert not told.passed
        assert told.differences[0].file == name


def leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from leaves(inside, (*path, key))
    else:
        yield path


@pytest.mark.parametrize("policy", [POLICY, TOGETHER], ids=["apart", "together"])
def test_every_value_of_the_outcome_counts(tmp_path: Path, policy):
    """Changed, or taken away; of the seconds only the form can be known."""
    plan = street(policy)
    write_plan(plan, tmp_path)
    path = tmp_path / "outcome.json"
    whole = json.loads(path.read_text("utf-8"))
    assert checked(plan, tmp_path).passed
    for keys in leaves(whole):
        for gone in (False, True):
            changed = json.loads(json.dumps(whole))
            holder = changed
            for key in keys[:-1]:
                holder = holder[key]
            value = holder.pop(keys[-1])
            if not gone:
                holder[keys[-1]] = _other(value, keys)
            path.write_text(json.dumps(changed, ensure_ascii=False, indent=2) + "\n", "utf-8", newline="\n")
            if keys[0] in ("version", "policy") and not (gone and keys[0] == "version"):
                with pytest.raises(BadInput, match=keys[0]):
                    checked(plan, tmp_path)
                continue
            told = checked(plan, tmp_path)
            assert not told.passed, keys
            assert "outcome.json" in {one.file for one in told.differences}
            named = {one.column for one in told.differences}
            assert named & {".".join(keys), "fingerprint"}, (keys, named)


def _other(value: object, keys: tuple[str, ...]) -> object:
    if keys[0] == "seconds":
        return -1
    if isinstance(value, bool):
        return not value
    return f"{value}x" if isinstance(value, str) else 1 if value is None else value + 1


def test_a_key_that_comes_twice_is_named(plan: Plan, folder: Path):
    path = folder / "outcome.json"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('  "served": 3,\n', '  "served": 3,\n  "served": 3,\n'), "utf-8", newline="\n"
    )
    told = checked(plan, folder)
    assert [one.column for one in told.differences] == ["served#2"]


def test_numbers_count_as_they_are_written(plan: Plan, folder: Path):
    """1.40 km is not written 1.400000, and 3 served not 3.0."""
    path = folder / "coverage.csv"
    path.write_text(path.read_text("utf-8").replace(".000000,", ".00000,", 1), "utf-8", newline="\n")
    assert checked(plan, folder).differences[0].file == "coverage.csv"
    path = folder / "outcome.json"
    path.write_text(path.read_text("utf-8").replace('"served": 3,', '"served": 3.0,'), "utf-8", newline="\n")
    assert checked(plan, folder).differences[0].column == "served"


def test_another_policy_or_version_is_told_alone(plan: Plan, folder: Path):
    with pytest.raises(BadInput) as error:
        recheck(plan.inputs, replace(POLICY, detour_factor=2.0), folder)
    assert error.value.code == "plan_other_policy"
    path = folder / "outcome.json"
    path.write_text(path.read_text("utf-8").replace('"version": "', '"version": "9.'), "utf-8")
    with pytest.raises(BadInput) as error:
        recheck(plan.inputs, replace(POLICY, detour_factor=2.0), folder)
    assert error.value.code == "plan_other_version"


def test_other_data_are_seen_by_the_fingerprint(plan: Plan, folder: Path):
    """A name that changes no figure is another input all the same."""
    named = plan.inputs.replace(residents=plan.inputs.residents.assign(name="x").astype({"name": "str"}))
    told = recheck(named, POLICY, folder)
    assert [one.column for one in told.differences] == ["fingerprint"]


def test_the_fingerprint_is_made_again_from_what_stands_beside_it(plan: Plan, tmp_path: Path):
    """Of a plan solved from another one, and of one with households and a time limit."""
    again = match(plan.inputs, POLICY, start=plan)
    assert (again.outcome.start, plan.outcome.start) == (plan.outcome.fingerprint, "")
    together = street(TOGETHER)
    assert together.outcome.start == "time limit 5 s"
    for name, one in (("again", again), ("together", together)):
        write_plan(one, tmp_path / name)
        assert checked(one, tmp_path / name).passed


def waiting_couple() -> Plan:
    """Two who stay together and one place: both wait, which only the bounds of the search prove to be best."""
    couple = [resident(name, 0, household_id="h") for name in ("a", "b")]
    return match(make_inputs([*couple, resident("c", 1)], [provider("p", 0)]), TOGETHER)


def test_what_households_leave_open_is_said(tmp_path: Path):
    plan = waiting_couple()
    assert (plan.outcome.status, plan.outcome.proof) == ("optimal", "bound")
    write_plan(plan, tmp_path)
    told = checked(plan, tmp_path)
    assert told.passed
    assert any("taken from outcome.json" in line for line in recheck_lines(told, "en"))


@pytest.mark.parametrize(
    "changes",
    [
        {"bound": None},
        {"bound": 1399},
        {"bound": 1401},
        {"bound": -1},
        {"bound": "1400"},
        {"bound": True},
        {"served_bound": {"1": 0, "2": 0, "3": 0}},
        {"served_bound": {"1": 0, "2": 0, "3": 2}},
        {"served_bound": None},
        {"status": "feasible"},
        {"proof": "prices"},
        {"gap": 0.1},
        {"bound": 1401, "status": "feasible", "proof": "none", "gap": 1 / 1401},
        {"served_bound": {"1": 0, "2": 0, "3": 0}, "status": "feasible", "proof": "none", "gap": 1.0},
    ],
)
def test_bounds_that_cannot_be_or_do_not_fit_the_claim_are_found(tmp_path: Path, changes: dict[str, object]):
    """`c` alone is served, at 1,400 m: the bounds are 0, 0, 1 and 1,400."""
    plan = waiting_couple()
    write_plan(plan, tmp_path)
    path = tmp_path / "outcome.json"
    whole = json.loads(path.read_text("utf-8"))
    assert (whole["served_bound"], whole["bound"]) == ({"1": 0, "2": 0, "3": 1}, 1400)
    path.write_text(json.dumps({**whole, **changes}, ensure_ascii=False, indent=2) + "\n", "utf-8")
    told = checked(plan, tmp_path)
    assert not told.passed
    assert {one.file for one in told.differences} == {"outcome.json"}


def test_ids_that_need_quotes_or_look_like_formulas_pass(tmp_path: Path):
    ids = ['a,"b"', "=1+1", "'=1", "@x", "-1", "普通"]
    plan = match(
        make_inputs([resident(name, 0) for name in ids], [provider('p,"1"', 0, capacity_home=5)]), POLICY
    )
    write_plan(plan, tmp_path)
    assert checked(plan, tmp_path).passed


def test_an_empty_plan_passes(tmp_path: Path):
    plan = match(make_inputs([], []), POLICY)
    write_plan(plan, tmp_path)
    assert checked(plan, tmp_path).passed


def test_the_command_says_where_and_exits_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    write_folder(data)
    assert main(["match", str(data), "--out", str(out), "--lang", "en"]) == 0
    capsys.readouterr()
    verify = ["verify", str(data), "--plan", str(out), "--lang", "en"]
    assert main(verify) == 0
    assert "The files are what data, policy and assignments make" in capsys.readouterr().out
    path = out / "coverage.csv"
    rows = rows_of(path)
    rows[3][2] = "77"
    write_rows(path, rows)
    assert main(verify) == 1
    assert "coverage.csv, row 4, column residents: is “77”, should be “1”" in capsys.readouterr().out
    (out / "unserved.csv").unlink()
    assert main([*verify[:-1], "zh"]) == 1
    assert "unserved.csv：文件不存在" in capsys.readouterr().out
    assert main([*verify, "--policy", "chenzhou-2018"]) == 1
    told = capsys.readouterr()
    assert "another policy" in told.err
    assert "coverage.csv" not in told.out


def test_many_differences_are_counted_and_some_are_told(plan: Plan, folder: Path):
    path = folder / "coverage.csv"
    rows = rows_of(path)
    write_rows(path, [rows[0], *([*row[:2], "9", "9", *row[4:]] for row in rows[1:])])
    told = checked(plan, folder)
    lines = list(recheck_lines(told, "en"))
    assert told.count > 20
    assert lines[-1].strip() == f"… and {told.count - 20} more"


def test_verifying_imports_no_solver(tmp_path: Path):
    """Neither ortools nor HiGHS is loaded by the command."""
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    write_folder(data)
    assert main(["match", str(data), "--out", str(out)]) == 0
    program = (
        "import sys; from matcher.cli import main; "
        f"code = main(['verify', {str(data)!r}, '--plan', {str(out)!r}]); "
        "print([name for name in sys.modules if name.split('.')[0] == 'ortools' or name == 'scipy.optimize']); "
        "sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "[]"), done.stderr
