"""From inputs to a proven plan: assignments, the unserved with their reason, loads with slot values, the outcome."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import __version__
from matcher.coverage import coverage_table
from matcher.eligibility import Eligibility, derive
from matcher.fingerprint import fingerprint
from matcher.inputs import Inputs
from matcher.policy import Policy
from matcher.problem import Seats
from matcher.proof import claim
from matcher.solve.flow import solve_flow
from matcher.solve.households import TIME_LIMIT_S, solve_together
from matcher.solve.prices import Improvement, Prices, least_prices
from matcher.solve.slots import slot_values
from matcher.solve.ties import break_ties, tie_classes
from matcher.solve.verify import Certificate, verify
from matcher.solve.warm import carry_over, opening_prices, solve_warm
from matcher.tables import MODES, OUTPUTS
from matcher.unserved import unserved_table

Ints = npt.NDArray[np.int64]

#: Share of the people who may lose their seat; above it, solving from scratch is faster than from an earlier plan.
SMALL_CHANGE = 0.01
#: Earlier slot of people who had none, because there was no earlier plan.
NOWHERE = -2


@dataclass(frozen=True)
class Options:
    """How to solve; none of it changes an answer that is proven.

    Parameters
    ----------
    progress : bool
        Show bars on a terminal.
    time_limit_s : float
        Seconds for the search where households stay together; nothing else needs one.
    """

    progress: bool = False
    time_limit_s: float = TIME_LIMIT_S


@dataclass(frozen=True)
class Outcome:
    """What ``outcome.json`` says; None where nothing is known, never 0."""

    status: str
    proof: str
    bound: int | None
    gap: float | None
    served_bound: dict[str, int | None]
    engine: str
    residents: int
    served: int
    served_by_tier: dict[str, int]
    total_cost_m: int
    eligible_pairs: int
    certificate: dict[str, object]
    seconds: dict[str, float]
    fingerprint: str
    version: str

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Plan:
    """The answer.

    Parameters
    ----------
    assignments, unserved, loads, coverage : DataFrame
        Columns of ``tables.OUTPUTS``, sorted by id.
    people : DataFrame
        Classified residents, input order, with ``served``, ``provider_id`` and ``distance_km``.
    outcome : Outcome
    inputs, policy
        What it was made from.
    eligibility : Eligibility
        Groups and all eligible pairs, for explanations.
    certificate : Certificate
    """

    assignments: pd.DataFrame
    unserved: pd.DataFrame
    loads: pd.DataFrame
    coverage: pd.DataFrame
    people: pd.DataFrame
    outcome: Outcome
    inputs: Inputs
    policy: Policy
    eligibility: Eligibility = field(repr=False)
    certificate: Certificate = field(repr=False)

    def timed(self, seconds: Mapping[str, float]) -> Plan:
        """A copy whose outcome tells these seconds by stage, added to those it has."""
        before = self.outcome.seconds
        stages = {name: before.get(name, 0.0) + seconds.get(name, 0.0) for name in {**before, **seconds}}
        return replace(self, outcome=replace(self.outcome, seconds=stages))


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now


def match(inputs: Inputs, policy: Policy, options: Options | None = None, start: Plan | None = None) -> Plan:
    """Assign every resident to a provider or a reason, and prove that no plan is better.

    Parameters
    ----------
    inputs : Inputs
        Checked and located.
    policy : Policy
    options : Options, optional
    start : Plan, optional
        A plan of nearly the same inputs: the solve starts there and is the faster, the nearer they are. The answer is
        as good as from scratch; where several plans are equally good it may be another one of them.

    Returns
    -------
    Plan

    Raises
    ------
    SolverError
        When the solver fails, or the checker does not accept the plan.
    """
    options = options or Options()
    clock = _Clock()
    people = start.eligibility.people if start and _same_people(inputs, policy, start) else None
    known = derive(inputs, policy, people=people, progress=options.progress)
    clock.lap("candidates")
    bounds: Sequence[int | None] = [None] * (policy.tier_count + 1)
    if known.keeps_households:
        slot, bounds = _solve_together(known, options)
    else:
        slot = _solve(known) if start is None else _solve_from(known, start)
    assignments = assignment_table(known, slot)
    clock.lap("solve")
    certificate = verify(inputs, policy, assignments, known)
    clock.lap("verify")
    name = fingerprint(inputs, policy, __version__, _origin(known, options, start))
    plan = compose_plan(inputs, policy, known, slot, assignments, certificate, bounds, name)
    clock.lap("write")
    return plan.timed(clock.seconds)


def _same_people(inputs: Inputs, policy: Policy, start: Plan) -> bool:
    """Whether nothing that classification reads has changed."""
    tables = ("residents", "sites", "places", "dataset")
    unchanged = all(getattr(inputs, table) is getattr(start.inputs, table) for table in tables)
    return unchanged and policy.digest == start.policy.digest


def _origin(known: Eligibility, options: Options, start: Plan | None) -> str:
    """What else than inputs, policy and version may have decided between plans."""
    if known.keeps_households:
        return f"time limit {options.time_limit_s:g} s"
    return start.outcome.fingerprint if start else ""


def _solve_together(known: Eligibility, options: Options) -> tuple[Ints, Sequence[int | None]]:
    """Slot of each person, no household split, and the bounds of served by tier and of the cost."""
    member, household = known.groups.member, known.household
    found = solve_together(known.problem, member, household, options.time_limit_s, progress=options.progress)
    seats, classes = break_ties(found.rest, found.solution.seats, found.solution.prices)
    alone = household < 0
    others = replace(known, people=known.people[alone], groups=replace(known.groups, member=member[alone]))
    provider = found.provider[household]
    slot = np.where(provider >= 0, known.problem.slot_at(provider, known.groups.mode[member]), -1)
    slot[alone] = seat_people(others, seats, classes, np.full(int(alone.sum()), NOWHERE))
    return slot, found.bounds


def _solve(known: Eligibility) -> Ints:
    """Slot of each person in an optimal plan, ties by provider id, then resident id."""
    solution = solve_flow(known.problem)
    seats, classes = break_ties(known.problem, solution.seats, solution.prices)
    return seat_people(known, seats, classes, np.full(len(known.people), NOWHERE))


def _solve_from(known: Eligibility, start: Plan) -> Ints:
    """Slot of each person, solved from the seats and prices of an earlier plan; nobody moves without need."""
    before, problem = start.certificate, known.problem
    if before.prices is None or before.problem is None:
        return _solve(known)
    provider_of = start.people.set_index("resident_id")["provider_id"]
    provider = known.groups.provider_ids.get_indexer(
        pd.Index(provider_of.reindex(known.people["resident_id"]).to_numpy())
    )
    mode = known.groups.mode[known.groups.member]
    slot = np.where(provider >= 0, problem.slot_at(provider, mode), -1)
    seats = carry_over(problem, known.groups.member, slot)
    unseated = (slot >= 0).sum() - seats.count[seats.slot >= 0].sum()
    if unseated > SMALL_CHANGE * len(slot):
        solution = solve_flow(problem)
        return seat_people(known, solution.seats, tie_classes(problem, solution.seats, solution.prices), slot)
    prices = least_prices(problem, seats)
    if isinstance(prices, Improvement):
        opening = opening_prices(problem, seats, *_earlier_prices(known, start))
        solution = solve_warm(problem, seats, opening, stay=True)
        seats, prices = solution.seats, solution.prices
    return seat_people(known, seats, tie_classes(problem, seats, prices), slot)


def _earlier_prices(known: Eligibility, start: Plan) -> tuple[Ints, Ints]:
    """Prices of an earlier plan by slot, 0 for new slots, and which slots are new."""
    before, problem = start.certificate, known.problem
    assert before.prices is not None
    assert before.problem is not None
    earlier = start.eligibility.groups.provider_ids.get_indexer(known.groups.provider_ids)
    same = earlier[problem.slot_provider]
    slot_before = np.where(same >= 0, before.problem.slot_at(same, problem.slot_mode), -1)
    return np.append(before.prices.slot, 0)[slot_before], np.flatnonzero(slot_before < 0)


def seat_people(known: Eligibility, seats: Seats, classes: Ints, earlier: Ints) -> Ints:
    """Deal the seats of each class: first to who sat there before, then by provider id to people by resident id.

    Parameters
    ----------
    known : Eligibility
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
    width = len(known.problem.capacity) + 2
    by_id = np.argsort(known.people["resident_id"].to_numpy(dtype=object), kind="stable")
    person_class = classes[known.groups.member]
    key, back = np.unique(classes[seats.group] * width + seats.slot + 2, return_inverse=True)
    left = np.bincount(back, seats.count, len(key)).astype(np.int64)

    wish = (person_class * width + earlier + 2)[by_id]
    order = by_id[np.argsort(wish, kind="stable")]
    wish = np.sort(wish)
    turn = np.arange(len(wish)) - np.searchsorted(wish, wish)
    at = np.minimum(np.searchsorted(key, wish), max(len(key) - 1, 0))
    keeps = (key[at] == wish) & (turn < left[at]) if len(key) else np.zeros(0, bool)
    slot = np.full(len(by_id), -1, np.int64)
    slot[order[keeps]] = earlier[order[keeps]]
    np.subtract.at(left, at[keeps], 1)

    moves = np.ones(len(by_id), bool)
    moves[order[keeps]] = False
    people = by_id[moves[by_id]]
    people = people[np.argsort(person_class[people], kind="stable")]
    seat = key % width - 2
    deal = np.lexsort((np.where(seat < 0, width, seat), key // width))
    slot[people] = np.repeat(seat[deal], left[deal])
    return slot


def assignment_table(known: Eligibility, slot: Ints) -> pd.DataFrame:
    """The served, by resident id.

    Parameters
    ----------
    known : Eligibility
    slot : (n_residents,)
        From `seat_people`.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["assignments"]``.
    """
    served = np.flatnonzero(slot >= 0)
    group = known.groups.member[served]
    provider = known.problem.slot_provider[slot[served]]
    km, cost = known.groups.travel.measure(known.groups.location[group], provider)
    leaves = (known.groups.current[group] >= 0) & (known.groups.current[group] != provider)
    people = known.people.iloc[served]
    table = pd.DataFrame(
        {
            "resident_id": people["resident_id"].to_numpy(),
            "mode": people["mode"].to_numpy(),
            "mode_rule": people["mode_rule"].to_numpy(),
            "tier": people["tier"].to_numpy(),
            "provider_id": known.groups.provider_ids.to_numpy()[provider],
            "distance_km": km,
            "cost_m": cost + known.switching_m * leaves,
            "rank": _ranks(known, group, cost),
        },
        columns=list(OUTPUTS["assignments"]),
    )
    return table.sort_values("resident_id", ignore_index=True)


def _ranks(known: Eligibility, group: Ints, cost: Ints) -> Ints:
    """1 + eligible providers strictly cheaper, before any price for switching.

    Costs ascend within a group, so one search among (group, cost) numbers finds them all.
    """
    width = int(known.pairs.cost.max(initial=0)) + 1
    keys = known.pairs.group * width + known.pairs.cost
    return np.asarray(np.searchsorted(keys, group * width + cost) - known.pairs.start[group] + 1, np.int64)


def load_table(inputs: Inputs, known: Eligibility, slot: Ints, prices: Prices | None) -> pd.DataFrame:
    """Providers by offered mode: capacity, persons assigned, and what one more place would bring.

    Parameters
    ----------
    inputs, known, slot
        As in `match`.
    prices : Prices or None
        Without a proof the slot values are missing.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["providers"]``; `slot_value_tier` is missing where one more place serves nobody more,
        `slot_value_m` is metres saved, negative where the person gained travels farther than others save.
    """
    problem = known.problem
    table = pd.DataFrame(
        {
            "provider_id": known.groups.provider_ids.to_numpy()[problem.slot_provider],
            "mode": np.array(MODES, dtype=object)[problem.slot_mode],
            "capacity": problem.capacity,
            "assigned": np.bincount(slot[slot >= 0], minlength=len(problem.capacity)),
        }
    )
    served, tier, metres = slot_values(problem, prices)
    table["slot_value_served"] = served
    table["slot_value_tier"] = tier
    table["slot_value_m"] = metres
    table = table[list(OUTPUTS["providers"])].astype({"provider_id": "str", "mode": "str"})
    return table.sort_values(["provider_id", "mode"], ignore_index=True)


def compose_plan(
    inputs: Inputs,
    policy: Policy,
    known: Eligibility,
    slot: Ints,
    assignments: pd.DataFrame,
    certificate: Certificate,
    bounds: Sequence[int | None],
    name: str,
) -> Plan:
    """Put the tables and the outcome of a solved problem together; `status` claims no more than was proven."""
    people = known.people.copy()
    people["served"] = slot >= 0
    by_person = assignments.set_index("resident_id").reindex(people["resident_id"])
    people["provider_id"] = by_person["provider_id"].to_numpy()
    people["distance_km"] = by_person["distance_km"].to_numpy(np.float64)
    tiers = range(1, policy.tier_count + 1)
    by_tier = people.loc[people["served"], "tier"].value_counts()
    served = [int(by_tier.get(tier, 0)) for tier in tiers]
    total = sum(assignments["cost_m"].tolist())
    proven = claim([*served, total], bounds, certificate)
    outcome = Outcome(
        status=proven.status,
        proof=proven.proof,
        bound=proven.bound,
        gap=proven.gap,
        served_bound=dict(zip(map(str, tiers), proven.served_bound, strict=True)),
        engine="mip" if known.keeps_households else "flow",
        residents=len(people),
        served=len(assignments),
        served_by_tier=dict(zip(map(str, tiers), served, strict=True)),
        total_cost_m=total,
        eligible_pairs=int((np.diff(known.pairs.start) * known.groups.size).sum()),
        certificate={
            "valid": certificate.valid,
            "checked_pairs": certificate.checked_pairs,
            "min_reduced_cost": certificate.min_reduced_cost,
        },
        seconds={},
        fingerprint=name,
        version=__version__,
    )
    return Plan(
        assignments=assignments,
        unserved=unserved_table(known, slot),
        loads=load_table(inputs, known, slot, certificate.prices),
        coverage=coverage_table(people, inputs.places, inputs.sites),
        people=people,
        outcome=outcome,
        inputs=inputs,
        policy=policy,
        eligibility=known,
        certificate=certificate,
    )
