"""What the pages share: the data in use, the policy, and the plan made from them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from matcher.accounts.decisions import standing, state_of
from matcher.accounts.publications import Edition, Publication
from matcher.accounts.publications import published as newest_published
from matcher.accounts.visits import marked, state_of_marks
from matcher.app import datasets, persons, publishing
from matcher.app.here import accounts
from matcher.app.home import key_of
from matcher.app.jobs import IN_JOB
from matcher.app.parts.account import account
from matcher.app.parts.failures import told_failures
from matcher.app.parts.words import language, t
from matcher.app.plans import kept_or_solved
from matcher.app.pseudonyms import as_they_came, has_id_numbers, with_pseudonyms
from matcher.app.serving import serving
from matcher.app.settings import DATA_VARIABLE, POLICY_VARIABLE
from matcher.errors import DataError, MatcherError
from matcher.files.results import settle
from matcher.geography.basemap import Ground, read_basemap
from matcher.geography.locate import locate
from matcher.geography.outlines import Outline, read_outlines
from matcher.inputs import Inputs
from matcher.intake.check import check
from matcher.intake.corrections import corrected, with_decisions
from matcher.intake.read import read_folder
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.policy.documents import DEFAULT_POLICY, Policy, load_policy
from matcher.results.filters import Filter, narrowed
from matcher.sample.shipped import sample_folder
from matcher.scenario.applying import apply
from matcher.scenario.edits import Edit, Scenario
from matcher.scenario.files import as_data

#: Key of the session.
POLICY = "policy"
#: What `state_of` and `state_of_marks` say where nothing was settled about anybody.
NOTHING = (0, 0)
_CORRECTIONS = "corrections.csv"


def base_folder() -> Path:
    """The data folder that the command named, else the sample city."""
    return Path(os.environ.get(DATA_VARIABLE) or sample_folder())


def folder() -> Path:
    """The data in use: a version that was taken over in the app, else the folder itself.

    For who does not plan, what was published.

    Raises
    ------
    BadInput
        ``publication_gone``
    """
    if sees_published():
        return publishing.folder_of(base_folder(), _edition())
    version = datasets.current(base_folder())
    return version.folder if version else base_folder()


def sees_published() -> bool:
    """Whether who asks is shown what was published: where others are served, all who do not plan for everybody."""
    return serving() is not None and not account().may("plan")


def published() -> Publication | None:
    """What was published last; None where nothing was yet."""
    return newest_published(accounts(), key_of(base_folder()))


def _edition() -> Edition | None:
    one = published()
    return one.edition if one else None


def default_policy() -> str:
    """The policy that the command named."""
    return os.environ.get(POLICY_VARIABLE) or DEFAULT_POLICY


def is_sample() -> bool:
    """Whether the data in use are those that come with the program."""
    return folder().resolve() == sample_folder().resolve()


def policy_name() -> str:
    """The policy in use: a shipped one by name, or the path of a file."""
    return st.session_state.get(POLICY) or default_policy()


def current_plan() -> Plan:
    """The plan of the data and the policy in use; where they cannot be used, say why and end the page."""
    plan = None
    with told_failures(with_rows=not sees_published()), st.spinner(t("app.matching")):
        outlines()  # a file that cannot be drawn is told like one that cannot be matched
        plan = published_plan() if sees_published() else plan_of(folder(), load_policy(policy_name()))
    if plan is None:
        st.stop()
    return plan


def published_plan() -> Plan:
    """The plan that clinics, viewers and planners with a scope see.

    Raises
    ------
    BadInput, DataError, PolicyError
    """
    edition = _edition()
    policy = publishing.policy_of(edition, default_policy())
    return plan_of(publishing.folder_of(base_folder(), edition), policy)


def plan_of(path: Path, policy: Policy) -> Plan:
    """The plan of a folder under a policy, made once for all sessions.

    Raises
    ------
    DataError
    """
    return _plan(str(path), _stamp(path), _decided(), policy.digest, policy)


def with_marks(plan: Plan) -> Plan:
    """The plan with the visits that clinics marked as done; nobody's provider depends on them."""
    try:
        marks = state_of_marks(accounts())
    except MatcherError:
        if serving() is not None:
            raise
        return plan
    return plan if marks == NOTHING else _visited(plan.outcome.fingerprint, marks, plan)


def narrowed_plan(plan: Plan, wanted: Filter) -> Plan:
    """The plan as far as it concerns some of its people."""
    return plan if wanted.is_empty else _narrowed(plan.outcome.fingerprint, wanted, plan)


def plan_under(plan: Plan, edits: Sequence[Edit]) -> Plan:
    """The plan once edits are applied, matched from the one there is; made once for all sessions.

    Raises
    ------
    ScenarioError
    """
    scenario = Scenario("what-if", tuple(edits))
    told = json.dumps(as_data(scenario), sort_keys=True, ensure_ascii=False)
    return _under(plan.outcome.fingerprint, told, scenario, plan)


