"""Seeded drawing: weighted choices, whole-number shares, and the assumptions kept in ``data/*.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
#: Texts (NumPy object arrays of str); ``""`` is an empty cell.
Texts: TypeAlias = npt.NDArray[Any]
DAYS_A_YEAR = 365


def shipped(name: str) -> str:
    """Text of a file in ``data/``."""
    return (resources.files("matcher.sample") / "data" / name).read_text(encoding="utf-8")


@cache
def assumptions(name: str) -> dict[str, Any]:
    """One of ``data/*.toml``, by name without suffix. Read-only by custom: the value is shared."""
    return tomllib.loads(shipped(f"{name}.toml"))


def generator(*seed: int) -> np.random.Generator:
    """A stream of its own for each tuple of seeds, the same on every platform."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


def pick(rng: np.random.Generator, weights: npt.ArrayLike, size: int) -> Ints:
    """`size` indices with replacement, as likely as their weights."""
    total: Floats = np.cumsum(np.asarray(weights, dtype=np.float64))
    found: Ints = np.searchsorted(total, rng.random(size) * total[-1:].sum(), side="right")
    return found


def choose(rng: np.random.Generator, weights: npt.ArrayLike, size: int) -> Ints:
    """Up to `size` different indices, sorted; larger weights are likelier, zero never."""
    weights = np.asarray(weights, dtype=np.float64)
    possible = np.flatnonzero(weights > 0)
    # Exponential races: the first `size` to arrive are a weighted sample without replacement.
    arrival = rng.exponential(size=len(weights))[possible] / weights[possible]
    return np.sort(possible[np.argsort(arrival, kind="stable")[: max(size, 0)]])


def choose_or_more(rng: np.random.Generator, weights: npt.ArrayLike, size: int) -> Ints:
    """As `choose`; where more are wanted than differ, everyone once and the rest drawn again."""
    once = choose(rng, weights, size)
    if not len(once):
        return once
    return np.sort(np.concatenate([once, pick(rng, weights, max(size - len(once), 0))]))


def dealt(group: Ints, seats: Ints) -> Ints:
    """The n-th row of a group takes the n-th seat of that group: its index, -1 for who finds none left.

    Parameters
    ----------
    group : ndarray
        Group of each row.
    seats : ndarray
        Group of each seat, in the order in which they are taken.
    """
    turn = pd.Series(group).groupby(group).cumcount().to_numpy(dtype=np.int64)
    order = np.argsort(seats, kind="stable")
    first = np.searchsorted(seats[order], group, side="left")
    last = np.searchsorted(seats[order], group, side="right")
    at = first + turn
    found: Ints = np.where(at < last, np.append(order, -1)[np.minimum(at, len(order))], -1)
    return found


def pick_within(
    rng: np.random.Generator, group: Ints, members: Ints, weights: npt.ArrayLike | None = None
) -> Ints:
    """For each row, a random index of `members` that has the same group; -1 where there is none.

    Parameters
    ----------
    rng : Generator
    group : ndarray
        Group wanted by each row.
    members : ndarray
        Group of each member.
    weights : ndarray, optional
        How likely each member is within its group; equal when not given.
    """
    weight = np.ones(len(members)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(members, kind="stable")
    total: Floats = np.concatenate([[0.0], np.cumsum(weight[order])])
    first = np.searchsorted(members[order], group, side="left")
    last = np.searchsorted(members[order], group, side="right")
    at = total[first] + rng.random(len(group)) * (total[last] - total[first])
    found = np.clip(np.searchsorted(total, at, side="right") - 1, first, np.maximum(last - 1, first))
    some = (last > first) & (total[last] > total[first])
    return np.where(some, np.append(order, -1)[np.minimum(found, len(order))], -1).astype(np.int64)


def apportion(total: float, weights: npt.ArrayLike) -> Ints:
    """Whole numbers in proportion to the weights that add up to `total` (largest remainders first)."""
    weights = np.asarray(weights, dtype=np.float64)
    if weights.sum() <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    exact: Floats = round(total) * weights / weights.sum()
    whole: Ints = np.floor(exact).astype(np.int64)
    largest = np.argsort(whole - exact, kind="stable")[: round(total) - int(whole.sum())]
    whole[largest] += 1
    return whole


def grown(count: Sequence[int], residents: int) -> int:
    """How many there are in a city: count[0] up to 12,000 residents, count[1] from 250,000, between by logarithm."""
    part = np.log(max(residents, 1) / 12_000) / np.log(250_000 / 12_000)
    return round(count[0] + (count[1] - count[0]) * float(np.clip(part, 0, 1)))


def rated(rates: Mapping[str, float], codes: pd.Series, otherwise: float = 0.0) -> Floats:
    """The rate of each row's code."""
    return np.asarray(codes.map(dict(rates)).fillna(otherwise), dtype=np.float64)


def iso(days: npt.NDArray[Any]) -> Texts:
    """Days as ISO dates."""
    return np.datetime_as_string(days.astype("datetime64[D]")).astype(object)


def join_codes(flags: Mapping[str, Bools], rows: int) -> Texts:
    """``;``-separated, sorted codes of each row, ``""`` for none.

    Parameters
    ----------
    flags : mapping of code to ndarray of bool
    rows : int
        Length of the answer.
    """
    codes = sorted(flags)
    mask = np.zeros(rows, dtype=np.int64)
    for bit, code in enumerate(codes):
        mask |= flags[code].astype(np.int64) << bit
    seen, which = np.unique(mask, return_inverse=True)
    texts = [";".join(code for bit, code in enumerate(codes) if value >> bit & 1) for value in seen.tolist()]
    return np.array(texts, dtype=object)[which] if rows else np.array([], dtype=object)
