"""Twelve months: who is here, for whom the places suffice, and who changes provider from one month to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.classify import classify
from matcher.eligibility.derive import derive
from matcher.eligibility.presence import MONTHS, only, present, season_unknown
from matcher.inputs import Inputs
from matcher.plan.coverage import UNKNOWN_PLACE, ancestors, home_place
from matcher.plan.match import match
from matcher.plan.plan import Options, Plan
from matcher.policy.documents import Policy
from matcher.progress import track
from matcher.tables import MODES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SEASONS_COLUMNS = ("month", "mode", "residents", "served", "moved", "unknown")
PEAK_COLUMNS = ("place_code", "month", "short")
NOBODY = -1


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
    """

    seasons: pd.DataFrame
    peak: pd.DataFrame
    problems: int
    proven: int

    def by_month(self) -> pd.DataFrame:
        """`seasons` over all modes, by month."""
        figures = list(SEASONS_COLUMNS[2:])
        return self.seasons.groupby("month")[figures].sum(min_count=1)


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
    people = classify(inputs, policy)
    here = np.array([present(people, month) for month in MONTHS])
    provider = np.full(here.shape, NOBODY)
    current = np.full(len(people), NOBODY)
    found: dict[bytes, Ints] = {}
    proven, plan = 0, None
    for month, there in enumerate(track(list(here), options.progress, "progress.seasons")):
        key = there.tobytes()
        if key not in found:
            plan = _solved(inputs, policy, people, there, current, options, plan)
            found[key] = _providers(plan, there)
            proven += plan.outcome.status == "optimal"
        provider[month] = found[key]
        current = np.where(provider[month] == NOBODY, current, provider[month])
    return Year(
        seasons=_by_mode(people, here, provider),
        peak=_peak(people, inputs, here & (provider == NOBODY)),
        problems=len(found),
        proven=proven,
    )


def _solved(
    inputs: Inputs,
    policy: Policy,
    people: pd.DataFrame,
    there: Bools,
    current: Ints,
    options: Options,
    start: Plan | None,
) -> Plan:
    """The plan of those who are there, each being with the provider `current`; reached from an earlier plan."""
    ids = pd.Index(inputs.providers["provider_id"].sort_values())
    with_them = ids.array.take(current, allow_fill=True)
    residents = inputs.residents.assign(current_provider_id=with_them)
    some = only(inputs.replace(residents=residents), there)
    classified = people.assign(current_provider_id=with_them)[there].reset_index(drop=True)
    eligibility = derive(some, policy, people=classified)
    return match(some, policy, replace(options, progress=False), start=start, eligibility=eligibility)


def _providers(plan: Plan, there: Bools) -> Ints:
    """Number of everybody's provider, by id."""
    provider = np.full(len(there), NOBODY)
    provider[there] = np.append(plan.eligibility.problem.slot_provider, NOBODY)[plan.slot]
    return provider


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
    codes = pd.Index(sorted(chains))
    own = _counts(codes.get_indexer(pd.Index(home)), short, len(codes))
    total = np.zeros_like(own)
    for code, chain in chains.items():
        total[:, codes.get_indexer(chain)] += own[:, [codes.get_loc(code)]]
    most = total.max(axis=0)
    month = pd.Series(np.array(MONTHS)[total.argmax(axis=0)], dtype="Int64").mask(most == 0)
    return pd.DataFrame({"place_code": pd.array(codes, dtype="str"), "month": month, "short": most})


def _counts(key: npt.NDArray[np.integer], whom: Bools, width: int) -> Ints:
    """How many of `whom` have each key, by month."""
    return np.array([np.bincount(key[some], minlength=width) for some in whom], np.int64)
