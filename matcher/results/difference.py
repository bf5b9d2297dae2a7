"""The difference of two figures as they are shown: rounded first, so that a reader who subtracts finds the same."""

from __future__ import annotations

from decimal import Decimal

MINUS = "−"


def signed(old: float, new: float, digits: int = 0, factor: int = 1) -> str:
    """New less old with its sign, both rounded before.

    Parameters
    ----------
    old, new : float
    digits : int
        After the point.
    factor : int
        100 where the figures are shares told in percent: the difference is in percentage points.

    Returns
    -------
    str
        ``+1,234``, ``−0.3`` or ``±0``.
    """
    difference = _rounded(factor * new, digits) - _rounded(factor * old, digits)
    sign = "±" if difference == 0 else "+" if difference > 0 else MINUS
    return f"{sign}{abs(difference):,.{digits}f}"


def _rounded(value: float, digits: int) -> Decimal:
    """As Python's format rounds, which is what the pages show."""
    return Decimal(f"{value:.{digits}f}")
