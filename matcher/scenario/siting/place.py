"""Where to build: the sites that serve most people by tier, then with least travel, for a number or a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import derive
from matcher.eligibility.fixed import without_decisions
from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.policy.documents import Policy
from matcher.progress import Deadline, Watch
from matcher.scenario.siting.board import Board, assigned_at, refuse_unsuited
from matcher.scenario.siting.candidates import (
    DEFAULT_KIND,
    as_providers,
    beside_bonus,
    candidate_table,
    chosen_mask,
    with_open,
)
from matcher.scenario.siting.choice import Choice, Openable, Rules
from matcher.scenario.siting.money import FEN, Money, money_of, require_known
from matcher.scenario.siting.order import Point, Step, building_order, curve
from matcher.scenario.siting.search import Chosen, search
from matcher.tables import MODES

Ints = npt.NDArray[np.int64]

#: Largest budget: beyond it, sums of money would leave the whole numbers that the search counts in.
MOST_YUAN = 10**12
#: Shares of the time for the answer itself and for its building order; the rest is for the curve.
MAIN_SHARE, ORDER_SHARE = 0.6, 0.1


@dataclass(frozen=True)
class Request:
    """What to look for.

    Parameters
    ----------
    k : int or None
        Most new sites; or
    budget : int or None
        most yuan.
    most : int or None
        With a budget: most new sites.
    modes : sequence of str
        Modes that new sites may offer.
    kind : str
        Kind of the new providers where the data name no candidates.
    required, forbidden : sequence of str
        Candidates that must or must not be among the answer, beside those that the table marks so.
    seconds : float
        Time limit.
    """

    k: int | None = None
    budget: int | None = None
    modes: Sequence[str] = MODES
    kind: str = DEFAULT_KIND
    required: Sequence[str] = ()
    forbidden: Sequence[str] = ()
    seconds: float = 120.0
    most: int | None = None


@dataclass(frozen=True)
class Placing:
    """The answer.

    Parameters
    ----------
    before, after : Plan
        The plans without and with the new sites, each proven by prices.
    table : DataFrame
        All candidates looked at.
    money : Money
    found : Chosen
        The choice, and its bounds.
    steps : list of Step
        In building order.
    points : list of Point
        The curve.
    tried : int
        Choices solved exactly.
    """

    request: Request
    before: Plan
    after: Plan
    table: pd.DataFrame
    money: Money
    sites: Openable
    found: Chosen
    steps: list[Step]
    points: list[Point]
    tried: int


def place(
    inputs: Inputs,
    policy: Policy,
    k: int | None = None,
    *,
    budget: int | None = None,
    most: int | None = None,
    modes: Sequence[str] = MODES,
    kind: str = DEFAULT_KIND,
    required: Sequence[str] = (),
    forbidden: Sequence[str] = (),
    seconds: float = 120.0,
    options: Options | None = None,
    watch: Watch | None = None,
) -> Placing:
    """Choose among the candidates, and prove how good the choice is.

    Parameters
    ----------
    inputs : Inputs
        Decisions on who serves a person count for nothing here.
        Located; existing providers stay.
    policy : Policy
    k, budget, most, modes, kind, required, forbidden, seconds
        See `Request`.
    options : Options, optional
    watch : Watch, optional
        See `search`; ended by it, the answer is the best so far with its gap.

    Raises
    ------
    BadInput
        k or budget out of range, candidates that cannot be used, demands that no choice can meet.
    SolverError
        As `Reached.must_equal`.
    """
    request = Request(k, budget, modes, kind, required, forbidden, seconds, most)
    deadline = Deadline(request.seconds, watch)
    refuse_unsuited(policy)
    inputs = without_decisions(inputs)
    table = candidate_table(inputs, request.kind, request.modes)
    money = money_of(table, policy.subsidies)
    rules = rules_of(request, table, money)
    before = match(inputs, policy, options)
    everything = with_open(inputs, as_providers(table, inputs.providers))
    known = derive(everything, policy, people=before.eligibility.people)
    provider = known.groups.provider_ids.get_indexer(pd.Index(table["provider_id"])).astype(np.int64)
    sites = Openable(provider, table["places"].to_numpy(np.int64), beside_bonus(table, inputs.sites, policy))
    board = Board(known.problem, sites, priced_places=rules.budget is not None)
    found = search(board, rules, deadline.left() * MAIN_SHARE, watch=watch)
    choice, after = _carried_out(before, options, table, rules, found)
    found = Chosen(choice, board.reach(choice), found.bounds)
    steps = building_order(board, choice, min(request.seconds * ORDER_SHARE, deadline.left()))
    points = list(curve(board, rules, steps, found, deadline.left()))
    return Placing(request, before, after, table, money, sites, found, steps, points, board.tried)


def rules_of(request: Request, table: pd.DataFrame, money: Money) -> Rules:
    """The rules of a request.

    Raises
    ------
    BadInput
        For a number or a budget that allows nothing, and candidates both required and forbidden.
    """
    if (request.k is None) == (request.budget is None):
        raise BadInput("k_or_budget")
    if request.most is not None and request.budget is None:
        raise BadInput("most_without_budget")
    required = (table["choice"] == "required").to_numpy(bool) | chosen_mask(table, request.required)
    forbidden = (table["choice"] == "forbidden").to_numpy(bool) | chosen_mask(table, request.forbidden)
    both = table.loc[required & forbidden, "provider_id"]
    if len(both):
        raise BadInput("required_and_forbidden", ids=", ".join(both))
    free = int((~forbidden).sum())
    if not free:
        raise BadInput("all_forbidden")
    most = request.most if request.k is None else request.k
    if most is not None:
        if not 1 <= most <= free:
            raise BadInput("bad_k", found=most, allowed=free)
        if required.sum() > most:
            raise BadInput("too_many_required", number=int(required.sum()), k=most)
    if request.k is not None:
        return Rules(required, forbidden, most=most)
    require_known(table, money, ~forbidden)
    if (request.budget or 0) > MOST_YUAN:
        raise BadInput("budget_too_large", found=request.budget, allowed=MOST_YUAN)
    budget = int(request.budget or 0) * FEN
    opening = money.fixed + money.per_place
    least = int(opening[required].sum()) if required.any() else int(opening[~forbidden].min(initial=2**62))
    if budget < least:
        raise BadInput("budget_too_small", found=request.budget, least=-(-least // FEN))
    return Rules(required, forbidden, most=most, budget=budget, fixed=money.fixed, per_place=money.per_place)


def _carried_out(
    before: Plan, options: Options | None, table: pd.DataFrame, rules: Rules, found: Chosen
) -> tuple[Choice, Plan]:
    """The plan with the chosen sites, matched and proven from the tables like any other; idle sites are left out."""
    inputs = before.inputs
    choice, promised = found.must_exist()
    while True:
        opened = as_providers(table, inputs.providers, choice.places)[choice.open]
        after = match(with_open(inputs, opened), before.policy, options, start=before)
        promised.must_equal(after)
        idle = choice.open & (assigned_at(after, table["provider_id"]) == 0) & ~rules.required
        if not idle.any():
            return choice, after
        choice = Choice(choice.open & ~idle, choice.places)
