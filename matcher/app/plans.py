"""Plans that outlive the server: read from the store where they are kept, else solved and kept there."""

from __future__ import annotations

from contextlib import suppress

from matcher import __version__
from matcher.errors import MatcherError
from matcher.inputs import Inputs
from matcher.plan.fingerprint import fingerprint
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.plan.recall import recall
from matcher.policy.documents import Policy
from matcher.store.repository import open_store

#: Who saved a plan that nobody asked to save, and how many of these are kept.
KEPT_BY = "matcher app"
MOST_KEPT = 20


def kept_or_solved(inputs: Inputs, policy: Policy) -> Plan:
    """The plan of these inputs under a policy.

    A store that cannot be read or written is no reason for having no plan: it is solved then, and not kept. A kept plan
    is proven again before it is shown; plans that prices don't prove (households stay together) are always solved.

    Raises
    ------
    SolverError
        As `match`.
    """
    kept = _kept(inputs, policy)
    if kept is not None:
        return kept
    plan = match(inputs, policy)
    if plan.certificate.proof is not None:
        with suppress(MatcherError), open_store() as store:
            store.save_plan(plan, KEPT_BY)
            store.forget_plans(KEPT_BY, MOST_KEPT)
    return plan


def _kept(inputs: Inputs, policy: Policy) -> Plan | None:
    name = fingerprint(inputs, policy, __version__)
    with suppress(MatcherError), open_store() as store:
        saved = store.plan_named(name)
        plan = recall(inputs, policy, store.assignments_of(saved)) if saved else None
        if plan is not None and plan.outcome.fingerprint == name:
            return plan
    return None
