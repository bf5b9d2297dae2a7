"""The edits being made on a data folder: kept in a file at each change, with every step back and forward."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from matcher.app.home import home, key_of
from matcher.errors import BadInput
from matcher.files.results import replace_json
from matcher.scenario.edits import Edit, Scenario
from matcher.scenario.files import as_data, from_data

#: Steps back that are kept.
MOST_STEPS = 100

Edits = tuple[Edit, ...]


@dataclass(frozen=True)
class Draft:
    """Edits with their history.

    Parameters
    ----------
    edits : tuple of Edit
    past, future : tuple of such tuples
        What stood there before, the latest last; what was taken back, the next to come first.
    """

    edits: Edits = ()
    past: tuple[Edits, ...] = ()
    future: tuple[Edits, ...] = ()

    def changed(self, edits: Sequence[Edit]) -> Draft:
        """With other edits; what was taken back is gone."""
        return Draft(tuple(edits), (*self.past, self.edits)[-MOST_STEPS:])

    def undone(self) -> Draft:
        """One step back; the same where there is none."""
        if not self.past:
            return self
        return Draft(self.past[-1], self.past[:-1], (self.edits, *self.future))

    def redone(self) -> Draft:
        """One step forward; the same where there is none."""
        if not self.future:
            return self
        return replace(self, edits=self.future[0], past=(*self.past, self.edits), future=self.future[1:])


def load_draft(data: Path) -> Draft:
    """The draft of a data folder; an empty one where there is none, or none that can be read."""
    try:
        told = json.loads(_file(data).read_text(encoding="utf-8"))
        return Draft(
            _edits(told["edits"]),
            *(tuple(_edits(step) for step in told[name]) for name in ("past", "future")),
        )
    except (OSError, ValueError, KeyError, TypeError, BadInput):
        return Draft()


def save_draft(data: Path, draft: Draft) -> None:
    """Keep the draft, whole or not at all."""
    told = {
        "edits": _plain(draft.edits),
        "past": [_plain(step) for step in draft.past],
        "future": [_plain(step) for step in draft.future],
    }
    replace_json(told, _file(data))


def _file(data: Path) -> Path:
    return home("drafts") / f"{key_of(data)}.json"


def _plain(edits: Edits) -> object:
    return as_data(Scenario("draft", edits))["edits"]


def _edits(told: object) -> Edits:
    return from_data({"id": "draft", "edits": told}, "draft").edits
