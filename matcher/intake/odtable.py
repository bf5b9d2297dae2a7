"""Origin–destination tables of other tools, recognised by their headers so that they can be named for what they are."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.intake.headers import meaning
from matcher.tables import KEYS
from matcher.words.aliases import fold

#: How routing tools and offices call the two ends of a journey.
ENDS = (
    ("from_id", "to_id"),
    ("fromid", "toid"),
    ("from", "to"),
    ("origin", "destination"),
    ("origin_id", "destination_id"),
    ("originid", "destinationid"),
    ("orig", "dest"),
    ("o", "d"),
    ("source", "target"),
    ("source", "destination"),
    ("出发地", "目的地"),
)


def ends_of(header: Sequence[str]) -> tuple[str, str] | None:
    """The two headers, as they stand, of an origin–destination table; None where one of our own keys is known.

    Parameters
    ----------
    header : sequence of str
    """
    known = [meaning("travel", word) for word in header]
    if any(one is not None and one.column in KEYS["travel"] for one in known):
        return None
    words = {fold(word).replace(" ", "_"): word for word in header}
    return next(((words[one], words[other]) for one, other in ENDS if one in words and other in words), None)
