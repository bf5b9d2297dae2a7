"""The choice that looks best under all cuts so far, by CP-SAT: whole numbers throughout, so its bound is exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from matcher.errors import SolverError
from matcher.scenario.siting.choice import Choice, Openable, Rules
from matcher.scenario.siting.cuts import Cut
from matcher.solve.cpsat import solved

Ints = npt.NDArray[np.int64]

#: Numbers above this are not handed to CP-SAT.
LARGEST = 2**60


@dataclass(frozen=True)
class Guess:
    """What the cuts allow.

    Parameters
    ----------
    choice : Choice or None
        One that no cut keeps below `bound` as far as was searched; None where none was found in time.
    bound : int or None
        No allowed choice reaches more, among those that reach the floors of the figures before; None where the
        search proved nothing.
    empty : bool
        Whether it is proven that no allowed choice is left.
    """

    choice: Choice | None
    bound: int | None
    empty: bool = False


def best_guess(
    sites: Openable,
    rules: Rules,
    cuts: Sequence[Sequence[Cut]],
    floors: Sequence[int],
    hint: Choice | None,
    seconds: float,
) -> Guess:
    """The choice with the greatest figure that the cuts allow.

    Parameters
    ----------
    sites : Openable
    rules : Rules
    cuts : sequence of sequence of Cut
        For each figure up to the one in question, which is the last.
    floors : sequence of int
        What the figures before must reach.
    hint : Choice or None
        Where to begin the search.
    seconds : float

    Raises
    ------
    SolverError
        When numbers leave the integer head-room.
    """
    model = cp_model.CpModel()
    opened = [model.new_bool_var("") for _ in sites.provider]
    places = _places(model, sites, rules, opened)
    _keep_rules(model, rules, opened, places)
    for floor, known in zip(floors, cuts, strict=False):
        for cut in known:
            if cut.constant < floor:
                model.add(_sum(opened, cut.site) + _sum(places, cut.place) >= floor - cut.constant)
    # Counted from the least constant, so that the numbers of the objective stay small enough for its bound.
    base = min(cut.constant for cut in cuts[-1])
    highest = max(_highest(cut, sites) for cut in cuts[-1]) - base
    if highest >= LARGEST:
        raise SolverError("figures exceed the integer head-room of the search for sites")
    figure = model.new_int_var(0, highest, "")
    for cut in cuts[-1]:
        model.add(figure - _sum(opened, cut.site) - _sum(places, cut.place) <= cut.constant - base)
    model.maximize(figure)
    if hint is not None:
        for variable, value in zip(opened, hint.open.tolist(), strict=True):
            model.add_hint(variable, value)
    return _answer(model, sites, opened, places, base, seconds)


def _places(
    model: cp_model.CpModel, sites: Openable, rules: Rules, opened: list[cp_model.IntVar]
) -> list[cp_model.LinearExpr]:
    """Places of each site: all of them where they cost nothing, else a decision."""
    built: list[cp_model.LinearExpr] = []
    for site, (variable, most) in enumerate(zip(opened, sites.places.tolist(), strict=True)):
        if rules.budget is None or rules.per_place is None or rules.per_place[site] == 0 or most <= 1:
            built.append(most * variable)
            continue
        places = model.new_int_var(0, most, "")
        model.add(places <= most * variable)
        model.add(places >= variable)
        built.append(places)
    return built


def _keep_rules(
    model: cp_model.CpModel,
    rules: Rules,
    opened: list[cp_model.IntVar],
    places: list[cp_model.LinearExpr],
) -> None:
    for variable, required, forbidden in zip(opened, rules.required, rules.forbidden, strict=True):
        if required:
            model.add(variable == 1)
        if forbidden:
            model.add(variable == 0)
    if rules.most is not None:
        model.add(sum(opened) <= rules.most)
    if rules.least:
        model.add(sum(opened) >= rules.least)
    if rules.budget is not None and rules.fixed is not None and rules.per_place is not None:
        model.add(_sum(opened, rules.fixed) + _sum(places, rules.per_place) <= rules.budget)


def _sum(variables: Sequence[cp_model.LinearExpr], factors: Ints) -> cp_model.LinearExpr:
    some = np.flatnonzero(factors)
    return cp_model.LinearExpr.weighted_sum([variables[i] for i in some.tolist()], factors[some].tolist())


def _highest(cut: Cut, sites: Openable) -> int:
    """No choice whatever reaches more under this cut; Python's numbers do not overflow."""
    gains = zip(cut.site.tolist(), cut.place.tolist(), sites.places.tolist(), strict=True)
    return int(cut.constant + sum(max(0, site + place * most) for site, place, most in gains))


def _answer(
    model: cp_model.CpModel,
    sites: Openable,
    opened: list[cp_model.IntVar],
    places: list[cp_model.LinearExpr],
    base: int,
    seconds: float,
) -> Guess:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(seconds, 0.1)
    solver.parameters.num_workers = 2
    solver.parameters.random_seed = 1
    status = solved(solver, model)
    if status == cp_model.INFEASIBLE:
        return Guess(None, None, empty=True)
    if status == cp_model.MODEL_INVALID:
        raise SolverError("the search for sites was given a model that CP-SAT refuses")
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Guess(None, None)  # stopped before there was anything to tell, a bound included
    # Maximising is minimising the negative: the exact bound stands there in whole numbers.
    room = -int(solver.response_proto.inner_objective_lower_bound)
    bound = base + room if room >= round(solver.objective_value) else None
    chosen = np.array([solver.boolean_value(variable) for variable in opened], bool)
    held = np.array([solver.value(expression) for expression in places], np.int64)
    return Guess(Choice(chosen, held), bound)
