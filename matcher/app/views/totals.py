"""Totals for whoever may see no person: by place and by mode, small counts withheld and what would give them away."""

from __future__ import annotations

import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.account import note_once
from matcher.app.parts.charts import show_heading, show_line
from matcher.app.parts.choices import choose
from matcher.app.parts.tables import ROW_HEIGHT
from matcher.app.parts.words import label, language, t
from matcher.results.totals import LEVELS, in_words, totals


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    note_once("totals_read")
    dataset = plan.inputs.dataset
    show_heading(
        t("app.totals.title"), t("app.totals.line", title=dataset.title, as_of=dataset.as_of.isoformat())
    )
    with st.container(key="card_totals"):
        names = {level: label("level", level) for level in LEVELS}
        level = choose(t("app.overview.level"), names, "totals_level")
        table = totals(plan)
        told = in_words(table[table["level"] == level], language())
        st.dataframe(
            told,
            hide_index=True,
            column_config={told.columns[-1]: st.column_config.NumberColumn(format="percent")},
            height=ROW_HEIGHT * (min(len(told), 18) + 1) + 3,
            key="totals_table",
            placeholder="–",
        )
        show_line(t("app.totals.rule"))
        st.download_button(
            t("app.totals.download"),
            in_words(table, language()).to_csv(index=False).encode("utf-8-sig"),
            file_name=f"totals-{plan.outcome.fingerprint[:12]}.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="totals_download",
        )


main()
