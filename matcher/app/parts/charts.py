"""Figures and bars as plain HTML: crisp at any width, readable by a screen reader, whatever is passed stays text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

import streamlit as st

from matcher.app.parts import palette


@dataclass(frozen=True)
class Part:
    """A coloured part of a bar; ``share`` of the bar's length between 0 and 1."""

    share: float
    colour: str = palette.BAR
    name: str = ""


@dataclass(frozen=True)
class Figure:
    """A card: what is counted, how many, a bar, and lines that say more."""

    name: str
    value: str
    parts: Sequence[Part] = ()
    notes: Sequence[tuple[str, str]] = field(default=())


@dataclass(frozen=True)
class Bar:
    """A row of a bar chart; ``target`` draws a mark at that share."""

    name: str
    parts: Sequence[Part]
    text: str
    target: float | None = None


@dataclass(frozen=True)
class Row:
    """A row of a table: a name, a smaller line below it, cells, and a bar in the last of them."""

    name: str
    cells: Sequence[str]
    line: str = ""
    parts: Sequence[Part] = ()


def show_figures(figures: Sequence[Figure]) -> None:
    """Cards side by side, as many in a row as there is room for."""
    st.html(
        f'<div class="figures" style="--cards:{len(figures)}">{"".join(_card(figure) for figure in figures)}</div>'
    )


def show_bars(bars: Sequence[Bar], legend: Sequence[Part] = ()) -> None:
    """A bar chart, one row a bar."""
    rows = "".join(
        f'<div class="bar-row"><span class="bar-name">{escape(bar.name)}</span>{_bar(bar.parts, bar.target)}'
        f'<span class="bar-text">{escape(bar.text)}</span></div>'
        for bar in bars
    )
    swatches = "".join(f"<span>{_swatch(part.colour)}{escape(part.name)}</span>" for part in legend)
    key = f'<div class="bar-legend">{swatches}</div>' if swatches else ""
    st.html(f'<div class="bars">{rows}</div>{key}')


def show_table(head: Sequence[str], rows: Iterable[Row], height: int | None = None) -> None:
    """A table that is read, not worked with: names on the left, numbers on the right, scrolling above `height`."""
    titles = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(_row(row) for row in rows)
    limit = "" if height is None else f' style="max-height:{height}px" tabindex="0"'
    table = f'<table class="comparison"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>'
    st.html(f'<div class="scroll"{limit}>{table}</div>')


def show_figures_line(figures: Sequence[tuple[str, str]]) -> None:
    """A few figures in one line: a name and a value each."""
    cells = "".join(
        f"<div><span>{escape(name)}</span><b>{escape(value)}</b></div>" for name, value in figures
    )
    st.html(f'<div class="figures-line">{cells}</div>')


def show_terms(terms: Iterable[tuple[str, str]]) -> None:
    """Names on the left, and what they are."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>' for name, text in terms
    )
    st.html(f'<table class="comparison terms"><tbody>{rows}</tbody></table>')


def show_heading(title: str, line: str = "", chips: Sequence[tuple[str, bool]] = ()) -> None:
    """Title of a page, a line below, and chips (text, whether it is good news)."""
    marks = "".join(
        f'<span class="chip{" good" if good else ""}">{escape(text)}</span>' for text, good in chips
    )
    st.html(f'<div class="heading"><h1>{escape(title)}</h1><p>{escape(line)}</p><div>{marks}</div></div>')


def show_note(text: str, kind: Literal["note", "error", "good"] = "note") -> None:
    """A line that stands out. Streamlit's own alerts read markdown, which a name in a message could be."""
    role = "alert" if kind == "error" else "note"
    st.html(f'<div class="note {kind}" role="{role}">{escape(text)}</div>')


def show_line(text: str) -> None:
    """A line of text."""
    st.html(f'<div class="line">{escape(text)}</div>')


def show_title(text: str, line: str = "") -> None:
    """Title of a panel, and what it shows."""
    more = f"<p>{escape(line)}</p>" if line else ""
    st.html(f'<div class="panel-title"><h2>{escape(text)}</h2>{more}</div>')


def _card(figure: Figure) -> str:
    notes = "".join(
        f"<div><span>{escape(name)}</span><span>{escape(value)}</span></div>" for name, value in figure.notes
    )
    return (
        f'<section class="figure"><h3>{escape(figure.name)}</h3><p>{escape(figure.value)}</p>'
        f'{_bar(figure.parts) if figure.parts else ""}<div class="figure-notes">{notes}</div></section>'
    )


def _row(row: Row) -> str:
    line = f"<small>{escape(row.line)}</small>" if row.line else ""
    *cells, last = [escape(cell) for cell in row.cells]
    middle = "".join(f"<td>{cell}</td>" for cell in cells)
    bar = _bar(row.parts) if row.parts else ""
    return f'<tr><th scope="row">{escape(row.name)}{line}</th>{middle}<td>{bar}{last}</td></tr>'


def _bar(parts: Sequence[Part], target: float | None = None) -> str:
    filled = "".join(
        f'<i style="width:{100 * part.share:.2f}%;background:{part.colour}" title="{escape(part.name)}"></i>'
        for part in parts
        if part.share > 0
    )
    mark = "" if target is None else f'<b style="left:{100 * target:.2f}%"></b>'
    return f'<span class="bar">{filled}{mark}</span>'


def _swatch(colour: str) -> str:
    return f'<i style="background:{colour}"></i>'
