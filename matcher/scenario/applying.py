"""Apply a scenario: other inputs and another policy come out, the given ones stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from matcher.errors import BadInput, ScenarioError
from matcher.inputs import Inputs
from matcher.policy.documents import Policy, policy_with
from matcher.scenario import people, providers, roads
from matcher.scenario.edits import (
    AddProvider,
    Ageing,
    ChangeCapacity,
    ChangeDemand,
    CloseProvider,
    CloseRoad,
    Edit,
    MoveProvider,
    OpenPlanned,
    Scenario,
    Season,
    SetPolicy,
    kind_of,
)
from matcher.scenario.notes import note_of


@dataclass(frozen=True)
class Effect:
    """What one edit did to the people.

    Parameters
    ----------
    scenario : str
        Id of the scenario that holds the edit: the applied one, or an ancestor.
    edit : int
        Its number there, from 1.
    kind : str
        Key of ``edits.KINDS``.
    came, left, changed : int
        Synthetic residents that came, residents that are no longer there, residents whose ability grade is another.
    note : str
        Why it changes nothing for anybody, one of ``notes.NOTES``; else "".
    """

    scenario: str
    edit: int
    kind: str
    came: int = 0
    left: int = 0
    changed: int = 0
    note: str = ""


@dataclass(frozen=True)
class Applied:
    """Inputs and policy as they would be, and the effect of every edit, ancestors' first."""

    inputs: Inputs
    policy: Policy
    effects: tuple[Effect, ...] = ()


def apply(scenario: Scenario, inputs: Inputs, policy: Policy) -> Applied:
    """The inputs and the policy as they would be.

    Parameters
    ----------
    scenario : Scenario
        Edits, applied in their order, after those of its ancestors: a later one may change a provider that an earlier
        one added.
    inputs : Inputs
        Located inputs; never changed.
    policy : Policy

    Returns
    -------
    Applied
        Without edits, the very same inputs and policy. Tables that no edit concerns are the same objects. Rows that
        stand in no file, of added providers and synthetic residents, have ``row`` 0.

    Raises
    ------
    ScenarioError
        At the first edit that cannot be applied, or that another one contradicts; ``values`` names the scenario, the
        number of the edit (from 1), what was found and what is allowed.
    """
    state = Applied(inputs, policy)
    for one in scenario.lineage():
        if one.parent is not None and one.base is None:
            raise ScenarioError("scenario_without_parent", scenario=one.name, parent=one.parent)
        for number, edit in enumerate(one.edits, start=1):
            try:
                state = _edited(state, edit, one, number)
            except BadInput as error:
                where = {"scenario": one.name, "edit": number}
                raise ScenarioError(error.code, **(where | error.values)) from None
    return state


def _edited(state: Applied, edit: Edit, scenario: Scenario, number: int) -> Applied:
    """The state after one edit; draws depend on the seed and on how many edits came before."""
    kind, counts, before = kind_of(edit), people.Counts(), state.inputs
    if isinstance(edit, Season) and any(before.kind == kind for before in state.effects):
        raise ScenarioError("scenario_season_twice", month=edit.month)
    if isinstance(edit, SetPolicy):
        name = f"{scenario.name}, edits[{number}]"
        state = replace(state, policy=policy_with(state.policy, edit.key, edit.value, name))
    elif isinstance(edit, CloseRoad):
        state = replace(state, inputs=roads.close(edit, state.inputs, state.policy))
    elif type(edit) in _PROVIDER_EDITS:
        state = replace(state, inputs=_PROVIDER_EDITS[type(edit)](edit, state.inputs))
    else:
        key = f"{scenario.seed}\n{len(state.effects)}\n{kind}"
        inputs, counts = _PEOPLE_EDITS[type(edit)](edit, state.inputs, state.policy, key)
        state = replace(state, inputs=inputs)
    note = note_of(edit, before, state.inputs, state.policy)
    return replace(state, effects=(*state.effects, Effect(scenario.id, number, kind, **counts, note=note)))


_PROVIDER_EDITS: dict[type[Edit], Callable[[Any, Inputs], Inputs]] = {
    AddProvider: providers.add,
    CloseProvider: providers.close,
    MoveProvider: providers.move,
    ChangeCapacity: providers.change_capacity,
    OpenPlanned: providers.open_planned,
}
_PEOPLE_EDITS: dict[type[Edit], Callable[[Any, Inputs, Policy, str], tuple[Inputs, people.Counts]]] = {
    ChangeDemand: people.change_demand,
    Ageing: people.age,
    Season: people.keep_season,
}
