"""Readers of the public location instances; each raises `InstanceError` on what it cannot read for certain."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import csgraph_from_dense, shortest_path

from benchmarks.optima_files import InstanceError, Ints, whole_numbers
from matcher.errors import BadInput
from matcher.location_models.location import Location, location


def read_p_median(text: str) -> Location:
    """``n m p``, then m edges ``i j cost`` of a graph: cost is the length of the shortest path.

    An edge that is repeated counts as it stands last.
    """
    nodes, edges, sites, *rest = _head(text, 3)
    if len(rest) != 3 * edges:
        raise InstanceError(f"{len(rest)} numbers of edges, expected {edges} × 3 = {3 * edges}")
    tail, head, length = np.array(rest, np.int64).reshape(-1, 3).T
    if edges and (min(tail.min(), head.min()) < 1 or max(tail.max(), head.max()) > nodes):
        raise InstanceError(f"an edge to a node outside 1–{nodes}")
    if edges and length.min() < 0:
        raise InstanceError(f"an edge of length {length.min()}, expected none below 0")
    direct = np.full((nodes, nodes), np.inf)
    for i, j, cost in zip(tail - 1, head - 1, length, strict=True):
        direct[i, j] = direct[j, i] = cost
    np.fill_diagonal(direct, 0)
    distance = shortest_path(csgraph_from_dense(direct, null_value=np.inf), directed=False)
    if not np.isfinite(distance).all():
        lost = np.argmax(~np.isfinite(distance).all(axis=1))
        raise InstanceError(f"node {lost + 1} cannot be reached from all others")
    return _location(distance.astype(np.int64), sites=sites)


def read_capacitated_p_median(text: str) -> Location:
    """``id best``, ``n p capacity``, then ``i x y demand``: cost is the distance in the plane, rounded down."""
    _, _, count, sites, capacity, *rest = _head(text, 5)
    if len(rest) != 4 * count:
        raise InstanceError(f"{len(rest)} numbers of customers, expected {count} × 4 = {4 * count}")
    _, x, y, demand = np.array(rest, np.int64).reshape(-1, 4).T
    square = np.subtract.outer(x, x) ** 2 + np.subtract.outer(y, y) ** 2
    root = np.sqrt(square).astype(np.int64)
    # The root of a large number may be a hair off.
    root += (root + 1) ** 2 <= square
    root -= root**2 > square
    return _location(root, demand=demand, capacity=np.full(count, capacity), sites=sites)


def read_facility_location(text: str) -> Location:
    """``m n``; each site's capacity and fixed cost; each customer's demand, then its cost from every site.

    That is of all its demand, which sites may share.
    """
    numbers = _decimals(text.split())
    sites, customers = _counts(numbers)
    _expect(numbers, 2 + 2 * sites + customers * (1 + sites))
    places = numbers[2 : 2 + 2 * sites].reshape(sites, 2)
    rows = numbers[2 + 2 * sites :].reshape(customers, 1 + sites)
    return _location(rows[:, 1:], fixed=places[:, 1], demand=rows[:, 0], capacity=places[:, 0], split=True)


def read_single_source(text: str) -> Location:
    """``I J``; capacities; fixed costs; demands; then for each customer its cost from every site."""
    numbers = _decimals(text.split())
    sites, customers = _counts(numbers)
    _expect(numbers, 2 + 2 * sites + customers * (1 + sites))
    capacity, fixed, demand, cost = np.split(numbers[2:], np.cumsum([sites, sites, customers]))
    return _location(cost.reshape(customers, sites), fixed=fixed, demand=demand, capacity=capacity)


def _head(text: str, size: int) -> list[int]:
    """Whole numbers of a file that begins with so many, none of them negative and the counts above 0."""
    numbers: list[int] = whole_numbers(text.split()).tolist()
    if len(numbers) < size:
        raise InstanceError(f"{len(numbers)} numbers, expected at least {size}" if numbers else "is empty")
    if min(numbers[:size]) < 0 or numbers[size - 3] < 1:
        raise InstanceError(f"begins with {numbers[:size]}, expected counts")
    return numbers


def _decimals(words: list[str]) -> npt.NDArray[Any]:
    """Numbers as they are written."""
    try:
        return np.array([Decimal(word) for word in words], object)
    except InvalidOperation:
        wrong = next(word for word in words if not _is_decimal(word))
        raise InstanceError(f"found {wrong!r}, expected a number") from None


def _is_decimal(word: str) -> bool:
    try:
        Decimal(word)
    except InvalidOperation:
        return False
    return True


def _counts(numbers: npt.NDArray[Any]) -> tuple[int, int]:
    """Sites and customers."""
    if len(numbers) < 2:
        raise InstanceError("is empty" if not len(numbers) else "1 number, expected at least 2")
    counts: Ints = whole_numbers([str(number) for number in numbers[:2]])
    if counts.min() < 1:
        raise InstanceError(f"begins with {counts.tolist()}, expected at least 1 site and 1 customer")
    return int(counts[0]), int(counts[1])


def _expect(numbers: npt.NDArray[Any], count: int) -> None:
    if len(numbers) != count:
        raise InstanceError(f"{len(numbers)} numbers, expected {count}")


def _location(cost: npt.NDArray[Any], **terms: Any) -> Location:
    try:
        return location(cost, **terms)
    except BadInput as error:
        raise InstanceError(str(error)) from None
