"""A first plan with whole households, from the flow that lets their members part. No search: it always ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from matcher.solve.problem import Problem
from matcher.solve.together.bundles import BundleProgram
from matcher.solve.together.homes import Homes, complete
from matcher.solve.warm import Solution

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def left_together(problem: Problem, homes: Homes, apart: Solution) -> tuple[Ints, Bools]:
    """Bundle of each household that the flow leaves together, else −1; and which households it splits.

    Parameters
    ----------
    problem, homes
    apart : Solution
        Of `members_apart`.
    """
    seats, groups = apart.seats, len(problem.size)
    mine = (seats.group >= groups) & (seats.slot >= 0)
    provider = np.full(len(homes.group), -1, np.int64)
    provider[seats.group[mine] - groups] = problem.slot_provider[seats.slot[mine]]
    first = np.searchsorted(homes.home, np.arange(homes.count))
    least, most = np.minimum.reduceat(provider, first), np.maximum.reduceat(provider, first)
    split = least < most
    return homes.bundle_at(np.where(split, -1, least)), split


def repaired(
    problem: Problem, homes: Homes, program: BundleProgram, choice: Ints, split: Bools, price: Ints
) -> Ints:
    """Seat split households where the flow's prices make it cheapest, then whoever waits on what all others leave.

    Parameters
    ----------
    problem, homes, program
    choice, split : (n_households,)
        From `left_together`.
    price : (n_slots,)
        Of the flow, tier weights included.

    Returns
    -------
    (n_households,) array
        Bundle of each household, −1 where it waits.
    """
    totals = np.zeros(len(program.room) - len(price), np.int64)
    bundles = program.use[:, len(homes.arc) :]
    room = program.room - bundles[:, choice[choice >= 0]].sum(axis=1)
    choice = _seat(homes, program, choice, split, room, np.concatenate((price, totals)))
    taken = complete(problem, homes, program, choice).taken
    return _seat(homes, program, choice, choice < 0, program.room - program.use @ taken, np.zeros_like(room))


def _seat(homes: Homes, program: BundleProgram, choice: Ints, chosen: Bools, room: Ints, price: Ints) -> Ints:
    """Give each of the chosen its cheapest bundle that fits; who has most of the first tiers goes first."""
    singles = len(homes.arc)
    use = program.use[:, singles:]
    charge = program.cost[singles:] + use.T @ price
    order = np.lexsort((charge, homes.bundle_home))
    first = np.searchsorted(homes.bundle_home, np.arange(homes.count + 1))
    choice = choice.copy()
    people = program.people[program.whole]
    turn = np.lexsort(-people.T[::-1])
    for home in turn[chosen[turn]].tolist():
        for bundle in order[first[home] : first[home + 1]].tolist():
            entries = slice(use.indptr[bundle], use.indptr[bundle + 1])
            rows, need = use.indices[entries], use.data[entries]
            if (room[rows] >= need).all():
                room[rows] -= need
                choice[home] = bundle
                break
    return choice
