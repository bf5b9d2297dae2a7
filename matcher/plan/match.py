"""From inputs to a proven plan: derive, seat everybody, verify, compose."""

from __future__ import annotations

from matcher.eligibility.derive import Eligibility, derive
from matcher.inputs import Inputs
from matcher.plan.assigned import assignment_table
from matcher.plan.claim import insist
from matcher.plan.compose import compose_plan
from matcher.plan.plan import Options, Plan
from matcher.plan.seating import seat_everybody
from matcher.plan.verify import verify
from matcher.policy.documents import Policy
from matcher.progress import Clock


def match(
    inputs: Inputs,
    policy: Policy,
    options: Options | None = None,
    start: Plan | None = None,
    eligibility: Eligibility | None = None,
) -> Plan:
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
    eligibility : Eligibility, optional
        `derive` of these inputs and this policy, where it is at hand.

    Returns
    -------
    Plan

    Raises
    ------
    SolverError
        When the solver fails, or the checker does not accept the plan (`PlanRefused`).
    """
    options = options or Options()
    clock = Clock()
    if eligibility is None:
        people = start.eligibility.people if start and _same_people(inputs, policy, start) else None
        eligibility = derive(inputs, policy, people=people, progress=options.progress)
    clock.lap("candidates")
    slot, bounds = seat_everybody(eligibility, options, start)
    assignments = assignment_table(eligibility, slot)
    clock.lap("solve")
    certificate = verify(inputs, policy, assignments, eligibility)
    insist(certificate, by_prices=not eligibility.keeps_households)
    clock.lap("verify")
    origin = _origin(eligibility, options, start)
    plan = compose_plan(inputs, policy, eligibility, slot, assignments, certificate, bounds, origin)
    clock.lap("write")
    return plan.timed(clock.seconds)


def _same_people(inputs: Inputs, policy: Policy, start: Plan) -> bool:
    """Whether nothing that classification reads has changed."""
    tables = ("residents", "sites", "places", "dataset")
    unchanged = all(getattr(inputs, table) is getattr(start.inputs, table) for table in tables)
    return unchanged and policy.digest == start.policy.digest


def _origin(eligibility: Eligibility, options: Options, start: Plan | None) -> str:
    """What else than inputs, policy and version may have decided between plans."""
    if eligibility.keeps_households:
        return f"time limit {options.time_limit_s:g} s"
    return start.outcome.fingerprint if start else ""
