"""What the store gives back, and what it takes: plain JSON, and names that are never paths."""

from __future__ import annotations

import getpass
import io
import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from matcher.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

Document = dict[str, Any]

#: All that is kept of who is assigned where: no name, no rule or tier that would tell of an illness.
ASSIGNMENT_COLUMNS = ("resident_id", "mode", "provider_id", "distance_km", "cost_m")
_LONGEST = 200


@dataclass(frozen=True)
class Revision:
    """A scenario as it was saved once.

    Parameters
    ----------
    name : str
    version : int
        From 1, one more with each save or deletion.
    document : dict or None
        JSON; None where the scenario was deleted.
    saved_by : str
    saved_at : datetime
        UTC.
    """

    name: str
    version: int
    document: Document | None
    saved_by: str
    saved_at: datetime

    @property
    def title(self) -> str:
        """The document's, "" without one."""
        return str((self.document or {}).get("title") or "")

    @property
    def parent(self) -> str | None:
        """Name of the scenario that this one builds on."""
        return parent_of(self.document or {})


@dataclass(frozen=True)
class SavedPlan:
    """A plan without its assignments, which `Store.assignments_of` reads.

    Parameters
    ----------
    id : int
    scenario : str or None
        None for a plan of the data as they are.
    version : int or None
        The scenario's revision that was solved.
    fingerprint, policy_id, policy_digest : str
    residents, served : int
        Persons.
    total_cost_m : int
        Metres (seconds where the policy counts time).
    outcome : dict
        What ``outcome.json`` says.
    saved_by : str
    saved_at : datetime
        UTC.
    """

    id: int
    scenario: str | None
    version: int | None
    fingerprint: str
    policy_id: str
    policy_digest: str
    residents: int
    served: int
    total_cost_m: int
    outcome: Document
    saved_by: str
    saved_at: datetime


def system_user() -> str:
    """The name of the system's user; "" where it knows none."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""


def checked_name(what: str, text: object) -> str:
    """A name of a scenario or a person: any characters that can be seen, of any script.

    Raises
    ------
    BadInput
        ``store_bad_name``
    """
    fits = isinstance(text, str) and 0 < len(text) <= _LONGEST and text == text.strip()
    if not fits or any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in str(text)):
        found = ascii(text)
        found = found if len(found) <= _LONGEST else f"{found[:_LONGEST]}…"
        raise BadInput("store_bad_name", what=what, found=found, allowed=_LONGEST)
    return str(text)


def parent_of(document: Document) -> str | None:
    """The parent's name; "" counts as none."""
    parent = document.get("parent")
    return checked_name("parent", parent) if parent not in (None, "") else None


def as_text(document: object) -> str:
    """JSON that gives the same document back.

    Raises
    ------
    BadInput
        ``store_not_json`` for anything that JSON would drop or change: dates, NaN, keys that are no text.
    """
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
        same = isinstance(document, dict) and json.loads(text) == document
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput("store_not_json", detail=type(error).__name__) from error
    if not same:
        raise BadInput("store_not_json", detail=type(document).__name__)
    return text


def packed(assignments: pd.DataFrame) -> bytes:
    """`ASSIGNMENT_COLUMNS` as a Parquet file; 250,000 rows are a few megabytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(assignments[list(ASSIGNMENT_COLUMNS)], preserve_index=False)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def unpacked(blob: bytes) -> pd.DataFrame:
    """The inverse of `packed`."""
    import pyarrow.parquet as pq

    table: pd.DataFrame = pq.read_table(io.BytesIO(blob)).to_pandas()
    return table
