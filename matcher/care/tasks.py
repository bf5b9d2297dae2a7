"""The tasks of a document with what offices report of them, and which of them are late."""

from __future__ import annotations

import pandas as pd

from matcher.inputs import Inputs
from matcher.policy.documents import Policy

TASK_COLUMNS = ("no", "text", "lead", "with", "due", "targets", "state", "on", "evidence", "late")
#: Nobody has said how far a task is.
NOT_REPORTED = "not_reported"


def task_table(inputs: Inputs, policy: Policy) -> pd.DataFrame:
    """Every task of the policy with its state.

    Returns
    -------
    DataFrame
        `TASK_COLUMNS`, in order of ``no``. ``state`` is of the table `tasks`, `NOT_REPORTED` for a task without row;
        ``late`` is 1 where it is not done and the day of the data is after ``due``. Several offices or targets are
        joined by ``;``.
    """
    tasks = sorted(policy.tasks, key=lambda task: task.no)
    told = pd.DataFrame(
        [
            (
                task.no,
                task.text,
                ";".join(task.lead),
                ";".join(task.partners),
                task.due,
                ";".join(task.targets),
            )
            for task in tasks
        ],
        columns=list(TASK_COLUMNS[:6]),
    ).astype({"no": "Int64"})
    reported = inputs.tasks[["no", "state", "on", "evidence"]]
    table = told.merge(reported, on="no", how="left")
    table["state"] = table["state"].fillna(NOT_REPORTED)
    table["on"] = table["on"].dt.strftime("%Y-%m-%d")
    over = table["due"] < inputs.dataset.as_of.isoformat()
    table["late"] = (over & (table["state"] != "done")).astype("Int64")
    return table[list(TASK_COLUMNS)]
