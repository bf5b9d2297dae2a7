"""Readers of the public instance families; each raises `InstanceError` on what it cannot read for certain."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

#: Larger numbers are refused: costs times capacities must fit 64 bits with room to spare.
LARGEST = 2**40


class InstanceError(Exception):
    """An instance that cannot be read: what was found, and what is expected."""


@dataclass(frozen=True)
class Network:
    """A min-cost-flow instance.

    Parameters
    ----------
    supply : (n_nodes,)
        Sent out; negative where taken in. Sums up to 0.
    tail, head, low, room, cost : (n_arcs,)
        Nodes count from 0; ``low <= flow <= room``.
    """

    supply: Ints
    tail: Ints
    head: Ints
    low: Ints
    room: Ints
    cost: Ints


def read_text(file: Path) -> str:
    """Content of an instance file."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InstanceError(f"cannot be opened: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InstanceError("is no text") from error


def read_assignment(text: str) -> Ints:
    """Costs of an assignment instance: n, then n × n costs row by row.

    Returns
    -------
    (n, n) array
    """
    numbers = whole_numbers(text.split())
    if not len(numbers):
        raise InstanceError("is empty")
    n = int(numbers[0])
    if n < 1:
        raise InstanceError(f"the first number is {n}, expected at least 1 person")
    if len(numbers) != 1 + n * n:
        raise InstanceError(f"{len(numbers) - 1} costs, expected {n} × {n} = {n * n}")
    costs = numbers[1:].reshape(n, n)
    if costs.min() < 0:
        raise InstanceError(f"a cost of {costs.min()}, expected none below 0")
    return costs


def read_dimacs(text: str) -> Network:
    """A min-cost-flow instance in DIMACS format: lines ``p min``, ``n`` (node, supply) and ``a`` (arcs)."""
    lines = [(row, line.split()) for row, line in enumerate(text.splitlines(), start=1) if line.strip()]
    kinds: dict[str, list[tuple[int, list[str]]]] = {"c": [], "p": [], "n": [], "a": []}
    for row, words in lines:
        if words[0] not in kinds:
            raise InstanceError(f"line {row} begins with {words[0]!r}, expected one of c, p, n, a")
        kinds[words[0]].append((row, words))
    if len(kinds["p"]) != 1 or kinds["p"][0][1][1:2] != ["min"] or len(kinds["p"][0][1]) != 4:
        raise InstanceError("expected one line 'p min NODES ARCS'")
    nodes, count = whole_numbers(kinds["p"][0][1][2:]).tolist()
    arcs = _rows(kinds["a"], 5)
    supplies = _rows(kinds["n"], 2)
    if len(arcs) != count:
        raise InstanceError(f"{len(arcs)} arcs, expected {count}")
    _check_nodes(np.concatenate((arcs[:, :2].ravel(), supplies[:, 0])), nodes)
    supply = np.zeros(nodes, np.int64)
    supply[supplies[:, 0] - 1] = supplies[:, 1]
    if len(np.unique(supplies[:, 0])) < len(supplies):
        raise InstanceError("a node has two supplies")
    if supply.sum():
        raise InstanceError(f"supplies add up to {supply.sum()}, expected 0")
    tail, head, low, room, cost = arcs.T
    if (low < 0).any() or (room < low).any():
        raise InstanceError(
            f"arc {int(np.argmax((low < 0) | (room < low))) + 1}: expected 0 <= low <= capacity"
        )
    return Network(supply, tail - 1, head - 1, low, room, cost)


def read_optima(file: Path) -> dict[str, Decimal]:
    """Published optima by file from ``optima.csv`` (file, optimum); none where it does not exist."""
    if not file.exists():
        return {}
    found: dict[str, Decimal] = {}
    for row, line in enumerate(csv.DictReader(read_text(file).splitlines()), start=2):
        name, value = (line.get("file") or "").strip(), (line.get("optimum") or "").strip()
        try:
            found[name] = Decimal(value)
        except InvalidOperation:
            raise InstanceError(f"row {row}: optimum is {value!r}, expected a number") from None
        if not name or not found[name].is_finite():
            raise InstanceError(f"row {row}: expected a file and a number, found {name!r} and {value!r}")
    return found


def whole_numbers(words: list[str]) -> Ints:
    """Whole numbers, also written as ``12.`` or ``1.2e1``."""
    try:
        return _in_range(np.array(words, np.int64))
    except (ValueError, OverflowError):
        return _in_range(np.array([_whole_number(word) for word in words], np.float64)).astype(np.int64)


def _whole_number(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not value.is_integer():
        raise InstanceError(f"found {word!r}, expected a whole number")
    return value


def _in_range(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if len(numbers) and max(numbers.max(), -numbers.min()) > LARGEST:
        raise InstanceError(f"a number beyond {LARGEST}")
    return numbers


def _rows(lines: list[tuple[int, list[str]]], width: int) -> Ints:
    """The numbers of lines of one kind, ``width`` each."""
    for row, words in lines:
        if len(words) != width + 1:
            raise InstanceError(f"line {row} has {len(words) - 1} numbers, expected {width}")
    return whole_numbers([word for _, words in lines for word in words[1:]]).reshape(-1, width)


def _check_nodes(numbers: Ints, nodes: int) -> None:
    if len(numbers) and (numbers.min() < 1 or numbers.max() > nodes):
        raise InstanceError(f"a node outside 1–{nodes}")
