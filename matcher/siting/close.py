"""Closing or merging: which providers the city could do without at the least loss; siting run backwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.plan import Options, Plan, match
from matcher.policy import Policy
from matcher.siting.board import Board, Reached
from matcher.siting.candidates import chosen_mask
from matcher.siting.choice import Rules, Sites, most_places
from matcher.siting.order import Step, closing_order
from matcher.siting.search import Found, search

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
    found : Found
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
    found: Found
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
) -> Closing:
    """Close `k` providers so that most people stay served by tier, and then travel least.

    Parameters
    ----------
    inputs : Inputs
        Located.
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

    Raises
    ------
    BadInput
        k out of range, or an id that no such provider has.
    SolverError
        As `Reached.must_equal`.
    """
    begun = time.monotonic()
    if policy.keep_households_together:
        raise BadInput("siting_households", policy=policy.id)
    before = match(inputs, policy, options)
    known = before.eligibility
    providers = inputs.providers.set_index("provider_id").reindex(known.groups.provider_ids)
    able = ((providers["status"].fillna("open") == "open") & providers["kind"].isin(kinds)).to_numpy(bool)
    table = providers[able].reset_index()
    kept = chosen_mask(table, keep, "unknown_closing")
    if not 1 <= k <= int((~kept).sum()):
        raise BadInput("bad_k", found=k, allowed=int((~kept).sum()))
    problem = known.problem
    sites = Sites(np.flatnonzero(able), most_places(problem)[able], np.zeros(len(table), np.int64))
    left = len(table) - k
    rules = Rules(kept, np.zeros(len(table), bool), most=left, least=left)
    board = Board(problem, sites)
    found = search(board, rules, seconds - (time.monotonic() - begun), start=sites.everything())
    if found.choice is None or found.reached is None:
        raise BadInput("no_choice_found")
    names = table["provider_id"].to_numpy(dtype=object)
    after = _without(inputs, policy, options, before, names[~found.choice.open])
    found.reached.must_equal(after)
    assigned = before.loads.groupby("provider_id")["assigned"].sum().reindex(names, fill_value=0)
    left_s = seconds - (time.monotonic() - begun)
    steps = closing_order(board, found.choice, left_s)
    everything = board.reach(sites.everything())
    table_of_steps = _table(steps, everything, names, assigned.to_numpy(np.int64))
    return Closing(before, after, found, table_of_steps, len(table), board.tried)


def _without(inputs: Inputs, policy: Policy, options: Options | None, before: Plan, closed: Texts) -> Plan:
    gone = inputs.providers["provider_id"].isin(closed)
    status = inputs.providers["status"].mask(gone, "closed")
    return match(
        inputs.replace(providers=inputs.providers.assign(status=status)), policy, options, start=before
    )


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
