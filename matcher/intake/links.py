"""Rules between rows and tables: keys are unique, references lead somewhere, places form a tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from matcher.intake.mutilated import mutilation
from matcher.intake.problems import Reporter
from matcher.intake.read import RawFolder
from matcher.tables import KEYS, TABLES

Frames = Mapping[str, pd.DataFrame]
Reporters = Mapping[str, Reporter]

#: Ends of a journey may stand in either of two tables.
_ENDS: Mapping[str, tuple[str | None, ...]] = {
    "from_code": ("places", "residents"),
    "provider_id": ("providers", "candidates"),
}


def check_keys(frames: Frames, reporters: Reporters) -> None:
    """Every key stands once; a candidate has the id of no provider."""
    for table, report in reporters.items():
        code = "duplicate_id" if len(KEYS[table]) == 1 else "duplicate_pair"
        check_unique(frames[table], KEYS[table], code, report)
    if "candidates" in reporters and "providers" in reporters:
        providers = frames["providers"].dropna(subset="provider_id").drop_duplicates("provider_id")
        rows = providers.set_index("provider_id")["row"]
        clash = frames["candidates"]["provider_id"].map(rows)
        for position in np.flatnonzero(clash.notna()):
            first = f"{reporters['providers'].file}:{int(clash.iloc[position])}"
            reporters["candidates"]("duplicate_id", "provider_id", np.array([position]), first=first)


def check_unique(frame: pd.DataFrame, columns: Iterable[str], code: str, report: Reporter) -> None:
    """Report each row whose `columns` repeat those of an earlier row; rows with a gap there are left out.

    The index of `frame` counts its rows from 0.
    """
    keys = frame[[*columns]]
    filled = keys.notna().all(axis=1)
    if not keys[filled].duplicated().any():
        return
    repeated = keys[filled & keys.duplicated(keep=False)]
    column = ",".join(keys.columns)
    for positions in repeated.groupby(list(keys.columns), sort=False).indices.values():
        where = repeated.index.to_numpy()[positions]
        shown = ", ".join(repeated.iloc[positions[0]])
        report(
            code, column, where[1:], [shown] * (len(where) - 1), first=f"{report.file}:{report.row[where[0]]}"
        )


def check_references(raw: RawFolder, frames: Frames, reporters: Reporters) -> None:
    """Every id that names a row of another table finds it there."""
    for table, report in reporters.items():
        for column in TABLES[table]:
            targets = _ENDS.get(column.name, (column.refers,)) if table == "travel" else (column.refers,)
            if table == "travel" and raw.replaced.intersection(targets):
                continue  # journeys may lead to candidates of the folder, whose place others have taken
            if column.name in report.cells.column_names and targets != (None,):
                _check_reference(raw, frames[table][column.name], report, [str(target) for target in targets])


def _check_reference(raw: RawFolder, ids: pd.Series, report: Reporter, targets: list[str]) -> None:
    known = [_known_ids(raw, target) for target in targets]
    if any(there is None for there in known):
        return  # the table that would hold them could not be read, which is reported already
    cells = pa.array(ids, pa.large_string())
    there = pa.concat_arrays([some for some in known if some is not None])
    unknown = pc.and_(cells.is_valid(), pc.invert(pc.is_in(cells, there)))
    if pc.any(unknown).as_py():
        told = mutilation(cells.filter(unknown), there)
        where = unknown.to_numpy(zero_copy_only=False)
        report("unknown_reference", str(ids.name), where, tables=", ".join(targets), **told)


def _known_ids(raw: RawFolder, table: str) -> pa.Array | None:
    if table in raw.unreadable:
        return None
    if table not in raw.tables:
        return pa.array([], pa.large_string())
    key = KEYS[table][0]
    if key not in raw.tables[table].cells.column_names:
        return None
    lost = pa.array(raw.tables[table].lost_keys, pa.large_string())
    return pa.concat_arrays([raw.tables[table].cells[key].combine_chunks(), lost])


def check_travel(travel: pd.DataFrame, report: Reporter) -> None:
    """A row of travel says minutes, km or both, or that there is no way."""
    shut = travel["reachable"].eq(False).fillna(False).to_numpy(bool)
    empty = report.empty("minutes") & report.empty("km")
    report("empty_travel", "minutes", empty & ~shut)
    report("unreachable_journey", "reachable", shut & ~empty)
