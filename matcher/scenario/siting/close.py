"""Closing or merging: which providers the city could do without at the least loss; siting run backwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.fixed import without_decisions
from matcher.eligibility.qualify import is_open
from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.policy.documents import Policy
from matcher.progress import Deadline, Watch
from matcher.scenario.siting.board import Board, Reached, assigned_at, refuse_unsuited
from matcher.scenario.siting.candidates import chosen_mask
from matcher.scenario.siting.choice import Openable, Rules, most_places
from matcher.scenario.siting.order import Step, closing_order
from matcher.scenario.siting.search import Chosen, search

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

#: The document that speaks of closing speaks of these.
DEFAULT_KINDS = ("township_health_centre",)
COLUMNS = (
    "order",
    "provider_id",
    "assigned",
    "lost",
    "cumulative_lost",
    "cumulative_lost_first_tier",
    "added_m",
)


@dataclass(frozen=True)
class Closing:
    """The answer.

    Parameters
    ----------
    before, after : Plan
        With all providers, and without those closed; each proven by prices.
    found : Chosen
        Which stay open, and the bounds.
    steps : DataFrame
        `COLUMNS`: in the order of least loss, people that the provider serves now, people served less when it closes
        after those before it, and the change of all travel since the first.
    open_before : int
        Providers that might have been closed.
    tried : int
        Choices solved exactly.
    """

    before: Plan
    after: Plan
    found: Chosen
    steps: pd.DataFrame
    open_before: int
    tried: int


def close(
    inputs: Inputs,
    policy: Policy,
    k: int,
    *,
    kinds: Sequence[str] = DEFAULT_KINDS,
    keep: Sequence[str] = (),
    seconds: float = 120.0,
    options: Options | None = None,
    watch: Watch | None = None,
) -> Closing:
    """Close `k` providers so that most people stay served by tier, and then travel least.

    Parameters
    ----------
    inputs : Inputs
        Located; decisions on who serves a person count for nothing here.
    policy : Policy
    k : int
        How many close.
    kinds : sequence of str
        Kinds of the providers that may close.
    keep : sequence of str
        Ids of providers of these kinds that stay.
    seconds : float
        Time limit.
    options : Options, optional
    watch : Watch, optional
        See `search.search`.

    Raises
    ------
    BadInput
        k out of range, or an id that no such provider has.
    SolverError
        As `Reached.must_equal`.
    """
    deadline = Deadline(seconds, watch)
    refuse_unsuited(policy)
    inputs = without_decisions(inputs)
    before = match(inputs, policy, options)
    table, row = _of_kinds(before, kinds)
    kept = chosen_mask(table, keep, "unknown_closing")
    if not 1 <= k <= int((~kept).sum()):
        raise BadInput("bad_k", found=k, allowed=int((~kept).sum()))
    problem = before.eligibility.problem
    sites = Openable(row, most_places(problem)[row], np.zeros(len(table), np.int64))
    left = len(table) - k
    rules = Rules(kept, np.zeros(len(table), bool), most=left, least=left)
    board = Board(problem, sites)
    found = search(board, rules, deadline.left(), start=sites.everything(), watch=watch)
    choice, reached = found.must_exist()
    names = table["provider_id"].to_numpy(dtype=object)
    after = _without(before, options, names[~choice.open])
    reached.must_equal(after)
    steps = closing_order(board, choice, deadline.left())
    told = _table(steps, board.reach(sites.everything()), names, assigned_at(before, names))
    return Closing(before, after, found, told, len(table), board.tried)


def _of_kinds(plan: Plan, kinds: Sequence[str]) -> tuple[pd.DataFrame, Ints]:
    """Open providers of these kinds, and their numbers in the problem."""
    known = plan.eligibility
    providers = plan.inputs.providers.set_index("provider_id").reindex(known.groups.provider_ids)
    able = (is_open(providers) & providers["kind"].isin(kinds)).to_numpy(bool)
    return providers[able].reset_index(), np.flatnonzero(able)


def _without(before: Plan, options: Options | None, closed: Texts) -> Plan:
    """The plan when these providers are closed."""
    providers = before.inputs.providers
    status = providers["status"].mask(providers["provider_id"].isin(closed), "closed")
    inputs = before.inputs.replace(providers=providers.assign(status=status))
    return match(inputs, before.policy, options, start=before)


def _table(steps: Sequence[Step], first: Reached, names: Texts, assigned: Ints) -> pd.DataFrame:
    """The closures in order, with what each loses; see `Closing`."""
    rows = []
    before = first.served
    for number, step in enumerate(steps, start=1):
        reached = step.reached
        rows.append(
            (
                number,
                names[step.site],
                int(assigned[step.site]),
                before - reached.served,
                first.served - reached.served,
                first.figures[0] - reached.figures[0],
                reached.cost - first.cost,
            )
        )
        before = reached.served
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"provider_id": "str"})
