"""Who sits where, proven, without the tables of a plan: for what solves the same people many times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.eligibility.derive import Eligibility
from matcher.plan.claim import claim, insist
from matcher.plan.plan import Options
from matcher.plan.seating import Earlier, seat_everybody
from matcher.plan.verify import Certificate, real_costs, verify_seats

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Seated:
    """An answer as `Plan` has it, with its proof.

    Parameters
    ----------
    eligibility : Eligibility
    slot : (n_residents,)
        Slot of each person, −1 for the unserved.
    certificate : Certificate
    status : {"optimal", "feasible"}
    """

    eligibility: Eligibility
    slot: Ints
    certificate: Certificate
    status: str

    @property
    def provider(self) -> Ints:
        """Number of each person's provider, −1 for none."""
        return np.append(self.eligibility.problem.slot_provider, -1)[self.slot]


def seat(eligibility: Eligibility, options: Options, start: Earlier | None = None) -> Seated:
    """Solve and prove, as `match` does.

    Parameters
    ----------
    eligibility : Eligibility
        Its pairs are taken as they are: see `verify.missing_pairs`.
    options : Options
    start : Earlier, optional
        An answer for nearly the same people; among equally good ones one is preferred that moves few of them.

    Raises
    ------
    SolverError
        As `match`.
    """
    slot, bounds = seat_everybody(eligibility, options, start)
    certificate = verify_seats(eligibility, slot)
    insist(certificate, by_prices=not eligibility.keeps_households)
    served = np.flatnonzero(slot >= 0)
    tier = eligibility.groups.tier[eligibility.groups.member[served]]
    by_tier = np.bincount(tier, minlength=eligibility.problem.tiers + 1)[1:].tolist()
    total = int(real_costs(eligibility, served, slot[served]).sum())
    return Seated(eligibility, slot, certificate, claim([*by_tier, total], bounds, certificate).status)
