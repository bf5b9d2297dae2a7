"""What somebody chose on the pages: F5, another page and a new start of the server leave it as it was.

A tab carries a random word in its address; what was chosen there lies in a file of that name, told by nothing else. A
new tab begins afresh.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st

from matcher.accounts.roles import Account
from matcher.app.home import home
from matcher.files.results import replace_json

#: Parameter of the address.
TAB = "tab"
#: What the pages keep themselves, by key of the session: gone when a page takes it out.
STATES = ("chosen", "siting_pin", "siting_kept", "siting_solved", "siting_swept", "what_if_computed")
#: Fields, by key: Streamlit forgets them with each page that does not show them. Those of people, and all that is typed
#: to find one, are not among them.
FIELDS = (
    *("policy", "baseline", "filter_place", "filter_ages", "filter_group", "filter_tier"),
    *("overview_mode", "overview_measure", "overview_level", "access_mode", "larger"),
    *(
        "siting_task",
        "place_by",
        "place_from",
        "place_k",
        "place_budget",
        "place_at_most",
        "place_where",
        "place_kind",
    ),
    *("place_seconds", "place_require", "place_forbid", "close_k", "close_seconds", "stress_top"),
    *("edit_task", "edit_provider", "people_kind", "demand_factor", "demand_place", "demand_mode"),
    *("visits_show", "visits_state"),
    *("ageing_years", "season_month", "policy_key"),
    *("saved_compare", "saved_open", "saved_a", "saved_b"),
)
#: Fields of a new provider.
KEPT_PREFIX = "new_"
#: Tabs that are kept; the oldest goes when a new one comes.
MOST_TABS = 200
_WORD = re.compile(r"[A-Za-z0-9_-]{16,32}")
_MEMORY, _FILE = "_memory", "_memory_file"


@contextmanager
def remembered(asking: Account, data: Path) -> Iterator[None]:
    """What is chosen inside is kept; what was chosen before is there.

    Parameters
    ----------
    asking : Account
        Whose choices these are: the word of somebody else's tab opens nothing.
    data : Path
        The folder that the pages are about.
    """
    file = home("tabs") / f"{_name(asking, data, _word())}.json"
    new = _MEMORY not in st.session_state
    known: dict[str, Any] = st.session_state.setdefault(_MEMORY, _read(file) if new else {})
    for key, value in known.items():
        if new or key not in STATES:
            st.session_state.setdefault(key, value)
    st.session_state[_FILE] = file
    try:
        yield
    finally:
        remember()


def remember() -> None:
    """Keep what is chosen now: at the end of a page, and of a part of it that is drawn anew by itself."""
    known, file = st.session_state[_MEMORY], st.session_state[_FILE]
    now = {key: value for key, value in known.items() if key not in STATES} | _chosen()
    st.session_state[_MEMORY] = now
    if now != known or not file.is_file():
        _write(now, file)


def _word() -> str:
    """The word of this tab."""
    found = st.query_params.get(TAB, "")
    if not _WORD.fullmatch(found):
        found = st.session_state.get(TAB) or secrets.token_urlsafe(12)
        st.query_params[TAB] = found
    st.session_state[TAB] = found
    return str(found)


def _name(asking: Account, data: Path, word: str) -> str:
    text = "\n".join((asking.name, str(data.resolve()), word))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _chosen() -> dict[str, Any]:
    """All that is to be kept of the session."""
    state = {str(key): value for key, value in st.session_state.items()}
    return {
        key: value
        for key, value in state.items()
        if (key in (*STATES, *FIELDS) or key.startswith(KEPT_PREFIX)) and not isinstance(value, dict | bytes)
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return {key: _tupled(value) for key, value in told.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(chosen: dict[str, Any], file: Path) -> None:
    with suppress(FileNotFoundError):  # another window does the same
        others = sorted(file.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
        for old in others[: -MOST_TABS + 1]:
            old.unlink(missing_ok=True)
    replace_json({key: _marked(value) for key, value in chosen.items()}, file)


def _marked(value: Any) -> Any:
    """Tuples, told apart from lists: choices compare with what they are chosen from."""
    if isinstance(value, tuple):
        return {"tuple": [_marked(part) for part in value]}
    return value


def _tupled(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"tuple"}:
        return tuple(_tupled(part) for part in value["tuple"])
    return value
