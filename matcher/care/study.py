"""What all measures look at: the data, the policy, and the places of one level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pandas as pd

from matcher.care.ties import ties
from matcher.eligibility.classify import site_settings
from matcher.eligibility.codes import mask_of
from matcher.eligibility.qualify import is_open, offered
from matcher.inputs import Inputs
from matcher.plan.coverage import UNKNOWN_PLACE, place_within
from matcher.policy.documents import Policy
from matcher.tables import SERVICES

#: What a measure gives; None where it cannot be told.
Counted: TypeAlias = "pd.DataFrame | None"


@dataclass(frozen=True)
class Study:
    """Inputs and policy, seen from one level of places.

    Parameters
    ----------
    level : str
        One of ``tables.PLACE_LEVELS``.
    """

    inputs: Inputs
    policy: Policy
    level: str

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Codes of the places of the level, sorted; one unknown place where there is none."""
        places = self.inputs.places
        return tuple(sorted(places.loc[places["level"] == self.level, "place_code"])) or (UNKNOWN_PLACE,)

    @cached_property
    def providers(self) -> pd.DataFrame:
        """Open providers, with ``offers``: the mask of their services."""
        providers = self.inputs.providers.assign(offers=offered(self.inputs.providers, self.policy))
        return providers[is_open(providers)]

    @cached_property
    def services_told(self) -> bool:
        """Whether anybody lists services; where nobody does, they are not known."""
        return bool((self.inputs.providers["services"] != "").any())

    @cached_property
    def ties(self) -> pd.DataFrame:
        """See `ties.ties`."""
        return ties(self.inputs)

    def within(self, codes: pd.Series[str], level: str = "") -> pd.Series[str]:
        """The place of the level (by default the study's) that contains each place; `UNKNOWN_PLACE` for none."""
        return (
            codes.map(place_within(self.inputs.places, level or self.level))
            .astype("str")
            .fillna(UNKNOWN_PLACE)
        )

    def offers(self, service: str) -> pd.Series[bool]:
        """Which of `providers` offer a service."""
        return (self.providers["offers"] & mask_of([service], SERVICES)) != 0

    def homes(self) -> pd.Series:
        """Which sites are homes: people live there as in a care home; missing where the kind is not known."""
        return self._sites_of("care_home")

    def day_care(self) -> pd.Series:
        """Which sites the policy reads as day care; missing where the kind is not known."""
        return self._sites_of("day_care")

    def _sites_of(self, setting: str) -> pd.Series:
        sites = self.inputs.sites
        return (site_settings(sites, self.policy) == setting).astype("boolean").mask(sites["kind"].isna())

    def subjects(self, table: pd.DataFrame, key: str, met: object, belongs: object = True) -> pd.DataFrame:
        """What a measure gives.

        Parameters
        ----------
        table : DataFrame
            With `key`, ``name`` and ``place_code``.
        met, belongs : boolean by row, or one for all
            Missing where it is not known; who is not known to belong is not known to have met.

        Returns
        -------
        DataFrame[id, name, place_code, met]
            Those who belong, or may; ``place_code`` is of the study's level, ``met`` is ``boolean``.
        """
        inside = _flags(belongs, len(table))
        answers = _flags(met, len(table)).mask(inside.isna())
        rows = pd.DataFrame(
            {
                "id": table[key].to_numpy(),
                "name": table["name"].to_numpy(),
                "place_code": self.within(table["place_code"]).to_numpy(),
                "met": answers,
            }
        )
        return rows[inside.fillna(True).to_numpy(bool)].reset_index(drop=True)


def _flags(values: object, size: int) -> pd.Series:
    """A Series of ``boolean`` in order of the rows."""
    if isinstance(values, bool):
        values = np.full(size, values)
    return pd.Series(pd.array(values, dtype="boolean"))  # type: ignore[call-overload]
