"""Figures and bars as plain HTML: crisp at any width, readable by a screen reader, whatever is passed stays text."""

from __future__ import annotations

import base64
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
    """A row of a bar chart."""

    name: str
    parts: Sequence[Part]
    text: str


@dataclass(frozen=True)
class Deviation:
    """A row of a chart of deviations: in percentage points, as it is told, and what it was made from."""

    name: str
    points: float
    told: str
    text: str


@dataclass(frozen=True)
class Curve:
    """A curve that rises from 0 to 1.

    Parameters
    ----------
    points : sequence of (float, float)
        x and share.
    most : float
        End of the x axis, above 0.
    ticks : sequence of (float, str)
        Where the x axis is labelled, and how.
    limit, limit_name
        A line to be seen against, and its words; None draws none.
    told : str
        The curve in words.
    """

    points: Sequence[tuple[float, float]]
    most: float
    ticks: Sequence[tuple[float, str]]
    limit: float | None
    limit_name: str
    told: str


@dataclass(frozen=True)
class Row:
    """A row of a table: a name, a smaller line below it, cells, and a bar in the last of them.

    ``mark`` is the class of a chip that the last cell stands in: ``good``, ``bad``, ``note-chip``.
    """

    name: str
    cells: Sequence[str]
    line: str = ""
    parts: Sequence[Part] = ()
    mark: str = ""


def show_figures(figures: Sequence[Figure]) -> None:
    """Cards side by side, as many in a row as there is room for."""
    st.html(
        f'<div class="figures" style="--cards:{len(figures)}">{"".join(_card(figure) for figure in figures)}</div>'
    )


def show_bars(bars: Sequence[Bar]) -> None:
    """A bar chart, one row a bar."""
    rows = "".join(
        f'<div class="bar-row"><span class="bar-name">{escape(bar.name)}</span>{_bar(bar.parts)}'
        f'<span class="bar-text">{escape(bar.text)}</span></div>'
        for bar in bars
    )
    st.html(f'<div class="bars">{rows}</div>')


def show_deviations(deviations: Sequence[Deviation]) -> None:
    """How far each figure is from what was planned, to the left or to the right of a line in the middle."""
    most = max((abs(one.points) for one in deviations), default=0) or 1
    rows = "".join(
        f'<div class="bar-row"><span class="bar-name">{escape(one.name)}</span>'
        f"{_from_middle(one.points / most)}"
        f'<span class="bar-text">{escape(one.told)}<small>{escape(one.text)}</small></span></div>'
        for one in deviations
    )
    st.html(f'<div class="bars deviations">{rows}</div>')


def show_curve(curve: Curve) -> None:
    """A rising curve with its axes, and a line at a limit; the same facts stand in words for a screen reader."""
    drawing = base64.b64encode(_drawn(curve).encode()).decode()
    st.html(f'<img class="curve" alt="{escape(curve.told)}" src="data:image/svg+xml;base64,{drawing}">')


def _drawn(curve: Curve) -> str:
    """The curve as SVG. It stands in an image, since what Streamlit takes as HTML may not hold drawings."""
    width, height = 360, 190
    left, right, top, bottom = 40, 22, 10, 24
    across, up = width - left - right, height - top - bottom

    def x(value: float) -> str:
        return f"{left + across * value / curve.most:.1f}"

    def y(share: float) -> str:
        return f"{top + up * (1 - share):.1f}"

    grid = "".join(
        f'<line x1="{left}" x2="{width - right}" y1="{y(share)}" y2="{y(share)}"/>'
        f'<text x="{left - 6}" y="{y(share - 0.02)}" text-anchor="end">{share:.0%}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    ticks = "".join(
        f'<text x="{x(value)}" y="{height - 6}" text-anchor="middle">{escape(told)}</text>'
        for value, told in curve.ticks
    )
    limit = ""
    if curve.limit is not None and curve.limit <= curve.most:
        limit = (
            f'<line class="limit" x1="{x(curve.limit)}" x2="{x(curve.limit)}" y1="{y(1)}" y2="{y(0)}"/>'
            f'<text class="limit" x="{x(curve.limit)}" y="{y(0.06)}" dx="5">{escape(curve.limit_name)}</text>'
        )
    line = " ".join(f"{x(value)},{y(share)}" for value, share in curve.points)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f"<style>text {{ font: 11px sans-serif; fill: #51646d }} line {{ stroke: #e3eaec }}"
        f" line.limit {{ stroke: {palette.WARM}; stroke-width: 1.5; stroke-dasharray: 4 3 }}"
        f" text.limit {{ fill: #8f2d0a }}</style>"
        f'{grid}{ticks}<polyline points="{line}" fill="none" stroke="{palette.BAR}" stroke-width="2.5"/>{limit}</svg>'
    )


def show_table(head: Sequence[str], rows: Iterable[Row], height: int | None = None) -> None:
    """A table that is read, not worked with: names on the left, numbers on the right, scrolling above `height`."""
    titles = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(_row(row) for row in rows)
    limit = "" if height is None else f' style="max-height:{height}px" tabindex="0"'
    table = f'<table class="comparison"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>'
    st.html(f'<div class="scroll"{limit}>{table}</div>')


def show_figures_line(figures: Sequence[tuple[str, ...]]) -> None:
    """A few figures in one line: a name, a value, and where there is something to compare with, a difference."""
    cells = "".join(
        f"<div><span>{escape(name)}</span><b>{escape(value)}</b>"
        f"{''.join(f'<em>{escape(change)}</em>' for change in changes if change)}</div>"
        for name, value, *changes in figures
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
    if row.mark:
        last = f'<span class="chip {row.mark}">{last}</span>'
    return f'<tr><th scope="row">{escape(row.name)}{line}</th>{middle}<td>{bar}{last}</td></tr>'


def _bar(parts: Sequence[Part]) -> str:
    filled = "".join(
        f'<i style="width:{100 * part.share:.2f}%;background:{part.colour}" title="{escape(part.name)}"></i>'
        for part in parts
        if part.share > 0
    )
    return f'<span class="bar">{filled}</span>'


def _from_middle(share: float) -> str:
    start, length = (50.0, 50 * share) if share >= 0 else (50 + 50 * share, -50 * share)
    return (
        f'<span class="bar middle"><i style="margin-left:{start:.2f}%;width:{length:.2f}%;'
        f'background:{palette.BAR}"></i><b style="left:50%"></b></span>'
    )
