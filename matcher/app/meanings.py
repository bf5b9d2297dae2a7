"""What the user has said of names that nobody could know, kept for the next files."""

from __future__ import annotations

from matcher.app.home import home
from matcher.errors import BadInput
from matcher.files.results import replace_json
from matcher.intake.mapping import Meanings, read_meanings
from matcher.intake.read import MEANINGS


def kept_meanings() -> Meanings:
    """All that was said; nothing where nothing can be read."""
    try:
        return read_meanings(home("meanings") / MEANINGS)
    except BadInput:
        return Meanings()


def keep_meanings(meanings: Meanings) -> None:
    """Keep it in place of what was said before, whole or not at all."""
    replace_json(meanings.as_data(), home("meanings") / MEANINGS)
