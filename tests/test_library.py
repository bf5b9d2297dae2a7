"""The public list, its documentation and its notebook: what somebody who imports the package relies on."""

from __future__ import annotations

import doctest
import importlib
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import matcher
from matcher.cli import main
from tests import ROOT

PUBLIC = {
    "load_inputs": ["folder"],
    "load_policy": ["name_or_path"],
    "match": ["inputs", "policy"],
    "write_plan": ["plan", "folder"],
    "verify": ["inputs", "policy", "assignments"],
    "apply": ["scenario", "inputs", "policy"],
    "compare": ["before", "after"],
    "place": ["inputs", "policy", "k"],
    "close": ["inputs", "policy", "k"],
}
TYPES = ("Options", "Plan", "Policy", "Scenario")


@pytest.fixture
def beside_the_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write to, in which ``sample_data`` can be named."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("name", "parameters"), PUBLIC.items())
def test_public_functions_take_what_is_promised_first(name: str, parameters: list[str]) -> None:
    taken = list(inspect.signature(getattr(matcher, name)).parameters)
    assert taken[: len(parameters)] == parameters


def test_the_public_list_is_whole_and_an_unknown_name_is_no_attribute() -> None:
    assert {*PUBLIC, *TYPES} <= set(dir(matcher))
    assert {*PUBLIC, *TYPES, "__version__"} == set(matcher.__all__)
    with pytest.raises(AttributeError, match="nobody"):
        _ = matcher.nobody  # type: ignore[attr-defined]


def test_the_stub_names_what_is_loaded_lazily() -> None:
    """Type checkers read the stub: every public name stands there, from the same module."""
    stub = (ROOT / "matcher" / "__init__.pyi").read_text(encoding="utf-8")
    for name in (*PUBLIC, *TYPES):
        assert f"from {getattr(matcher, name).__module__} import {name} as {name}" in stub


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, matcher; print([name for name in sys.modules if name.startswith(('matcher.', 'pandas'))])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "[]"


def test_the_command_line_is_a_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(ROOT / "no such folder")]) == 1
    assert capsys.readouterr().out


@pytest.mark.usefixtures("beside_the_sample")
def test_the_library_page_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, "library.md", None, None)
    runner = doctest.DocTestRunner()
    runner.run(examples)
    assert runner.summarize(verbose=False).failed == 0, capsys.readouterr().out


@pytest.mark.usefixtures("beside_the_sample")
def test_the_notebook_runs_and_says_what_the_page_says() -> None:
    notebook = json.loads((ROOT / "docs" / "library.ipynb").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    told = "\n".join(line[4:] for line in page.splitlines() if line.startswith((">>>", "...")))
    assert "\n".join(cells) == told
    known: dict[str, object] = {}
    for cell in cells[:2]:  # to the map; the rest is run from the page
        exec(compile(cell, "library.ipynb", "exec"), known)
    assert Path("out/coverage.geojson").is_file()


@pytest.mark.usefixtures("beside_the_sample")
def test_a_plan_shows_counts_and_nobody() -> None:
    plan = matcher.match(matcher.load_inputs(Path("sample_data")), matcher.load_policy())
    somebody = plan.inputs.residents["resident_id"].iloc[0]
    for shown in (repr(plan), plan._repr_html_()):
        assert f"{plan.outcome.served:,}" in shown
        assert somebody not in shown


def test_earlier_names_of_modules_give_the_same_functions():
    """Scripts of users that were written before the modules moved."""
    earlier = importlib.import_module("matcher.check"), importlib.import_module("matcher.outlines")
    assert earlier[0].load_inputs is importlib.import_module("matcher.intake.check").load_inputs
    assert earlier[1].read_outlines is importlib.import_module("matcher.geography.outlines").read_outlines
