"""Saved scenarios side by side: figures, maps with one scale, where A differs from B, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from matcher.app.parts.charts import Bar, Part, Row, show_bars, show_table, show_title
from matcher.app.parts.layers import county_layer, difference_layer, share_layer
from matcher.app.parts.legends import difference_legend, share_legend
from matcher.app.parts.maps import show_map
from matcher.app.parts.palette import DIFFERENCE_BOUNDS, DIFFERENCE_COLOURS, difference_texts
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, km, label, mode_name, percent, t
from matcher.masking import mask_if_id_number
from matcher.plan.figures import ALL
from matcher.plan.plan import Plan
from matcher.results.difference import signed
from matcher.scenario.changes import CHANGES, ONE_SIDED
from matcher.scenario.comparison import BASELINE, Comparison
from matcher.scenario.places import difference_classes, place_differences
from matcher.tables import MODES


def show_side_by_side(plan: Plan, told: Comparison, names: Sequence[str]) -> None:
    """The whole comparison.

    Parameters
    ----------
    plan : Plan
        The baseline.
    told : Comparison
    names : sequence of str
        The baseline first.
    """
    _figures(told, names)
    townships = plan.inputs.places[plan.inputs.places["level"] == "township"]
    version = "/".join(str(told.outcomes[name]["fingerprint"]) for name in names)
    _maps(plan, told, names, townships, version)
    _difference(plan, told, names, townships, version)


def _named(name: str) -> str:
    return t("app.saved.baseline") if name == BASELINE else name


def _figures(told: Comparison, names: Sequence[str]) -> None:
    """Figures in rows, scenarios in columns: the numbers of ``compare`` on the command line."""
    table = told.tables["scenarios"]
    figures = {(row.scenario, row.mode): row for row in rows_of(table)}
    changes = told.tables["changes"].groupby(["scenario", "change"]).size().to_dict()
    every = [figures[name, ALL] for name in names]
    rows = [
        Row(t("app.figure.residents"), [count(one.residents) for one in every]),
        Row(t("app.figure.served"), [count(one.served) for one in every]),
        Row(t("app.figure.share"), [percent(one.share) for one in every]),
        Row(t("app.figure.unserved"), [count(one.residents - one.served) for one in every]),
        Row(t("app.saved.mean"), [km(one.mean_km) for one in every]),
        Row(t("app.figure.p90"), [km(one.p90_km) for one in every]),
        Row(t("app.saved.travel"), [_travel(told.outcomes[name]) for name in names]),
    ]
    rows += [
        Row(
            t("app.what_if.served_in", mode=mode_name(mode)),
            [count(figures[name, mode].served) for name in names],
        )
        for mode in MODES
    ]
    rows += [
        Row(label("change", change), ["–", *(count(changes.get((name, change), 0)) for name in names[1:])])
        for change in (*CHANGES, *ONE_SIDED)
        if change in CHANGES or any((name, change) in changes for name in names)
    ]
    show_table([t("app.what_if.figure"), *map(_named, names)], rows)


def _travel(outcome: Mapping[str, object]) -> str:
    """All travel of a plan as it is weighed, in kilometres."""
    return km(int(str(outcome["total_cost_m"])) / 1000)


def _maps(plan: Plan, told: Comparison, names: Sequence[str], townships: pd.DataFrame, version: str) -> None:
    """A map for each, coloured alike."""
    show_title(t("app.saved.maps"), t("app.saved.maps_line"))
    for row in range(0, len(names), 2):
        for column, name in zip(st.columns(2), names[row : row + 2], strict=False):
            with column:
                show_title(_named(name))
                table = place_differences(told, name, name, townships).rename(
                    columns={"residents_a": "residents", "served_a": "served", "share_a": "share"}
                )
                table = table.sort_values("residents", ascending=False, kind="stable")
                layers = [county_layer(), share_layer(plan.inputs.places, table, f"{version}/{name}")]
                legends = [share_legend()] if name == names[0] else []
                show_map(f"saved_map_{names.index(name)}", version, layers, legends, height=360)


def _difference(
    plan: Plan, told: Comparison, names: Sequence[str], townships: pd.DataFrame, version: str
) -> None:
    """Where A serves more or fewer than B: as a map, as a histogram and as a table."""
    show_title(t("app.saved.difference"), t("app.saved.difference_line"))
    with st.container(horizontal=True, key="saved_pair"):
        a = _one("a", names, len(names) - 1)
        b = _one("b", names, 0)
    table = place_differences(told, a, b, townships)
    with st.container(key="split_difference"):
        left, right = st.columns([1.5, 1])
    with left:
        layers = [county_layer(), difference_layer(plan.inputs.places, table, f"{version}/{a}/{b}")]
        show_map("difference_map", version, layers, [difference_legend()], height=460)
    with right:
        show_title(t("app.saved.histogram"), t("app.saved.histogram_line"))
        _histogram(table)
        _places(table)
    if a != BASELINE:
        _people(plan, told, a)


def _one(side: str, names: Sequence[str], default: int) -> str:
    told = {name: _named(name) for name in names}
    return st.selectbox(
        t(f"app.saved.side_{side}"),
        list(told),
        index=default,
        format_func=told.__getitem__,
        key=f"saved_{side}",
    )


def _histogram(table: pd.DataFrame) -> None:
    classes = difference_classes(table, DIFFERENCE_BOUNDS)
    most = int(classes["residents"].max()) or 1
    show_bars(
        [
            Bar(
                text,
                [Part(row.residents / most, colour)],
                t("app.saved.class_count", places=count(row.places), people=count(row.residents)),
            )
            for text, colour, row in zip(
                difference_texts(), DIFFERENCE_COLOURS, rows_of(classes), strict=True
            )
        ]
    )


def _places(table: pd.DataFrame) -> None:
    """Places that differ, as a table of the same facts as the map."""
    differ = table[table["served_more"] != 0]
    rows = [
        Row(
            str(row.name),
            [percent(row.share_b), percent(row.share_a), signed(row.served_b, row.served_a)],
        )
        for row in rows_of(differ)
    ]
    if rows:
        head = [t(f"app.saved.{name}") for name in ("place", "in_b", "in_a", "people_more")]
        show_table(head, rows, 240)


def _people(plan: Plan, told: Comparison, name: str) -> None:
    """Who gains, moves or loses in a scenario, against the data as they are."""
    people = told.tables["people"].query("scenario == @name")
    show_title(t("app.saved.people", name=name, people=count(len(people))))
    known = plan.inputs.providers.set_index("provider_id")["name"]
    shown = {
        "resident_id": people["resident_id"].map(mask_if_id_number),
        "change": [label("change", code) for code in people["change"]],
        "from_name": people["from_provider"].map(known).fillna(people["from_provider"]),
        "to_name": people["to_provider"].map(known).fillna(people["to_provider"]),
        "delta_km": people["to_km"] - people["from_km"],
        "mode": [label("mode", code) for code in people["mode"]],
        "tier": people["tier"],
    }
    st.dataframe(
        pd.DataFrame(shown).rename(columns={column: t(f"app.change.{column}") for column in shown}),
        hide_index=True,
        column_config={t("app.change.delta_km"): st.column_config.NumberColumn(format="%+.1f")},
        height=300,
        key="saved_people",
        placeholder="–",
    )
