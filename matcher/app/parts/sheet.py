"""What goes on paper in large type: a plain table, and a drawing."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st


def show_sheet(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table to be read at arm's length and ticked off with a pen."""
    titles = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    st.html(f'<table class="sheet"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>')


def show_picture(drawing: str, told: str) -> None:
    """A drawing; it stands in an image, since what Streamlit takes as HTML may not hold drawings."""
    content = base64.b64encode(drawing.encode()).decode()
    st.html(f'<img class="sheet-map" alt="{escape(told)}" src="data:image/svg+xml;base64,{content}">')
