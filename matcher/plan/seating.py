"""Who sits where: the solver's seats of groups dealt to people, from scratch or from an earlier plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from matcher.eligibility.derive import Eligibility
from matcher.plan.plan import Options
from matcher.plan.verify import Certificate, real_costs
from matcher.solve.again import carry_over, opening_prices, rescaled, solve_again, solve_near
from matcher.solve.flow import solve_flow
from matcher.solve.prices import Proof
from matcher.solve.problem import (
    NOWHERE,
    WAITING,
    Problem,
    Seats,
    packed,
    people_by_provider,
    people_by_slot,
    unpacked,
)
from matcher.solve.ties import break_ties, tie_classes
from matcher.solve.together.search import solve_together

Ints = npt.NDArray[np.int64]

#: Chains of moves up to which repairing a plan is faster than solving the neighbourhood of the changes.
MOST_CHAINS = 600
#: The same as a share of all people, up to which that is faster than solving a whole city from scratch.
MOST_NEAR = 0.05


class Earlier(Protocol):
    """What is read of an earlier answer: a `Plan`, or what `seated.seat` gives."""

    @property
    def eligibility(self) -> Eligibility:
        """Groups and pairs that it was made of."""

    @property
    def slot(self) -> Ints:
        """Slot of each of its people, −1 for the unserved."""

    @property
    def certificate(self) -> Certificate:
        """Its proof; without prices nothing starts from it."""


def seat_everybody(
    eligibility: Eligibility, options: Options, start: Earlier | None
) -> tuple[Ints, Sequence[int | None]]:
    """Slot of each person in an optimal plan, or in the best one that was found.

    Parameters
    ----------
    eligibility : Eligibility
    options : Options
    start : Earlier or None
        An answer for nearly the same inputs; among equally good plans one is preferred that moves few of its people.

    Returns
    -------
    (n_residents,) array
        Slot of each person, −1 for unserved.
    sequence of int or None
        Bounds on served by tier, and on the cost; None where the prices must prove it.

    Raises
    ------
    SolverError
        When the solver fails.
    """
    if eligibility.keeps_households:
        slot, bounds = _seat_households(eligibility, options)
        return eligibility.with_fixed(slot), _with_fixed(eligibility, bounds)
    if start is None:
        slot = _seat_from_scratch(eligibility, options.progress)
    else:
        slot = _seat_from(eligibility, start, options.progress)
    return eligibility.with_fixed(slot), [None] * (eligibility.problem.tiers + 1)


def _with_fixed(eligibility: Eligibility, bounds: Sequence[int | None]) -> Sequence[int | None]:
    """Bounds of a problem, and those of all: the people who are fixed are served, at their cost."""
    fixed = np.flatnonzero(eligibility.fixed >= 0)
    served = np.bincount(eligibility.people["tier"].iloc[fixed], minlength=len(bounds))[1:].tolist()
    more = [*served, int(real_costs(eligibility, fixed, eligibility.fixed[fixed]).sum())]
    return [None if bound is None else bound + extra for bound, extra in zip(bounds, more, strict=True)]


def _seat_households(eligibility: Eligibility, options: Options) -> tuple[Ints, Sequence[int | None]]:
    """Slot of each person, no household split, and the bounds of served by tier and of the cost."""
    member, household = eligibility.groups.member, eligibility.household
    found = solve_together(
        eligibility.problem, member, household, options.time_limit_s, progress=options.progress
    )
    seats, classes = break_ties(found.rest, found.solution.seats, found.solution.prices)
    alone = household < 0
    others = replace(
        eligibility,
        people=eligibility.people[alone],
        groups=replace(eligibility.groups, member=member[alone]),
    )
    provider = found.provider[household]
    slot = np.where(provider >= 0, eligibility.problem.slot_at(provider, eligibility.groups.mode[member]), -1)
    slot[alone] = seat_people(others, seats, classes, np.full(int(alone.sum()), NOWHERE))
    return slot, found.bounds


def _seat_from_scratch(eligibility: Eligibility, progress: bool) -> Ints:
    """Slot of each person in an optimal plan, ties by provider id, then resident id."""
    solution = solve_flow(eligibility.problem, progress=progress)
    seats, classes = break_ties(eligibility.problem, solution.seats, solution.prices)
    return seat_people(eligibility, seats, classes, np.full(len(eligibility.people), NOWHERE))


def _seat_from(eligibility: Eligibility, start: Earlier, progress: bool) -> Ints:
    """Slot of each person, solved from the seats and prices of an earlier plan; few people move without need."""
    problem = eligibility.problem
    proof = start.certificate.proof
    if proof is None or not len(start.slot):
        return _seat_from_scratch(eligibility, progress)
    slot = _earlier_slots(eligibility, start, _rows_before(eligibility, start))
    seats, unseated = carry_over(problem, eligibility.groups.member, slot)
    earlier, opened = _earlier_prices(eligibility, start.eligibility, proof)
    price = opening_prices(problem, seats, earlier, opened)
    chains = np.count_nonzero(unseated) + _vacant(problem, seats, price)
    if chains <= MOST_CHAINS:
        solution = solve_again(problem, seats, unseated, price)
    elif chains <= MOST_NEAR * len(eligibility.people):
        solution = solve_near(problem, seats, unseated, price)
    else:
        solution = solve_flow(problem, progress=progress)
    return seat_people(
        eligibility, solution.seats, tie_classes(problem, solution.seats, solution.prices), slot
    )


def _vacant(problem: Problem, seats: Seats, price: Ints) -> int:
    """Free places that somebody would take."""
    used = people_by_slot(problem, seats)
    left = problem.total - people_by_provider(problem, used)
    room = problem.capacity - used
    capped = problem.total[problem.slot_provider] >= 0
    room[capped] = np.minimum(room, left[problem.slot_provider])[capped]
    return int(room[price > 0].sum())


def _rows_before(eligibility: Eligibility, start: Earlier) -> Ints:
    """Row of each person among the people of an earlier plan, −1 for who is new."""
    if eligibility.people is start.eligibility.people:
        return np.arange(len(eligibility.people))
    now, before = (
        pa.array(people["resident_id"], pa.large_string())
        for people in (eligibility.people, start.eligibility.people)
    )
    # Arrow looks its own strings up many times faster than pandas does.
    row = pc.index_in(now, value_set=before).fill_null(-1)
    return np.asarray(row.to_numpy(zero_copy_only=False), np.int64)


def _earlier_slots(eligibility: Eligibility, start: Earlier, row: Ints) -> Ints:
    """Slot of each person in an earlier plan: −1 waited, `NOWHERE` is new, or their slot, mode or tier is gone."""
    groups, before = eligibility.groups, start.eligibility
    mode, was = groups.mode[groups.member], before.groups.member[row]
    provider_now = groups.provider_ids.get_indexer(before.groups.provider_ids)[before.problem.slot_provider]
    slot_before = start.slot[row]
    provider = np.append(provider_now, -1)[slot_before]
    slot = np.where(provider >= 0, eligibility.problem.slot_at(provider, mode), NOWHERE)
    slot[slot < 0] = NOWHERE
    slot[slot_before < 0] = -1
    other = (before.groups.mode[was] != mode) | (before.groups.tier[was] != groups.tier[groups.member])
    slot[other | (row < 0)] = NOWHERE
    return slot.astype(np.int64)


def _earlier_prices(eligibility: Eligibility, before: Eligibility, proof: Proof) -> tuple[Ints, Ints]:
    """Prices of an earlier answer by slot, 0 for new slots, and which slots are new."""
    problem = eligibility.problem
    earlier = before.groups.provider_ids.get_indexer(eligibility.groups.provider_ids)
    same = earlier[problem.slot_provider]
    slot_before = np.where(same >= 0, proof.problem.slot_at(same, problem.slot_mode), -1)
    price = rescaled(proof.prices.slot, proof.problem.unit, problem.unit)
    return np.append(price, 0)[slot_before], np.flatnonzero(slot_before < 0)


def seat_people(eligibility: Eligibility, seats: Seats, classes: Ints, earlier: Ints) -> Ints:
    """Deal the seats of each class: first to who sat there before, then by provider id to people by resident id.

    Parameters
    ----------
    eligibility : Eligibility
    seats : Seats
    classes : (n_groups,)
        From `tie_classes`.
    earlier : (n_residents,)
        Slot of each person in an earlier plan, −1 for unserved, `NOWHERE` for no earlier plan.

    Returns
    -------
    (n_residents,) array
        Slot of each person, −1 for unserved.
    """
    slots = len(eligibility.problem.capacity)
    by_id = np.argsort(eligibility.people["resident_id"].to_numpy(dtype=object), kind="stable")
    person_class = classes[eligibility.groups.member]
    key, back = np.unique(packed(classes[seats.group], seats.slot, slots), return_inverse=True)
    left = np.bincount(back, seats.count, len(key)).astype(np.int64)

    kept = _who_keeps(packed(person_class, earlier, slots)[by_id], key, left)
    slot = np.full(len(by_id), WAITING, np.int64)
    slot[by_id[kept]] = earlier[by_id[kept]]
    left -= np.bincount(
        np.searchsorted(key, packed(person_class, slot, slots)[by_id[kept]]), minlength=len(key)
    )

    others = by_id[~kept]
    others = others[np.argsort(person_class[others], kind="stable")]
    seat_class, seat = unpacked(key, slots)
    deal = np.lexsort((np.where(seat == WAITING, slots, seat), seat_class))
    slot[others] = np.repeat(seat[deal], left[deal])
    return slot


def _who_keeps(wish: Ints, key: Ints, left: Ints) -> npt.NDArray[np.bool_]:
    """Whose earlier seat is among those that their class has now: the first by order, as many as there are seats.

    Parameters
    ----------
    wish : (n,)
        `packed` class and earlier slot of each person.
    key, left : (n_seats,)
        `packed` class and slot, ascending, and the seats there.
    """
    if not len(key):
        return np.zeros(len(wish), bool)
    order = np.argsort(wish, kind="stable")
    ordered = wish[order]
    turn = np.arange(len(wish)) - np.searchsorted(ordered, ordered)
    at = np.minimum(np.searchsorted(key, ordered), len(key) - 1)
    keeps = np.empty(len(wish), bool)
    keeps[order] = (key[at] == ordered) & (turn < left[at])
    return keeps
