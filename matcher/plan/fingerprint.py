"""One short name for inputs, policy and version: the same name promises the same plan."""

from __future__ import annotations

import hashlib
import io
import weakref

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from matcher.inputs import Inputs
from matcher.policy.documents import Policy
from matcher.tables import KEYS


def fingerprint(inputs: Inputs, policy: Policy, version: str, start: str = "") -> str:
    """SHA-256 (first 16 hex digits) over tables, policy and version; row order and file format do not matter.

    `start` is what else may have decided between plans: the name of the plan from which this one was solved (of several
    equally good plans it may be another than the one from scratch), or the time limit where households stay together.
    All other options are left out on purpose: none of them changes the plan.
    """
    digest = hashlib.sha256(
        f"{version}\n{policy.digest}\n{inputs.dataset.as_of.isoformat()}\n{start}\n".encode()
    )
    for name, keys in KEYS.items():
        digest.update(f"{name}\n".encode())
        digest.update(_digest(getattr(inputs, name), list(keys)))
    return digest.hexdigest()[:16]


def digest_of(table: pd.DataFrame, keys: list[str]) -> str:
    """SHA-256 over one table; the order of rows and columns does not matter.

    Parameters
    ----------
    table : DataFrame
    keys : list of str
        Columns by which its rows are told apart.
    """
    return hashlib.sha256(_canonical(table, keys)).hexdigest()


#: Digests by the tables that they were made of, while these live: an edit leaves most tables as they are.
_digests: dict[int, tuple[weakref.ref[pd.DataFrame], bytes]] = {}


def _digest(table: pd.DataFrame, keys: list[str]) -> bytes:
    known = _digests.get(id(table))
    if known is not None and known[0]() is table:
        return known[1]
    made = hashlib.sha256(_canonical(table, keys)).digest()
    name = id(table)

    def forget(_gone: weakref.ref[pd.DataFrame]) -> None:
        _digests.pop(name, None)

    _digests[name] = weakref.ref(table, forget), made
    return made


def _canonical(table: pd.DataFrame, keys: list[str]) -> bytes:
    columns = sorted(column for column in table.columns if column != "row")
    ordered = table.sort_values(keys, kind="stable")[columns]
    sink = io.BytesIO()
    pyarrow.csv.write_csv(pa.Table.from_pandas(ordered, preserve_index=False), sink)
    return sink.getvalue()
