"""Small changes to a sample city: one provider or capacity, or a few of the residents."""

from __future__ import annotations

from collections.abc import Callable

from matcher.inputs import Inputs
from matcher.plan.plan import Plan
from matcher.scenario.edits import AddProvider, ChangeCapacity, ChangeDemand, CloseProvider, Edit
from matcher.tables import CAPACITY_COLUMNS, PROVIDERS

#: The mode of the changes: most people are of it, so that its part of the problem is the largest.
MODE = "home"
#: Places of a new provider, and least people of the one that closes.
PLACES = 60
#: Places that a provider gains or loses.
STEP = 30
#: Share of the residents that come or leave.
COMING = 0.002


def _add(inputs: Inputs, plan: Plan) -> Edit:
    return AddProvider(_candidate(inputs))


def _close(inputs: Inputs, plan: Plan) -> Edit:
    people = plan.loads.groupby("provider_id")["assigned"].sum()
    return CloseProvider(str(people[people >= PLACES].idxmin()))


def _grow(inputs: Inputs, plan: Plan) -> Edit:
    return ChangeCapacity(_largest_full(plan), MODE, by=STEP)


def _shrink(inputs: Inputs, plan: Plan) -> Edit:
    return ChangeCapacity(_largest_full(plan), MODE, by=-STEP)


def _come(inputs: Inputs, plan: Plan) -> Edit:
    return ChangeDemand(1 + COMING)


def _leave(inputs: Inputs, plan: Plan) -> Edit:
    return ChangeDemand(1 - COMING)


def _largest_full(plan: Plan) -> str:
    """The provider with most places of the mode among those without a free one."""
    loads = plan.loads[plan.loads["mode"] == MODE]
    full = loads[loads["assigned"] == loads["capacity"]]
    return str(full.loc[full["capacity"].idxmax(), "provider_id"])


def _candidate(inputs: Inputs) -> dict[str, object]:
    """The first candidate that offers the mode, as a provider with `PLACES` places in it and in no other."""
    offers = inputs.candidates[f"capacity_{MODE}"].notna()
    row = inputs.candidates[offers].iloc[0]
    kept = {column.name for column in PROVIDERS} - {*CAPACITY_COLUMNS, "capacity_total", "status"}
    known = row[[name for name in row.index if name in kept]].dropna()
    return {**known.to_dict(), "status": "open", f"capacity_{MODE}": PLACES}


#: The changes, and what makes each of a city and its plan.
CHANGES: dict[str, Callable[[Inputs, Plan], Edit]] = {
    f"a new provider with {PLACES} places": _add,
    f"a provider of at least {PLACES} people closes": _close,
    f"{STEP} places more in the largest that is full": _grow,
    f"{STEP} places fewer in the largest that is full": _shrink,
    f"{1000 * COMING:g} ‰ more residents": _come,
    f"{1000 * COMING:g} ‰ fewer residents": _leave,
}
