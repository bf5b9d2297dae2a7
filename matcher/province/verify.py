"""A written plan of a province held against data and policy, county by county: nothing is trusted but who is where."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from matcher.eligibility.derive import Eligibility
from matcher.errors import BadInput
from matcher.files.results import settle
from matcher.intake.parts import Whole
from matcher.plan.claim import stated_bounds
from matcher.plan.differences import Difference, of_json, of_table
from matcher.plan.recheck import (
    OF_PROOF,
    Recheck,
    of_written,
    same_makers,
    stated_outcome,
    stated_slots,
    told,
)
from matcher.plan.written import OUTCOME, STAGES
from matcher.policy.documents import Policy
from matcher.province.block import Ground, ground_of, part_of_county, slot_numbers
from matcher.province.county import Counted, CountyPlan, county_plan, pair_faults
from matcher.province.machines import Machines, OneMachine
from matcher.province.match import PARTED, arrow, outcome_of, whole_blocks
from matcher.province.plan import compose, prove, weighted
from matcher.solve.problem import Seats, seats_of
from matcher.tables import OUTPUT_KEYS, OUTPUTS

Ints = npt.NDArray[np.int64]
Rows = list[list[str]]

#: Differences of a county that are told; all are counted.
KEPT = 50


@dataclass(frozen=True)
class _Read:
    """What a county's tables say; without seats where somebody in them cannot be."""

    seats: Seats | None
    counted: Counted | None
    faults: tuple[str, ...]
    differences: tuple[Difference, ...]
    count: int


def verify_province(
    whole: Whole,
    policy: Policy,
    folder: Path,
    *,
    machines: Callable[[Path, Whole], Machines] = OneMachine,
) -> Recheck:
    """Check the files that `match_province` wrote; prices are found anew.

    Parameters
    ----------
    whole, policy
        What the plan is said to be made from.
    folder : Path
    machines
        As of `match_province`.

    Raises
    ------
    BadInput
        When there is no plan in parts, or another policy or version of the program made it.
    DataError
        When the data have errors.
    """
    folder = Path(folder)
    settle(folder)
    if not all((folder / name).is_dir() for name in PARTED):
        raise BadInput("no_plan_in_parts", folder=folder)
    outcome = stated_outcome(folder)
    same_makers(outcome, policy)
    codes = list(whole.files)
    ground = ground_of(whole, policy)
    with tempfile.TemporaryDirectory(prefix="matcher-") as room:
        asked = machines(Path(room), whole)
        facts = whole_blocks(asked, ground)
        read: list[_Read] = asked.send(read_county, ground, [folder] * len(codes))
        seats = [one.seats for one in read if one.seats is not None]
        counted = [one.counted for one in read if one.counted is not None]
        found = [*_strangers(folder, codes), *chain.from_iterable(one.differences for one in read)]
        untold = sum(one.count - len(one.differences) for one in read)
        if len(seats) < len(codes):
            return _more(told(None, found), untold)
        proved = prove(asked, weighted(ground, facts), seats)
    faults = [fault for one in read for fault in one.faults]
    plan = compose(ground, codes, counted, proved, faults, partial(_stated, outcome))
    hidden = {} if plan.certificate.valid or plan.certificate.undecided else OF_PROOF
    shared = chain(
        of_json(OUTCOME, folder, outcome_of(plan), STAGES, hidden.get(OUTCOME, ())),
        of_written(
            folder, "providers", plan.loads, OUTPUT_KEYS["providers"], hidden.get("providers.csv", ())
        ),
        of_written(folder, "coverage", plan.coverage, OUTPUT_KEYS["coverage"]),
    )
    return _more(told(plan.certificate, chain(shared, found)), untold)


def _stated(
    outcome: Mapping[str, object], figures: Sequence[int], unserved: Sequence[int]
) -> list[int | None]:
    """Bounds that a plan states which can be improved: they stand unless they call it the best."""
    bounds = stated_bounds(outcome, len(unserved))
    return [None] * len(bounds) if bounds == list(figures) else bounds


