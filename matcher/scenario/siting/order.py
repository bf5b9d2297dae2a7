"""In which order to build chosen sites, and what every smaller number or budget would reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.progress import Deadline
from matcher.scenario.siting.board import Board, Reached
from matcher.scenario.siting.choice import Choice, Rules
from matcher.scenario.siting.master import best_guess
from matcher.scenario.siting.search import Chosen, search

#: Points of the curve of a budget, its end included.
BUDGET_STEPS = 10
#: Seconds for the bound of a point that the search left open.
BOUND_SECONDS = 1.0


#: Gain of a site that was never tried: nothing is greater.
_ENDLESS = (2**62,)


@dataclass(frozen=True)
class Step:
    """One site opened or closed: which, and what the choice then reaches."""

    site: int
    choice: Choice
    reached: Reached


def building_order(board: Board, chosen: Choice, seconds: float) -> list[Step]:
    """The sites of a choice, each time the one that gains most given those before; see `in_order`."""
    none = Choice(np.zeros(len(chosen.open), bool), chosen.places)
    sites = np.flatnonzero(chosen.open).tolist()
    return in_order(
        board, none, sites, lambda now, site: now.with_site(site, int(chosen.places[site])), seconds
    )


def closing_order(board: Board, chosen: Choice, seconds: float) -> list[Step]:
    """The sites that a choice closes, each time the one that is missed least given those before; see `in_order`."""
    sites = np.flatnonzero(~chosen.open).tolist()
    return in_order(board, board.sites.everything(), sites, Choice.without, seconds)


def in_order(
    board: Board, start: Choice, sites: list[int], step: Callable[[Choice, int], Choice], seconds: float
) -> list[Step]:
    """Take one site after the other, each time the one whose step reaches most.

    What a site gains can only shrink when others are open, and what it is missed can only grow when others close (the
    sets of people that can be served together form a matroid, and the worth of an assignment is submodular), so an old
    gain is an upper bound: few are computed anew.

    Parameters
    ----------
    board : Board
    start : Choice
        Before the first step.
    sites : list of int
    step : callable
        A choice and a site to the next choice.
    seconds : float
        After these, the next site is the one that promised most when it was last tried; what the steps reach is exact
        all the same.
    """
    deadline = Deadline(seconds)
    steps: list[Step] = []
    left, now, here = list(sites), start, board.reach(start)
    promise: dict[int, tuple[int, ...]] = {}
    while left:
        best: int | None = None
        for site in sorted(left, key=lambda site: promise.get(site, _ENDLESS), reverse=True):
            if best is not None and (promise.get(site, _ENDLESS) <= promise[best] or not deadline.left()):
                break
            figures = board.reach(step(now, site)).figures
            promise[site] = tuple(a - b for a, b in zip(figures, here.figures, strict=True))
            if best is None or promise[site] > promise[best]:
                best = site
        assert best is not None
        now = step(now, best)
        here = board.reach(now)
        steps.append(Step(best, now, here))
        left.remove(best)
    return steps


@dataclass(frozen=True)
class Point:
    """A point of the curve.

    Parameters
    ----------
    amount : int
        Number of sites, or budget.
    reached : Reached
        Of the best choice found.
    bound : int or None
        No choice within the amount that serves the tiers before the last as well serves more people.
    """

    amount: int
    reached: Reached
    bound: int | None


def curve(
    board: Board, rules: Rules, steps: Sequence[Step], found: Chosen, seconds: float
) -> Iterator[Point]:
    """What smaller numbers of sites, or smaller budgets, reach; the last point is `found`.

    Each point begins at the part of the building order that it can afford, and shares what was learnt before.

    Parameters
    ----------
    board, rules
        As in `search`.
    steps : sequence of Step
        The building order.
    found : Chosen
        Of the whole number or budget.
    seconds : float
        For all points together.
    """
    deadline = Deadline(seconds)
    smaller = _smaller(rules)
    before: Choice | None = None
    for number, (amount, tighter) in enumerate(smaller):
        # What a smaller amount reached is allowed too: more money never brings less.
        starts = [
            choice for choice in (_longest_allowed(tighter, steps, found), before) if choice is not None
        ]
        best = max(starts, key=lambda choice: board.reach(choice).figures, default=None)
        share = deadline.left() / (len(smaller) - number)
        if share <= 0:
            if best is not None:
                yield Point(amount, board.reach(best), None)
            continue
        point = search(board, tighter, share, best)
        if point.reached is None:  # what is required is more than this amount allows
            continue
        before = point.choice
        yield Point(amount, point.reached, served_bound(board, tighter, point))
    if found.reached is not None:
        whole = rules.most if rules.budget is None else rules.budget
        yield Point(whole or 0, found.reached, served_bound(board, rules, found))


def served_bound(board: Board, rules: Rules, found: Chosen) -> int | None:
    """What no allowed choice that serves the first tiers as well exceeds in people served."""
    bound = found.bounds[-2]
    if bound is None and found.reached is not None:
        cuts, floors = board.cuts[:-1], found.reached.figures[:-2]
        bound = best_guess(board.sites, rules, cuts, floors, found.choice, BOUND_SECONDS).bound
    return bound


def _longest_allowed(rules: Rules, steps: Sequence[Step], found: Chosen) -> Choice | None:
    """What is required, and as much of the building order as the rules allow."""
    assert found.choice is not None
    places = found.choice.places
    choice = Choice(rules.required, places)
    best = choice if rules.allow(choice) else None
    for step in steps:
        if not choice.open[step.site]:
            choice = choice.with_site(step.site, int(places[step.site]))
            best = choice if rules.allow(choice) else best
    return best


def _smaller(rules: Rules) -> list[tuple[int, Rules]]:
    if rules.budget is None:
        return [(number, replace(rules, most=number)) for number in range(rules.most or 0)]
    amounts = [rules.budget * step // BUDGET_STEPS for step in range(BUDGET_STEPS)]
    return [(amount, replace(rules, budget=amount)) for amount in amounts]
