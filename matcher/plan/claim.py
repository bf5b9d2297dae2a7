"""What is proven of a plan: status, proof, bound and gap, claiming no more than is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcher.errors import PlanRefused
from matcher.masking import mask_if_id_number
from matcher.plan.verify import Certificate

#: So many faults are told in full.
TOLD = 3


@dataclass(frozen=True)
class Claim:
    """The first fields of ``outcome.json``.

    Parameters
    ----------
    status : {"optimal", "feasible"}
    proof : {"prices", "bound", "none"}
    bound : int or None
        Least cost of any plan that serves these numbers, where no plan serves better ones; None where that is open.
    gap : float or None
        How far the first figure that is not proven may be from its best, as a share: of the persons of a tier that can
        be served at most, or of the cost. 0 where all are proven, None where nothing is known.
    served_bound : tuple of int or None
        Most persons of each tier that can be served with these numbers in the tiers before.
    """

    status: str
    proof: str
    bound: int | None
    gap: float | None
    served_bound: tuple[int | None, ...]


def insist(certificate: Certificate, by_prices: bool) -> None:
    """Let a plan pass only when nothing is wrong with it, and its proof is there where prices can give it.

    Parameters
    ----------
    certificate : Certificate
        Of a plan that was just made.
    by_prices : bool
        Whether prices must prove the plan; where households stay together they cannot.

    Raises
    ------
    PlanRefused
    """
    if certificate.valid or (certificate.undecided and not by_prices):
        return
    found = certificate.faults or tuple(
        f"{mask_if_id_number(move.resident_id)}: {move.from_provider or '–'} → {move.to_provider or '–'}"
        for move in certificate.witness
    )
    reason = "plan_faulty" if certificate.faults else "plan_not_best" if found else "plan_unproven"
    raise PlanRefused(reason, found="; ".join(found[:TOLD]), count=len(found))


def stated_bounds(outcome: Mapping[str, object], tiers: int) -> list[int | None]:
    """Bounds that an ``outcome.json`` states, as `claim` takes them; None for one that its own figures contradict.

    Parameters
    ----------
    outcome : mapping
        Of whatever content.
    tiers : int
    """

    def number(holder: object, key: str) -> int | None:
        value = holder.get(key) if isinstance(holder, Mapping) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    bounds: list[int | None] = []
    for tier in map(str, range(1, tiers + 1)):
        most = number(outcome.get("served_bound"), tier)
        served = number(outcome.get("served_by_tier"), tier)
        bounds.append(None if most is None or served is None or most < served else most)
    least, cost = number(outcome, "bound"), number(outcome, "total_cost_m")
    return [*bounds, None if least is None or cost is None or not 0 <= least <= cost else least]


def claim(figures: Sequence[int], bounds: Sequence[int | None], certificate: Certificate) -> Claim:
    """Compare the figures of a plan with their bounds.

    Parameters
    ----------
    figures : (tiers + 1,)
        Persons served by tier, then the cost.
    bounds : (tiers + 1,)
        Bound of each figure among plans that equal this one in the figures before; None where nothing is proven.
    certificate : Certificate
        Without faults. Where it is valid, prices prove all figures.
    """
    if certificate.valid:
        bounds = figures
    bounds = tuple(bounds)
    optimal = bounds == tuple(figures)
    return Claim(
        status="optimal" if optimal else "feasible",
        proof="none" if not optimal else "prices" if certificate.valid else "bound",
        bound=bounds[-1],
        gap=gap_of(figures, bounds),
        served_bound=bounds[:-1],
    )


def gap_of(figures: Sequence[int], bounds: Sequence[int | None]) -> float | None:
    """Share by which the first figure that is not proven may fall short; see `Claim`."""
    for figure, bound in zip(figures, bounds, strict=True):
        if bound is None:
            return None
        if figure != bound:
            return abs(bound - figure) / max(abs(bound), abs(figure))
    return 0.0
