"""Coverage of every place of a province, counted place by place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pandas as pd

from matcher.plan.coverage import UNKNOWN_PLACE, ancestors
from matcher.plan.figures import ALL, tally
from matcher.province.county import Counted
from matcher.tables import MODES, OUTPUTS


def coverage(counted: Sequence[Counted], places: pd.DataFrame) -> pd.DataFrame:
    """As `plan.coverage.coverage_table`, place by place, so that never more than one is counted at once.

    Parameters
    ----------
    counted : sequence of Counted
        Of all counties.
    places : DataFrame
        The input table.
    """
    home = np.concatenate([one.home for one in counted])
    order = np.argsort(home, kind="stable")
    begin = np.searchsorted(home[order], np.arange(-1, len(places) + 1))
    mode, served, km = (
        np.concatenate([getattr(one, name) for one in counted])[order] for name in ("mode", "served", "km")
    )
    codes = places["place_code"].sort_values().to_list()
    number = {code: position for position, code in enumerate(codes)}
    inside: dict[str, list[int]] = defaultdict(list)
    for code, chain in ancestors(places).items():
        for above in chain:
            inside[above].append(number[code])
    if begin[1] > begin[0]:
        codes.insert(0, UNKNOWN_PLACE)
        inside[UNKNOWN_PLACE].append(-1)
    width, tables = len(MODES) + 1, []
    for code in codes:
        some = np.concatenate([np.arange(begin[one + 1], begin[one + 2]) for one in sorted(inside[code])])
        cell = np.concatenate((mode[some].astype(np.int64), np.full(len(some), width - 1)))
        tables.append(tally(cell, np.tile(served[some], 2), np.tile(km[some], 2), width))
    table = pd.concat(tables, ignore_index=True)
    table["place_code"] = np.repeat(np.array(codes, dtype=object), width)
    table["mode"] = np.tile(np.array([*MODES, ALL], dtype=object), len(codes))
    return table[list(OUTPUTS["coverage"])].astype({"place_code": "str", "mode": "str"})
