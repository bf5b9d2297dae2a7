"""Access: how much care is within reach of each place, whoever gets it in the end, beside who is served."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.charts import Row, show_figures_line, show_heading, show_line, show_table, show_title
from matcher.app.parts.choices import choose, mode_names
from matcher.app.parts.ground import ground_layer
from matcher.app.parts.layers import access_layer, county_layer, township_layer
from matcher.app.parts.legends import access_legend
from matcher.app.parts.maps import show_map_panel
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, percent, t
from matcher.results.access import gini, named_scores, worst_tenth

_MOST = 40


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    show_heading(t("app.access.title"), t("app.access.line"))
    mode = choose(t("app.overview.mode"), mode_names(with_all=False), "access_mode", "home")
    table = named_scores(plan, mode)
    if table.empty:
        show_line(t("app.access.nobody"))
        return
    _figures(table)
    layers = [
        county_layer(),
        township_layer(plan, mode, opacity=0.0),
        ground_layer(),
        access_layer(plan, table, mode),
    ]
    beside = show_map_panel("access", f"{plan.outcome.fingerprint}/access", layers, [access_legend(table)])
    with beside, st.container(key="card_places", height="stretch"):
        _worst(table)


def _figures(table: pd.DataFrame) -> None:
    score, people = table["score"].to_numpy(float), table["residents"].to_numpy()
    worst, places = worst_tenth(score, people)
    known = ~np.isnan(score)
    mean = float(np.average(score[known], weights=people[known])) if people[known].sum() else np.nan
    show_figures_line(
        [
            (t("app.access.mean"), _score(mean)),
            (t("app.access.gini"), _score(gini(score, people))),
            (t("app.access.worst"), _score(worst)),
            (t("app.access.worst_places"), count(len(places))),
        ]
    )


def _worst(table: pd.DataFrame) -> None:
    show_title(t("app.access.places"), t("app.access.places_line"))
    rows = [
        Row(
            t("app.access.unknown") if pd.isna(place.name) else str(place.name),
            [_score(place.score), percent(place.share), count(place.residents)],
            line="" if pd.isna(place.parent_name) else str(place.parent_name),
        )
        for place in rows_of(table.head(_MOST))
    ]
    head = [t("app.place.name"), t("app.access.score"), t("app.place.share"), t("app.place.residents")]
    show_table(head, rows, height=560)


def _score(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.3f}"


main()
