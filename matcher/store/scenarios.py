"""The engine's scenarios in and out of the store: in a file a parent is a path, here it is a name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from matcher.errors import BadInput
from matcher.scenario.edits import Scenario
from matcher.scenario.files import as_data, from_data
from matcher.store.records import Document, Revision
from matcher.store.repository import Store


def keep_scenario(
    store: Store, scenario: Scenario, name: str, by: str, based_on_version: int | None = None
) -> Revision:
    """Save a scenario that was read from a file.

    Parameters
    ----------
    store : Store
    scenario : Scenario
        With its parents, which must be stored under their ids already, just as they are.
    name : str
        Becomes its id.
    by, based_on_version
        As in `Store.save_scenario`.

    Raises
    ------
    BadInput
        Also ``store_parent_differs`` where the store has another scenario under a parent's id: the same edits would
        mean something else there.
    """
    parent = {}
    if scenario.base is not None:
        kept = [one.document for one in store.lineage(scenario.base.id)]
        if kept != _documents(scenario.base):
            raise BadInput("store_parent_differs", name=name, parent=scenario.base.id)
        parent = {"parent": scenario.base.id}
    return store.save_scenario(name, as_data(scenario) | {"id": name} | parent, by, based_on_version)


def _documents(scenario: Scenario) -> list[Document]:
    """What the store should hold of a scenario and its ancestors."""
    found: list[Document] = []
    above: dict[str, str] = {}
    for one in scenario.lineage():
        found.append(as_data(one) | above)
        above = {"parent": one.id}
    return found


def scenario_of(lineage: Sequence[Revision]) -> Scenario:
    """The engine's scenario, ready to be applied; its id is its name, whatever the document says.

    Parameters
    ----------
    lineage : sequence of Revision
        From `Store.lineage`.

    Raises
    ------
    ScenarioError
        When a document is no scenario.
    """
    scenario = None
    for revision in lineage:
        scenario = replace(from_data(revision.document, revision.name), id=revision.name, base=scenario)
    assert scenario is not None
    return scenario


def export_scenario(store: Store, name: str, file: Path) -> list[Path]:
    """Write a scenario as JSON, and each ancestor beside it, so that the files can be compared or saved elsewhere.

    Parameters
    ----------
    store : Store
    name : str
    file : Path
        ``NAME.json``; ancestors go to ``NAME.parent-1.json`` and so on. No stored name becomes a file name.

    Returns
    -------
    list of Path
        The scenario's own file last.

    Raises
    ------
    BadInput
        ``store_unknown``, ``scenario_format``, or ``file_taken``: nothing is overwritten.
    OSError
        When the disk refuses; no file is left then.
    """
    if file.suffix.lower() != ".json":
        raise BadInput("scenario_format", file=file, allowed=".json")
    revisions = store.lineage(name)
    count = len(revisions)
    files = [file.with_name(f"{file.stem}.parent-{n}.json") for n in range(count - 1, 0, -1)] + [file]
    contents: dict[Path, Document] = {}
    above: Mapping[str, str] = {}
    for path, revision in zip(files, revisions, strict=True):
        contents[path] = {**(revision.document or {}), **above}
        above = {"parent": path.name}
    _write_new(contents)
    return files


def _write_new(contents: Mapping[Path, Document]) -> None:
    """Write all files or none, over no other."""
    written: list[Path] = []
    try:
        for path, document in contents.items():
            with path.open("x", encoding="utf-8", newline="\n") as sink:
                written.append(path)
                sink.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    except BaseException as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            raise BadInput("file_taken", file=error.filename) from None
        raise
