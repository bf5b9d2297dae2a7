"""What is proven of a plan: status, proof, bound and gap, claiming no more than is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.solve.verify import Certificate


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


def claim(figures: Sequence[int], bounds: Sequence[int | None], certificate: Certificate) -> Claim:
    """Compare the figures of a plan with their bounds.

    Parameters
    ----------
    figures : (tiers + 1,)
        Persons served by tier, then the cost.
    bounds : (tiers + 1,)
        Bound of each figure among plans that equal this one in the figures before; None where nothing is proven.
    certificate : Certificate
        Where it is valid, prices prove all figures; where it found faults, nothing is proven.
    """
    if certificate.valid:
        bounds = figures
    elif certificate.faults:
        bounds = [None] * len(figures)
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
