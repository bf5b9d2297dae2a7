"""``match`` of a partitioned folder: blocks, rounds, proof, tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from matcher.errors import BadInput
from matcher.files.results import write_csv, write_json
from matcher.files.switch import claimed, switch
from matcher.intake.parts import Whole, insist_on_own_ids, insist_on_same_columns
from matcher.plan.claim import insist
from matcher.plan.written import IN_PARTS, OF_AGREEMENTS, OUTCOME, outcome_content
from matcher.policy.documents import Policy
from matcher.progress import Clock
from matcher.province.answers import ids_of, seated
from matcher.province.block import Facts, Ground, ground_of, part_of_county
from matcher.province.coordinate import Settled, settle
from matcher.province.county import Counted, county_plan, pair_faults, slots_of
from matcher.province.limits import limits
from matcher.province.machines import Machines, OneMachine
from matcher.province.plan import Bounds, Proved, ProvincePlan, compose, prove, weighted
from matcher.province.room import keep_prices, kept_prices, key_of, room_for
from matcher.solve.problem import Problem, Seats

#: Tables with a part for each county, and files of the whole province.
PARTED, WHOLE = IN_PARTS, ("providers.csv", "coverage.csv", OUTCOME)
#: Results of a folder in one piece, which would not be of this plan.
IN_ONE_PIECE = ("assignments.csv", "unserved.csv")


@dataclass(frozen=True)
class Matched:
    """What a match of a province gives.

    Parameters
    ----------
    plan : ProvincePlan
    facts : list of Facts
        Of the counties in order.
    rounds : int
    """

    plan: ProvincePlan
    facts: list[Facts]
    rounds: int


def match_province(
    whole: Whole,
    policy: Policy,
    out: Path,
    *,
    machines: Callable[[Path, Whole], Machines] = OneMachine,
    read_seconds: float = 0.0,
    rounds: int | None = None,
) -> Matched:
    """Match the residents of all counties, exactly, and write the results.

    Parameters
    ----------
    whole : Whole
    policy : Policy
    out : Path
        Gets ``assignments/county=CODE/part.parquet``, ``unserved`` alike, ``providers.csv``, ``coverage.csv`` and
        ``outcome.json``, all or none of them.
    machines : callable
        Makes what builds and asks the blocks, from a folder for them and the data.
    read_seconds : float
        What reading the shared tables took.
    rounds : int, optional
        End after so many of them; a plan that is not proven by then has bounds instead, and a later run goes on.

    Raises
    ------
    DataError
        When the table of a county has errors; nothing was written.
    BadInput
        When the policy keeps households together, counties have different columns, or two share an id.
    SolverError
        As `match`.
    """
    if policy.keep_households_together:
        raise BadInput("parts_households")
    clock = Clock()
    codes = list(whole.files)
    out = Path(out).resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    with claimed(out) as claim:
        room = room_for(out, key_of(whole, policy))
        ground = ground_of(whole, policy)
        asked = machines(room, whole)
        facts = whole_blocks(asked, ground)
        clock.lap("candidates")
        slots = weighted(ground, facts)
        people = [one.residents for one in facts]
        settled = settle(
            asked, slots, people, kept_prices(room), lambda history: keep_prices(room, history), rounds
        )
        clock.lap("solve")
        seats = asked.ask(seated, slots, settled.history, settled.inner)
        proved, bounds = _proof(asked, slots, seats, settled)
        clock.lap("verify")
        draft = claim / "new"
        told = asked.send(write_county, ground, [(one, draft) for one in seats])
        counted, faults = [one for one, _ in told], [fault for _, some in told for fault in some]
        plan = compose(ground, codes, counted, proved, faults, bounds)
        insist(plan.certificate, by_prices=bounds is None)
        clock.lap("write")
        plan = timed(plan, {"read": read_seconds, **clock.seconds})
        write_shared(plan, draft)
        switch(claim, out, (*PARTED, *WHOLE), (*IN_ONE_PIECE, *OF_AGREEMENTS))
        if bounds is None:
            shutil.rmtree(room, ignore_errors=True)
    return Matched(plan, facts, settled.rounds)


def _proof(
    machines: Machines, slots: Problem, seats: list[Seats], settled: Settled
) -> tuple[Proved, Bounds | None]:
    """Prices that prove the plan, or bounds where the rounds ended before there were any."""
    proved = prove(machines, slots, seats)
    if settled.open is None or proved.price is not None:
        return proved, None
    return proved, limits(machines, slots, settled.open).bounds


def timed(plan: ProvincePlan, seconds: dict[str, float]) -> ProvincePlan:
    """The plan with the seconds of its stages."""
    return replace(plan, outcome=replace(plan.outcome, seconds=seconds))


def whole_blocks(machines: Machines, ground: Ground) -> list[Facts]:
    """Build every block, and see that the counties fit together.

    Raises
    ------
    DataError
        When the table of a county has errors.
    BadInput
        When counties have different columns, or two share a resident.
    """
    facts = machines.build(ground)
    codes = machines.codes
    insist_on_same_columns({code: one.columns for code, one in zip(codes, facts, strict=True)})
    ids = machines.ask(ids_of, ground.slots, None)
    insist_on_own_ids(ground.whole, dict(zip(codes, ids, strict=True)))
    return facts


def write_county(ground: Ground, code: str, own: tuple[Seats, Path]) -> tuple[Counted, tuple[str, ...]]:
    """Make the tables of a county and write them; what they count, and what is wrong with its pairs."""
    seats, draft = own
    part, eligibility = part_of_county(ground, code)
    slot = slots_of(ground, eligibility, seats)
    plan = county_plan(ground, part.inputs, eligibility, slot)
    for name in PARTED:
        write_part(getattr(plan, name), draft / name / f"county={code}" / "part.parquet")
    return plan.counted, pair_faults(part.inputs, ground.policy, eligibility, slot)


def write_part(table: pd.DataFrame, path: Path) -> None:
    """One table of one county."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(arrow(table), path, compression="zstd")


def arrow(table: pd.DataFrame) -> pa.Table:
    """A table as it stands in a file of ours."""
    return pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)


def write_shared(plan: ProvincePlan, folder: Path) -> None:
    """Write what is of the whole province."""
    write_csv(plan.loads, folder / "providers.csv")
    write_csv(plan.coverage, folder / "coverage.csv")
    write_json(outcome_of(plan), folder / OUTCOME)


def outcome_of(plan: ProvincePlan) -> dict[str, object]:
    """What ``outcome.json`` says: as of a folder in one piece, and each county."""
    return {**outcome_content(plan.outcome), "counties": plan.counties}
