"""A provider's visits as they are worked off: what is late, due or done, and how much of the month's work is done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from matcher.care.workload import services_of_plan, workload
from matcher.plan.once import once_per_plan

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

#: As a list begins with them.
STATES = ("overdue", "due", "ok", "done")
LIST = ("resident_id", "package", "service", "state", "due_on", "last_on", "where", "minutes")


@dataclass(frozen=True)
class Progress:
    """Services done in a month, of all that were to be done in it: those done, and those due by its end."""

    done: int
    wanted: int


@once_per_plan
def services_on(plan: Plan, on: dt.date) -> pd.DataFrame:
    """`services_of_plan` on a day; ``state`` is ``done`` for what was visited in the month of the day as it should be.

    What went badly and is to be seen again soon is not done.
    """
    services = services_of_plan(plan, on)
    begin = pd.Timestamp(on).replace(day=1)
    regular = services["due_on"] - services["last_on"] == pd.to_timedelta(services["days"], unit="D")
    done = (services["last_on"] >= begin) & regular & (services["due_on"] > pd.Timestamp(on))
    return services.assign(state=services["state"].mask(done, "done"))


def visit_list(plan: Plan, provider_id: str, on: dt.date) -> pd.DataFrame:
    """All services of a provider's people, the most urgent first.

    Returns
    -------
    DataFrame[resident_id, package, service, state, due_on, last_on, where, minutes]
    """
    services = services_on(plan, on)
    own = services[services["provider_id"] == provider_id]
    order = own["state"].map({state: number for number, state in enumerate(STATES)})
    own = own.assign(order=order).sort_values(
        ["order", "due_on", "resident_id", "service"], ignore_index=True
    )
    return own[list(LIST)]


def progress(plan: Plan, provider_id: str, on: dt.date) -> Progress:
    """How far a provider is in the month of a day, on that day."""
    services = services_on(plan, on)
    own = services[services["provider_id"] == provider_id]
    done = own["state"] == "done"
    end = pd.Timestamp(on) + pd.offsets.MonthEnd(0)
    return Progress(int(done.sum()), int((done | (own["due_on"] <= end)).sum()))


def month_before(on: dt.date) -> dt.date:
    """The last day of the month before that of a day."""
    return on.replace(day=1) - dt.timedelta(1)


@once_per_plan
def workload_of_plan(plan: Plan) -> pd.DataFrame:
    """`workload` of every provider, from the month of the data's day."""
    return workload(services_of_plan(plan, plan.inputs.dataset.as_of), plan)
