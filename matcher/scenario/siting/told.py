"""What ``place`` and ``close`` found, in a few lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from matcher.scenario.siting.close import Closing
from matcher.scenario.siting.place import Placing
from matcher.scenario.siting.report import bounds_by_tier, figures_by_tier, site_table
from matcher.scenario.siting.search import Chosen
from matcher.words.catalogues import t


def placing_lines(placing: Placing, lang: str) -> Iterator[str]:
    """The sites in building order with what each brings, and how good the choice is known to be."""
    sites = site_table(placing)
    for row in sites.to_dict("records"):
        cost = row.pop("cost")
        money = "" if isnan(cost) else t("summary.site_cost", lang, cost=f"{cost:,.0f}")
        yield t("summary.site", lang, money=money, **{str(key): value for key, value in row.items()})
    yield t(
        "summary.placed",
        lang,
        before=placing.before.outcome.served,
        after=placing.after.outcome.served,
        sites=len(sites),
        candidates=len(placing.table),
        tried=placing.tried,
    )
    yield from _choice_lines(placing.found, lang)


def closing_lines(closing: Closing, lang: str) -> Iterator[str]:
    """The closures in order with what each costs, and how good the choice is known to be."""
    for row in closing.steps.to_dict("records"):
        row["added"] = f"{row.pop('added_m'):+,}"
        yield t("summary.closure", lang, **{str(key): value for key, value in row.items()})
    yield t(
        "summary.closed",
        lang,
        before=closing.before.outcome.served,
        after=closing.after.outcome.served,
        closed=len(closing.steps),
        providers=closing.open_before,
        tried=closing.tried,
    )
    yield from _choice_lines(closing.found, lang)


def _choice_lines(found: Chosen, lang: str) -> Iterator[str]:
    """Whether a choice of sites is proven; else what is open, with its bound."""
    if found.proven:
        yield t("summary.choice_proven", lang)
        return
    figures, bounds = figures_by_tier(found), bounds_by_tier(found)
    names = [t("summary.tier", lang, tier=tier) for tier in range(1, len(bounds))]
    for name, figure, bound in zip([*names, t("summary.travel", lang)], figures, bounds, strict=True):
        if bound != figure:
            shown = t("summary.none", lang) if bound is None else bound
            yield t("summary.choice_bound", lang, what=name, found=figure, bound=shown)
