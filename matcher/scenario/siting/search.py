"""The best choice of sites, figure by figure, each with its bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.errors import BadInput, SolverError
from matcher.progress import Deadline, Watch
from matcher.scenario.siting.board import Board, Reached
from matcher.scenario.siting.choice import Choice, Rules
from matcher.scenario.siting.master import Guess, best_guess

#: Seconds for one guess while the cuts still grow; a hard one is taken as it is and tried.
GUESS_SECONDS = 5.0
#: Solutions of the greedy start: several sites at a time, so that many sites do not take for ever.
GREEDY_STEPS = 10


@dataclass(frozen=True)
class Chosen:
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

    def must_exist(self) -> tuple[Choice, Reached]:
        """The choice, and what it reaches.

        Raises
        ------
        BadInput
            When no allowed choice was found.
        """
        if self.choice is None or self.reached is None:
            raise BadInput("no_choice_allowed" if self.none_allowed else "no_choice_found")
        return self.choice, self.reached

    @property
    def proven(self) -> bool:
        """Whether no allowed choice is better."""
        return self.reached is not None and self.bounds == self.reached.figures


def search(
    board: Board, rules: Rules, seconds: float, start: Choice | None = None, watch: Watch | None = None
) -> Chosen:
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
    watch : Watch, optional
        Is told the best choice so far with its bounds, and may end the search.

    Returns
    -------
    Chosen
    """
    watch = watch or Watch()
    deadline = Deadline(seconds, watch)
    first = start or _greedy(board, rules, Deadline(seconds / 4, watch))
    board.reach(first)
    best = first if rules.allow(first) else None
    bounds: list[int | None] = [None] * (board.problem.tiers + 1)
    for figure in range(len(bounds)):
        best, bounds[figure], empty = _settle(board, rules, figure, best, deadline, watch)
        if empty:
            return Chosen(None, None, tuple(bounds), none_allowed=True)
        if best is None or bounds[figure] != board.reach(best).figures[figure]:
            break
    return Chosen(best, None if best is None else board.reach(best), tuple(bounds))


def _settle(
    board: Board, rules: Rules, figure: int, best: Choice | None, deadline: Deadline, watch: Watch
) -> tuple[Choice | None, int | None, bool]:
    """Improve one figure until its bound is met or the time is over: choice, bound, whether none is allowed."""
    bound: int | None = None
    limit = GUESS_SECONDS
    while (left := deadline.left()) > 0 or bound is None:
        guess = _guess(board, rules, figure, best, min(limit, max(left, 1.0)))
        if guess.empty:
            if best is not None:
                raise SolverError("the bounds exclude a choice of sites that is allowed")
            return best, bound, True
        if guess.bound is not None:
            bound = min(guess.bound, _ceiling(board, figure) if bound is None else bound)
        reached = None if best is None else list(map(int, board.reach(best).figures))
        watch.tell(figures=reached, figure=figure, bound=bound, tried=board.tried)
        if _meets(board, best, figure, bound):
            break
        stale = guess.choice is None or board.knows(guess.choice)
        better = None if guess.choice is None else _spend_the_rest(board, rules, guess.choice)
        if better is not None and _is_better(board, better, best):
            best = better
        elif stale:
            if left <= 0:
                break
            limit *= 4  # the guess was cut short: give the next one more time
    return best, bound, False


def _guess(board: Board, rules: Rules, figure: int, best: Choice | None, seconds: float) -> Guess:
    """What looks best under the cuts of one figure, among choices as good as `best` in the figures before."""
    floors = [] if best is None else board.reach(best).figures[:figure]
    before = [] if best is None else board.cuts[:figure]
    cuts = [*before, [cut.given(floors) for cut in board.cuts[figure]]]
    return best_guess(board.sites, rules, cuts, floors, best, seconds)


def _ceiling(board: Board, figure: int) -> int:
    """Nobody serves more than everybody, and no travel is less than none: what is left to gain is the bonus."""
    is_travel = figure == board.problem.tiers
    return int(board.sites.bonus.sum() if is_travel else board.problem.size.sum())


def _meets(board: Board, best: Choice | None, figure: int, bound: int | None) -> bool:
    """Whether the best choice reaches its bound.

    Raises
    ------
    SolverError
        When it reaches more.
    """
    if best is None or bound is None:
        return False
    reached = board.reach(best).figures[figure]
    if reached > bound:
        raise SolverError("a choice of sites reaches more than its bound")
    return reached == bound


def _is_better(board: Board, choice: Choice, best: Choice | None) -> bool:
    return best is None or board.reach(choice).figures > board.reach(best).figures


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
    return thrifty if _is_better(board, thrifty, choice) else choice


def _greedy(board: Board, rules: Rules, deadline: Deadline) -> Choice:
    """Required sites, and then those that promise most under the last cut for what they cost."""
    sites = board.sites
    none = np.zeros(len(sites.provider), bool)
    choice = Choice(
        none | rules.required, np.where(rules.required, 1, 0) if rules.budget is not None else sites.places
    )
    most = len(none) if rules.most is None else rules.most
    batch = -(-most // GREEDY_STEPS)
    while deadline.left() > 0:
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
