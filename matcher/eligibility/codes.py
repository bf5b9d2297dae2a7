"""Lists of codes (``a;b``) as integer bit masks, so that set questions become arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.tables import SERVICES

Ints = npt.NDArray[np.int64]


def mask_of(codes: Iterable[str], vocabulary: Sequence[str]) -> int:
    """Bit *k* is set when the *k*-th code of the vocabulary is among `codes`.

    Raises
    ------
    KeyError
        When a code is not in the vocabulary.
    """
    bits = {code: 1 << position for position, code in enumerate(vocabulary)}
    return sum(bits[code] for code in set(codes))


def known_mask(lists: pd.Series, vocabulary: Sequence[str]) -> Ints:
    """Mask of each ``;``-separated list; codes outside the vocabulary (a county's own) are left out.

    Each distinct list is read once: 250,000 people share a few hundred.

    Returns
    -------
    (n,) int64 array
    """
    known = frozenset(vocabulary)
    return _masks(lists, lambda codes: mask_of(known.intersection(codes), vocabulary))


def service_mask(lists: pd.Series) -> Ints:
    """Mask of each ``;``-separated list of services, in the order of ``tables.SERVICES``.

    Returns
    -------
    (n,) int64 array

    Raises
    ------
    KeyError
        When a code is no service: a need that nobody reads must not vanish.
    """
    return _masks(lists, lambda codes: mask_of(codes, SERVICES))


def services_of(mask: int) -> tuple[str, ...]:
    """Codes of the services in a mask, in the order of ``tables.SERVICES``."""
    return tuple(code for bit, code in enumerate(SERVICES) if int(mask) >> bit & 1)


def _masks(lists: pd.Series, read: Callable[[list[str]], int]) -> Ints:
    position, distinct = pd.factorize(lists)
    masks = [read([code for code in text.split(";") if code]) for text in distinct]
    # A missing list has position −1: the zero at the end.
    return np.array([*masks, 0], np.int64)[position]
