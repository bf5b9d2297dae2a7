"""The plan of the house holds: which room may import which, no circle, and a ground floor that stays small."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import ROOT

PACKAGE = ROOT / "matcher"

GROUND = "ground"
#: What each room may import beside itself; docs/architecture.md shows the same as a picture.
MAY_IMPORT = {
    GROUND: set(),
    "geography": {GROUND},
    "policy": {GROUND},
    "solve": {GROUND},
    "intake": {GROUND, "geography"},
    "sample": {GROUND, "geography"},
    "travel": {GROUND, "geography", "policy"},
    "location_models": {GROUND, "solve"},
    "eligibility": {GROUND, "policy", "travel", "solve"},
    "plan": {GROUND, "geography", "policy", "travel", "solve", "eligibility"},
    "care": {GROUND, "geography", "policy", "travel", "solve", "eligibility", "plan"},
    "province": {GROUND, "geography", "intake", "policy", "travel", "solve", "eligibility", "plan"},
    "results": {GROUND, "policy", "travel", "solve", "eligibility", "plan"},
    "scenario": {
        GROUND,
        "geography",
        "intake",
        "policy",
        "travel",
        "solve",
        "eligibility",
        "plan",
        "results",
    },
}
MAY_IMPORT["siting"] = {*MAY_IMPORT["scenario"], "scenario"}
MAY_IMPORT["store"] = {*MAY_IMPORT["siting"], "siting"}
MAY_IMPORT["report"] = {*MAY_IMPORT["siting"], "siting"}
MAY_IMPORT["accounts"] = {GROUND, "store"}
MAY_IMPORT["app"] = {*MAY_IMPORT["store"], "store", "accounts", "report", "sample", "location_models", "care"}
#: The command that opens the app knows how to start its server.
MAY_IMPORT["commands"] = {*MAY_IMPORT["app"], "app", "province"}

MOST_FILES_ON_THE_GROUND = 16
MOST_LINES = 330
#: Packages that solve; only what solves imports them.
SOLVERS = {"ortools", "scipy.optimize", "highspy"}
ROOMS_THAT_SOLVE = {"solve", "location_models", "siting"}


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str) -> Iterator[str]:
    """What a module imports, wherever the import stands: at the top, in a function, for types only."""
    for node in ast.walk(ast.parse(modules()[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{name} imports by a relative name"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else node.module


@cache
def arrows() -> dict[str, frozenset[str]]:
    """Modules of ours that each module imports; the version and the public list, which load nothing, left aside."""
    return {
        name: frozenset(target for target in imported(name) if target in modules() and target != "matcher")
        for name in modules()
        if name != "matcher"
    }


def room_of(name: str) -> str | None:
    """The room of a module; None for the entrances above all rooms, earlier names of modules among them."""
    parts = name.split(".")[1:]
    if parts in ([], ["cli"], ["__main__"], ["check"], ["outlines"]):
        return None
    if parts[:2] == ["scenario", "siting"]:
        return "siting"
    if parts[0] in ("words", "files", "workers") or (len(parts) == 1 and modules()[name].parent == PACKAGE):
        return GROUND
    return parts[0]


def reaches(start: str) -> set[str]:
    """All modules that are loaded with one, itself included."""
    seen, left = set(), [start]
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left += arrows().get(name, ())
    return seen


def circles() -> list[set[str]]:
    """Modules that import each other, directly or by way of others."""
    found = []
    for name in arrows():
        ring = {other for other in reaches(name) if name in reaches(other)}
        if len(ring) > 1 and ring not in found:
            found.append(ring)
    return found


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    wrong = [
        f"{name} -> {target}"
        for name, targets in arrows().items()
        if room_of(name) == room
        for target in targets
        if room_of(target) not in {room, *MAY_IMPORT[room]}
    ]
    assert wrong == []


def test_every_module_stands_in_a_room_of_the_plan() -> None:
    rooms = {room_of(name) for name in modules()} - {None}
    assert rooms == set(MAY_IMPORT)


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles() == []


def test_the_checker_reaches_no_solver() -> None:
    outside = {package for name in reaches("matcher.plan.verify") for package in imported(name)}
    assert {package for package in outside if package.split(".")[0] in {"ortools", "highspy"}} == set()
    assert "scipy.optimize" not in outside


def test_solvers_are_imported_only_where_something_is_solved() -> None:
    rooms = {
        room_of(name)
        for name in modules()
        for package in imported(name)
        if any(package == solver or package.startswith(f"{solver}.") for solver in SOLVERS)
    }
    assert rooms <= ROOMS_THAT_SOLVE


def test_only_the_app_imports_streamlit() -> None:
    rooms = {
        room_of(name)
        for name in modules()
        for package in imported(name)
        if package.split(".")[0] == "streamlit"
    }
    assert rooms == {"app"}


def test_few_files_stand_loose_on_the_ground() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_FILES_ON_THE_GROUND


def test_modules_stay_short_enough_to_read() -> None:
    long = {name: lines for name, path in modules().items() if (lines := _lines(path)) > MOST_LINES}
    assert long == {}


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_packages_hand_nothing_on() -> None:
    busy = [
        name
        for name, path in modules().items()
        if path.name == "__init__.py" and name != "matcher" and list(imported(name))
    ]
    assert busy == []


def test_the_glossary_names_what_the_code_has() -> None:
    """Every identifier in code style stands somewhere in the package or its policies."""
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    cells = [row.split("|")[3] for row in page.splitlines() if row.startswith("|") and row.count("|") == 5]
    names = {name for cell in cells for name in re.findall(r"`([A-Za-z_]+)`", cell)}
    code = "\n".join(path.read_text(encoding="utf-8") for path in modules().values())
    assert len(names) > 60
    assert {name for name in names if not re.search(rf"\b{name}\b", code)} == set()