def _more(recheck: Recheck, untold: int) -> Recheck:
    return Recheck(recheck.certificate, recheck.differences, recheck.count + untold)


def _strangers(folder: Path, codes: Sequence[str]) -> Iterator[Difference]:
    """Parts of counties that the data do not have."""
    wanted = {f"county={code}" for code in codes}
    for name in PARTED:
        for path in sorted((folder / name).iterdir()):
            if path.name not in wanted:
                yield Difference(f"{name}/{path.name}", "extra_part")


def read_county(ground: Ground, code: str, folder: Path) -> _Read:
    """Who is where in a county by its written tables, and where these are not what follows from it."""
    part, eligibility = part_of_county(ground, code)
    file = _file("assignments", code)
    table = _table(folder / file)
    if table is None:
        kind = "unreadable" if (folder / file).exists() else "missing"
        return _Read(None, None, (), (Difference(file, kind),), 1)
    slot = _slots(ground, eligibility, file, table)
    if isinstance(slot, list):
        return _Read(None, None, (), tuple(slot[:KEPT]), len(slot))
    plan = county_plan(ground, part.inputs, eligibility, slot)
    found = list(_differences(plan, code, folder))
    seats = seats_of(eligibility.groups.member, slot, len(eligibility.problem.capacity))
    number = np.append(slot_numbers(ground, eligibility), -1)
    return _Read(
        Seats(seats.group, number[seats.slot], seats.count),
        plan.counted,
        pair_faults(part.inputs, ground.policy, eligibility, slot),
        tuple(found[:KEPT]),
        len(found),
    )


def _file(name: str, code: str) -> str:
    return f"{name}/county={code}/part.parquet"


def _table(path: Path) -> pa.Table | None:
    """A table of ours; None where it is none."""
    try:
        return pyarrow.parquet.ParquetFile(path).read()
    except (OSError, pa.ArrowException):
        return None


def _slots(ground: Ground, eligibility: Eligibility, file: str, table: pa.Table) -> Ints | list[Difference]:
    """Slot of each person by the assignments, or the rows that cannot be."""
    if table.column_names != list(OUTPUTS["assignments"]):
        found, wanted = (", ".join(names)[:60] for names in (table.column_names, OUTPUTS["assignments"]))
        return [Difference(file, "cell", 1, "", found, wanted)]
    stated = pd.DataFrame(
        {name: table[name].cast(pa.string()).to_pylist() for name in ("resident_id", "provider_id")}
    )
    person = pd.Index(eligibility.people["resident_id"]).get_indexer(pd.Index(stated["resident_id"]))
    provider = eligibility.groups.provider_ids.get_indexer(pd.Index(stated["provider_id"]))
    slot = stated_slots(eligibility, file, stated, person, provider)
    if not isinstance(slot, list):
        return slot
    # Of the province's providers the county knows those within reach: the others are no strangers, but not eligible.
    far = set(ground.provider_ids.difference(eligibility.groups.provider_ids))
    return [
        replace(one, kind="ineligible") if one.kind == "unknown_provider" and one.found in far else one
        for one in slot
    ]


def _differences(plan: CountyPlan, code: str, folder: Path) -> Iterator[Difference]:
    for name in PARTED:
        file, wanted = _file(name, code), arrow(getattr(plan, name))
        found = _table(folder / file)
        if found is None:
            yield Difference(file, "unreadable" if (folder / file).exists() else "missing")
        elif not found.equals(wanted):
            yield from of_table(file, _rows(found), _rows(wanted), OUTPUT_KEYS[name])


def _rows(table: pa.Table) -> Rows:
    """The cells as texts, below the names of the columns."""
    columns = [["" if cell is None else str(cell) for cell in column.to_pylist()] for column in table.columns]
    return [table.column_names, *map(list, zip(*columns, strict=True))]
