"""Words and numbers in the reader's language; the language switch is in ``app.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import streamlit as st

from matcher.words import catalogues as i18n

#: Key of the language in the session.
LANGUAGE = "language"


def language() -> str:
    """``zh`` unless the reader chose ``en``."""
    chosen = st.session_state.get(LANGUAGE)
    return chosen if chosen in i18n.LANGUAGES else "zh"


def t(key: str, **values: object) -> str:
    """The text of `key`."""
    return i18n.t(key, language(), **values)


def label(vocabulary: str, code: Any) -> str:
    """The word for a code, nothing for a missing one."""
    return "" if pd.isna(code) else i18n.label(vocabulary, str(code), language())


def named(vocabulary: str, codes: Iterable[str]) -> Callable[[str], str]:
    """``format_func`` of a choice among `codes`, the words being those of the present run."""
    return {code: label(vocabulary, code) for code in codes}.__getitem__


def mode_name(mode: str) -> str:
    """The word for a mode or for all of them."""
    return t("app.all_modes") if mode == "all" else label("mode", mode)


def count(number: int) -> str:
    """``12,345``."""
    return f"{number:,}"


def percent(share: float | None) -> str:
    """``81.2%``; a dash where nothing is known."""
    return "–" if share is None or pd.isna(share) else f"{share:.1%}"


def points(difference: str) -> str:
    """A difference of shares, from ``results.difference``, with its unit: percentage points."""
    return t("app.points", points=difference)


def km(distance: float | None) -> str:
    """``3.4 km`` with the unit in the reader's language; a dash where nothing is known."""
    return "–" if distance is None or pd.isna(distance) else t("app.km", km=f"{distance:.1f}")


def minutes(time: float) -> str:
    """``45 min`` with the unit in the reader's language."""
    return t("app.minutes", minutes=f"{time:g}")
