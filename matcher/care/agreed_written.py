"""The files of `agreements`, and the check of them: everything is made again from who is served by whom."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.care.agreed_outcome import seconds_told
from matcher.care.agreed_tables import ASSIGNMENT_COLUMNS, KEYS, AgreedTables, agreed_tables
from matcher.care.agreements import Agreed, inputs_alone, taken_through, who_is_alone
from matcher.care.pairing import pair_parties
from matcher.care.parties import Parties, find_parties
from matcher.files.results import write_results
from matcher.inputs import Inputs
from matcher.plan.claim import stated_bounds
from matcher.plan.differences import Difference, of_json, of_shape
from matcher.plan.plan import Plan
from matcher.plan.recheck import (
    ASSIGNMENTS,
    OF_PROOF,
    Recheck,
    Rows,
    of_written,
    opened,
    rebuilt,
    told,
)
from matcher.plan.verify import Certificate
from matcher.plan.written import OUTCOME, STAGES
from matcher.policy.documents import Policy
from matcher.solve.single import SingleChoice, SingleSource, room, solve_single_source
from matcher.tables import OUTPUT_KEYS

Ints = npt.NDArray[np.int64]

VIA = ASSIGNMENT_COLUMNS.index("via")
RESIDENT, PROVIDER = (ASSIGNMENT_COLUMNS.index(name) for name in ("resident_id", "provider_id"))


def write_agreed(agreed: Agreed, folder: Path, time_limit_s: float, read_seconds: float) -> AgreedTables:
    """Write all seven files or none; what was written.

    Raises
    ------
    BadInput, OSError
        See `write_results`.
    """
    begun = time.perf_counter()
    made = agreed_tables(agreed, time_limit_s)
    parts = agreed.all_seconds | {"read": read_seconds}
    parts["write"] = parts.get("write", 0.0) + time.perf_counter() - begun
    made = replace(made, outcome={**made.outcome, "seconds": seconds_told(parts)})
    write_results(folder, made.tables, {OUTCOME: made.outcome})
    return made


def recheck_agreed(inputs: Inputs, policy: Policy, folder: Path, time_limit_s: float) -> Recheck:
    """Check the files of `agreements`; nothing in them is trusted but who is served by whom.

    The steps before the last are done again. What the last step chose is held against places and limits, and its bounds
    against the answer of the same search now; people matched alone are proven by prices, as in `recheck`.

    Parameters
    ----------
    inputs, policy
        What the files are said to be made from.
    folder : Path
    time_limit_s : float
        Seconds for the search.

    Raises
    ------
    BadInput
        When there are no files, or another policy or version of the program made them.
    """
    outcome, found = opened(folder, policy)
    if found is None:
        return told(None, [Difference(ASSIGNMENTS, "unreadable")])
    misshapen = list(of_shape(ASSIGNMENTS, found, ASSIGNMENT_COLUMNS))
    if misshapen:
        return told(None, misshapen)
    parties = find_parties(inputs, policy)
    again = _Again(parties, found, _part(outcome, "sites"), time_limit_s)
    paired = pair_parties(parties, again)
    through = taken_through(parties, paired)
    alone = who_is_alone(parties, paired, through)
    plan = _plan_alone(inputs_alone(parties, through, alone), policy, found, _part(outcome, "persons"))
    if not isinstance(plan, Plan):
        return told(None, plan)
    agreed = Agreed(parties, paired, through, alone, plan, {})
    made = agreed_tables(agreed, _stated_limit(outcome, time_limit_s))
    return told(_certificate(plan, again.faults, made), _differences(made, plan, folder))


class _Again:
    """Answers the last step by what the files say, and notes what is wrong with that."""

    def __init__(
        self, parties: Parties, found: Rows, stated: Mapping[str, object], time_limit_s: float
    ) -> None:
        self._parties, self._stated, self._limit = parties, stated, time_limit_s
        people, ids = (
            pd.Index(names) for names in (parties.people["resident_id"], parties.providers["provider_id"])
        )
        rows = [row for row in found[1:] if row[VIA] == "site"]
        person = people.get_indexer(pd.Index([row[RESIDENT] for row in rows]))
        provider = ids.get_indexer(pd.Index([row[PROVIDER] for row in rows]))
        party = parties.people["party"].to_numpy(np.int64)[person]
        known = (person >= 0) & (provider >= 0) & (party >= 0)
        self._named = Counter(zip(party[known].tolist(), provider[known].tolist(), strict=True))
        self.faults: tuple[str, ...] = ()

    def __call__(self, problem: SingleSource) -> SingleChoice:
        """The pair that the files name for most people of each party, with the bounds that they state."""
        pair = np.full(problem.sites, -1, np.int64)
        most = np.zeros(problem.sites, np.int64)
        owner = problem.owner[problem.slot]
        for number in np.flatnonzero(problem.persons <= room(problem)).tolist():
            site = int(problem.site[number])
            named = self._named[site, int(owner[number])]
            if named > most[site]:
                pair[site], most[site] = number, named
        chosen = pair[pair >= 0]
        figures = problem.figures(chosen)
        fresh = solve_single_source(problem, self._limit)
        best = problem.figures(fresh.pair[fresh.pair >= 0])
        bounds = self._bounds(figures)
        worse = ("sites could be served better",) if _contradicted(bounds, figures, best) else ()
        self.faults = (*self._too_many(problem, chosen), *worse)
        least = self._stated.get("least_providers") is True
        least = least and (not fresh.least or bool((fresh.pair == pair).all()))
        return SingleChoice(pair, bounds, least)

    def _bounds(self, figures: tuple[int, ...]) -> tuple[int | None, ...]:
        """Stated bounds of all parties, less what the steps before the last have served for certain."""
        bounds = stated_bounds(self._stated, len(figures) - 1)
        served = self._stated.get("served_by_tier")
        whole = [*served.values()] if isinstance(served, Mapping) else []
        whole.append(self._stated.get("total_cost_m"))
        if len(whole) != len(figures) or not all(isinstance(one, int) for one in whole):
            return (None,) * len(figures)
        return tuple(
            None if bound is None else bound - (there - here)
            for bound, there, here in zip(bounds, whole, figures, strict=True)
        )

    def _too_many(self, problem: SingleSource, chosen: Ints) -> Iterator[str]:
        """Providers of whom more is asked than places."""
        used = np.bincount(problem.slot[chosen], problem.persons[chosen], len(problem.capacity))
        total = np.bincount(problem.owner, used, len(problem.total))
        over = np.isin(np.arange(len(total)), problem.owner[used > problem.capacity])
        over |= (problem.total >= 0) & (total > problem.total)
        for name in self._parties.providers["provider_id"][over]:
            yield f"provider {name} is above its capacity"


def _contradicted(bounds: Sequence[int | None], figures: Sequence[int], best: Sequence[int]) -> bool:
    """Whether a choice with the figures `best` cannot be, if the bounds of one with `figures` are right."""
    for number, (bound, here, there) in enumerate(zip(bounds, figures, best, strict=True)):
        if here != there:
            cost = number == len(figures) - 1
            return bound is not None and (there < bound if cost else there > bound)
    return False


def _plan_alone(
    inputs: Inputs, policy: Policy, found: Rows, stated: Mapping[str, object]
) -> Plan | list[Difference]:
    """The plan of the rows of people matched alone; differences name the rows of the file."""
    lines = [line for line, row in enumerate(found) if line == 0 or row[VIA] != "site"]
    rows = [[cell for place, cell in enumerate(found[line]) if place != VIA] for line in lines]
    plan = rebuilt(inputs, policy, rows, stated)
    if isinstance(plan, Plan):
        return plan
    return [replace(one, row=None if one.row is None else lines[one.row - 1] + 1) for one in plan]


def _part(outcome: Mapping[str, object], name: str) -> Mapping[str, object]:
    part = outcome.get(name)
    return part if isinstance(part, Mapping) else {}


def _stated_limit(outcome: Mapping[str, object], otherwise: float) -> float:
    """The time limit that the outcome names as what may have decided."""
    words = str(outcome.get("start", "")).split()
    try:
        return float(words[-2]) if words[-1:] == ["s"] else otherwise
    except (ValueError, IndexError):
        return otherwise


def _certificate(plan: Plan, faults: tuple[str, ...], made: AgreedTables) -> Certificate:
    """Of both steps: faults of the sites first; undecided where the sites are not proven."""
    certificate = plan.certificate
    if faults:
        return replace(certificate, valid=False, faults=(*faults, *certificate.faults))
    if certificate.valid and made.outcome["status"] != "optimal":
        return replace(certificate, valid=False, proof=None)
    return certificate


def _differences(made: AgreedTables, plan: Plan, folder: Path) -> Iterator[Difference]:
    proven = plan.certificate.valid or plan.eligibility.keeps_households
    hidden = {} if proven else OF_PROOF
    yield from of_json(OUTCOME, folder, made.outcome, STAGES, hidden.get(OUTCOME, ()))
    for name, table in made.tables.items():
        key = KEYS.get(name) or OUTPUT_KEYS[name]
        yield from of_written(folder, name, table, key, hidden.get(f"{name}.csv", ()))
