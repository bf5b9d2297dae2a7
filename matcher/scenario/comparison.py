"""Several scenarios against the plan as it is: totals of each, and everybody whose care differs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.errors import ScenarioError
from matcher.files.results import settle, write_results
from matcher.inputs import Inputs
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.policy.documents import Policy
from matcher.scenario.applying import apply
from matcher.scenario.edits import Scenario
from matcher.scenario.figures import COLUMNS, tables_of
from matcher.workers.cluster import workforce

#: What the results call the plan without any scenario.
BASELINE = "baseline"
OUTCOMES = "outcomes.json"
#: Columns that are never numbers, whatever they look like.
_TEXTS = (
    "scenario",
    "resident_id",
    "from_provider",
    "to_provider",
    "key",
    "source",
    "from_reason",
    "to_reason",
)


@dataclass(frozen=True)
class Comparison:
    """The baseline and each scenario, side by side.

    Parameters
    ----------
    tables : dict of DataFrame
        See `figures.tables_of`; the baseline stands first, then scenarios by id.
    outcomes : dict of dict
        By scenario what ``outcome.json`` says of a plan, without the seconds.
    """

    tables: dict[str, pd.DataFrame]
    outcomes: dict[str, dict[str, object]]

    def write(self, folder: Path) -> None:
        """Write a CSV for each table and ``outcomes.json``, all of them or none.

        Raises
        ------
        BadInput
            When another run is writing to the folder.
        OSError
            When the disk refuses; what stood there before stands there still.
        """
        write_results(folder, self.tables, {OUTCOMES: self.outcomes})

    @classmethod
    def read(cls, folder: Path) -> Comparison:
        """What `write` wrote.

        Raises
        ------
        OSError
        ValueError
            When files of it are no longer what was written.
        """
        settle(folder)
        outcomes = json.loads((folder / OUTCOMES).read_text(encoding="utf-8"))
        form: dict[str, Any] = {
            "dtype": dict.fromkeys(_TEXTS, str),
            "keep_default_na": False,
            "na_values": [""],
        }
        return cls({name: pd.read_csv(folder / f"{name}.csv", **form) for name in COLUMNS}, outcomes)


def compare_scenarios(
    inputs: Inputs,
    policy: Policy,
    scenarios: Sequence[Scenario],
    options: Options | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
) -> Comparison:
    """Match the inputs as they are and under each scenario, and compare.

    Parameters
    ----------
    inputs : Inputs
        Located.
    policy : Policy
        Of the baseline; a scenario may change it.
    scenarios : sequence of Scenario
        With their parents.
    options : Options, optional
        The time limit holds for each plan.
    workers : int, optional
        Processes at work at once; as many as there are cores, where not given.
    scheduler : str, optional
        Address of a cluster's scheduler, whose workers do it instead.

    Returns
    -------
    Comparison
        The same, however many workers there are.

    Raises
    ------
    ScenarioError
        Two scenarios of one id, or an edit that cannot be applied; told before anything is solved.
    """
    options = options or Options()
    scenarios = sorted(scenarios, key=lambda scenario: scenario.id)
    _check_ids(scenarios)
    for scenario in scenarios:
        apply(scenario, inputs, policy)
    before = match(inputs, policy, options)
    with workforce(workers, scheduler) as each:
        found = each(
            _solve,
            (before, replace(options, progress=False)),
            scenarios,
            text_key="progress.scenarios",
            progress=options.progress,
        )
    told = [_Solved(BASELINE, tables_of(BASELINE, before, before, ()), _outcome(before)), *found]
    tables = {name: pd.concat([one.tables[name] for one in told], ignore_index=True) for name in COLUMNS}
    return Comparison(tables, {one.scenario: one.outcome for one in told})


def _check_ids(scenarios: Sequence[Scenario]) -> None:
    seen = set()
    for scenario in scenarios:
        if scenario.id == BASELINE:
            raise ScenarioError("scenario_reserved", scenario=scenario.id)
        if scenario.id in seen:
            raise ScenarioError("scenario_twice", scenario=scenario.id)
        seen.add(scenario.id)


@dataclass(frozen=True)
class _Solved:
    """One scenario's part of a `Comparison`: all that a worker sends back."""

    scenario: str
    tables: dict[str, pd.DataFrame]
    outcome: dict[str, object]


def _solve(common: tuple[Plan, Options], scenario: Scenario) -> _Solved:
    """Applied anew, from the baseline's own tables: those that stay need no new classification."""
    before, options = common
    applied = apply(scenario, before.inputs, before.policy)
    after = match(applied.inputs, applied.policy, options, start=before)
    return _Solved(scenario.id, tables_of(scenario.id, before, after, applied.effects), _outcome(after))


def _outcome(plan: Plan) -> dict[str, object]:
    return {name: value for name, value in plan.outcome.as_dict().items() if name != "seconds"}
