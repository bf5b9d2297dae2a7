"""The list of one provider with names and id numbers in full: for an office that must report them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.results.export import excel_bytes, plan_facts
from matcher.results.roster import COLUMNS, in_words, provider_names
from matcher.words.catalogues import t

if TYPE_CHECKING:
    import pandas as pd

    from matcher.plan.plan import Plan

#: What a report needs, and no more: no phones, no addresses, no illnesses.
_TOLD = ("resident_id", "name", "sex", "id_number", "village", "services", "mode")


def identified(people: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Rows of `roster_people` in words: ``_TOLD``, nothing masked; a column that nobody has is left out."""
    told = in_words(people[list(COLUMNS)], lang)
    titles = [t(f"column.roster.{name}", lang) for name in _TOLD]
    return told[[title for title in titles if title in told]]


def identified_workbook(
    plan: Plan, people: pd.DataFrame, provider_id: str, lang: str, export_id: str
) -> bytes:
    """The same as an Excel file.

    Parameters
    ----------
    plan : Plan
    people : DataFrame
        Of `roster_people`.
    provider_id, lang : str
    export_id : str
        Stands in the first line.

    Raises
    ------
    BadInput
        ``too_many_rows`` for one sheet.
    """
    title = t("roster.sheet", lang, provider=provider_names(plan)[provider_id])
    return excel_bytes(identified(people, lang), title, lang, plan_facts(plan), export_id=export_id)
