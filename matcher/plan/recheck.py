"""A written plan held against data and policy: all five files are made again from its assignments, cell by cell."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import __version__
from matcher.eligibility.derive import Eligibility, derive
from matcher.errors import BadInput
from matcher.files.results import settle, write_csv
from matcher.inputs import Inputs
from matcher.plan.assigned import assignment_table
from matcher.plan.claim import stated_bounds
from matcher.plan.compose import compose_plan
from matcher.plan.differences import Difference, of_json, of_shape, of_table
from matcher.plan.plan import Plan
from matcher.plan.verify import Certificate, real_costs, verify
from matcher.plan.written import OUTCOME, STAGES, outcome_content
from matcher.policy.documents import Policy
from matcher.readers import Unreadable, read_json
from matcher.tables import OUTPUT_KEYS, OUTPUTS

Ints = npt.NDArray[np.int64]
Rows = list[list[str]]

ASSIGNMENTS = "assignments.csv"
#: So many differences are kept; all are counted.
KEPT = 200
#: What nothing but a proof tells: where there is none, these are not compared.
OF_PROOF = {
    "providers.csv": ("slot_value_served", "slot_value_tier", "slot_value_m"),
    OUTCOME: ("status", "proof", "bound", "gap", "served_bound", "certificate"),
}


@dataclass(frozen=True)
class Recheck:
    """What became of a written plan.

    Parameters
    ----------
    certificate : Certificate or None
        None where the assignments name persons or providers whom the data do not know, or who may not meet.
    differences : tuple of Difference
        The first of them.
    count : int
        How many there are in all.
    """

    certificate: Certificate | None
    differences: tuple[Difference, ...]
    count: int

    @property
    def passed(self) -> bool:
        """Every cell is right, and nothing speaks against the plan (see `Certificate.undecided`)."""
        certificate = self.certificate
        return not self.count and certificate is not None and (certificate.valid or certificate.undecided)


def recheck(inputs: Inputs, policy: Policy, folder: Path) -> Recheck:
    """Check the files of a plan; nothing in them is trusted but who is served by whom.

    Parameters
    ----------
    inputs, policy
        What the plan is said to be made from.
    folder : Path
        Where `write_plan` wrote it.

    Raises
    ------
    BadInput
        When there is no plan, or another policy or version of the program made it: then all the rest would differ.
    """
    folder = Path(folder)
    outcome, found = opened(folder, policy)
    if found is None:
        return told(None, [Difference(ASSIGNMENTS, "unreadable")])
    plan = rebuilt(inputs, policy, found, outcome)
    if not isinstance(plan, Plan):
        return told(None, plan)
    return told(plan.certificate, _differences(plan, folder))


def opened(folder: Path, policy: Policy) -> tuple[Mapping[str, object], Rows | None]:
    """What ``outcome.json`` says, and the assignments, None where they cannot be read.

    Raises
    ------
    BadInput
        See `recheck`.
    """
    settle(folder)
    if not (folder / ASSIGNMENTS).is_file():
        raise BadInput("no_plan", folder=folder)
    outcome = stated_outcome(folder)
    same_makers(outcome, policy)
    return outcome, rows_of(folder / ASSIGNMENTS)


def rebuilt(
    inputs: Inputs, policy: Policy, found: Rows, outcome: Mapping[str, object]
) -> Plan | list[Difference]:
    """The plan of some written assignments, or the rows that cannot be.

    Parameters
    ----------
    inputs, policy
    found : list of rows of cells
        With the header.
    outcome : mapping
        Of whatever content: what it states is used where nothing contradicts it.
    """
    eligibility = derive(inputs, policy)
    seated = _slots(eligibility, found)
    if isinstance(seated, list):
        return seated
    assignments = assignment_table(eligibility, seated)
    certificate = verify(inputs, policy, assignments, eligibility)
    bounds, start = stated_bounds(outcome, policy.tier_count), outcome.get("start")
    start = start if isinstance(start, str) else ""
    return compose_plan(inputs, policy, eligibility, seated, assignments, certificate, bounds, start)


def told(
    certificate: Certificate | None, differences: Sequence[Difference] | Iterator[Difference]
) -> Recheck:
    """The first differences, and how many there are."""
    every = iter(differences)
    first = tuple(islice(every, KEPT))
    return Recheck(certificate, first, len(first) + sum(1 for _ in every))


def stated_outcome(folder: Path) -> Mapping[str, object]:
    """What ``outcome.json`` says; nothing where it is missing or cannot be read, which `of_json` tells."""
    try:
        content = read_json(folder / OUTCOME)
    except (OSError, Unreadable):
        return {}
    return content if isinstance(content, dict) else {}


def same_makers(outcome: Mapping[str, object], policy: Policy) -> None:
    """Refuse what another version or policy made: all that follows would differ for that one reason."""
    version, made_by = outcome.get("version", __version__), outcome.get("policy")
    if version != __version__:
        raise BadInput("plan_other_version", file=OUTCOME, found=str(version)[:40], allowed=__version__)
    wanted = {"id": policy.id, "digest": policy.digest}
    if isinstance(made_by, dict) and made_by != wanted:
        found, allowed = (f"{one.get('id')} ({str(one.get('digest'))[:12]})" for one in (made_by, wanted))
        raise BadInput("plan_other_policy", file=OUTCOME, found=found[:80], allowed=allowed)


def rows_of(path: Path) -> Rows | None:
    """Cells of a CSV as they are written; None where it is none."""
    try:
        return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8"), newline=""), strict=True))
    except (OSError, ValueError, csv.Error):
        return None


def _slots(eligibility: Eligibility, found: Rows) -> Ints | list[Difference]:
    """Slot of each person by the assignments, or the rows that cannot be."""
    header = list(OUTPUTS["assignments"])
    misshapen = list(of_shape(ASSIGNMENTS, found, header))
    if misshapen:
        return misshapen
    stated = pd.DataFrame(found[1:], columns=header, dtype=object)
    person = pd.Index(_as_written(eligibility.people["resident_id"])).get_indexer(
        pd.Index(stated["resident_id"])
    )
    provider = pd.Index(_as_written(eligibility.groups.provider_ids)).get_indexer(
        pd.Index(stated["provider_id"])
    )
    return stated_slots(eligibility, ASSIGNMENTS, stated, person, provider)


def stated_slots(
    eligibility: Eligibility, file: str, stated: pd.DataFrame, person: Ints, provider: Ints
) -> Ints | list[Difference]:
    """Slot of each person by what a table states, or the rows that cannot be.

    Parameters
    ----------
    eligibility : Eligibility
    file : str
        What the table is called in differences.
    stated : DataFrame[resident_id, provider_id]
    person, provider : (n,)
        Whom each row means, −1 for nobody.
    """
    both = np.flatnonzero((person >= 0) & (provider >= 0))
    mode = eligibility.groups.mode[eligibility.groups.member]
    at = np.full(len(stated), -1, np.int64)
    at[both] = eligibility.problem.slot_at(provider[both], mode[person[both]])
    possible = np.flatnonzero(at >= 0)
    cost = np.full(len(at), -1, np.int64)
    cost[possible] = real_costs(eligibility, person[possible], at[possible])
    wrong = {
        ("unknown", "resident_id"): person < 0,
        ("twice", "resident_id"): stated["resident_id"].duplicated().to_numpy() & (person >= 0),
        ("unknown_provider", "provider_id"): provider < 0,
        ("ineligible", "provider_id"): (person >= 0) & (provider >= 0) & (cost < 0),
    }
    impossible = [
        Difference(file, kind, row + 2, column, str(stated[column].iloc[row]))
        for (kind, column), rows in wrong.items()
        for row in np.flatnonzero(rows).tolist()
    ]
    if impossible:
        return sorted(impossible, key=lambda one: one.row or 0)
    slot = np.full(len(eligibility.people), -1, np.int64)
    slot[person] = at
    return slot


def _as_written(names: pd.Series | pd.Index) -> list[str]:
    """Ids as they stand in a file of ours."""
    return [cells[0] for cells in _written(pd.DataFrame({"id": names.to_numpy()}).astype("str"))[1:]]


def _written(table: pd.DataFrame) -> Rows:
    return _parsed(_bytes_of(table))


def _parsed(content: bytes) -> Rows:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))


def _bytes_of(table: pd.DataFrame) -> bytes:
    """A file of ours with this table."""
    with tempfile.TemporaryDirectory(prefix="matcher-") as room:
        path = Path(room) / "table.csv"
        write_csv(table, path)
        return path.read_bytes()


def _differences(plan: Plan, folder: Path) -> Iterator[Difference]:
    """Between a plan and its files: the outcome first, which says in a few lines what the tables say in many."""
    proven = plan.certificate.valid or plan.eligibility.keeps_households
    hidden = {} if proven else OF_PROOF
    yield from of_json(OUTCOME, folder, outcome_content(plan.outcome), STAGES, hidden.get(OUTCOME, ()))
    tables = {
        "assignments": plan.assignments,
        "unserved": plan.unserved,
        "providers": plan.loads,
        "coverage": plan.coverage,
    }
    for name, table in tables.items():
        yield from of_written(folder, name, table, OUTPUT_KEYS[name], hidden.get(f"{name}.csv", ()))


def of_written(
    folder: Path, name: str, table: pd.DataFrame, key: Sequence[str], hidden: Sequence[str] = ()
) -> Iterator[Difference]:
    """Between a table and its file.

    Parameters
    ----------
    folder : Path
    name : str
        Without suffix.
    table : DataFrame
        What should stand there.
    key, hidden
        See `of_table`.
    """
    file = f"{name}.csv"
    if not (folder / file).is_file():
        yield Difference(file, "missing")
        return
    wanted = _bytes_of(table)
    if (folder / file).read_bytes() == wanted:
        return
    rows = rows_of(folder / file)
    if rows is None:
        yield Difference(file, "unreadable")
        return
    yield from of_table(file, rows, _parsed(wanted), key, hidden)
