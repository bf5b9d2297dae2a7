"""What is known of one column of an input table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal[
    "id", "text", "code", "codes", "integer", "number", "flag", "date", "latitude", "longitude"
]


@dataclass(frozen=True)
class Column:
    """One column of an input table.

    Parameters
    ----------
    name : str
        English header; the Chinese header is the label in the catalogue.
    type : ColumnType
        ``codes`` is a ``;``-separated list, ``flag`` is 0/1.
    required : bool
        The header must be there and no cell empty.
    vocabulary : str, optional
        Key of ``tables.VOCABULARIES`` for ``code`` and ``codes``.
    refers : str, optional
        Table whose id must hold the value.
    minimum, maximum : float, optional
        Allowed bounds, inclusive.
    unit : str
        Unit of a number (``persons``, ``km`` …).
    """

    name: str
    type: ColumnType = "text"
    required: bool = False
    vocabulary: str | None = None
    refers: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
