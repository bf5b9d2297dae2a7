"""The plan of a province: what its counties come to together, and what proves it. Knows no solver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import __version__
from matcher.plan.claim import claim
from matcher.plan.figures import count_by
from matcher.plan.fingerprint import fingerprint
from matcher.plan.loads import loads_of
from matcher.plan.plan import Outcome
from matcher.plan.verify import Certificate
from matcher.province.answers import moves_of, proven
from matcher.province.block import Facts, Ground
from matcher.province.county import Counted, digest
from matcher.province.coverage import coverage
from matcher.province.machines import Machines
from matcher.solve.edges import Edges, least_of
from matcher.solve.prices import Improvement, least_slot_prices
from matcher.solve.problem import Problem, Seats, people_by_provider, weight_unit
from matcher.tables import MODES

Ints = npt.NDArray[np.int64]
#: From the figures of a plan (served by tier, cost) and its unserved by tier.
Bounds = Callable[[Sequence[int], Sequence[int]], Sequence[int | None]]


@dataclass(frozen=True)
class Proved:
    """Prices of a plan of the province.

    Parameters
    ----------
    slots : Problem
        With the unit of the weights.
    load : (n_slots,)
        Persons.
    price : (n_slots,) or None
        The least ones; None where the plan can be improved.
    pairs : list of int
        Eligible pairs that were looked at, by county.
    least : list of int or None
        Least reduced cost, by county; None where there is no pair, or no price.
    """

    slots: Problem
    load: Ints
    price: Ints | None
    pairs: list[int]
    least: list[int | None]


@dataclass(frozen=True)
class ProvincePlan:
    """The figures and the tables of all counties together.

    Parameters
    ----------
    loads, coverage : DataFrame
        Columns of ``tables.OUTPUTS``.
    people : DataFrame[mode, tier, served, distance_km, origin, waiting]
        A row for each resident, without a name.
    outcome : Outcome
    certificate : Certificate
    counties : list of dict
        Of each: code, residents, served, checked_pairs, min_reduced_cost.
    reasons : dict of str to int
    listed : int
        Served people whose journey is listed.
    """

    loads: pd.DataFrame
    coverage: pd.DataFrame
    people: pd.DataFrame
    outcome: Outcome
    certificate: Certificate
    counties: list[dict[str, object]]
    reasons: dict[str, int]
    listed: int


def weighted(ground: Ground, facts: Sequence[Facts]) -> Problem:
    """The places, with the unit that outweighs every journey of the province."""
    slots = ground.slots
    dearest = np.array([one.most_cost for one in facts], np.int64)
    return replace(slots, unit=weight_unit(dearest, len(slots.capacity), len(slots.total)))


def prove(machines: Machines, slots: Problem, seats: Sequence[Seats]) -> Proved:
    """Find the least prices of a plan over the pairs of all counties.

    Parameters
    ----------
    machines : Machines
    slots : Problem
    seats : sequence of Seats
        Of the groups of each county, over eligible pairs.
    """
    told = machines.ask(moves_of, slots, None, seats)
    load = np.zeros(len(slots.capacity), np.int64)
    for _, used, there, _ in told:
        load[used] += there
    pairs = [count for *_, count in told]
    price = least_slot_prices(
        slots, load, _everywhere([(edges, used) for edges, used, *_ in told], len(load))
    )
    if isinstance(price, Improvement):
        return Proved(slots, load, None, pairs, [None] * len(pairs))
    return Proved(slots, load, price, pairs, machines.ask(proven, slots, price, seats))


def _everywhere(told: Sequence[tuple[Edges, Ints]], slots: int) -> Edges:
    """The edges of counties, each in numbers of its own, over the slots of the province."""
    columns = []
    for edges, used in told:
        number = np.append(used, slots)
        columns.append((number[edges.origin], number[edges.target], edges.change))
    origin, target, change = (np.concatenate(column) for column in zip(*columns, strict=True))
    return least_of(origin, target, change, slots + 1)


def compose(
    ground: Ground,
    codes: Sequence[str],
    counted: Sequence[Counted],
    proved: Proved,
    faults: Sequence[str],
    bounds: Bounds | None = None,
) -> ProvincePlan:
    """Put everything together; `status` claims no more than was proven.

    Parameters
    ----------
    ground : Ground
    codes : sequence of str
        Counties in order.
    counted : sequence of Counted
    proved : Proved
    faults : sequence of str
        What was found wrong with any county.
    bounds : callable, optional
        Bounds of served by tier, and of the cost, from the people of each tier who are served and who are not; for a
        plan that prices do not prove.
    """
    faults = (*faults, *above_places(ground, proved))
    people = _people(counted)
    least = min((one for one in proved.least if one is not None), default=None)
    sound = not faults and proved.price is not None and (least is None or least >= 0)
    certificate = Certificate(sound, sum(proved.pairs), least, tuple(faults))
    tiers = range(1, ground.policy.tier_count + 1)
    by_tier = count_by(people, "tier", tiers)
    served, total = by_tier["served"].tolist(), sum(one.cost_m for one in counted)
    known: Sequence[int | None] = [None] * (len(served) + 1)
    if bounds is not None and proved.price is None:
        known = bounds([*served, total], (by_tier["residents"] - by_tier["served"]).tolist())
    claimed = claim([*served, total], known, certificate)
    told = {code: one.digest for code, one in zip(codes, counted, strict=True)}
    outcome = Outcome(
        status=claimed.status,
        proof=claimed.proof,
        bound=claimed.bound,
        gap=claimed.gap,
        served_bound=dict(zip(map(str, tiers), claimed.served_bound, strict=True)),
        engine="flow",
        residents=len(people),
        served=int(people["served"].sum()),
        served_by_tier=dict(zip(map(str, tiers), served, strict=True)),
        total_cost_m=total,
        eligible_pairs=sum(proved.pairs),
        certificate={
            "valid": certificate.valid,
            "checked_pairs": certificate.checked_pairs,
            "min_reduced_cost": least,
        },
        fingerprint=fingerprint(ground.whole.inputs, ground.policy, __version__, digest(told)),
        policy={"id": ground.policy.id, "digest": ground.policy.digest},
        version=__version__,
    )
    places = proved.slots.capacity
    return ProvincePlan(
        loads=loads_of(proved.slots, ground.provider_ids, places, proved.load, proved.price),
        coverage=coverage(counted, ground.whole.inputs.places),
        people=people,
        outcome=outcome,
        certificate=certificate,
        counties=_counties(codes, counted, proved),
        reasons={reason: sum(one.reasons[reason] for one in counted) for reason in counted[0].reasons},
        listed=sum(one.listed for one in counted),
    )


def above_places(ground: Ground, proved: Proved) -> tuple[str, ...]:
    """Providers that have more people than places."""
    slots, ids = proved.slots, ground.provider_ids
    total = people_by_provider(slots, proved.load)
    return (
        *(
            f"provider {name} is above its capacity"
            for name in ids[slots.slot_provider[proved.load > slots.capacity]]
        ),
        *(
            f"provider {name} is above its total capacity"
            for name in ids[(slots.total >= 0) & (total > slots.total)]
        ),
    )


def _people(counted: Sequence[Counted]) -> pd.DataFrame:
    def joined(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(one, name) for one in counted])

    return pd.DataFrame(
        {
            "mode": pd.Categorical.from_codes(joined("mode"), pd.Index(MODES)),
            "tier": joined("tier"),
            "served": joined("served"),
            "distance_km": joined("km"),
            "origin": pd.Categorical.from_codes(
                np.where(joined("local"), 0, 1), pd.Index(["local", "visitor"])
            ),
            "waiting": joined("waits"),
        }
    )


def _counties(codes: Sequence[str], counted: Sequence[Counted], proved: Proved) -> list[dict[str, object]]:
    return [
        {
            "county": code,
            "residents": len(one.served),
            "served": int(one.served.sum()),
            "checked_pairs": pairs,
            "min_reduced_cost": least,
        }
        for code, one, pairs, least in zip(codes, counted, proved.pairs, proved.least, strict=True)
    ]
