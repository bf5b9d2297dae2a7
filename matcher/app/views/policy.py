"""Policy: its rules with their documents and the people they decide; what another value or document would change."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from matcher.app.home import home
from matcher.app.parts import state
from matcher.app.parts.charts import Row, show_heading, show_line, show_note, show_table, show_title
from matcher.app.parts.choices import choose
from matcher.app.parts.failures import told_failures
from matcher.app.parts.policy_values import KEYS, present, value_field
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, label, language, mode_name, named, t
from matcher.errors import PolicyError
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.policy.documents import Policy, load_policy, policy_names, policy_with
from matcher.policy.own import Value, keep_policy, known_changes
from matcher.policy.rules import RULE_FAMILIES
from matcher.results.policies import PolicyEffect, policy_effect, rule_table

TASKS = ("rules", "change", "other")
_COLUMNS = 4
#: Keys of the session: the effect that was computed last, and for what.
_EFFECT = "policy_effect"
_SAVED = "policy_saved"


def main() -> None:
    """Draw the page."""
    plan = state.current_plan()
    policy = plan.policy
    show_heading(
        t("app.policy_page.title"), t("app.policy_page.line", title=policy.title, document=policy.document)
    )
    task = choose(
        t("app.policy_page.title"), {name: t(f"app.policy_page.{name}") for name in TASKS}, "policy_task"
    )
    with st.container(key="card_policy"):
        {"rules": _rules, "change": _change, "other": _other}[task](plan)


def _rules(plan: Plan) -> None:
    """Every rule as a sentence, with what it rests on."""
    table = rule_table(plan.policy, language(), plan)
    for family in RULE_FAMILIES:
        rules = table[table["family"] == family]
        if rules.empty:
            continue
        show_title(t(f"rules.{family}"))
        counted = bool(rules["people"].notna().any())
        head = [t("app.policy_page.rule"), t("app.policy_page.standing")]
        _rule_rows(
            rules,
            [*head, t("app.policy_page.source"), *([t("app.figure.people")] if counted else [])],
            counted,
        )


def _rule_rows(rules: pd.DataFrame, head: list[str], counted: bool) -> None:
    titles = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
    body = ""
    for rule in rows_of(rules):
        reading = (
            f"<small>{escape(t('app.policy_page.reading', reading=rule.reading))}</small>"
            if rule.reading
            else ""
        )
        good = " good" if rule.standing == "document" else ""
        chip = f'<span class="chip{good}">{escape(label("standing", rule.standing))}</span>'
        people = f"<td>{count(rule.people) if pd.notna(rule.people) else '–'}</td>" if counted else ""
        body += (
            f'<tr><th scope="row">{escape(rule.name)}</th><td>{chip}</td>'
            f'<td class="source">{escape(rule.source)}{reading}</td>{people}</tr>'
        )
    st.html(f'<table class="comparison rules"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>')


def _change(plan: Plan) -> None:
    """Thresholds to be tried; the effect comes before the saving."""
    show_title(t("app.policy_page.change"), t("app.policy_page.change_line"))
    changes = _fields(plan.policy)
    if not changes:
        show_line(t("app.policy_page.unchanged"))
        return
    try:
        policy = _changed(plan.policy, changes)
    except PolicyError as error:
        show_note(t(f"error.{error.code}", **error.values), "error")
        return
    if st.button(t("app.policy_page.try"), type="primary", key="policy_try"):
        _try(plan, policy)
    if _show_effect(plan, policy):
        _save(changes)


def _fields(policy: Policy) -> dict[str, Value]:
    """The values that differ from the policy's."""
    found: dict[str, Value] = {}
    for number, key in enumerate(KEYS):
        if number % _COLUMNS == 0:
            columns = st.columns(_COLUMNS)
        with columns[number % _COLUMNS]:
            value = value_field(policy, key, "set")
        if value != present(policy, key):
            found[key] = value
    return found


def _changed(policy: Policy, changes: dict[str, Value]) -> Policy:
    for key, value in changes.items():
        policy = policy_with(policy, key, value, t("app.policy_page.change"))
    return policy


def _other(plan: Plan) -> None:
    """Another document on the same people."""
    show_title(t("app.policy_page.other"), t("app.policy_page.other_line"))
    names = [name for name in policy_names() if name != plan.policy.id]
    name = st.selectbox(t("app.policy"), names, format_func=named("policy", names), key="policy_other")
    policy = load_policy(name)
    if st.button(t("app.policy_page.try"), type="primary", key="policy_try_other"):
        _try(plan, policy)
    _show_effect(plan, policy)


def _try(plan: Plan, policy: Policy) -> None:
    with told_failures(), st.spinner(t("app.matching")):
        effect = policy_effect(plan, match(plan.inputs, policy))
        st.session_state[_EFFECT] = (plan.outcome.fingerprint, policy.digest, effect)


def _show_effect(plan: Plan, policy: Policy) -> bool:
    """The effect, when it was computed for this plan and policy."""
    found: tuple[str, str, PolicyEffect] | None = st.session_state.get(_EFFECT)
    if found is None or found[:2] != (plan.outcome.fingerprint, policy.digest):
        return False
    effect = found[2]
    head = [
        t(f"app.policy_page.{name}") for name in ("residents", "residents_after", "served", "served_after")
    ]
    modes = [Row(mode_name(row.mode), _cells(row)) for row in rows_of(effect.modes)]
    show_table([t("app.overview.mode"), *head], modes)
    tiers = [Row(t("app.figure.tier", tier=row.tier), _cells(row)) for row in rows_of(effect.tiers)]
    show_table([t("app.change.tier"), *head], tiers)
    if len(effect.clauses):
        show_title(t("app.policy_page.clauses"), t("app.policy_page.clauses_line"))
        rows = [
            Row(
                label("rule", row.before) or row.before,
                [label("rule", row.after) or row.after, count(row.people)],
            )
            for row in rows_of(effect.clauses.head(20))
        ]
        show_table([t("app.policy_page.before"), t("app.policy_page.after"), t("app.figure.people")], rows)
    return True


def _cells(row: object) -> list[str]:
    names = ("residents_before", "residents_after", "served_before", "served_after")
    return [count(getattr(row, name)) for name in names]


def _save(changes: dict[str, Value]) -> None:
    """Keep the values as a policy of one's own, which the sidebar then offers."""
    if _SAVED in st.session_state:
        show_note(st.session_state.pop(_SAVED), "good")
    known = known_changes(state.policy_name())
    if known is None:
        show_line(t("app.policy_page.by_file"))
        return
    base, before = known
    with st.form("save_policy", border=False):
        title = st.text_input(t("app.policy_page.name"), key="policy_name").strip()
        pressed = st.form_submit_button(t("app.saved.save"), key="policy_save")
    if pressed and title:
        with told_failures():
            keep_policy(home("policies"), base, title, before | changes)
            st.session_state[_SAVED] = t("app.policy_page.saved", name=title)
            st.rerun()


main()
