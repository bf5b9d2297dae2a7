"""Twelve months: who is here, for whom the places suffice, and who changes provider from one month to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.classify import classify
from matcher.eligibility.derive import assembled
from matcher.eligibility.pairs import eligible_pairs, group_residents, nearest_pairs
from matcher.eligibility.presence import MONTHS, present, season_unknown, seasonal
from matcher.eligibility.some import some_people
from matcher.errors import PlanRefused
from matcher.inputs import Inputs
from matcher.plan.claim import TOLD
from matcher.plan.coverage import UNKNOWN_PLACE, ancestors, home_place
from matcher.plan.figures import ALL
from matcher.plan.plan import Options
from matcher.plan.seated import seat
from matcher.plan.verify import missing_pairs
from matcher.policy.documents import Policy
from matcher.progress import track
from matcher.tables import MODES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SEASONS_COLUMNS = ("month", "mode", "residents", "served", "moved", "unknown")
PEAK_COLUMNS = ("place_code", "month", "short")
NOBODY = -1
#: What solving reads of people once they are grouped.
_READ = ["resident_id", "household_id", "tier", "waiting", "mode"]


@dataclass(frozen=True)
class Year:
    """What twelve months come to.

    Parameters
    ----------
    seasons : DataFrame[month, mode, residents, served, moved, unknown]
        Persons, a row for each month and mode. ``moved`` are served in this month and the one before, by another
        provider: missing in January, which has none before it. ``unknown`` are here only because nobody says when.
    peak : DataFrame[place_code, month, short]
        The first month in which most people of each place, and of all that it contains, are not served, and how many;
        ``month`` is missing where nobody ever is. People whose place is not known have a row with an empty code.
    problems, proven : int
        Distinct sets of people, each solved once, and how many of the answers are proven optimal.
    seasonal : int
        Persons whose season is known; with none of them every month is like another.
    """

    seasons: pd.DataFrame
    peak: pd.DataFrame
    problems: int
    proven: int
    seasonal: int

    def by_month(self, mode: str = ALL) -> pd.DataFrame:
        """`seasons` of a mode or of all, by month, with those who are not served as ``short``."""
        table = self.seasons if mode == ALL else self.seasons[self.seasons["mode"] == mode]
        months = table.groupby("month")[list(SEASONS_COLUMNS[2:])].sum(min_count=1)
        return months.assign(short=months["residents"] - months["served"])


def seasons(inputs: Inputs, policy: Policy, options: Options | None = None) -> Year:
    """Match everybody who is here in each month of a year; months with the same people share a plan.

    Each set of people is solved in its first month. Whoever had a provider in an earlier month counts as being with the
    latest of them, so that leaving it costs the policy's ``switching_m``; in January nobody is with anybody.

    Parameters
    ----------
    inputs : Inputs
        Located.
    policy : Policy
    options : Options, optional
        The time limit holds for each set of people.

    Raises
    ------
    SolverError
        As `match`.
    """
    options = options or Options()
    # Sorted once: everything that is dealt is dealt by id.
    people = classify(inputs, policy).sort_values("resident_id", ignore_index=True)
    groups = group_residents(people, inputs, replace(policy, switching_m=0))
    pairs = nearest_pairs(eligible_pairs(groups), policy.max_passed_over)
    here = np.array([present(people, month) for month in MONTHS])
    provider = np.full(here.shape, NOBODY)
    latest = np.full(len(people), NOBODY)
    found: dict[bytes, Ints] = {}
    proven, solved = 0, None
    for month, there in enumerate(track(list(here), options.progress, "progress.seasons")):
        key = there.tobytes()
        if key not in found:
            current = latest if policy.switching_m > 0 else np.full(len(people), NOBODY)
            part = some_people(groups, pairs, there, current)
            some = people.loc[there, _READ].reset_index(drop=True)
            solved = seat(assembled(some, *part, inputs.providers, policy), options, solved)
            proven += solved.status == "optimal"
            found[key] = np.full(len(people), NOBODY)
            found[key][there] = solved.provider
        provider[month] = found[key]
        latest = np.where(provider[month] == NOBODY, latest, provider[month])
    short = here & (provider == NOBODY)
    _insist_on_pairs(missing_pairs(people, groups, pairs, short.any(axis=0), policy.max_passed_over))
    return Year(
        seasons=_by_mode(people, here, provider),
        peak=_peak(people, inputs, short),
        problems=len(found),
        proven=proven,
        seasonal=int(seasonal(people).sum()),
    )


def _insist_on_pairs(faults: tuple[str, ...]) -> None:
    """Let no year pass some of whose eligible pairs were overlooked."""
    if faults:
        raise PlanRefused("plan_faulty", found="; ".join(faults[:TOLD]), count=len(faults))


def _by_mode(people: pd.DataFrame, here: Bools, provider: Ints) -> pd.DataFrame:
    """Persons of each month and mode; `provider` is by month and person."""
    mode = pd.Categorical(people["mode"], categories=MODES).codes
    served = provider != NOBODY
    moved = np.zeros(here.shape, bool)
    moved[1:] = served[1:] & served[:-1] & (provider[1:] != provider[:-1])
    counted = {"residents": here, "served": served, "moved": moved, "unknown": here & season_unknown(people)}
    table = pd.DataFrame(
        {
            "month": np.repeat(MONTHS, len(MODES)),
            "mode": pd.array(MODES * len(MONTHS), dtype="str"),
            **{name: _counts(mode, whom, len(MODES)).ravel() for name, whom in counted.items()},
        }
    )
    table["moved"] = table["moved"].astype("Int64").mask(table["month"] == MONTHS[0])
    return table[list(SEASONS_COLUMNS)]


def _peak(people: pd.DataFrame, inputs: Inputs, short: Bools) -> pd.DataFrame:
    """When most people of each place lack a provider; `short` are they, by month and person."""
    home = home_place(people, inputs.sites).fillna(UNKNOWN_PLACE)
    chains = ancestors(inputs.places)
    chains |= {code: [code] for code in home.unique() if code not in chains}
    codes = sorted(chains)
    number = {code: at for at, code in enumerate(codes)}
    own = _counts(home.map(number).to_numpy(np.int64), short, len(codes))
    total = np.zeros_like(own)
    for code, chain in chains.items():
        for place in chain:
            total[:, number[place]] += own[:, number[code]]
    most = total.max(axis=0)
    month = pd.Series(np.array(MONTHS)[total.argmax(axis=0)], dtype="Int64").mask(most == 0)
    return pd.DataFrame({"place_code": pd.array(codes, dtype="str"), "month": month, "short": most})


def _counts(key: npt.NDArray[np.integer], whom: Bools, width: int) -> Ints:
    """How many of `whom` have each key, by month."""
    return np.array([np.bincount(key[some], minlength=width) for some in whom], np.int64)
