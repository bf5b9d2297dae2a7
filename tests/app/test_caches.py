"""What is kept for all sessions: a list that the source is held against, so that nobody's rows slip in unnoticed."""

from __future__ import annotations

import ast

import pytest

from tests import ROOT

#: Every function of the app and the results whose answers are kept, and what they hold of people. ``plan`` is the plan
#: or the data of everybody, which pages narrow by the account's scope each time they run; nothing may hold the rows of
#: one account's people, since its scope is in no key.
KEPT = {
    "_inputs": "plan",
    "_plan": "plan",
    "_under": "plan",
    "_narrowed": "plan",
    "_reached": "plan",
    "_found": "targets and ids of who fails them, for planners",
    "_ids_of_people": "ids of everybody, in the order of the plan's people",
    "_homes": "places, in the order of the plan's people",
    "decided": "decisions on providers, by id, for planners",
}
KEEPERS = {
    "cache",
    "lru_cache",
    "cache_data",
    "cache_resource",
    "once_per_plan",
    "drawn_once",
    "cached_property",
}
#: What makes rows of people, and so must not be called inside any other function that is kept.
ROWS = {
    "roster_people",
    "roster",
    "unserved_people",
    "changed_people",
    "listed",
    "shown",
    "workbook",
    "standing",
}


def name_of(node):
    """Last word of a decorator or of what is called."""
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def kept_functions():
    for room in ("app", "results", "report"):
        for file in sorted((ROOT / "matcher" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and KEEPERS & {
                    name_of(one) for one in node.decorator_list
                }:
                    yield file, node


@pytest.mark.parametrize(
    ("file", "function"), list(kept_functions()), ids=lambda one: getattr(one, "name", "file")
)
def test_no_function_keeps_ids_of_people_that_is_not_listed(file, function):
    if function.name not in KEPT:
        called = {name_of(node) for node in ast.walk(function) if isinstance(node, ast.Call)}
        assert not called & ROWS, f"{file.name}: {function.name}"


def test_the_list_names_functions_that_are_there():
    assert set(KEPT) <= {function.name for _, function in kept_functions()}
    assert len(list(kept_functions())) > 20
