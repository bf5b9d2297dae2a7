"""The rounds of one day: which team of a provider visits whom at home, in which order and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.care.workload import services_of_plan
from matcher.errors import BadInput, SolverError
from matcher.geography.sphere import great_circle_km
from matcher.plan.once import once_per_plan
from matcher.plan.plan import Plan
from matcher.policy.documents import Policy
from matcher.solve.rounds import Stops, solve_rounds
from matcher.travel.distance import to_cost
from matcher.words.nearest import nearest

Ints = npt.NDArray[np.int64]

ROUNDS = ("team", "order", "resident_id", "arrive", "leave")
LEFT_OUT = ("resident_id", "tier", "reason")
#: Statuses: the search proves nothing; without the table ``visits`` nobody knows who is due.
HEURISTIC, NOT_MEASURED = "heuristic", "not_measured"
#: So many stops are looked at for each team: more than any can make in a day.
STOPS_OF_TEAM = 40
MOST_STOPS = 200


@dataclass(frozen=True)
class Day:
    """One day of one provider.

    Parameters
    ----------
    provider_id : str
    on : date
    teams : int
        That go out.
    start, end : int
        Seconds of the day at which the first leaves, and at which the last is back.
    """

    provider_id: str
    on: dt.date
    teams: int
    start: int
    end: int


@dataclass(frozen=True)
class Rounds:
    """The answer.

    Parameters
    ----------
    table : DataFrame[team, order, resident_id, arrive, leave]
        Times as HH:MM:SS.
    left_out : DataFrame[resident_id, tier, reason]
        By tier and id; ``reason`` is no_time or no_location.
    back : mapping of team to HH:MM:SS
        When each is at the provider again.
    travel_s : int
        Seconds of travel of all teams.
    status : {"heuristic", "not_measured"}
    """

    table: pd.DataFrame
    left_out: pd.DataFrame
    back: dict[int, str]
    travel_s: int
    status: str


def day_of(
    plan: Plan, provider_id: str, on: dt.date, teams: int | None = None, until: str | None = None
) -> Day:
    """The day as the policy's ``visiting`` and the table ``staff`` have it, where nothing else is said.

    Parameters
    ----------
    plan : Plan
    provider_id : str
    on : date
        Not before the day of the data.
    teams : int, optional
        As ``staff`` tells them; one where it does not.
    until : str, optional
        HH:MM.

    Raises
    ------
    BadInput
        Unknown provider, a day before that of the data, or an end before the start.
    """
    known = plan.inputs.providers["provider_id"]
    if provider_id not in set(known):
        near = nearest(provider_id, known, most=3, cutoff=0.0)
        raise BadInput("unknown_provider", provider_id=provider_id, nearest=", ".join(near))
    if on < plan.inputs.dataset.as_of:
        raise BadInput("rounds_date", found=on, allowed=plan.inputs.dataset.as_of)
    visiting = plan.policy.visiting
    end = until or visiting.day_until
    if end <= visiting.day_from:
        raise BadInput("rounds_until", found=end, allowed=visiting.day_from)
    staff = plan.inputs.staff
    told = staff.loc[staff["provider_id"] == provider_id, "teams"].dropna()
    count = teams if teams is not None else int(told.sum()) if len(told) else 1
    return Day(provider_id, on, count, _seconds(visiting.day_from), _seconds(end))


def stops_of(plan: Plan, provider_id: str, on: dt.date) -> pd.DataFrame:
    """People of a provider to whom a visit at home is due or overdue on a day.

    Nobody is visited again before half of the time to the next visit is over, however early "due" begins.

    Returns
    -------
    DataFrame[resident_id, tier, minutes, location]
        By id: all that is due to one person is one stop. ``location`` is a number of the plan's travel model.
    """
    services = services_of_plan(plan, on)
    half = pd.to_timedelta(services["days"] // 2, unit="D")
    wanted = (
        (services["provider_id"] == provider_id)
        & (services["where"] == "home")
        & services["state"].isin(("due", "overdue"))
        & (services["due_on"] <= pd.Timestamp(on) + half)
    )
    stops = services.loc[wanted, ["resident_id", "minutes"]].groupby("resident_id", as_index=False).sum()
    people = plan.eligibility.people
    row = pd.Index(people["resident_id"]).get_indexer(pd.Index(stops["resident_id"]))
    groups = plan.eligibility.groups
    stops["tier"] = people["tier"].to_numpy(np.int64)[row]
    stops["location"] = groups.location[groups.member[row]]
    return stops[["resident_id", "tier", "minutes", "location"]]


@once_per_plan
def rounds_of(plan: Plan, day: Day) -> Rounds:
    """Rounds of OR-Tools' routing, checked afterwards.

    As few people of tier 1 as possible are left out, then of tier 2 and 3; then travel is least. The way between two
    people is the great circle times the policy's detour, at its speed; that to the provider is the plan's. Above
    `STOPS_OF_TEAM` people for each team, the first tiers and the nearest are looked at alone.

    Returns
    -------
    Rounds

    Raises
    ------
    SolverError
        When `objections` has any.
    """
    if plan.inputs.visits.empty:
        return Rounds(_table([]), _left([], [], []), {}, 0, NOT_MEASURED)
    stops = stops_of(plan, day.provider_id, day.on)
    travel = travel_seconds(plan, day.provider_id, stops["location"].to_numpy(np.int64))
    known = travel[0, 1:] >= 0
    near = np.flatnonzero(known)[np.lexsort((travel[0, 1:][known], stops["tier"].to_numpy()[known]))]
    tried = np.sort(near[: min(STOPS_OF_TEAM * max(day.teams, 1), MOST_STOPS)])
    points = np.concatenate(([0], tried + 1))
    problem = Stops(
        travel[np.ix_(points, points)],
        stops["minutes"].to_numpy(np.int64)[tried] * 60,
        stops["tier"].to_numpy(np.int64)[tried],
    )
    routes = [
        [int(tried[stop]) for stop in route]
        for route in solve_rounds(problem, day.teams, day.end - day.start)
    ]
    rounds = _timed(stops, travel, routes, day, known)
    wrong = objections(rounds, stops, travel, day)
    if wrong:
        raise SolverError(f"rounds of {day.provider_id}: {', '.join(wrong)}")
    return rounds


def travel_seconds(plan: Plan, provider_id: str, location: Ints) -> Ints:
    """Seconds between the provider (first) and these locations of the plan's travel model; −1 where nothing is known.

    Returns
    -------
    (n + 1, n + 1) array
    """
    groups, policy = plan.eligibility.groups, plan.policy
    model, number = groups.travel, int(groups.provider_ids.get_indexer(pd.Index([provider_id]))[0])
    homes = model.origins[location]
    count = len(homes)
    km = great_circle_km(np.repeat(homes, count, axis=0), np.tile(homes, (count, 1))) * policy.detour_factor
    known = ~np.isnan(km)
    between = np.full(count * count, -1, np.int64)
    cost = to_cost(km[known] / policy.speed_kmh, 3600) if model.by_time else to_cost(km[known], 1000)
    between[known] = _in_seconds(cost, policy)
    travel = np.zeros((count + 1, count + 1), np.int64)
    travel[1:, 1:] = between.reshape(count, count)
    _, cost = model.measure(location, np.full(count, number))
    reached = (cost >= 0) & ~np.isnan(homes).any(axis=1)
    travel[0, 1:] = travel[1:, 0] = np.where(reached, _in_seconds(cost, policy), -1)
    return travel


def objections(rounds: Rounds, stops: pd.DataFrame, travel: Ints, day: Day) -> list[str]:
    """What is wrong with rounds: codes, none for good ones. It knows the tables alone, and no solver."""
    found = []
    ids = pd.Index(stops["resident_id"])
    if sorted([*rounds.table["resident_id"], *rounds.left_out["resident_id"]]) != sorted(ids):
        return ["somebody is missing or twice"]
    if rounds.table["team"].nunique() > day.teams:
        found.append("too many teams")
    total = 0
    for team, route in rounds.table.groupby("team"):
        row = ids.get_indexer(pd.Index(route["resident_id"]))
        arrive, leave = (route[name].map(_seconds).to_numpy(np.int64) for name in ("arrive", "leave"))
        legs = travel[np.concatenate(([0], row + 1)), np.concatenate((row + 1, [0]))]
        total += int(legs.sum())
        back = int(leave[-1] + legs[-1])
        if route["order"].tolist() != list(range(1, len(route) + 1)):
            found.append("order is not counted from 1")
        if (legs < 0).any() or (arrive != np.concatenate(([day.start], leave[:-1])) + legs[:-1]).any():
            found.append("arrivals do not follow from the way")
        if (leave - arrive != stops["minutes"].to_numpy(np.int64)[row] * 60).any():
            found.append("a visit has not its minutes")
        if back > day.end or rounds.back.get(int(str(team))) != clock(back):
            found.append("a team is late, or back at another time than told")
    if total != rounds.travel_s:
        found.append("travel does not add up")
    return found


def _timed(
    stops: pd.DataFrame, travel: Ints, routes: list[list[int]], day: Day, known: npt.NDArray[np.bool_]
) -> Rounds:
    """Routes with their times, and who is in none of them."""
    ids, minutes = stops["resident_id"].tolist(), stops["minutes"].tolist()
    rows, back, total = [], {}, 0
    for team, route in enumerate(routes, 1):
        now, at = day.start, 0
        for order, stop in enumerate(route, 1):
            arrive = now + int(travel[at, stop + 1])
            now, at = arrive + 60 * int(minutes[stop]), stop + 1
            rows.append((team, order, ids[stop], clock(arrive), clock(now)))
        back[team] = clock(now + int(travel[at, 0]))
        legs = np.array([0, *(stop + 1 for stop in route), 0])
        total += int(travel[legs[:-1], legs[1:]].sum())
    left = sorted(set(range(len(stops))) - {stop for route in routes for stop in route})
    reasons = ["no_time" if known[stop] else "no_location" for stop in left]
    tiers = stops["tier"].to_numpy(np.int64)[left].tolist()
    return Rounds(_table(rows), _left([ids[stop] for stop in left], tiers, reasons), back, total, HEURISTIC)


def _table(rows: list[tuple[int, int, str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(ROUNDS)).astype({"team": "int64", "order": "int64"})


def _left(ids: list[str], tiers: list[int], reasons: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({"resident_id": ids, "tier": tiers, "reason": reasons}, columns=list(LEFT_OUT))
    return table.sort_values(["tier", "resident_id"], ignore_index=True)


def _in_seconds(cost: Ints, policy: Policy) -> Ints:
    """Seconds of a cost of the plan: as they are, or of metres at the policy's speed, rounded half up."""
    return cost if policy.cost == "time" else to_cost((cost * 3.6 / policy.speed_kmh).astype(np.float64), 1)


def _seconds(clock: str) -> int:
    """Seconds of the day of HH:MM or HH:MM:SS."""
    hours, minutes, *rest = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + sum(rest)


def clock(seconds: int) -> str:
    """HH:MM:SS of a second of the day."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
