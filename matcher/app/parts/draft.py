"""The edits of the scenario page: the same in every window of a data folder, and after F5."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import streamlit as st

from matcher.app.drafts import Draft, load_draft, save_draft
from matcher.app.parts import state
from matcher.app.parts.words import t
from matcher.scenario.edits import AddProvider, Edit, Scenario

#: Key of the session: how many edits other data ended.
DROPPED = "dropped_edits"


def draft() -> Draft:
    """Edits with their history: those of the folder, whichever version of its data is in use."""
    return load_draft(state.base_folder())


def keep(new: Draft) -> None:
    """Put another draft in its place."""
    save_draft(state.base_folder(), new)


def edits() -> list[Edit]:
    """The edits in their order."""
    return list(draft().edits)


def scenario() -> Scenario:
    """The edits as a scenario."""
    return Scenario("what-if", draft().edits, t("app.what_if.scenario"))


def set_edits(new: Sequence[Edit]) -> None:
    """Other edits; a step that can be taken back."""
    keep(draft().changed(new))


def add_edits(new: Sequence[Edit]) -> None:
    """More edits, new providers each under an id that is free."""
    made = edits()
    for edit in new:
        if edit not in made:
            made.append(_with_free_id(edit, made))
    set_edits(made)


def remove_edit(index: int) -> None:
    """Take one edit out, and with a new provider the edits that need it."""
    made = edits()
    gone = made.pop(index)
    if isinstance(gone, AddProvider):
        own = gone.values["provider_id"]
        made = [edit for edit in made if getattr(edit, "provider_id", None) != own]
    set_edits(made)


def undo() -> None:
    """One step back."""
    keep(draft().undone())


def redo() -> None:
    """One step forward."""
    keep(draft().redone())


def drop_edits() -> None:
    """Begin anew, and remember how many edits there were, for the page to say so."""
    if made := draft().edits:
        st.session_state[DROPPED] = len(made)
        set_edits(())


def _with_free_id(edit: Edit, made: Sequence[Edit]) -> Edit:
    if not isinstance(edit, AddProvider):
        return edit
    added = {one.values["provider_id"] for one in made if isinstance(one, AddProvider)}
    if edit.values["provider_id"] not in added:
        return edit
    taken = added | set(state.current_inputs().providers["provider_id"])
    number = next(n for n in count(1) if f"NEW-{n}" not in taken)
    return AddProvider(
        {**edit.values, "provider_id": f"NEW-{number}", "name": t("app.siting.name", number=number)}
    )
