"""From who sits where to the plan as it is kept and written: its tables and its outcome. Knows no solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import __version__
from matcher.eligibility.derive import Eligibility
from matcher.inputs import Inputs
from matcher.plan.assigned import people_with_providers
from matcher.plan.claim import claim
from matcher.plan.figures import count_by
from matcher.plan.fingerprint import fingerprint
from matcher.plan.loads import load_table
from matcher.plan.plan import Outcome, Plan
from matcher.plan.unserved import unserved_table
from matcher.plan.verify import Certificate
from matcher.policy.documents import Policy

Ints = npt.NDArray[np.int64]


def compose_plan(
    inputs: Inputs,
    policy: Policy,
    eligibility: Eligibility,
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
    eligibility : Eligibility
        `derive` of these.
    slot : (n_residents,)
        Of each person, −1 for unserved.
    assignments : DataFrame
        `assignment_table` of these.
    certificate : Certificate
        `verify` of these.
    bounds : (tiers + 1,)
        See `claim.claim`.
    start : str
        See `Outcome`.
    """
    people = people_with_providers(eligibility, slot)
    return Plan(
        assignments=assignments,
        unserved=unserved_table(eligibility, slot),
        loads=load_table(eligibility, slot, certificate.proof),
        people=people,
        outcome=replace(
            _outcome(people, assignments, eligibility, bounds, certificate),
            fingerprint=fingerprint(inputs, policy, __version__, start),
            policy={"id": policy.id, "digest": policy.digest},
            start=start,
        ),
        inputs=inputs,
        policy=policy,
        eligibility=eligibility,
        certificate=certificate,
        slot=slot,
    )


def _outcome(
    people: pd.DataFrame,
    assignments: pd.DataFrame,
    eligibility: Eligibility,
    bounds: Sequence[int | None],
    certificate: Certificate,
) -> Outcome:
    """Figures and what is proven of them; what names the plan is left empty."""
    tiers = range(1, eligibility.problem.tiers + 1)
    served = count_by(people, "tier", tiers)["served"].tolist()
    total = sum(assignments["cost_m"].tolist())
    claimed = claim([*served, total], bounds, certificate)
    return Outcome(
        status=claimed.status,
        proof=claimed.proof,
        bound=claimed.bound,
        gap=claimed.gap,
        served_bound=dict(zip(map(str, tiers), claimed.served_bound, strict=True)),
        engine="mip" if eligibility.keeps_households else "flow",
        residents=len(people),
        served=len(assignments),
        served_by_tier=dict(zip(map(str, tiers), served, strict=True)),
        total_cost_m=total,
        eligible_pairs=int((np.diff(eligibility.pairs.start) * eligibility.groups.size).sum()),
        certificate={
            "valid": certificate.valid,
            "checked_pairs": certificate.checked_pairs,
            "min_reduced_cost": certificate.min_reduced_cost,
        },
        version=__version__,
    )
