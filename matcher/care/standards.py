"""Targets of a policy against the data: met or not, by exact fractions, and who fails."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from matcher.care.measures import FUNCTIONS
from matcher.care.study import Study
from matcher.inputs import Inputs
from matcher.plan.coverage import UNKNOWN_PLACE
from matcher.policy.documents import Policy
from matcher.policy.standards import BY_ATTESTATION, Target

STANDARD_COLUMNS = (
    "target_id",
    "place_code",
    "year",
    "num",
    "den",
    "value",
    "threshold",
    "status",
    "kind",
    "source",
)
FAIL_COLUMNS = ("target_id", "id", "name")
#: What may become of a target.
STATUSES = ("met", "not_met", "not_measured", "no_subject")
_HOLDS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "=": operator.eq,
    "<=": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Counts:
    """Subjects of a place: those known to have met, those known, and those of whom it is not known."""

    met: int
    known: int
    unknown: int

    def bounds(self, share: bool) -> tuple[Fraction, Fraction]:
        """Least and greatest value, whatever the unknown turn out to be: part of it or not, met or not."""
        if not share:
            return Fraction(self.met), Fraction(self.met + self.unknown)
        everybody = self.known + self.unknown
        return Fraction(self.met, everybody), Fraction(self.met + self.unknown, everybody)


@dataclass(frozen=True)
class Standards:
    """What `standards` finds.

    Parameters
    ----------
    standards : DataFrame
        `STANDARD_COLUMNS`, in order of the policy's targets and of places. ``num`` and ``den`` count persons, sites,
        providers or places that are known; ``value`` is their quotient, or the number where the target has no part, or
        what was attested. All three are empty where it is not measured.
    fails : DataFrame
        `FAIL_COLUMNS`: who has not met a target that is not met. Residents have no name here.
    """

    standards: pd.DataFrame
    fails: pd.DataFrame


def standards(inputs: Inputs, policy: Policy) -> Standards:
    """Hold every target of the policy against the data; each row cites the source of its target."""
    there = set(inputs.places["level"])
    studies = {level: Study(inputs, policy, level) for target in policy.targets for level in target.levels}
    rows: list[dict[str, Any]] = []
    fails = [pd.DataFrame(columns=list(FAIL_COLUMNS), dtype="str")]
    for target in policy.targets:
        for level in target.levels:
            if level != target.level and level not in there:
                continue
            study = studies[level]
            subjects = FUNCTIONS[target.num](study) if target.num else None
            if subjects is not None and level != target.level:
                # Who is in no place of the first level has a row there already.
                subjects = subjects[subjects["place_code"] != UNKNOWN_PLACE].reset_index(drop=True)
            told = list(_computed(target, study, subjects) if target.num else _attested(target, study))
            rows += told
            if subjects is not None:
                fails.append(_failed(target, told, subjects))
    numbers = dict.fromkeys(("year", "num", "den"), "Int64") | dict.fromkeys(
        ("value", "threshold"), "float64"
    )
    table = pd.DataFrame(rows, columns=list(STANDARD_COLUMNS)).astype(numbers)
    return Standards(table, pd.concat(fails, ignore_index=True).drop_duplicates(ignore_index=True))


def verdict(counts: Counts, op: str, threshold: Fraction | None, *, share: bool) -> str:
    """``met`` or ``not_met`` where that holds whatever the unknown are, else ``not_measured``.

    ``no_subject`` where a share has nothing that it is a part of; without a threshold nothing is measured.
    """
    if share and not counts.known + counts.unknown:
        return "no_subject"
    if threshold is None:
        return "not_measured"
    low, high = counts.bounds(share)
    answers = {_HOLDS[op](value, threshold) for value in (low, high)}
    if len(answers) > 1 or (op == "=" and low < threshold < high) or (share and not counts.known):
        return "not_measured"
    return "met" if answers.pop() else "not_met"


def _computed(target: Target, study: Study, subjects: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    """A row for each place, one more for subjects whose place is not known."""
    counts = {} if subjects is None else _counts(subjects)
    share = bool(target.den)
    for place in (*study.places, *sorted(set(counts) - set(study.places))):
        threshold, here = _threshold(target, study.inputs, place), counts.get(place, Counts(0, 0, 0))
        status = "not_measured" if subjects is None else verdict(here, target.op, threshold, share=share)
        row = _row(target, place, status, threshold, "computed")
        if status in ("met", "not_met"):
            row |= {"num": here.met, "den": here.known if share else None}
            row["value"] = here.met / here.known if share else here.met
        elif status == "no_subject":
            row |= {"num": 0, "den": 0}
        yield row


def _failed(target: Target, rows: Iterable[Mapping[str, Any]], subjects: pd.DataFrame) -> pd.DataFrame:
    """Who is known not to have met a target, in the places that do not meet it; a part that is met suffices."""
    missed = [row["place_code"] or UNKNOWN_PLACE for row in rows if row["status"] == "not_met"]
    if "weight" in subjects:
        counted = subjects[subjects["weight"] > 0]
        subjects = counted[~counted["id"].isin(counted.loc[counted["met"].fillna(False), "id"])]
    failing = subjects["place_code"].isin(missed) & ~subjects["met"].fillna(True).astype(bool)
    found = subjects[failing].sort_values(["place_code", "id"], kind="stable")
    return found.assign(target_id=target.id)[list(FAIL_COLUMNS)]


def _counts(subjects: pd.DataFrame) -> dict[str, Counts]:
    """Counts by place."""
    met, weight = subjects["met"], subjects.get("weight", 1)
    flags = pd.DataFrame({"met": met.fillna(False), "known": met.notna(), "unknown": met.isna()}).astype(int)
    flags = flags.mul(weight, axis=0)
    sums = flags.groupby(subjects["place_code"].to_numpy()).sum()
    return {str(place): Counts(*map(int, values)) for place, *values in sums.itertuples()}


def _attested(target: Target, study: Study) -> Iterator[dict[str, Any]]:
    """A row for each place; a value without place speaks for the only place of the level."""
    threshold = _exact(target.threshold)
    for place in study.places:
        value = attested_value(study.inputs, target.id, place, anywhere=len(study.places) == 1)
        held = None if value is None else _HOLDS[target.op](value, threshold)
        status = "not_measured" if held is None else "met" if held else "not_met"
        row = _row(target, place, status, threshold, "attested")
        yield row | {"value": None if value is None else float(value)}


def attested_value(inputs: Inputs, target_id: str, place: str, *, anywhere: bool) -> Fraction | None:
    """The value of `latest_attested`."""
    row = latest_attested(inputs, target_id, place, anywhere=anywhere)
    return None if row is None else _exact(row["value"])


def latest_attested(inputs: Inputs, target_id: str, place: str, *, anywhere: bool) -> pd.Series | None:
    """The latest row of ``attested`` for a target up to the day of the data; one without day is the oldest.

    Parameters
    ----------
    anywhere : bool
        Where the place has no value of its own, take one that names no place.
    """
    rows = inputs.attested[inputs.attested["target_id"] == target_id]
    rows = rows[rows["on"].isna() | (rows["on"] <= pd.Timestamp(inputs.dataset.as_of))]
    own = rows[rows["place_code"] == place]
    if own.empty and anywhere:
        own = rows[rows["place_code"].isna()]
    if own.empty:
        return None
    return own.sort_values("on", na_position="first", kind="stable").iloc[-1]


def _threshold(target: Target, inputs: Inputs, place: str) -> Fraction | None:
    if target.threshold == BY_ATTESTATION:
        return attested_value(inputs, target.id, place, anywhere=True)
    return _exact(target.threshold)


def _exact(value: float | str) -> Fraction:
    """The decimal number as it is written: 0.3 is three tenths."""
    return Fraction(repr(float(value)))


def _row(target: Target, place: str, status: str, threshold: Fraction | None, kind: str) -> dict[str, Any]:
    return {
        "target_id": target.id,
        "place_code": place if place != UNKNOWN_PLACE else None,
        "year": target.year,
        "threshold": None if threshold is None else float(threshold),
        "status": status,
        "kind": kind,
        "source": target.source,
    }
