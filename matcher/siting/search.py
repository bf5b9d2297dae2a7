"""The best choice of sites, figure by figure, each with its bound."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from matcher.errors import SolverError
from matcher.siting.board import Board, Reached
from matcher.siting.choice import Choice, Rules
from matcher.siting.master import best_guess

#: Seconds for one guess while the cuts still grow; a hard one is taken as it is and tried.
GUESS_SECONDS = 5.0
#: Solutions of the greedy start: several sites at a time, so that many sites do not take for ever.
GREEDY_STEPS = 10


@dataclass(frozen=True)
class Found:
    """The best choice found and what is proven of it.

    Parameters
    ----------
    choice : Choice or None
        None where no allowed choice was found.
    reached : Reached or None
    bounds : tuple of int or None
        For each figure, what no allowed choice exceeds among those that equal this one in the figures before; None
        where the time was over before.
    none_allowed : bool
        Whether it is proven that no choice keeps the rules.
    """

    choice: Choice | None
    reached: Reached | None
    bounds: tuple[int | None, ...]
    none_allowed: bool = False

    @property
    def proven(self) -> bool:
        """Whether no allowed choice is better."""
        return self.reached is not None and self.bounds == self.reached.figures


def search(board: Board, rules: Rules, seconds: float, start: Choice | None = None) -> Found:
    """The choice that serves most people of the first tier, then of the second, …, and then travels least.

    Guess by the cuts what looks best, solve it exactly, learn its cuts, until no guess looks better than the best
    choice: that is the proof (Benders' scheme; the cuts are those of `cuts`).

    Parameters
    ----------
    board : Board
        Keeps what it learns: another search on the same board begins there.
    rules : Rules
    seconds : float
    start : Choice, optional
        An allowed choice that is known to be good.

    Returns
    -------
    Found
    """
    end = time.monotonic() + seconds
    first = start or _greedy(board, rules, time.monotonic() + seconds / 4)
    board.reach(first)
    best = first if rules.allow(first) else None
    figures = board.problem.tiers + 1
    bounds: list[int | None] = [None] * figures
    for figure in range(figures):
        best, bounds[figure], empty = _settle(board, rules, figure, best, end)
        if empty:
            return Found(None, None, tuple(bounds), none_allowed=True)
        if best is None or bounds[figure] != board.reach(best).figures[figure]:
            break
    return Found(best, None if best is None else board.reach(best), tuple(bounds))


def _settle(
    board: Board, rules: Rules, figure: int, best: Choice | None, end: float
) -> tuple[Choice | None, int | None, bool]:
    """Improve one figure until its bound is met or the time is over: choice, bound, whether none is allowed."""
    # Nobody serves more than everybody, and no travel is less than none: what is left to gain is the bonus.
    is_travel = figure == len(board.cuts) - 1
    ceiling = int(board.sites.bonus.sum() if is_travel else board.problem.size.sum())
    bound: int | None = None
    limit = GUESS_SECONDS
    while (left := end - time.monotonic()) > 0 or bound is None:
        reached = None if best is None else board.reach(best).figures
        floors = [] if reached is None else reached[:figure]
        cuts = board.cuts[: figure + 1] if reached is not None else board.cuts[figure : figure + 1]
        cuts = [*cuts[:-1], [cut.given(floors) for cut in cuts[-1]]]
        guess = best_guess(board.sites, rules, cuts, floors, best, min(limit, max(left, 1.0)))
        if guess.empty:
            if best is not None:
                raise SolverError("the bounds exclude a choice of sites that is allowed")
            return best, bound, True
        if guess.bound is not None:
            bound = min(guess.bound, ceiling if bound is None else bound)
        if reached is not None and bound is not None and bound <= reached[figure]:
            if bound < reached[figure]:
                raise SolverError("a choice of sites reaches more than its bound")
            return best, bound, False
        known = guess.choice is None or board.knows(guess.choice)
        if guess.choice is not None:
            better = _spend_the_rest(board, rules, guess.choice)
            if reached is None or board.reach(better).figures > reached:
                best = better
                continue
        if known:
            limit *= 4  # the guess was cut short: give the next one more time
            if left <= 0:
                break
    return best, bound, False


def _spend_the_rest(board: Board, rules: Rules, choice: Choice) -> Choice:
    """The better of a choice, and of one where money for places that stay empty goes to other sites."""
    reached = board.reach(choice)
    if rules.budget is None:
        return choice
    needed = np.maximum(reached.used, rules.required)
    thrifty = Choice(choice.open & (needed > 0), needed)
    while (more := _with_best(board, rules, thrifty)) is not None:
        thrifty = more
    if not rules.allow(thrifty):
        return choice
    return thrifty if board.reach(thrifty).figures > reached.figures else choice


def _greedy(board: Board, rules: Rules, end: float) -> Choice:
    """Required sites, and then those that promise most under the last cut for what they cost."""
    sites = board.sites
    none = np.zeros(len(sites.provider), bool)
    choice = Choice(
        none | rules.required, np.where(rules.required, 1, 0) if rules.budget is not None else sites.places
    )
    most = len(none) if rules.most is None else rules.most
    batch = -(-most // GREEDY_STEPS)
    while time.monotonic() < end:
        board.reach(choice)
        before = choice
        for _ in range(batch):
            choice = _with_best(board, rules, choice) or choice
        if choice is before:
            break
    return choice


def _with_best(board: Board, rules: Rules, choice: Choice) -> Choice | None:
    """The allowed choice with one site more that promises most for its money."""
    sites = board.sites
    cut = board.cuts[-1][-1]
    places = sites.places.copy()
    money = np.ones(len(places))
    if rules.budget is not None and rules.fixed is not None and rules.per_place is not None:
        left = rules.budget - rules.money(choice) - rules.fixed
        affordable = np.where(rules.per_place > 0, left // np.maximum(rules.per_place, 1), sites.places)
        places = np.minimum(places, np.where(left < 0, 0, affordable))
        money = np.maximum(rules.fixed + rules.per_place * places, 1).astype(float)
    promise = (cut.site + cut.place * places) / money
    promise[choice.open | rules.forbidden | (places < 1)] = 0
    site = int(promise.argmax()) if len(promise) else 0
    if not len(promise) or promise[site] <= 0:
        return None
    more = choice.with_site(site, int(places[site]))
    return more if rules.allow(more) or int(more.open.sum()) < rules.least else None
