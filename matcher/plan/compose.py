"""From who sits where to the plan as it is kept and written: its tables and its outcome. Knows no solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import __version__
from matcher.eligibility.derive import Eligibility
from matcher.inputs import Inputs
from matcher.plan.coverage import coverage_table
from matcher.plan.figures import count_by
from matcher.plan.fingerprint import fingerprint
from matcher.plan.proof import claim
from matcher.plan.unserved import unserved_table
from matcher.plan.verify import Certificate
from matcher.policy.documents import Policy
from matcher.solve.prices import Prices
from matcher.solve.slots import slot_values
from matcher.tables import MODES, OUTPUTS

Ints = npt.NDArray[np.int64]


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
    time_limit_s: float = 60.0


@dataclass(frozen=True)
class Outcome:
    """What ``outcome.json`` says; None where nothing is known, never 0.

    The fingerprint is made of the inputs, the digest in `policy`, `version`, and `start`: what else may have decided
    between equally good plans (the fingerprint of the plan that the solve started from, or the time limit of the search
    where households stay together; empty where nothing did).
    """

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
    policy: dict[str, str]
    start: str
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
    slot : (n_residents,)
        Slot of each person in the problem of `eligibility`, −1 for the unserved.
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
    slot: Ints = field(repr=False)

    def timed(self, seconds: Mapping[str, float]) -> Plan:
        """A copy whose outcome tells these seconds by stage, added to those it has."""
        before = self.outcome.seconds
        stages = {name: before.get(name, 0.0) + seconds.get(name, 0.0) for name in {**before, **seconds}}
        return replace(self, outcome=replace(self.outcome, seconds=stages))


def load_table(known: Eligibility, slot: Ints, prices: Prices | None) -> pd.DataFrame:
    """Providers by offered mode: capacity, persons assigned, and what one more place would bring.

    Parameters
    ----------
    known, slot
        As in `assignment_table`.
    prices : Prices or None
        Without a proof the slot values are missing.

    Returns
    -------
    DataFrame
        Columns of ``OUTPUTS["providers"]``; `slot_value_tier` is missing where one more place serves nobody more,
        `slot_value_m` is metres (seconds with ``cost = "time"``) saved, negative where the person gained travels
        farther than others save.
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
    start: str,
) -> Plan:
    """Put the tables and the outcome of a solved problem together; `status` claims no more than was proven.

    Parameters
    ----------
    inputs, policy
    known : Eligibility
        `derive` of these.
    slot : (n_residents,)
        Of each person, −1 for unserved.
    assignments : DataFrame
        `assignment_table` of these.
    certificate : Certificate
        `verify` of these.
    bounds : (tiers + 1,)
        See `proof.claim`.
    start : str
        See `Outcome`.
    """
    people = known.people.copy()
    people["served"] = slot >= 0
    by_person = assignments.set_index("resident_id").reindex(people["resident_id"])
    people["provider_id"] = by_person["provider_id"].to_numpy()
    people["distance_km"] = by_person["distance_km"].to_numpy(np.float64)
    tiers = range(1, policy.tier_count + 1)
    served = count_by(people, "tier", tiers)["served"].tolist()
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
        fingerprint=fingerprint(inputs, policy, __version__, start),
        policy={"id": policy.id, "digest": policy.digest},
        start=start,
        version=__version__,
    )
    return Plan(
        assignments=assignments,
        unserved=unserved_table(known, slot),
        loads=load_table(known, slot, certificate.prices),
        coverage=coverage_table(people, inputs.places, inputs.sites),
        people=people,
        outcome=outcome,
        inputs=inputs,
        policy=policy,
        eligibility=known,
        certificate=certificate,
        slot=slot,
    )
