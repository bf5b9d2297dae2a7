"""Households as bundles: all places that the members take at one provider, as columns of a program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, vstack

from matcher.errors import SolverError
from matcher.solve.flow import solve_flow
from matcher.solve.problem import Problem, arc_of, expand, part_of
from matcher.solve.together.bundles import BundleProgram
from matcher.solve.warm import Solution

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Homes:
    """Who lives alone, who together, and which providers take all of a household.

    Parameters
    ----------
    alone : (n_groups,)
        Persons of each group that belong to no household.
    arc : (n_single_columns,)
        Their arcs; the first columns of `program`.
    group, home : (n_members,)
        Group and household of each member, by household.
    owner, member_arc, bundle : (n_member_arcs,)
        The arcs that bundles are made of: the member, the arc and the bundle of each.
    bundle_home, bundle_provider : (n_bundles,)
        Household and provider of each bundle, ascending; the other columns of `program`.
    """

    alone: Ints
    arc: Ints
    group: Ints
    home: Ints
    owner: Ints
    member_arc: Ints
    bundle: Ints
    bundle_home: Ints
    bundle_provider: Ints

    @property
    def count(self) -> int:
        """Number of households."""
        return int(self.home.max(initial=-1)) + 1

    def bundle_at(self, provider: Ints) -> Ints:
        """Bundle of each household at the provider (n_households,), −1 where there is none."""
        width = int(self.bundle_provider.max(initial=0)) + 1
        keys = self.bundle_home * width + self.bundle_provider
        wanted = np.arange(self.count) * width + provider
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        known = (provider >= 0) & (provider < width) & (len(keys) > 0)
        known[known] = keys[at[known]] == wanted[known]
        return np.where(known, at, -1)


def find_homes(problem: Problem, member: Ints, household: Ints) -> Homes:
    """Bundles of all households at the providers where every member is eligible and the places could suffice.

    Parameters
    ----------
    problem : Problem
        Of all persons.
    member, household : (n_persons,)
        Group of each person; household 0, 1, …, or −1.
    """
    alone = np.bincount(member[household < 0], minlength=len(problem.size)).astype(np.int64)
    inside = np.flatnonzero(household >= 0)
    inside = inside[np.argsort(household[inside], kind="stable")]
    group, home = member[inside], household[inside]
    owner, arc = expand(problem.start, group)
    slot = problem.slot[arc]
    providers, slots = max(1, len(problem.total)), max(1, len(problem.capacity))
    key, bundle, takers = np.unique(
        home[owner] * providers + problem.slot_provider[slot], return_inverse=True, return_counts=True
    )
    fits = takers == np.bincount(home, minlength=1)[key // providers]
    need, persons = np.unique(bundle * slots + slot, return_counts=True)
    fits[need[persons > problem.capacity[need % slots]] // slots] = False
    total = problem.total[key % providers]
    fits &= (total < 0) | (takers <= total)
    kept = fits[bundle]
    return Homes(
        alone=alone,
        arc=np.flatnonzero(alone[problem.group] > 0),
        group=group,
        home=home,
        owner=owner[kept],
        member_arc=arc[kept],
        bundle=(np.cumsum(fits) - 1)[bundle[kept]],
        bundle_home=key[fits] // providers,
        bundle_provider=key[fits] % providers,
    )


def members_apart(problem: Problem, homes: Homes) -> Problem:
    """The relaxation in which members may part, but only among providers that take them all.

    Its groups are those of `problem`, of the persons alone, then each member by itself.
    """
    return part_of(
        problem,
        np.concatenate((homes.arc, homes.member_arc)),
        np.concatenate((_degree(problem, homes), np.bincount(homes.owner, minlength=len(homes.group)))),
        size=np.concatenate((homes.alone, np.ones(len(homes.group), np.int64))),
        tier=np.concatenate((problem.tier, problem.tier[homes.group])),
    )


def as_program(problem: Problem, homes: Homes) -> BundleProgram:
    """Columns: arcs of the persons alone, then bundles. Rows: slots, then the totals that providers set."""
    singles, columns = len(homes.arc), len(homes.arc) + len(homes.bundle_home)
    arc = np.concatenate((homes.arc, homes.member_arc))
    column = np.concatenate((np.arange(singles), singles + homes.bundle))
    slots = coo_array(
        (np.ones(len(arc), np.int64), (problem.slot[arc], column)), shape=(len(problem.capacity), columns)
    ).tocsr()
    capped = np.flatnonzero(problem.total >= 0)
    mine = problem.slot_provider == capped[:, None]
    cost = np.zeros(columns, np.int64)
    np.add.at(cost, column, problem.cost[arc])
    groups = len(problem.size)
    unit = np.concatenate((np.arange(groups), groups + homes.home))
    tier = np.concatenate((problem.tier, problem.tier[homes.group]))
    people = np.zeros((groups + homes.count, problem.tiers), np.int64)
    np.add.at(people, (unit, tier - 1), 1)
    return BundleProgram(
        unit=np.concatenate((problem.group[homes.arc], groups + homes.bundle_home)),
        cost=cost,
        use=vstack([slots, coo_array(mine.astype(np.int64)).tocsr() @ slots]).tocsc(),
        room=np.concatenate((problem.capacity, problem.total[capped])),
        count=np.concatenate((homes.alone, np.ones(homes.count, np.int64))),
        people=people,
        whole=np.arange(len(people)) >= groups,
    )


@dataclass(frozen=True)
class Completed:
    """A plan made of the households' choices and the best for everybody else.

    Parameters
    ----------
    taken : (n_columns,)
        How often each column of the program is taken.
    rest : Problem
        What the households leave to the others.
    solution : Solution
        Of `rest`.
    """

    taken: Ints
    rest: Problem
    solution: Solution


def complete(problem: Problem, homes: Homes, program: BundleProgram, choice: Ints) -> Completed:
    """Seat everybody who is alone at their best on the places that the households leave.

    Parameters
    ----------
    problem, homes, program
    choice : (n_households,)
        Bundle of each household, −1 where it waits.

    Raises
    ------
    SolverError
        When the households take more places than there are.
    """
    singles, slots = len(homes.arc), len(problem.capacity)
    taken = np.zeros(len(program.unit), np.int64)
    taken[singles + choice[choice >= 0]] = 1
    room = program.room - program.use @ taken
    if (room < 0).any():
        raise SolverError("households take more places than there are")
    total = problem.total.copy()
    total[total >= 0] = room[slots:]
    rest = part_of(
        problem, homes.arc, _degree(problem, homes), size=homes.alone, capacity=room[:slots], total=total
    )
    solution = solve_flow(rest)
    served = solution.seats.slot >= 0
    taken[arc_of(rest, solution.seats)[served]] = solution.seats.count[served]
    return Completed(taken, rest, solution)


def _degree(problem: Problem, homes: Homes) -> Ints:
    """Arcs of each group, 0 where nobody of it is alone."""
    return np.where(homes.alone > 0, np.diff(problem.start), 0)
