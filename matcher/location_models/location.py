"""The one model behind all classic ones: open sites, serve every customer, pay least.

::

    least   Σ fixed[s] · opens[s]  +  Σ cost[c, s] · share[c, s]
    where   every customer is served once: Σ_s share[c, s] = 1, by open sites only,
            at most capacity[s] of demand at a site, from `least` to `most` sites open,
            and a share is 0 or 1 unless demand may be split.

Numbers are taken for what they say: 0.1 is one tenth. Costs become whole numbers of one common unit, demand and
capacity of another, so that sums are exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.errors import BadInput

Ints = npt.NDArray[np.int64]

#: All costs together, in their common unit, stay below this: exact also as floating-point numbers, and in 64 bits as
#: `matcher.location_models.prices.SCALE`-ths. Demand and capacity likewise.
LARGEST = 2**52


@dataclass(frozen=True)
class Location:
    """A checked instance; made by `location`.

    Parameters
    ----------
    cost : (n_customers, n_sites)
        Of serving a customer's whole demand.
    fixed : (n_sites,)
    demand : (n_customers,)
    capacity : (n_sites,), or None
        None: every site takes in everybody.
    least, most : int
        How many sites open.
    split : bool
        Whether several sites may share a customer's demand.
    cost_unit, demand_unit : int
        ``cost`` and ``fixed`` count in ``1/cost_unit``, ``demand`` and ``capacity`` in ``1/demand_unit``.
    """

    cost: Ints
    fixed: Ints
    demand: Ints
    capacity: Ints | None
    least: int
    most: int
    split: bool
    cost_unit: int
    demand_unit: int

    @property
    def impossible(self) -> bool:
        """Whether it is plain that no plan serves everybody (it may still turn out so)."""
        if self.capacity is None:
            return False
        room = np.sort(self.capacity)[::-1][: self.most]
        alone = not self.split and self.demand.max() > room[0]
        return self.least > self.most or bool(alone) or int(room.sum()) < int(self.demand.sum())


def location(
    cost: npt.ArrayLike,
    *,
    fixed: npt.ArrayLike | None = None,
    demand: npt.ArrayLike | None = None,
    capacity: npt.ArrayLike | None = None,
    sites: int | None = None,
    split: bool = False,
) -> Location:
    """Build an instance.

    Parameters
    ----------
    cost : (n_customers, n_sites), not negative
        Of serving a customer's whole demand from a site. int, float, Decimal or Fraction.
    fixed : (n_sites,), not negative
        Of opening a site; nothing by default.
    demand : (n_customers,), not negative
        By default 1 each.
    capacity : (n_sites,), not negative
        By default there is room for everybody everywhere.
    sites : int
        Exactly so many sites open; by default as many as pay.
    split : bool
        Whether several sites may share a customer's demand.

    Raises
    ------
    BadInput
        For a wrong shape, a number that is negative or none, numbers too large or too fine to be counted
        exactly, or fewer than one or more than all sites to open.
    """
    matrix = _numbers("cost", cost, (None, None))
    count, places = matrix.shape
    fees = _numbers("fixed", np.zeros(places, np.int64) if fixed is None else fixed, (places,))
    need = _numbers("demand", np.ones(count, np.int64) if demand is None else demand, (count,))
    room = _numbers(
        "capacity", need[:0] if capacity is None else capacity, (None if capacity is None else places,)
    )
    if sites is not None and (isinstance(sites, bool) or not 1 <= sites <= places):
        raise BadInput("sites_out_of_range", found=sites, most=places)
    (costs, opening), cost_unit = _whole("cost", matrix, fees)
    (wants, rooms), demand_unit = _whole("demand", need, room)
    few = 1
    if capacity is not None:
        few += int((np.cumsum(np.sort(rooms)[::-1])[:-1] < wants.sum()).sum())
    return Location(
        costs,
        opening,
        wants,
        None if capacity is None else rooms,
        few if sites is None else sites,
        places if sites is None else sites,
        split,
        cost_unit,
        demand_unit,
    )


def _numbers(name: str, given: npt.ArrayLike, shape: tuple[int | None, ...]) -> npt.NDArray[Any]:
    """An array of int64 or of Fractions, with the expected shape; None in it stands for any length above 0."""
    array = np.asarray(given)
    fits = array.ndim == len(shape) and all(
        size == wanted or (wanted is None and (size or name == "capacity"))
        for size, wanted in zip(array.shape, shape, strict=True)
    )
    if not fits:
        expected = " × ".join("n" if size is None else str(size) for size in shape)
        raise BadInput("model_shape", what=name, found=" × ".join(map(str, array.shape)), expected=expected)
    if array.dtype.kind not in "iu":
        array = np.array([_exact(name, value) for value in array.ravel()], object).reshape(array.shape)
    if array.size and array.min() < 0:
        raise BadInput("model_number", what=name, found=str(array.min()))
    return array


def _exact(name: str, value: Any) -> Fraction:
    """A number as it is written."""
    try:
        if isinstance(value, (bool, np.bool_, str)):
            raise TypeError
        return Fraction(repr(float(value)) if isinstance(value, (float, np.floating)) else value)
    except (TypeError, ValueError, OverflowError):
        raise BadInput("model_number", what=name, found=str(value)) from None


def _whole(name: str, *arrays: npt.NDArray[Any]) -> tuple[list[Ints], int]:
    """The arrays as whole numbers of ``1/unit``, and the unit."""
    fine = [array for array in arrays if array.dtype == object]
    unit = math.lcm(*{value.denominator for array in fine for value in array.ravel()})
    total = sum(int(value * unit) for array in arrays for value in _largest(array))
    if total >= LARGEST:
        raise BadInput("model_too_large", what=name, unit=unit, most=LARGEST)
    return [(array * unit).astype(np.int64) for array in arrays], unit


def _largest(array: npt.NDArray[Any]) -> list[Any]:
    """What the array may add to a sum: all of a vector, the largest of each row of a matrix."""
    values: list[Any] = (array.max(axis=1) if array.ndim == 2 else array).tolist()
    return values
