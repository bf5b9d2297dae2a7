"""The ways between slots: of each pair a → b the people at a who would change to b at the least change of cost.

Only pairs that somebody connects are kept, some forty a slot. A way has a short list of its cheapest people; when the
list is used up and there were more, it is made again from everybody who may come to b.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.solve.graph.compiled import compiled
from matcher.solve.graph.people import Choices, Ints, Shorts, Sitting

#: People that a way remembers.
REMEMBERED = 16


class Ways(NamedTuple):
    """Ways by origin: slots, then "outside"; changed in place.

    Parameters
    ----------
    first : (n_slots + 2,)
        First way of each origin, the one that leads outside.
    opened : (n_slots + 1,)
        Ways of each origin; behind them is space for those that may open.
    origin, target : (n_ways,)
        Where a way begins, and where it leads.
    came : (n_slots + 1,)
        Ways that lead to each slot; those to outside are not counted.
    into : (n_ways,)
        These ways, from `first` of the slot on: who may leave for a place may also come from there, so that no slot has
        more of them than space for its own.
    change : (n_ways, REMEMBERED)
        Least changes of cost, ascending.
    person : (n_ways, REMEMBERED)
        Who they are of. The first of a list still sits at the origin; of the others some may have left.
    known : (n_ways,)
        Length of each list.
    more : (n_ways,)
        Whether somebody is left out, at no lesser change than the last of the list.
    at : (n_slots + 1,)
        Scratch: way of the origin at hand to each target, −1 where it has none.
    """

    first: Ints
    opened: Ints
    origin: Shorts
    target: Shorts
    came: Ints
    into: Ints
    change: Ints
    person: Shorts
    known: Shorts
    more: npt.NDArray[np.bool_]
    at: Ints


def ways_of(choices: Choices, sitting: Sitting) -> Ways:
    """The ways of everybody as they sit, and space for every way that may open while people move."""
    nodes = len(sitting.load)
    start = np.concatenate(([0], np.cumsum(sitting.load)))
    person = _by_seat(sitting.seat, start[:-1].copy())
    first = np.concatenate(([0], np.cumsum(_most_ways(choices))))
    ways = Ways(
        first=first,
        opened=np.ones(nodes, np.int64),
        origin=np.repeat(np.arange(nodes, dtype=np.int32), np.diff(first)),
        came=np.zeros(nodes, np.int64),
        into=np.empty(first[-1], np.int64),
        target=np.full(first[-1], nodes - 1, np.int32),
        change=np.empty((first[-1], REMEMBERED), np.int64),
        person=np.empty((first[-1], REMEMBERED), np.int32),
        known=np.zeros(first[-1], np.int32),
        more=np.zeros(first[-1], np.bool_),
        at=np.full(nodes, -1, np.int64),
    )
    _offer_all(choices, sitting, ways, start, person)
    return ways


@compiled
def _by_seat(seat: Shorts, free: Ints) -> Shorts:
    """Everybody, by where they sit; `free`, the first entry of each node, is used up."""
    people = np.empty(len(seat), np.int32)
    for person in range(len(seat)):
        people[free[seat[person]]] = person
        free[seat[person]] += 1
    return people


@compiled
def _most_ways(choices: Choices) -> Ints:
    """How many ways each node may ever have: slots that somebody who may come there may go to, and outside."""
    slots = len(choices.into_start) - 1
    found = np.ones(slots + 1, np.int64)
    found[slots] = slots + 1
    met = np.full(slots, -1, np.int64)
    for slot in range(slots):
        met[slot] = slot
        for entry in range(choices.into_start[slot], choices.into_start[slot + 1]):
            group = choices.into_group[entry]
            for arc in range(choices.start[group], choices.start[group + 1]):
                if met[choices.slot[arc]] != slot:
                    met[choices.slot[arc]] = slot
                    found[slot] += 1
    return found


@compiled
def _offer_all(choices: Choices, sitting: Sitting, ways: Ways, start: Ints, people: Shorts) -> None:
    for node in range(len(start) - 1):
        spread(ways, node)
        for person in people[start[node] : start[node + 1]]:
            offer(choices, sitting, ways, node, person)
        gather(ways, node)


@compiled
def spread(ways: Ways, origin: int) -> None:
    """Lay out the ways of an origin by target."""
    for way in range(ways.first[origin], ways.first[origin] + ways.opened[origin]):
        ways.at[ways.target[way]] = way


@compiled
def gather(ways: Ways, origin: int) -> None:
    """Undo `spread`."""
    for way in range(ways.first[origin], ways.first[origin] + ways.opened[origin]):
        ways.at[ways.target[way]] = -1


@compiled
def offer(choices: Choices, sitting: Sitting, ways: Ways, origin: int, person: int) -> None:
    """Put somebody who sits at `origin`, whose ways are spread, on all of these that they could take."""
    group = choices.group[person]
    for arc in range(choices.start[group], choices.start[group + 1]):
        slot = choices.slot[arc]
        if slot != origin:
            if ways.at[slot] < 0:
                _open(ways, origin, slot)
            _remember(ways, ways.at[slot], choices.cost[arc] - sitting.cost[person], person)
    if origin < len(ways.at) - 1:
        _remember(ways, ways.first[origin], choices.unserved[group] - sitting.cost[person], person)


@compiled
def _open(ways: Ways, origin: int, target: int) -> None:
    """A new way."""
    way = ways.first[origin] + ways.opened[origin]
    ways.opened[origin] += 1
    ways.target[way] = target
    ways.at[target] = way
    ways.into[ways.first[target] + ways.came[target]] = way
    ways.came[target] += 1


@compiled
def withdraw(choices: Choices, sitting: Sitting, ways: Ways, origin: int, person: int) -> None:
    """After somebody has left `origin`, whose ways are spread: nobody who is gone stays first on a list."""
    group = choices.group[person]
    for arc in range(choices.start[group], choices.start[group + 1]):
        if choices.slot[arc] != origin:
            _forget(sitting, ways, ways.at[choices.slot[arc]], origin)
    if origin < len(ways.at) - 1:
        _forget(sitting, ways, ways.first[origin], origin)


@compiled
def _remember(ways: Ways, way: int, change: int, person: int) -> None:
    """Put somebody on the list of a way, if they are among the cheapest."""
    known = ways.known[way]
    if ways.more[way] and (known == 0 or change >= ways.change[way, known - 1]):
        return
    if known == REMEMBERED:
        ways.more[way] = True
        known -= 1
        if change >= ways.change[way, known]:
            return
    at = known
    while at > 0 and ways.change[way, at - 1] > change:
        ways.change[way, at], ways.person[way, at] = ways.change[way, at - 1], ways.person[way, at - 1]
        at -= 1
    ways.change[way, at], ways.person[way, at] = change, person
    ways.known[way] = known + 1


@compiled
def _forget(sitting: Sitting, ways: Ways, way: int, origin: int) -> None:
    """Take those off the front of a list who no longer sit at its origin."""
    known, gone = ways.known[way], 0
    while gone < known and sitting.seat[ways.person[way, gone]] != origin:
        gone += 1
    if gone:
        for at in range(gone, known):
            ways.change[way, at - gone], ways.person[way, at - gone] = (
                ways.change[way, at],
                ways.person[way, at],
            )
        ways.known[way] = known - gone


@compiled
def recall(choices: Choices, sitting: Sitting, ways: Ways, way: int, origin: int) -> None:
    """Make a list again that was used up."""
    ways.more[way] = False
    target = ways.target[way]
    outside = len(ways.at) - 1
    through = origin if target == outside else target
    for entry in range(choices.into_start[through], choices.into_start[through + 1]):
        group = choices.into_group[entry]
        cost = choices.unserved[group] if target == outside else choices.into_cost[entry]
        for person in range(choices.first[group], choices.first[group + 1]):
            if sitting.seat[person] == origin:
                _remember(ways, way, cost - sitting.cost[person], person)
