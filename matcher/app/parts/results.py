"""What a scenario changes: figures side by side, who gains and who loses, and where."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from matcher.app.parts import palette
from matcher.app.parts.charts import Figure, Part, Row, show_figures, show_table, show_title
from matcher.app.parts.layers import change_layers, county_layer, township_layer
from matcher.app.parts.legends import change_legend, share_legend
from matcher.app.parts.maps import show_map
from matcher.app.parts.tables import rows_of, show_changes, show_counts
from matcher.app.parts.words import count, km, label, mode_name, percent, points, t
from matcher.plan.plan import Plan
from matcher.results.difference import signed
from matcher.results.overview import by_mode, by_reason, figures
from matcher.scenario.changes import CHANGES, changed_people, changed_places, compare, count_changes


def show_results(before: Plan, after: Plan) -> None:
    """The whole comparison."""
    changes = compare(before, after)
    totals = changes["change"].value_counts().reindex(list(CHANGES), fill_value=0)
    show_figures(
        [
            Figure(
                label("change", change),
                count(int(totals[change])),
                [Part(1, palette.CHANGE_COLOURS[change])],
                [(t(f"app.what_if.{change}"), "")],
            )
            for change in CHANGES
        ]
    )
    with st.container(key="split_results"):
        left, right = st.columns([1.5, 1])
        with left, st.container(key="card_change_map"):
            show_title(t("app.what_if.change_map"), t("app.what_if.change_map_line"))
            layers = [
                county_layer(),
                township_layer(after, opacity=0.35),
                *change_layers(changed_places(changes, after), after),
            ]
            show_map("change_map", after.outcome.fingerprint, layers, [change_legend(), share_legend()])
        with right, st.container(key="card_comparison"):
            show_title(t("app.what_if.comparison"))
            _side_by_side(before, after)
    with st.container(key="card_changes"):
        show_title(t("app.what_if.people"), t("app.what_if.people_line"))
        left, right = st.columns(2)
        with left:
            show_counts(count_changes(changes, after.people, "mode"), t("app.change.mode"), mode_name)
        with right:
            show_counts(count_changes(changes, after.people, "tier"), t("app.change.tier"), str)
        show_changes(changed_people(changes, after))


def _side_by_side(before: Plan, after: Plan) -> None:
    old, new = figures(before), figures(after)
    rows = [
        _row(t("app.figure.residents"), old.residents, new.residents),
        _row(t("app.figure.served"), old.served, new.served),
        _row(t("app.figure.share"), old.share, new.share, percent, lambda a, b: points(signed(a, b, 1, 100))),
        _row(t("app.figure.median"), old.median_km, new.median_km, km, _km_change),
        _row(t("app.figure.p90"), old.p90_km, new.p90_km, km, _km_change),
        _row(t("app.figure.unserved"), old.unserved, new.unserved),
    ]
    reasons = zip(by_reason(before).items(), by_reason(after), strict=True)
    rows += [_row(f"　{label('reason', reason)}", told, now) for (reason, told), now in reasons]
    modes = zip(rows_of(by_mode(before)), rows_of(by_mode(after)), strict=True)
    rows += [
        _row(t("app.what_if.served_in", mode=label("mode", a.mode)), a.served, b.served) for a, b in modes
    ]
    head = [
        t("app.what_if.figure"),
        t("app.what_if.before"),
        t("app.what_if.after"),
        t("app.what_if.difference"),
    ]
    show_table(head, rows)


def _row(
    name: str,
    old: float | None,
    new: float | None,
    told: Callable[..., str] = count,
    change: Callable[[float, float], str] = signed,
) -> Row:
    """Name, before, after and the signed difference; a dash where one of the two is not known."""
    if old is None or new is None:
        return Row(name, [told(old), told(new), "–"])
    return Row(name, [told(old), told(new), change(old, new)])


def _km_change(old: float, new: float) -> str:
    return t("app.km", km=signed(old, new, 1))
