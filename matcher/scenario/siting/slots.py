"""Where more places help most: slot values ranked, and ten more places tried by solving again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import BadInput
from matcher.plan.plan import Plan
from matcher.progress import track
from matcher.solve.again import solve_again
from matcher.solve.prices import served_and_cost
from matcher.tables import MODES, OUTPUTS

Ints = npt.NDArray[np.int64]

#: Columns that say what `places` more bring.
MORE = ("more_served", "more_first_tier", "more_m")


def where_to_add(plan: Plan, *, places: int = 10, top: int = 20, progress: bool = False) -> pd.DataFrame:
    """The slots where one more place helps most, and what several more would bring there.

    Parameters
    ----------
    plan : Plan
        Proven optimal.
    places : int
        How many more places to try by solving again; each slot by itself.
    top : int
        How many slots to list.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    DataFrame
        The columns of ``OUTPUTS["providers"]`` and `MORE`: people served more with `places` more places, of them in
        the first tier, and metres (seconds with ``cost = "time"``) saved, negative where the people gained travel
        farther than others save. Ranked by who one more place serves (tier), then by metres saved, then by id.

    Raises
    ------
    BadInput
        When the plan is not proven by prices, or a number is not positive.
    """
    for name, number in (("places", places), ("top", top)):
        if number < 1:
            raise BadInput("not_positive", what=name, found=number)
    plan.proof()
    ranked = plan.loads.sort_values(
        ["slot_value_served", "slot_value_tier", "slot_value_m", "provider_id", "mode"],
        ascending=[False, True, False, True, True],
        ignore_index=True,
    ).head(top)
    slots = _slots(plan, ranked)
    gains = [more_places(plan, slot, places) for slot in track(slots, progress, "progress.places")]
    more = pd.DataFrame(
        [(sum(served), served[0], metres) for served, metres in gains], columns=list(MORE), dtype="int64"
    )
    return pd.concat([ranked[list(OUTPUTS["providers"])], more], axis=1)


def more_places(plan: Plan, slot: int, places: int) -> tuple[list[int], int]:
    """What the optimum gains by more places in one slot, and as many in its provider's total.

    Parameters
    ----------
    plan : Plan
        Proven by prices.
    slot : int
        Slot of ``plan.proof().problem``.
    places : int

    Returns
    -------
    list of int, int
        People served more by tier, and metres saved. Exact: the problem is solved again from the plan at hand.
    """
    before = plan.proof()
    capacity, total = before.problem.capacity.copy(), before.problem.total.copy()
    capacity[slot] += places
    provider = before.problem.slot_provider[slot]
    if total[provider] >= 0:
        total[provider] += places
    roomier = replace(before.problem, capacity=capacity, total=total)
    nobody = np.zeros(len(roomier.size), np.int64)
    after = solve_again(roomier, before.seats, nobody, before.prices.slot)
    served_before, cost_before = served_and_cost(before.problem, before.seats)
    served_after, cost_after = served_and_cost(roomier, after.seats)
    return (served_after - served_before).tolist(), cost_before - cost_after


def _slots(plan: Plan, rows: pd.DataFrame) -> list[int]:
    problem = plan.eligibility.problem
    provider = plan.eligibility.groups.provider_ids.get_indexer(pd.Index(rows["provider_id"]))
    mode = pd.Index(MODES).get_indexer(pd.Index(rows["mode"]))
    return [int(slot) for slot in problem.slot_at(provider.astype(np.int64), mode.astype(np.int64))]
