"""Decisions on who serves a person: which a plan keeps, and which would be possible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from matcher.eligibility.fixed import decisions
from matcher.plan.once import once_per_plan
from matcher.tables import DECIDED

if TYPE_CHECKING:
    from matcher.plan.plan import Plan


def match_states(
    resident_ids: Iterable[str],
    decided: Mapping[str, str],
    contested: Collection[str],
    confirmed: Collection[str],
) -> list[str]:
    """How far each match is agreed on: ``frozen``, ``override``, ``contested``, ``confirmed``, else ``proposed``.

    Parameters
    ----------
    resident_ids : iterable of str
    decided : mapping
        ``frozen`` or ``override`` by resident id.
    contested, confirmed : collection of str
        About whom a request is open, and whom the clinic confirmed.
    """
    return [
        decided.get(id)
        or ("contested" if id in contested else "confirmed" if id in confirmed else "proposed")
        for id in resident_ids
    ]


@once_per_plan
def decided(plan: Plan) -> pd.DataFrame:
    """Every decision on the provider of a person of the plan.

    Returns
    -------
    DataFrame[resident_id, what, provider_id, reason, state]
        By resident id; ``what`` is ``override`` or ``frozen``. ``state``: ``kept``; or set aside, because the provider
        does not qualify or is too far (``not_eligible``), or has no place left (``no_place``).
    """
    rows = decisions(plan.inputs.corrections)
    row = pd.Index(plan.eligibility.people["resident_id"]).get_indexer(pd.Index(rows["resident_id"]))
    rows, row = rows[row >= 0].rename(columns={"value": "provider_id"}), row[row >= 0]
    possible = [id in eligible_providers(plan, at) for at, id in zip(row, rows["provider_id"], strict=True)]
    kept = plan.eligibility.fixed[row] >= 0
    state = np.select([kept, ~np.array(possible, bool)], ["kept", "not_eligible"], "no_place")
    table: pd.DataFrame = rows.assign(state=pd.Series(state, index=rows.index, dtype="str"))
    return table.loc[:, ["resident_id", "what", "provider_id", "reason", "state"]].reset_index(drop=True)


def followed(plan: Plan) -> set[tuple[str, str]]:
    """Resident id and ``what`` of the decisions on providers whose person and provider the plan knows."""
    rows = plan.inputs.corrections
    rows = rows[rows["what"].isin(DECIDED) & rows["resident_id"].isin(plan.people["resident_id"])]
    return set(zip(rows["resident_id"], rows["what"], strict=True))


def eligible_providers(plan: Plan, row: int) -> list[str]:
    """Ids of the providers where a person is eligible, cheapest first.

    Parameters
    ----------
    plan : Plan
    row : int
        Of the person in ``plan.eligibility.people``.
    """
    groups, pairs = plan.eligibility.groups, plan.eligibility.pairs
    group = groups.member[row]
    numbers = pairs.provider[pairs.start[group] : pairs.start[group + 1]]
    return [str(id) for id in groups.provider_ids[numbers]]
