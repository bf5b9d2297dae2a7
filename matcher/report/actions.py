"""What would help most: the three best sites where the data have candidates, else the three best enlargements."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from matcher.errors import BadInput
from matcher.scenario.siting.place import place
from matcher.scenario.siting.report import site_table
from matcher.scenario.siting.slots import where_to_add

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

MOST = 3
#: Places by which a provider is enlarged where there are no candidates.
PLACES = 10
#: Slots looked at for the best enlargements: where one place helps most is seldom where ten help least.
_LOOKED_AT = 12


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Parameters
    ----------
    kind : {"site", "places"}
        A new provider, or more places at one that is there.
    name : str
        Of the provider, its id where it has none.
    mode : str
        Of the places; empty for a new provider.
    places : int
        Places of a new provider that the plan uses, or places added.
    served : int
        Persons served more: of a site given those before it, of places by themselves.
    cost_yuan : float or None
        None where the data give no cost.
    """

    kind: str
    name: str
    mode: str
    places: int
    served: int
    cost_yuan: float | None


@dataclass(frozen=True)
class Actions:
    """The actions, and what is known of them.

    Parameters
    ----------
    actions : tuple of Action
    standing : {"proven", "found", "each", "none"}
        No three sites are better; the best that were found in time; enlargements, each by itself; nothing helps, or
        nothing can be computed.
    """

    actions: tuple[Action, ...]
    standing: str


def actions(plan: Plan, seconds: float = 30.0) -> Actions:
    """The three that help most.

    Parameters
    ----------
    plan : Plan
    seconds : float
        Limit of the search for sites.
    """
    try:
        return _sites(plan, seconds) if len(plan.inputs.candidates) else _enlargements(plan)
    except BadInput:  # households stay together, or every candidate is forbidden: there is nothing to tell
        return Actions((), "none")


def _sites(plan: Plan, seconds: float) -> Actions:
    choice = plan.inputs.candidates["choice"].value_counts()
    free = len(plan.inputs.candidates) - int(choice.get("forbidden", 0))
    number = max(min(MOST, free), int(choice.get("required", 0)))
    placing = place(plan.inputs, plan.policy, number, seconds=seconds)
    names = placing.table.set_index("provider_id")["name"]
    told = tuple(
        Action(
            kind="site",
            name=str(names[row["candidate_id"]])
            if _known(names[row["candidate_id"]])
            else row["candidate_id"],
            mode="",
            places=int(row["slots"]),
            served=int(row["newly_served"]),
            cost_yuan=None if isnan(row["cost"]) else float(row["cost"]),
        )
        for row in site_table(placing).to_dict("records")
    )
    return Actions(told, "proven" if placing.found.proven else "found")


def _enlargements(plan: Plan) -> Actions:
    table = where_to_add(plan, places=PLACES, top=_LOOKED_AT)
    table = table[table["more_served"] > 0].sort_values(
        ["more_first_tier", "more_served", "more_m", "provider_id"], ascending=[False, False, False, True]
    )
    names = plan.inputs.providers.set_index("provider_id")["name"]
    told = tuple(
        Action(
            kind="places",
            name=str(names[row["provider_id"]]) if _known(names[row["provider_id"]]) else row["provider_id"],
            mode=str(row["mode"]),
            places=PLACES,
            served=int(row["more_served"]),
            cost_yuan=None,
        )
        for row in table.drop_duplicates("provider_id").head(MOST).to_dict("records")
    )
    return Actions(told, "each" if told else "none")


def _known(name: object) -> bool:
    return isinstance(name, str) and bool(name)
