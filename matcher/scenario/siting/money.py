"""What candidates cost, and the subsidies for them, in whole fen so that a budget is kept to the cent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.errors import BadInput
from matcher.policy.documents import Policy
from matcher.policy.rules import Subsidies
from matcher.scenario.siting.candidates import NAMED

Ints = npt.NDArray[np.int64]

FEN = 100


@dataclass(frozen=True)
class Money:
    """Money of candidates, in fen.

    Parameters
    ----------
    fixed : (n,)
        For opening, subsidy deducted.
    per_place : (n,)
        For each place.
    subsidy : (n,)
        Deducted from the fixed cost, never more than it.
    known : (n,) bool
        Whether both costs are given.
    """

    fixed: Ints
    per_place: Ints
    subsidy: Ints
    known: npt.NDArray[np.bool_]

    def cost_yuan(self, site: int, places: int) -> float | None:
        """What a site with so many places costs; None where that is not known."""
        if not self.known[site]:
            return None
        return float(self.fixed[site] + self.per_place[site] * places) / FEN


def money_of(table: pd.DataFrame, subsidies: Subsidies) -> Money:
    """Costs of the candidates, and what the policy pays for their new beds.

    Only candidates with places for institutional care are homes inside or run by a medical provider.

    Parameters
    ----------
    table : DataFrame
        Candidates with ``fixed_cost``, ``cost_per_slot`` (yuan) and beds.
    subsidies : Subsidies
    """
    home = table["capacity_institutional"].fillna(0).to_numpy(np.int64) > 0
    paid = np.zeros(len(table), np.int64)
    for column, yuan in (
        ("new_beds", subsidies.new_bed),
        ("special_beds", subsidies.special_bed),
        ("short_beds", subsidies.short_place),
    ):
        paid += table[column].fillna(0).to_numpy(np.int64) * yuan * FEN
    known = (table["fixed_cost"].notna() & table["cost_per_slot"].notna()).to_numpy(bool)
    gross = _fen(table["fixed_cost"])
    subsidy = np.minimum(gross, paid * home)
    return Money(gross - subsidy, _fen(table["cost_per_slot"]), subsidy, known)


def require_known(table: pd.DataFrame, money: Money, some: npt.NDArray[np.bool_]) -> None:
    """Refuse a budget for some candidates whose cost is not given: missing is not free.

    Raises
    ------
    BadInput
    """
    unknown = some & ~money.known
    if unknown.any():
        ids = table.loc[unknown, "provider_id"]
        raise BadInput("candidate_no_cost", ids=", ".join(ids.head(NAMED)), number=len(ids))


def monthly_yuan(people: pd.DataFrame, policy: Policy) -> int:
    """Running subsidy a month for people in new beds, by their level of ability; unknown ability earns nothing.

    Parameters
    ----------
    people : DataFrame[ability_scheme, ability_grade]
        Residents of the institutional mode that opened candidates serve.
    policy : Policy
    """
    total = 0
    schemes = people["ability_scheme"].fillna(policy.default_scheme)
    for scheme, grade in zip(schemes, people["ability_grade"], strict=True):
        if pd.notna(grade) and int(grade) < len(policy.ability[scheme]):
            total += policy.subsidies.monthly.get(policy.ability[scheme][int(grade)], 0)
    return total


def _fen(yuan: pd.Series) -> Ints:
    return np.floor(yuan.fillna(0).to_numpy(np.float64) * FEN + 0.5).astype(np.int64)
