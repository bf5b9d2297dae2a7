"""Tables of the pages: column titles, formats and widths."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from matcher.app.parts import palette
from matcher.app.parts.charts import Bar, Part, Row, show_bars, show_line, show_table, show_title
from matcher.app.parts.selection import go_into
from matcher.app.parts.words import count, label, language, percent, t
from matcher.intake.telling import causes
from matcher.results.overview import load_classes
from matcher.scenario.changes import CHANGES

ROW_HEIGHT = 35
#: Providers that the table of loads shows at once: a browser takes seconds for five hundred, and nobody reads them.
MOST_LOADS = 80


def rows_of(table: pd.DataFrame) -> Iterable[Any]:
    """Rows of a table with their columns as attributes; what a column holds is known by its maker alone."""
    return table.itertuples(index=False)


def pick_rows(
    table: pd.DataFrame, ids: Sequence[int], key: str, widths: Mapping[str, int] | None = None
) -> list[int]:
    """Rows of a table that are ticked, by their place in it; where it holds others than when they were ticked, none.

    Parameters
    ----------
    table : DataFrame
        In words.
    ids : sequence of int
        What each row is about.
    key : str
        Of the place on the page.
    widths : mapping, optional
        Pixels of columns, by their titles.
    """
    whose = hashlib.sha256(repr(list(ids)).encode()).hexdigest()
    with st.container(key=key):
        picked = st.dataframe(
            table,
            hide_index=True,
            column_config={title: st.column_config.Column(width=px) for title, px in (widths or {}).items()},
            on_select="rerun",
            selection_mode="multi-row",
            key=f"{key}_{whose[:12]}",  # whatever stood in that row of another table is not meant
        )
    return [row for row in picked["selection"]["rows"] if row < len(ids)]


def show_rest(shown: int, rows: int, command: str) -> None:
    """Say how many of the rows are shown, where they are not all, and which command writes all."""
    if rows > shown:
        show_line(t("app.rest", shown=count(shown), all=count(rows), command=command))


def show_problems(problems: pd.DataFrame) -> None:
    """The problems of a data folder, one row a cause, with what is allowed and how to mend it."""
    told = causes(problems, language())
    told["severity"] = [t(f"app.problem.{severity}") for severity in told["severity"]]
    columns = ["severity", "file", "rows", "count", "column", "value", "fix", "allowed"]
    config = {name: st.column_config.Column(t(f"app.problem.{name}")) for name in columns}
    config["count"] = st.column_config.NumberColumn(t("app.problem.count"), format="%d", width="small")
    config["fix"] = st.column_config.Column(t("app.problem.fix"), width="large")
    _show(told, columns, config, rows=12, key="problems")


def pick_place(places: pd.DataFrame, height: int) -> None:
    """Places with the number and share of their unserved people, from ``overview.place_shares``; a row is chosen."""
    above = places["parent_name"].fillna("")
    told = places.assign(
        name=places["name"].where(above == "", places["name"] + " · " + above), share=100 * places["share"]
    )
    columns = ["name", "unserved", "share", "residents"]
    config: dict[str, ColumnConfig] = {
        "name": st.column_config.TextColumn(t("app.place.name"), width=150),
        "unserved": st.column_config.NumberColumn(t("app.place.unserved"), format="localized", width="small"),
        "residents": st.column_config.NumberColumn(
            t("app.place.residents"), format="localized", width="small"
        ),
        "share": st.column_config.NumberColumn(t("app.place.share"), format="%.1f%%", width="small"),
    }
    codes = places["place_code"].tolist()

    def take() -> None:
        rows = st.session_state["places"]["selection"]["rows"]
        if rows:
            go_into("place", codes[rows[0]])

    st.dataframe(
        told[columns],
        hide_index=True,
        column_config=config,
        height=height,
        on_select=take,
        selection_mode="single-row",
        key="places",
        placeholder="–",
    )


def show_loads(loads: pd.DataFrame, height: int) -> None:
    """Providers with who waits near them, from ``overview.provider_loads``, and a field to find some of them."""
    with st.container(key="split_loads"):
        left, right = st.columns([2, 1])
    with right:
        show_title(t("app.overview.load_classes"))
        _load_classes(loads)
    with left:
        wanted = st.text_input(
            t("app.load.search"),
            placeholder=t("app.load.search"),
            key="loads_search",
            label_visibility="collapsed",
        )
        found = loads[loads["name"].str.contains(wanted.strip(), case=False, regex=False)]
        head = [
            t(f"app.load.{name}") for name in ("name", "wanted", "assigned", "capacity", "load", "waiting")
        ]
        some = found.head(MOST_LOADS)
        show_table(head, _load_rows(some, max(loads["waiting"], default=0) or 1), height)
        if len(some) < len(found):
            show_line(t("app.load.more", shown=count(len(some)), all=count(len(found))))


def _load_rows(loads: pd.DataFrame, most_waiting: int) -> Iterable[Row]:
    for provider in rows_of(loads):
        yield Row(
            str(provider.name),
            [
                t("app.load.yes") if provider.wanted else "–",
                count(provider.assigned),
                count(provider.capacity),
                percent(provider.load),
                count(provider.waiting),
            ],
            line=" · ".join(_words(provider)),
            parts=[Part(provider.waiting / most_waiting, palette.WARM)],
        )


def _load_classes(loads: pd.DataFrame) -> None:
    """A histogram: how many providers are how full."""
    numbers = load_classes(loads, palette.LOAD_BOUNDS)
    most = int(numbers.max()) or 1
    texts = palette.class_texts(palette.LOAD_BOUNDS, "<{high}%", "{low}–{high}%", t("app.map.full"))
    show_bars(
        [
            Bar(text, [Part(number / most)], count(number))
            for text, number in zip(texts, numbers.tolist(), strict=True)
        ]
    )


def _words(provider: Any) -> list[str]:
    """Kind, ownership and place, as far as they are known."""
    kind, owner = label("provider_kind", provider.kind), label("ownership", provider.ownership)
    place = "" if pd.isna(provider.place_name) else str(provider.place_name)
    return [word for word in (kind, owner, place) if word]


def show_changes(people: pd.DataFrame) -> None:
    """The people who changed, from ``scenario.changed_people``."""
    told = people.assign(
        mode=[label("mode", code) for code in people["mode"]],
        change=[label("change", code) for code in people["change"]],
    )
    columns = ["resident_id", "name", "change", "from_name", "to_name", "delta_km", "mode", "tier"]
    config = {name: st.column_config.TextColumn(t(f"app.change.{name}")) for name in columns}
    for name in ("from_name", "to_name"):  # names of providers are long
        config[name] = st.column_config.TextColumn(t(f"app.change.{name}"), width="medium")
    config["tier"] = st.column_config.NumberColumn(t("app.change.tier"))
    config["delta_km"] = st.column_config.NumberColumn(t("app.change.delta_km"), format="%+.1f")
    _show(told, columns, config, rows=10, key="changes")


def show_counts(counts: pd.DataFrame, name: str, words: Callable[[Any], str]) -> None:
    """How many people changed, by the first column; from ``scenario.count_changes``."""
    rows = [Row(words(first), [count(number) for number in numbers]) for first, *numbers in counts.to_numpy()]
    show_table([name, *(label("change", change) for change in CHANGES)], rows)


def _show(
    table: pd.DataFrame, columns: list[str], config: dict[str, ColumnConfig], *, rows: int, key: str
) -> None:
    height = ROW_HEIGHT * (min(rows, max(len(table), 1)) + 1) + 3
    st.dataframe(
        table[columns], hide_index=True, column_config=config, height=height, key=key, placeholder="–"
    )
