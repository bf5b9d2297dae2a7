"""Standards: what the document asks for, how far the data are from it, who fails, and the tasks of offices."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from matcher.app.parts import state
from matcher.app.parts.charts import Row, show_figures_line, show_heading, show_line, show_table, show_title
from matcher.app.parts.choices import pick_any
from matcher.app.parts.tables import rows_of, show_rest
from matcher.app.parts.words import count, label, percent, t
from matcher.care.standards import STATUSES, Standards, latest_attested, standards
from matcher.care.tasks import NOT_REPORTED, task_table
from matcher.inputs import Inputs
from matcher.plan.coverage import UNKNOWN_PLACE
from matcher.plan.once import once_per_plan
from matcher.plan.plan import Plan
from matcher.policy.standards import MEASURES, Target

_MARKS = {"met": "✔", "not_met": "✘", "not_measured": "–", "no_subject": "○"}
#: The lights: colours beside signs and words.
_CHIPS = {"met": "good", "not_met": "bad", "not_measured": "note-chip", "no_subject": ""}
#: How far a task may be.
_STATES = ("done", "doing", "open", NOT_REPORTED)
#: Those who fail that are shown; the command writes all.
_MOST = 200
#: How a value is held against what is asked for.
_SIGNS = {">=": "≥", ">": ">", "=": "=", "<=": "≤", "<": "<"}


def main() -> None:
    """Draw the page."""
    plan = state.with_marks(state.current_plan())
    show_heading(t("app.standards.title"), t("app.standards.line"))
    found = _found(plan)
    table = found.standards
    if table.empty:
        show_line(t("app.standards.none"))
        return
    counts = table["status"].value_counts()
    show_figures_line([(_status(one), count(int(counts.get(one, 0)))) for one in STATUSES])
    with st.container(key="card_targets"):
        show_title(t("app.standards.targets"), t("app.standards.targets_line"))
        _targets(table, plan)
    with st.container(key="card_fails"):
        show_title(t("app.standards.fails"), t("app.standards.fails_line"))
        _fails(plan, found)
    if plan.policy.tasks:
        with st.container(key="card_tasks"):
            show_title(t("app.standards.tasks"), t("app.standards.tasks_line"))
            _tasks(task_table(plan.inputs, plan.policy))


@once_per_plan
def _found(plan: Plan) -> Standards:
    """Targets, and by id who fails them."""
    return standards(plan.inputs, plan.policy)


def _status(status: str) -> str:
    return f"{_MARKS[status]} {t(f'app.standards.{status}')}"


def _targets(table: pd.DataFrame, plan: Plan) -> None:
    """Each target by place, of one place or of all; where it is not measured, what would measure it."""
    targets = {target.id: target for target in plan.policy.targets}
    names = plan.inputs.places.dropna(subset="name").set_index("place_code")["name"]
    told = table.assign(place=table["place_code"].map(names).fillna(t("app.standards.no_place")))
    there = list(dict.fromkeys(told["place"]))
    if len(there) > 1:
        place = pick_any(t("app.standards.place"), {one: one for one in there}, "standards_place")
        told = told if place is None else told[told["place"] == place]
    rows, above = [], ("", "")
    for row in rows_of(told):
        line = _below(row, targets[row.target_id], plan.inputs)
        cells = [row.place, _value(row), _asked(row, targets[row.target_id]), _status(row.status)]
        # What several places have in common stands below the first of them.
        new, above = (row.target_id, line) != above, (row.target_id, line)
        rows.append(
            Row(_name(row.target_id, row.year), cells, line=line if new else "", mark=_CHIPS[row.status])
        )
    head = ("what", "place", "value", "threshold", "status")
    show_table([t(f"app.standards.{name}") for name in head], rows, height=560)


def _below(row: pd.Series, target: Target, inputs: Inputs) -> str:
    """The source; who attested the value, when and by what; or what would measure it."""
    if row.status == "not_measured":
        return _how_to_give(row, target)
    if row.kind != "attested":
        return str(row.source)
    place = UNKNOWN_PLACE if pd.isna(row.place_code) else row.place_code
    told = latest_attested(inputs, row.target_id, place, anywhere=True)
    return (
        str(row.source)
        if told is None
        else f"{row.source} · {_evidence(told['on'], told['by'], told['evidence'])}"
    )


def _evidence(on: object, by: object, evidence: object) -> str:
    """What an office has to show when it is visited."""
    day = on.date().isoformat() if isinstance(on, pd.Timestamp) else on
    parts = [str(one) for one in (day, by, evidence) if isinstance(one, str) and one]
    if not (isinstance(evidence, str) and evidence):  # a day or a name alone shows nothing
        return " · ".join([*parts, t("app.standards.evidence", told=t("app.standards.no_evidence"))])
    return t("app.standards.evidence", told=t("app.standards.and").join(parts))


def _how_to_give(row: pd.Series, target: Target) -> str:
    """What would measure it."""
    if pd.isna(row.threshold):
        return t("app.standards.give_threshold", id=row.target_id)
    if not target.num:
        return t("app.standards.give_attested", id=row.target_id)
    needs = MEASURES[target.num].needs
    return t("app.standards.give_computed", needs=t("app.standards.and").join(map(_named, needs)))


def _named(need: str) -> str:
    """A table, or a column of one, in words and as it is called in the files."""
    table, _, column = need.partition(".")
    if not column:
        return t("app.standards.given_table", name=t(f"table.{table}"), table=table)
    return t("app.standards.given_column", name=t(f"column.{table}.{column}"), column=need)


def _name(target_id: str, year: int) -> str:
    return t("app.standards.by_year", target=label("target", target_id), year=year)


def _is_share(row: pd.Series) -> bool:
    return row.kind == "computed" and not pd.isna(row.den)


def _asked(row: pd.Series, target: Target) -> str:
    if pd.isna(row.threshold):
        return "–"
    asked = f"{100 * row.threshold:g}%" if target.den else _number(row.threshold)
    return f"{_SIGNS[target.op]} {asked}"


def _value(row: pd.Series) -> str:
    if pd.isna(row.value):
        return "–"
    if not _is_share(row):
        return _number(row.value)
    return f"{percent(row.value)} ({count(int(row.num))}/{count(int(row.den))})"


def _number(value: float) -> str:
    return count(int(value)) if value == int(value) else f"{value:,.2f}"


def _fails(plan: Plan, found: Standards) -> None:
    """Who fails one target: places, sites and providers by name; of residents their number alone."""
    table = found.standards
    missed = list(dict.fromkeys(table.loc[table["status"] == "not_met", "target_id"]))
    if not missed:
        show_line(t("app.standards.nobody_fails"))
        return
    computed = {one.id for one in plan.policy.targets if one.num}
    missed.sort(key=lambda one: one not in computed)  # those with a list first
    years = table.drop_duplicates("target_id").set_index("target_id")["year"]
    chosen = st.selectbox(
        t("app.standards.what"),
        missed,
        format_func={one: _name(one, years[one]) for one in missed}.__getitem__,
        key="standards_target",
    )
    target = next(one for one in plan.policy.targets if one.id == chosen)
    if not target.num:  # what an office says of itself names nobody: a list would tell "0 fail"
        show_line(t("app.standards.attested"))
        return
    fails = found.fails[found.fails["target_id"] == chosen]
    show_line(t("app.standards.failing", number=count(len(fails))))
    if target.fails_are == "residents":
        show_line(t("app.standards.residents"))
        return
    show_table(
        [t("app.standards.name"), t("app.standards.id")],
        [
            Row("–" if pd.isna(row.name) else str(row.name), [str(row.id)])
            for row in fails.head(_MOST).itertuples()
        ],
        height=360,
    )
    show_rest(_MOST, len(fails), "standards")


def _who_and_what(row: pd.Series) -> str:
    """The offices of a task, and what shows that it was done."""
    who = t("app.standards.and").join(row.lead.split(";"))
    return who if row.state == NOT_REPORTED else f"{who} · {_evidence(row.on, None, row.evidence)}"


def _tasks(tasks: pd.DataFrame) -> None:
    """The tasks of the document, of one office or of all."""
    offices = sorted({office for cell in tasks["lead"] for office in cell.split(";")})
    lead = pick_any(t("app.standards.lead"), {one: one for one in offices}, "standards_lead")
    if lead is not None:
        tasks = tasks[[lead in cell.split(";") for cell in tasks["lead"]]]
    states = tasks["state"].value_counts()
    show_figures_line(
        [
            (t("app.standards.late"), count(int(tasks["late"].sum()))),
            *((t(f"app.standards.state_{one}"), count(int(states.get(one, 0)))) for one in _STATES),
        ]
    )
    rows = [
        Row(
            f"{row.no}. {row.text}",
            [row.due, t(f"app.standards.state_{row.state}"), t("app.standards.late") if row.late else ""],
            line=_who_and_what(row),
            mark="bad" if row.late else "",
        )
        for row in rows_of(tasks)
    ]
    show_table([t(f"app.standards.{name}") for name in ("task", "due", "state", "late")], rows, height=560)


main()
