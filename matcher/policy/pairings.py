"""Pairings: by which rule a site finds the provider that serves its residents, and in which form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matcher.policy.rules import Reading
from matcher.policy.schema import Reader, array, code, codes, flag, integer, record, table
from matcher.tables import MODES, PROVIDER_KINDS, VOCABULARIES

#: "free": all such sites together, within limits and capacities; "nearest": each the provider of least cost;
#: "township": each the provider of its own township.
HOW = ("free", "nearest", "township")
#: Who chooses the provider: the site for all its people, or each person.
SERVED_BY = ("site", "person")
DEFAULT_FORM = "agreement"


@dataclass(frozen=True)
class Pairing:
    """How people of `mode` at a site of `site_kinds` and `ownership` (empty: any) find their provider.

    Parameters
    ----------
    how : {"free", "nearest", "township"}
        A pairing by township holds only for a site in whose township a provider of `kinds` stands.
    kinds, min_level
        Of the provider; empty asks nothing beyond the admissions, a missing level never suffices.
    form : str
        One of the vocabulary ``agreement_form``.
    split : bool
        People whom no one provider takes are matched alone, each on what is left.
    """

    id: str
    mode: str
    how: str = "free"
    site_kinds: tuple[str, ...] = ()
    ownership: str | None = None
    kinds: tuple[str, ...] = ()
    min_level: int | None = None
    form: str = DEFAULT_FORM
    split: bool = False
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


#: Reader of ``[served_by]``.
SERVED: Reader[dict[str, str]] = table(dict.fromkeys(MODES, code(SERVED_BY)), required=MODES)


def pairings_reader(cited: Mapping[str, Reader[Any]]) -> Reader[tuple[Pairing, ...]]:
    """Reader of ``[[pairings]]``; `cited` reads what all rules have."""
    keys: dict[str, Reader[Any]] = {
        "mode": code(MODES),
        "how": code(HOW),
        "site_kinds": codes(VOCABULARIES["site_kind"]),
        "ownership": code(VOCABULARIES["ownership"]),
        "kinds": codes(PROVIDER_KINDS),
        "min_level": integer(1, 3),
        "form": code(VOCABULARIES["agreement_form"]),
        "split": flag,
    }
    return array(record(Pairing, dict(cited) | keys))
