"""Small questions to arrays that many rooms ask."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]


def numbered(ids: pd.Series, index: pd.Index) -> Ints:
    """Position of each id in `index`, −1 where it is missing or unknown; each distinct id is looked up once."""
    if index.empty:
        return np.full(len(ids), -1, np.int64)
    code, names = pd.factorize(ids)
    return np.asarray(np.append(index.get_indexer(names), -1)[code], np.int64)
