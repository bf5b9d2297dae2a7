"""Which provider serves each site, and who is matched alone beside: `match` for what people do through their site."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.care.pairing import INSIDE, Fits, Paired, pair_parties
from matcher.care.parties import Parties, find_parties, less
from matcher.inputs import Inputs
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.policy.documents import Policy
from matcher.progress import Clock
from matcher.solve.single import solve_single_source
from matcher.tables import CAPACITY_COLUMNS, MODES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Agreed:
    """The providers of all parties, and the plan of everybody who is matched alone.

    Parameters
    ----------
    parties : Parties
    paired : Paired
    through : (n_residents,)
        Number of the provider through the site, −1 for none.
    alone : (n_residents,)
        Who is matched alone; who is neither waits with the site.
    plan : Plan
        Of those, on what is left.
    seconds : dict
        Of the search for parties, by stage.
    """

    parties: Parties
    paired: Paired
    through: Ints
    alone: Bools
    plan: Plan
    seconds: dict[str, float]

    @property
    def all_seconds(self) -> dict[str, float]:
        """Of both steps, by stage."""
        return self.plan.timed(self.seconds).outcome.seconds


def agree(inputs: Inputs, policy: Policy, options: Options | None = None) -> Agreed:
    """Find one provider for each party, then match the others.

    Parameters
    ----------
    inputs : Inputs
        Checked and located.
    policy : Policy
        Its ``served_by`` and pairings.
    options : Options, optional
        The time limit is that of the search for parties.

    Raises
    ------
    SolverError
        As `match`.
    """
    options = options or Options()
    choose = partial(solve_single_source, time_limit_s=options.time_limit_s, progress=options.progress)
    clock = Clock()
    parties = find_parties(inputs, policy)
    clock.lap("candidates")
    paired = pair_parties(parties, choose)
    clock.lap("solve")
    through = taken_through(parties, paired)
    alone = who_is_alone(parties, paired, through)
    plan = match(inputs_alone(parties, through, alone), policy, options)
    return Agreed(parties, paired, through, alone, plan, clock.seconds)


def taken_through(parties: Parties, paired: Paired) -> Ints:
    """Number of the provider whom each person has through the site, −1 for none."""
    through = np.full(len(parties.people), -1, np.int64)
    for tie in paired.ties:
        through[tie.people] = tie.provider
    return through


def who_is_alone(parties: Parties, paired: Paired, through: Ints) -> Bools:
    """Who is matched alone.

    Who belongs to no party, or whose provider was decided on; whom the provider of the site does not take, because it
    lacks what the person needs; and everybody left over where the pairing lets a party be split.
    """
    party = parties.people["party"].to_numpy(np.int64)
    opened = np.array([rule.split for rule in paired.pairing], bool)
    inside: dict[int, list[int]] = {}
    for tie in paired.ties:
        if tie.how == INSIDE:
            inside.setdefault(tie.party, []).append(tie.provider)
        else:
            opened[tie.party] = True
    alone = np.asarray((party < 0) | parties.decided)
    alone |= np.append(opened, False)[party]
    able = Fits(parties, parties.counted, by_kind=False)
    for here, providers in inside.items():
        others = party == here
        for provider in providers:
            # Whom the clinic inside could serve, had it places, waits with the site.
            others[able(here, provider)] = False
        alone |= others
    return alone & (through < 0)


def inputs_alone(parties: Parties, through: Ints, alone: Bools) -> Inputs:
    """The people who are matched alone, and the places that parties leave."""
    inputs = parties.inputs
    some = through >= 0
    mode = parties.people["mode"].map({name: number for number, name in enumerate(MODES)}).to_numpy(np.int64)
    taken = np.zeros_like(parties.places)
    np.add.at(taken, (through[some], mode[some]), 1)
    ordered = parties.providers
    places = less(ordered[list(CAPACITY_COLUMNS)].fillna(-1).to_numpy(np.int64), taken)
    total = less(ordered["capacity_total"].fillna(-1).to_numpy(np.int64), taken.sum(axis=1))
    left = dict(zip((*CAPACITY_COLUMNS, "capacity_total"), (*places.T, total), strict=True))
    columns = {name: pd.array(value, dtype="Int64") for name, value in left.items()}
    for column in columns.values():
        column[column == -1] = pd.NA
    residents = inputs.residents[alone].reset_index(drop=True)
    there = inputs.corrections["resident_id"].isin(residents["resident_id"])
    return inputs.replace(
        residents=residents,
        providers=ordered.drop(columns="township").assign(**columns),
        corrections=inputs.corrections[there].reset_index(drop=True),
    )
