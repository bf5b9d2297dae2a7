"""The referral table of AccessMod 5, as it exports it, turned into a travel table.

AccessMod names its columns ``from__<id>``, ``from__<label>``, ``to__<id>``, ``to__<label>``, ``distance_<unit>`` and
``time_<unit>``. Which fields are id and label was chosen there; the id is ``cat``, a mere row number, unless another
was. Neither time nor distance (``NA``) means that the destination was not reached.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matcher.intake.grid import Sheet
from matcher.words.aliases import fold

#: Our column for each amount, and one of AccessMod's units in ours.
AMOUNTS = {
    "time_s": ("minutes", Fraction(1, 60)),
    "time_m": ("minutes", Fraction(1)),
    "time_h": ("minutes", Fraction(60)),
    "distance_m": ("km", Fraction(1, 1000)),
    "distance_km": ("km", Fraction(1)),
}
_ENDS = {"from_code": "from__", "provider_id": "to__"}
_ROW_NUMBER = "cat"
_MISSING = "NA"


@dataclass(frozen=True)
class Referral:
    """A referral table as a travel table.

    Parameters
    ----------
    sheet : Sheet
        With our headers; ``reachable`` is 0 where AccessMod found no way.
    units : dict of str to Fraction
        What the numbers of a column are to be multiplied by.
    told : str
        Which column was taken for what.
    unreached : int
        Rows without time and distance.
    """

    sheet: Sheet
    units: dict[str, Fraction]
    told: str
    unreached: int


def is_referral(header: Sequence[str]) -> bool:
    """Whether these are the headers of a referral table."""
    words = [fold(word) for word in header]
    ends = all(any(word.startswith(end) for word in words) for end in _ENDS.values())
    return ends and not AMOUNTS.keys().isdisjoint(words)


def as_travel(sheet: Sheet, known: Mapping[str, pa.Array]) -> Referral:
    """Find the columns of ids and amounts, give them our names, and mark the pairs that were not reached.

    Columns that AccessMod writes and that are not needed are left out; any other stays, to be reported.

    Parameters
    ----------
    sheet : Sheet
        As read.
    known : mapping
        Ids that may stand in ``from_code`` and ``provider_id``.
    """
    words = [fold(word) for word in sheet.header]
    meaning = {_id_column(sheet, words, end, known[ours]): ours for ours, end in _ENDS.items()}
    units: dict[str, Fraction] = {}
    for word, (ours, unit) in AMOUNTS.items():
        if word in words and ours not in units:
            meaning[word], units[ours] = ours, unit
    spare = [word in AMOUNTS or word.startswith(tuple(_ENDS.values())) for word in words]
    kept = [at for at, word in enumerate(words) if word in meaning or not spare[at]]
    amounts = [at for at in kept if meaning.get(words[at]) in units]
    columns = list(sheet.columns)
    for at in amounts:
        columns[at] = pc.if_else(pc.equal(columns[at], _MISSING), None, columns[at])
    unreached = np.logical_and.reduce([columns[at].is_null().to_numpy() for at in amounts])
    reachable = pc.if_else(pa.array(unreached), pa.scalar("0", pa.large_string()), None)
    travel = replace(
        sheet,
        header=[*(meaning.get(words[at], sheet.header[at]) for at in kept), "reachable"],
        columns=[*(columns[at] for at in kept), pa.chunked_array([reachable])],
        not_text=[*(None if _is_row_number(words[at]) else sheet.not_text[at] for at in kept), None],
    )
    told = ", ".join(f"{theirs} → {ours}" for theirs, ours in meaning.items())
    return Referral(travel, units, told, int(unreached.sum()))


def _id_column(sheet: Sheet, words: Sequence[str], end: str, known: pa.Array) -> str:
    """The column of one end of the journey that holds our ids: the one with most known ids.

    The row number counts only where no other column knows any id: it may look like an id by chance.
    """
    found = {
        word: pc.sum(pc.is_in(column, known)).as_py() or 0
        for word, column in zip(words, sheet.columns, strict=True)
        if word.startswith(end)
    }
    chosen = [word for word in found if not _is_row_number(word)]
    best = max(chosen, key=found.__getitem__, default="")
    return best if found.get(best) else next((word for word in found if _is_row_number(word)), best)


def _is_row_number(word: str) -> bool:
    return word in [end + _ROW_NUMBER for end in _ENDS.values()]
