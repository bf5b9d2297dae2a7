"""Chance that does not depend on the run: a number for each person, from id and seed alone."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pandas as pd


def draws(ids: pd.Series, key: str) -> npt.NDArray[np.float64]:
    """Uniform numbers in [0, 1), the same for the same id and key on every machine and in every row order.

    Parameters
    ----------
    ids : (n,) Series of str
    key : str
        Seed and purpose: another key, other numbers.

    Returns
    -------
    (n,) array
    """
    begun = blake2b(f"{key}\n".encode(), digest_size=8)
    words = bytearray()
    for id_ in ids:
        one = begun.copy()
        one.update(id_.encode())
        words += one.digest()
    # 53 bits fill the mantissa of a float: more would round up to 1.
    return (np.frombuffer(bytes(words), dtype="<u8") >> np.uint64(11)) / 2.0**53
