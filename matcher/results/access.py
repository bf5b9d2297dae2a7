"""How much care is within reach of each place, whoever gets it in the end: floating catchment areas.

Two-step (2SFCA): a provider's places are spread over all who may come, places per person; a person's score adds up
what all providers within reach have for each. Enhanced (E2SFCA): whoever is near counts more than who is far, on both
sides. Both run over the pairs that the plan chooses from: who may not be served by a provider has nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.eligibility.derive import Eligibility, derive
from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.plan.coverage import UNKNOWN_PLACE, home_place, place_within
from matcher.plan.figures import ALL
from matcher.plan.plan import Plan
from matcher.policy.documents import Policy
from matcher.results.overview import place_shares
from matcher.tables import MODES, PLACE_LEVELS
from matcher.travel.distance import to_cost

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Columns of `place_scores`; scores are places per person.
COLUMNS = ("place_code", "mode", "residents", "two_step", "enhanced_two_step")
#: Weight where a zone begins at the limit of the mode: exp(-2), as of a bell curve at two standard deviations.
DECAY = 2.0


@dataclass(frozen=True)
class Zones:
    """Steps by which whoever is farther counts less.

    Parameters
    ----------
    ends_km : tuple of float
        Upper ends, increasing; who is beyond the last is in one zone more.
    weights : tuple of float, optional
        One for each zone, that one included; by default those of a bell curve, from where each zone begins.
    """

    ends_km: tuple[float, ...]
    weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        ends, weights = self.ends_km, self.weights
        if not ends or any(not 0 < a < b < np.inf for a, b in zip(ends, (*ends[1:], 1e9), strict=True)):
            raise BadInput("zone_ends", found=list(ends))
        if weights is not None and (
            len(weights) != len(ends) + 1 or not all(0 <= weight < np.inf for weight in weights)
        ):
            raise BadInput("zone_weights", found=list(weights), zones=len(ends) + 1)

    def weigh(self, cost: Ints, limit: Ints, policy: Policy) -> Floats:
        """Weight of each pair.

        Parameters
        ----------
        cost, limit : (n_pairs,)
            Metres, or seconds where that is the policy's cost; then a zone ends where its kilometres do at the
            policy's speed.
        """
        ends = np.array(self.ends_km)
        edges = to_cost(ends / policy.speed_kmh, 3600) if policy.cost == "time" else to_cost(ends, 1000)
        zone = np.searchsorted(edges, cost, side="left")
        if self.weights is not None:
            return np.array(self.weights)[zone]
        begins = np.append(0, edges)[zone]
        weight: Floats = np.exp(-DECAY * (begins / np.maximum(limit, 1)) ** 2)
        return weight


def access(
    inputs: Inputs, policy: Policy, *, zones: Zones | None = None, progress: bool = False
) -> pd.DataFrame:
    """Scores of every place, from tables and policy.

    Parameters
    ----------
    inputs : Inputs
        Located.
    policy : Policy
    zones : Zones, optional
        By default the policy's bands.
    progress : bool

    Returns
    -------
    DataFrame
        As of `place_scores`.
    """
    return place_scores(derive(inputs, policy, progress=progress), inputs, policy, zones)


def place_scores(
    eligibility: Eligibility, inputs: Inputs, policy: Policy, zones: Zones | None = None
) -> pd.DataFrame:
    """Places of care per person, by place and mode.

    Returns
    -------
    DataFrame
        `COLUMNS`, a row for each place and mode where people live, in code order. Scores are means over the people
        of the place: 0 where nothing is within reach, missing where nobody's position is known. People whose place is
        not known have a row with an empty code.
    """
    two_step, enhanced = group_scores(eligibility, policy, zones)
    groups = eligibility.groups
    place = home_place(eligibility.people, inputs.sites).fillna(UNKNOWN_PLACE)
    table = pd.DataFrame(
        {
            "place_code": place.to_numpy(dtype=object),
            "mode": eligibility.people["mode"].to_numpy(dtype=object),
            "two_step": two_step[groups.member],
            "enhanced_two_step": enhanced[groups.member],
        }
    )
    order = {mode: number for number, mode in enumerate(MODES)}
    found = table.groupby(["place_code", "mode"], as_index=False).agg(
        residents=("mode", "size"),
        two_step=("two_step", "mean"),
        enhanced_two_step=("enhanced_two_step", "mean"),
    )
    rank = found["mode"].map(order)
    found = found.assign(rank=rank).sort_values(["place_code", "rank"], ignore_index=True)
    return found[list(COLUMNS)]


def named_scores(plan: Plan, mode: str) -> pd.DataFrame:
    """Scores of the places where people of a mode live, beside who is served there; the least first.

    Parameters
    ----------
    plan : Plan
    mode : str

    Returns
    -------
    DataFrame[place_code, score, residents, name, parent_name, lat, lon, served, share]
        ``score`` is `enhanced_two_step`. People whose place is not known have a row with an empty code and no name.
    """
    scores = place_scores(plan.eligibility, plan.inputs, plan.policy)
    scores = scores.loc[
        (scores["mode"] == mode) & (scores["residents"] > 0), ["place_code", "enhanced_two_step", "residents"]
    ]
    about = pd.concat([place_shares(plan, level, mode) for level in PLACE_LEVELS])
    table = scores.merge(about.drop(columns="residents"), on="place_code", how="left")
    table = table.rename(columns={"enhanced_two_step": "score"}).sort_values(["score", "place_code"])
    columns = ["place_code", "score", "residents", "name", "parent_name", "lat", "lon", "served", "share"]
    return table.reset_index(drop=True)[columns]


def township_scores(plan: Plan, mode: str) -> pd.DataFrame:
    """Mean score of the people of each township, each person by the score of their own mode.

    Parameters
    ----------
    plan : Plan
    mode : str
        One mode, or ``figures.ALL``.

    Returns
    -------
    DataFrame[place_code, score]
        Townships where the place of somebody with a score is known.
    """
    scores = place_scores(plan.eligibility, plan.inputs, plan.policy)
    scores = scores[scores["enhanced_two_step"].notna() & (scores["residents"] > 0)]
    if mode != ALL:
        scores = scores[scores["mode"] == mode]
    places = plan.inputs.places
    above = place_within(places, "township")
    scores = scores.assign(
        place_code=scores["place_code"].map(above), total=scores["enhanced_two_step"] * scores["residents"]
    )
    sums = scores.groupby("place_code")[["total", "residents"]].sum()
    return pd.DataFrame({"place_code": sums.index, "score": (sums["total"] / sums["residents"]).to_numpy()})


def group_scores(
    eligibility: Eligibility, policy: Policy, zones: Zones | None = None
) -> tuple[Floats, Floats]:
    """2SFCA and E2SFCA score of each group of alike people.

    NaN where their position is not known, or they wait for a care home.

    Returns
    -------
    two_step, enhanced : (n_groups,)
    """
    groups, pairs, problem = eligibility.groups, eligibility.pairs, eligibility.problem
    group, mode = pairs.group, groups.mode[pairs.group]
    supply = np.zeros((len(groups.provider_ids), len(MODES)))
    supply[problem.slot_provider, problem.slot_mode] = eligibility.places
    slot = pairs.provider * len(MODES) + mode
    zones = Zones(policy.bands_km) if zones is None else zones
    near = zones.weigh(pairs.cost.astype(np.int64), groups.limits[mode], policy)
    placed = ~np.isnan(groups.travel.origins[groups.location, 0]) | (np.diff(pairs.start) > 0)
    placed &= ~groups.profiles["waiting"].to_numpy(bool)[groups.profile]
    scores = []
    for weight in (np.ones(len(group)), near):
        demand = np.bincount(slot, weight * groups.size[group], minlength=supply.size)
        each = np.divide(supply.ravel(), demand, out=np.zeros(supply.size), where=demand > 0)
        score = np.bincount(group, weight * each[slot], minlength=len(groups.size))
        scores.append(np.where(placed, score, np.nan))
    return scores[0], scores[1]


def gini(score: Sequence[float] | Floats, people: Sequence[int] | Ints) -> float:
    """How unequal scores are among people: 0 where all have the same, near 1 where one has all.

    Parameters
    ----------
    score, people : (n_places,)
        Places with a missing score, or nobody, do not count.

    Returns
    -------
    float
        NaN where nobody has anything, or nobody is known.
    """
    value, weight = _counted(score, people)
    total = float(value @ weight)
    if not total:
        return float("nan")
    order = np.argsort(value, kind="stable")
    share = np.cumsum(value[order] * weight[order]) / total
    before = np.append(0.0, share[:-1])
    return float(1 - ((share + before) * weight[order]).sum() / weight.sum())


def worst_tenth(score: Sequence[float] | Floats, people: Sequence[int] | Ints) -> tuple[float, Ints]:
    """Mean score of the worst-off tenth of the people, and the places they live in, worst first.

    Of the last of these places so many count as fill the tenth.

    Parameters
    ----------
    score, people : (n_places,)
        Places with a missing score, or nobody, do not count.

    Returns
    -------
    float
        NaN where nobody is known.
    (n_worst,) array
        Positions in `score`.
    """
    value, weight = _counted(score, people)
    if not weight.sum():
        return float("nan"), np.zeros(0, np.int64)
    order = np.argsort(value, kind="stable")
    tenth = weight.sum() / 10
    before = np.cumsum(weight[order]) - weight[order]
    taken = np.clip(tenth - before, 0, weight[order])
    return float(value[order] @ taken / tenth), order[taken > 0]


def _counted(score: Sequence[float] | Floats, people: Sequence[int] | Ints) -> tuple[Floats, Floats]:
    """Scores and people as numbers, both 0 where the score is missing (it sorts last) or nobody lives."""
    value, weight = np.asarray(score, np.float64), np.asarray(people, np.float64)
    weight = np.where(np.isnan(value), 0.0, weight)
    return np.where(weight > 0, value, np.nanmax(value, initial=0.0)), weight
