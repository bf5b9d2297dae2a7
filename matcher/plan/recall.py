"""A plan from its kept assignments: nothing is solved, everything is derived and proven again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility, derive
from matcher.inputs import Inputs
from matcher.plan.assigned import assignment_table
from matcher.plan.compose import compose_plan
from matcher.plan.plan import Plan
from matcher.plan.verify import verify
from matcher.policy.documents import Policy
from matcher.progress import Clock
from matcher.tables import MODES

Ints = npt.NDArray[np.int64]


def recall(inputs: Inputs, policy: Policy, kept: pd.DataFrame) -> Plan | None:
    """The plan that these assignments were kept of.

    Parameters
    ----------
    inputs, policy
        The same that it was made from.
    kept : DataFrame[resident_id, mode, provider_id]
        Its assignments.

    Returns
    -------
    Plan or None
        As `match` gives it. None where the assignments are not an optimal plan of these inputs that prices prove:
        they are of other data, somebody changed them, or households stay together; then it has to be solved.
    """
    clock = Clock()
    eligibility = derive(inputs, policy)
    clock.lap("candidates")
    slot = None if eligibility.keeps_households else _slots(eligibility, kept)
    if slot is None:
        return None
    assignments = assignment_table(eligibility, slot)
    certificate = verify(inputs, policy, assignments, eligibility)
    clock.lap("verify")
    if not certificate.valid or certificate.proof is None or len(assignments) != len(kept):
        return None
    bounds = [None] * (eligibility.problem.tiers + 1)
    plan = compose_plan(inputs, policy, eligibility, slot, assignments, certificate, bounds, "")
    clock.lap("write")
    return plan.timed(clock.seconds) if plan.outcome.status == "optimal" else None


def _slots(eligibility: Eligibility, kept: pd.DataFrame) -> Ints | None:
    """Slot of each person, −1 for who is not among the kept; None where a person, mode or provider is not known."""
    groups = eligibility.groups
    row = pd.Index(eligibility.people["resident_id"]).get_indexer(pd.Index(kept["resident_id"]))
    provider = groups.provider_ids.get_indexer(pd.Index(kept["provider_id"]))
    mode = pd.Index(MODES).get_indexer(pd.Index(kept["mode"]))
    if (row < 0).any() or (provider < 0).any() or (mode != groups.mode[groups.member[row]]).any():
        return None
    slot = np.full(len(eligibility.people), -1, np.int64)
    slot[row] = eligibility.problem.slot_at(provider.astype(np.int64), mode.astype(np.int64))
    return None if (slot[row] < 0).any() else slot
