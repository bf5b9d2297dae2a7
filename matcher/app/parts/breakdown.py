"""What the first figures of a plan are made of: tiers, reasons, modes, distances, and shares against the plan."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from matcher.app.parts.charts import (
    Bar,
    Curve,
    Deviation,
    Figure,
    Part,
    show_bars,
    show_curve,
    show_deviations,
    show_figures,
    show_figures_line,
    show_title,
)
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, km, label, minutes, percent, points, t
from matcher.plan.coverage import actual_shares
from matcher.plan.figures import ALL
from matcher.plan.once import once_per_plan
from matcher.plan.plan import Plan
from matcher.policy.documents import Policy
from matcher.results import overview
from matcher.results.difference import signed

#: Labels of the axis of distances, at most.
_TICKS = 6


def show_first_figures(plan: Plan, mode: str, baseline: Plan | None) -> None:
    """The figures that come first, in one line, with what they are more or less than elsewhere."""
    now = overview.figures(plan, mode)
    old = overview.figures(baseline, mode) if baseline else None

    def change(name: str, digits: int = 0, factor: int = 1, unit: str = "") -> str:
        before, after = getattr(old, name, None), getattr(now, name)
        if before is None or after is None:
            return ""
        told = signed(before, after, digits, factor)
        return t(f"app.{unit}", **{unit: told}) if unit else told

    show_figures_line(
        [
            (t("app.figure.residents"), count(now.residents), change("residents")),
            (t("app.figure.share"), percent(now.share), change("share", 1, 100, "points")),
            (t("app.figure.unserved"), count(now.unserved), change("unserved")),
            (t("app.figure.distance"), km(now.median_km), change("median_km", 1, unit="km")),
            (t("app.figure.p90"), km(now.p90_km), change("p90_km", 1, unit="km")),
        ]
    )


def show_cards(plan: Plan, mode: str) -> None:
    """Four cards: everybody, the served, how far, and why not."""
    all_, tiers = overview.figures(plan, mode), overview.by_tier(plan, mode)
    reasons = overview.by_reason(plan, mode)
    show_figures(
        [
            Figure(
                t("app.figure.residents"),
                count(all_.residents),
                notes=[
                    (t("app.figure.local"), count(all_.local)),
                    (t("app.figure.visitors"), count(all_.residents - all_.local)),
                    *((t("app.figure.tier", tier=row.tier), count(row.residents)) for row in rows_of(tiers)),
                ],
            ),
            Figure(
                t("app.figure.served"),
                percent(all_.share),
                parts=[Part(all_.share or 0)],
                notes=[
                    (t("app.figure.people"), count(all_.served)),
                    *((t("app.figure.tier", tier=row.tier), percent(row.share)) for row in rows_of(tiers)),
                ],
            ),
            Figure(
                t("app.figure.distance"),
                km(all_.median_km),
                notes=[
                    (t("app.figure.p90"), km(all_.p90_km)),
                    *([(t("app.figure.unknown_km"), count(all_.unknown_km))] if all_.unknown_km else []),
                    _limit(plan.policy, mode),
                    (t("app.figure.detour"), f"× {plan.policy.detour_factor:g}"),
                ],
            ),
            Figure(
                t("app.figure.unserved"),
                count(all_.unserved),
                notes=[(label("reason", reason), count(number)) for reason, number in reasons.items()],
            ),
        ]
    )


def show_thirds(plan: Plan, mode: str, of_place: Plan) -> None:
    """Three panels side by side: modes, distances, and shares against what is planned.

    Parameters
    ----------
    plan : Plan
    mode : str
    of_place : Plan
        With everybody of the place: shares are planned for all of them, not for some ages, groups or tiers.
    """
    with st.container(key="thirds"):
        columns = st.columns(3)
        with columns[0], st.container(key="card_modes", height="stretch"):
            _modes(plan)
        with columns[1], st.container(key="card_distances", height="stretch"):
            _distances(plan, mode)
        with columns[2], st.container(key="card_shares", height="stretch"):
            _shares(of_place)


def _limited(mode: str) -> str:
    """The mode whose limit is told: that of care at home where all modes are shown, as most people live there."""
    return "home" if mode == ALL else mode


def _limit(policy: Policy, mode: str) -> tuple[str, str]:
    """The name and the value of the limit that counts: kilometres, or minutes where time is the cost."""
    mode = _limited(mode)
    word = label("mode", mode)
    if policy.cost == "time":
        return t("app.figure.limit_time", mode=word), minutes(policy.limit_minutes[mode])
    return t("app.figure.limit", mode=word), km(policy.limit_km[mode])


def _modes(plan: Plan) -> None:
    show_title(t("app.overview.modes"))
    show_bars(
        [
            Bar(
                label("mode", row.mode),
                [Part(0 if row.residents == 0 else row.share)],
                t("app.overview.of", served=count(row.served), residents=count(row.residents)),
            )
            for row in rows_of(overview.by_mode(plan))
        ]
    )


def _distances(plan: Plan, mode: str) -> None:
    curve = overview.within_distance(plan, mode)
    show_title(t("app.overview.curve"), t("app.overview.curve_line"))
    if curve.empty or curve["km"].iloc[-1] == 0:
        st.caption(t("app.overview.no_distances"))
        return
    figures, policy = overview.figures(plan, mode), plan.policy
    most = float(curve["km"].iloc[-1])
    limited = _limited(mode)
    limit = None if policy.cost == "time" else policy.limit_km[limited]
    show_curve(
        Curve(
            points=list(curve[["km", "share"]].itertuples(index=False, name=None)),
            most=most,
            ticks=[(x, f"{x:g}") for x in _ticks(most)],
            limit=limit,
            limit_name="" if limit is None else t("app.overview.limit", mode=label("mode", limited)),
            told=t("app.overview.curve_told", median=km(figures.median_km), p90=km(figures.p90_km)),
        )
    )
    st.caption(t("app.overview.curve_told", median=km(figures.median_km), p90=km(figures.p90_km)))


def _ticks(most: float) -> list[float]:
    """Round numbers from 0, not more than can be read."""
    step = next(
        step * scale
        for scale in (0.1, 1, 10, 100, 1000)
        for step in (1, 2, 5)
        if most < step * scale * _TICKS
    )
    return [step * number for number in range(int(most / step) + 1)]


def _shares(plan: Plan) -> None:
    show_title(t("app.overview.shares"), t("app.overview.shares_line"))
    rows = _actual(plan)
    if rows.empty:
        st.caption(t("app.overview.no_shares"))
        return
    show_deviations([_deviation(row) for row in rows_of(rows)])


@once_per_plan
def _actual(plan: Plan) -> pd.DataFrame:
    return actual_shares(plan.people, plan.policy)


def _deviation(row: Any) -> Deviation:
    """One mode: how far its actual share is from the planned one."""
    name, known = label("mode", row.mode), row.actual_share == row.actual_share  # NaN where nobody is local
    return Deviation(
        name,
        row.actual_share - row.target_share if known else 0.0,
        points(signed(row.target_share, row.actual_share, 1, 100)) if known else "–",
        t("app.overview.against", actual=percent(row.actual_share), target=f"{row.target_share:.0%}"),
    )