def current_inputs() -> Inputs:
    """The data in use.

    Raises
    ------
    DataError
    """
    return inputs_of(folder())


def inputs_of(path: Path) -> Inputs:
    """The data of a folder, read once for all sessions as long as its files stay the same.

    Raises
    ------
    DataError
    """
    return _inputs(str(path), _stamp(path), _decided())


def work_on() -> tuple[list[str], dict[str, bytes]]:
    """Words and files with which a job sees the same data as the pages; phones, which it does not need, stay here."""
    words = [str(folder()), "--policy", policy_name(), "--lang", language()]
    table = current_inputs().corrections
    table = table[table["what"] != "phone"].drop(columns="row")
    if table.empty:
        return words, {}
    if datasets.version_of(folder()) is None:
        table = table.assign(resident_id=as_they_came(table["resident_id"], current_inputs().residents))
    words += ["--corrections", f"{IN_JOB}/{_CORRECTIONS}"]
    return words, {_CORRECTIONS: table.to_csv(index=False, date_format="%Y-%m-%d").encode()}


def outlines() -> dict[str, Outline]:
    """Outlines of counties that came with the data."""
    return _outlines(str(folder()), _stamp(folder()))


def basemap() -> list[Ground]:
    """What the maps show for orientation."""
    return _basemap(str(folder()), _stamp(folder()))


# Everybody on this machine sees the same folder, so its tables are shared between sessions, keyed by the state of
# its files. Nothing of it is shown as it is: a clinic's page takes its own providers' people out of it.


@st.cache_resource(show_spinner=False, max_entries=4)
def _inputs(path: str, stamp: str, decided: tuple[int, int]) -> Inputs:
    version = datasets.version_of(Path(path))
    if version is not None:
        settle(version.folder)
    checked = check(read_folder(Path(path)))
    if checked.inputs is None:
        raise DataError(checked.problems)
    if version is not None and _kept_in_clear(version, checked.inputs):
        datasets.rewrite(version, _with_persons(checked.inputs, version))
        return _inputs(path, _stamp(Path(path)), decided)
    if decided == NOTHING and checked.inputs.corrections.empty and checked.located is not None:
        return _with_persons(checked.located, version)
    inputs = _with_persons(checked.inputs, version)
    if decided != NOTHING:
        inputs = with_decisions(inputs, standing(accounts()))
    return locate(corrected(inputs))


def _kept_in_clear(version: datasets.Version, inputs: Inputs) -> bool:
    """Whether an earlier release kept what names people, or people's id numbers, as it came."""
    return not (version.folder / persons.FILE).is_file() or has_id_numbers(inputs)


def _with_persons(inputs: Inputs, version: datasets.Version | None) -> Inputs:
    """Inputs with what is sealed beside them; nobody goes by an id number, whatever the folder says."""
    return with_pseudonyms(inputs if version is None else persons.joined(inputs, version.folder))


def _decided() -> tuple[int, int]:
    """Changes when what was settled about people does; who works alone without a store has settled nothing."""
    try:
        return state_of(accounts())
    except MatcherError:
        if serving() is not None:
            raise
        return NOTHING


@st.cache_resource(show_spinner=False, max_entries=2)
def _outlines(path: str, stamp: str) -> dict[str, Outline]:
    inputs = _inputs(path, stamp, _decided())
    datum = inputs.dataset.datum.get("outlines", "wgs84")
    return read_outlines(Path(path), datum, inputs.places["place_code"])


@st.cache_resource(show_spinner=False, max_entries=2)
def _basemap(path: str, stamp: str) -> list[Ground]:
    return read_basemap(Path(path), _inputs(path, stamp, _decided()).dataset.datum.get("basemap", "wgs84"))


@st.cache_resource(show_spinner=False, max_entries=6)
def _plan(path: str, stamp: str, decided: tuple[int, int], digest: str, _policy: Policy) -> Plan:
    return kept_or_solved(_inputs(path, stamp, decided), _policy)


@st.cache_resource(show_spinner=False, max_entries=3)
def _under(fingerprint: str, told: str, _scenario: Scenario, _plan: Plan) -> Plan:
    applied = apply(_scenario, _plan.inputs, _plan.policy)
    return match(applied.inputs, applied.policy, start=_plan)


@st.cache_resource(show_spinner=False, max_entries=3)
def _visited(fingerprint: str, marks: tuple[int, int], _plan: Plan) -> Plan:
    inputs = _plan.inputs
    rows = marked(accounts())
    known = rows[rows["resident_id"].isin(inputs.residents["resident_id"])]
    return replace(_plan, inputs=inputs.replace(visits=pd.concat([inputs.visits, known], ignore_index=True)))


@st.cache_resource(show_spinner=False, max_entries=4)
def _narrowed(fingerprint: str, wanted: Filter, _plan: Plan) -> Plan:
    return narrowed(_plan, wanted)


def _stamp(path: Path) -> str:
    """Changes when a file of the folder does."""
    files = sorted(file for file in path.glob("*") if file.is_file())
    facts = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(facts).encode()).hexdigest()
