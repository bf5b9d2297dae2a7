"""Places form a tree: what lies in what, by ``parent_code`` or else by the national codes themselves."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.intake.problems import Reporter
from matcher.tables import PLACE_LEVELS

#: National codes (NBS) grow by level: province 2 digits, city 4, county 6, township 9, village 12. Zeros fill up.
_ENDS = (2, 4, 6, 9, 12)
_CODE = re.compile("[0-9]{2}(?:[0-9]{2}){0,2}|[0-9]{9}|[0-9]{12}")
_RANK = {level: rank for rank, level in enumerate(PLACE_LEVELS)}
_UNRANKED = -1


def check_place_tree(places: pd.DataFrame, report: Reporter) -> pd.DataFrame:
    """No place lies inside itself, at any remove; every place has a level and lies in what is above it.

    Parameters
    ----------
    places : DataFrame
    report : Reporter

    Returns
    -------
    DataFrame
        `places` with the ``parent_code`` that follows from the codes, where none is written.
    """
    report("no_level", "level", report.empty("level"), vocabulary="level")
    derived = parents_by_code(places)
    if derived.notna().any():
        report.whole("parents_from_codes", "parent_code", str(int(derived.notna().sum())))
        places = places.assign(parent_code=places["parent_code"].fillna(derived))
    # The parent of a code that stands twice is not known; that it stands twice is told already.
    once = ~places["place_code"].duplicated(keep=False)
    on_cycle = places["place_code"].isin(_on_cycle(places[once]))
    report("parent_cycle", "parent_code", on_cycle.to_numpy())
    rank, above = _ranks(places)
    led_astray = on_cycle | places["parent_code"].isin(places.loc[on_cycle, "place_code"])
    known = (rank != _UNRANKED) & (above != _UNRANKED) & ~led_astray.to_numpy()
    report("parent_not_above", "parent_code", known & (above <= rank))
    top = rank.max(initial=_UNRANKED)
    lone = places["parent_code"].isna().to_numpy() & (rank != _UNRANKED) & (rank < top)
    report("no_parent", "parent_code", lone)
    return places


def parents_by_code(places: pd.DataFrame) -> pd.Series:
    """The nearest place above by the national code, for each place that names none.

    Parameters
    ----------
    places : DataFrame[place_code, level, parent_code]

    Returns
    -------
    Series of str
        Missing where a parent is written, where the code is no national one, and where no place is above.
    """
    codes, levels = places["place_code"], places["level"].map(_RANK).fillna(_UNRANKED)
    level_of = dict(zip(codes, levels, strict=True))
    by_digits: dict[str, str] = {}
    for code in codes.dropna():
        by_digits.setdefault(significant(code), code)
    lacking = codes.notna() & places["parent_code"].isna()
    found = {code: _parent(code, by_digits, level_of) for code in codes[lacking]}
    return codes.where(lacking).map(found).astype("str")


def _parent(code: str, by_digits: dict[str, str], level_of: dict[str, float]) -> str | None:
    digits = significant(code)
    for end in reversed(_ENDS):
        parent = by_digits.get(digits[:end]) if end < len(digits) else None
        if parent is None or parent == code:
            continue
        rank, above = level_of[code], level_of[parent]
        if _UNRANKED in (rank, above) or above > rank:
            return parent
    return None


def significant(code: str) -> str:
    """The digits of a national code that say something: 510402000000 is the county 510402; "" for other codes."""
    if not _CODE.fullmatch(code):
        return ""
    starts = (0, *_ENDS)
    filled = [end for start, end in zip(starts, _ENDS, strict=False) if code[start:end].strip("0")]
    return code[: max(filled, default=0)]


def _ranks(places: pd.DataFrame) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rank of each place's level and of its parent's, −1 where unknown."""
    rank = places["level"].map(_RANK).fillna(_UNRANKED).astype("int64")
    by_code = dict(zip(places["place_code"], rank, strict=True))
    above = places["parent_code"].map(by_code).fillna(_UNRANKED).astype("int64")
    return np.asarray(rank, dtype=np.int64), np.asarray(above, dtype=np.int64)


def _on_cycle(places: pd.DataFrame) -> set[str]:
    """Codes of the places that one meets again going up from them."""
    told = places.dropna(subset=["place_code", "parent_code"])
    parents = dict(zip(told["place_code"], told["parent_code"], strict=True))
    on_cycle: set[str] = set()
    cleared: set[str] = set()
    for start in parents:
        path: list[str] = []
        seen: set[str] = set()
        code = start
        while code in parents and code not in cleared and code not in seen:
            path.append(code)
            seen.add(code)
            code = parents[code]
        if code in seen:
            on_cycle.update(path[path.index(code) :])
        cleared.update(path)
    return on_cycle
