"""What ``outcome.json`` of `agreements` says: of the sites, of the people matched alone, and of both together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import __version__
from matcher.care.agreements import Agreed
from matcher.plan.claim import gap_of
from matcher.plan.fingerprint import fingerprint
from matcher.plan.plan import Outcome
from matcher.plan.written import STAGES
from matcher.solve.single import added

Ints = npt.NDArray[np.int64]
Figures = Sequence[int | None]

ENGINE = "agreements"
#: Of the outcome of people matched alone, what ``persons`` repeats.
OF_PERSONS = (
    "status",
    "proof",
    "bound",
    "gap",
    "served_bound",
    "residents",
    "served",
    "served_by_tier",
    "total_cost_m",
)


def outcome_of(agreed: Agreed, assignments: pd.DataFrame, time_limit_s: float) -> dict[str, object]:
    """Plain values for JSON, the keys of `match`'s outcome and ``sites`` and ``persons``.

    Parameters
    ----------
    agreed : Agreed
    assignments : DataFrame
        Of everybody, with ``via``; its cost may be missing where a journey to a clinic inside is not known.
    time_limit_s : float
        Of the search; part of the fingerprint where it may have decided.
    """
    alone = agreed.plan.outcome
    before, here, chosen = _figures(agreed, assignments)
    settled: Figures = [*before]
    sites = added([tuple(settled), agreed.paired.choice.bounds])
    everybody = added([_as_far_as_proven(here, sites), (*alone.served_bound.values(), alone.bound)])
    told = _claimed([one + more for one, more in zip(here, _persons(alone), strict=True)], everybody)
    proven = told["status"] == "optimal"
    start = ENGINE if proven and agreed.paired.choice.least else f"{ENGINE}, time limit {time_limit_s:g} s"
    inputs, policy = agreed.parties.inputs, agreed.parties.policy
    possible = int(agreed.paired.problem.persons.sum())
    return {
        **alone.as_dict(),
        **told,
        "engine": ENGINE,
        "residents": len(agreed.parties.people),
        "served": len(assignments),
        "eligible_pairs": alone.eligible_pairs + possible,
        "seconds": seconds_told(agreed.all_seconds),
        "fingerprint": fingerprint(inputs, policy, __version__, start),
        "start": start,
        "version": __version__,
        "sites": {
            **_claimed(here, sites),
            "parties": len(agreed.parties.table),
            "with_provider": len({tie.party for tie in agreed.paired.ties}),
            "chosen_together": chosen,
            "least_providers": agreed.paired.choice.least,
        },
        "persons": {name: value for name, value in alone.as_dict().items() if name in OF_PERSONS},
    }


def seconds_told(parts: Mapping[str, float]) -> dict[str, float]:
    """Seconds of all stages and their total, as `match` writes them."""
    told = {stage: round(parts.get(stage, 0.0), 3) for stage in STAGES}
    return {**told, "total": round(sum(parts.values()), 3)}


def _persons(outcome: Outcome) -> list[int]:
    return [*outcome.served_by_tier.values(), outcome.total_cost_m]


def _figures(agreed: Agreed, assignments: pd.DataFrame) -> tuple[list[int], list[int], int]:
    """Persons by tier and cost of the ties before the last step, of all ties, and parties that the last step served."""
    pair = agreed.paired.choice.pair
    pair = pair[pair >= 0]
    last = agreed.paired.problem.figures(pair)
    rows = assignments[assignments["via"] == "site"]
    tiers = range(1, agreed.parties.policy.tier_count + 1)
    counts = rows["tier"].value_counts()
    whole = [*(int(counts.get(tier, 0)) for tier in tiers), int(rows["cost_m"].fillna(0).sum())]
    return [one - other for one, other in zip(whole, last, strict=True)], whole, len(pair)


def _as_far_as_proven(figures: Sequence[int], bounds: Figures) -> tuple[int | None, ...]:
    """Bounds of the sites that hold for everybody: beyond the first that is not reached, other sites may pay."""
    open_ = next((place for place, one in enumerate(figures) if bounds[place] != one), len(figures))
    return (*bounds[: open_ + 1], *(None for _ in bounds[open_ + 1 :]))


def _claimed(figures: Sequence[int], bounds: Figures) -> dict[str, object]:
    """Status, bound and gap as `match` words them."""
    optimal = list(bounds) == list(figures)
    tiers = range(1, len(figures))
    return {
        "status": "optimal" if optimal else "feasible",
        "proof": "bound" if optimal else "none",
        "bound": bounds[-1],
        "gap": gap_of(figures, bounds),
        "served_bound": _by_tier(tiers, bounds),
        "served_by_tier": _by_tier(tiers, figures),
        "total_cost_m": figures[-1],
    }


def _by_tier(tiers: range, values: Figures) -> Mapping[str, int | None]:
    return {str(tier): values[tier - 1] for tier in tiers}
