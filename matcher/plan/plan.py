"""What `match` takes and gives: options, outcome, plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from html import escape

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility
from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.plan.coverage import coverage_table
from matcher.plan.verify import Certificate
from matcher.policy.documents import Policy
from matcher.solve.prices import Proof

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
    seconds: dict[str, float] = field(default_factory=dict)
    fingerprint: str = ""
    policy: dict[str, str] = field(default_factory=dict)
    start: str = ""
    version: str = ""

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True, repr=False)
class Plan:
    """The answer.

    Parameters
    ----------
    assignments, unserved, loads : DataFrame
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
    people: pd.DataFrame
    outcome: Outcome
    inputs: Inputs
    policy: Policy
    eligibility: Eligibility
    certificate: Certificate
    slot: Ints

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Who is served where, see `coverage_table`; made when it is first asked for."""
        return coverage_table(self.people, self.inputs.places, self.inputs.sites)

    def __getstate__(self) -> dict[str, object]:
        """Without what can be counted again: another process gets the plan alone."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def proof(self) -> Proof:
        """The prices that prove the plan, for whatever solves again from it.

        Raises
        ------
        BadInput
            When no prices prove it: households stay together.
        """
        if self.certificate.proof is None:
            raise BadInput("no_prices", status=self.outcome.status)
        return self.certificate.proof

    def __repr__(self) -> str:
        """Counts alone: whoever logs a plan logs nobody's name."""
        told = self.outcome
        return f"<Plan {told.status}: {told.served:,} of {told.residents:,} residents served, {told.fingerprint[:12]}>"

    def _repr_html_(self) -> str:
        """The outcome as a small table, for notebooks."""
        told = self.outcome
        by_tier = ", ".join(f"{tier}: {count:,}" for tier, count in told.served_by_tier.items())
        rows = {
            "status": f"{told.status} ({told.proof})",
            "residents": f"{told.residents:,}",
            "served": f"{told.served:,}",
            "served by tier": by_tier,
            "eligible pairs checked": f"{told.eligible_pairs:,}",
            "policy": self.policy.id,
            "fingerprint": told.fingerprint,
        }
        cells = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows.items()
        )
        return f"<table>{cells}</table>"

    def timed(self, seconds: Mapping[str, float]) -> Plan:
        """A copy whose outcome tells these seconds by stage, added to those it has."""
        before = self.outcome.seconds
        stages = {name: before.get(name, 0.0) + seconds.get(name, 0.0) for name in {**before, **seconds}}
        return replace(self, outcome=replace(self.outcome, seconds=stages))
