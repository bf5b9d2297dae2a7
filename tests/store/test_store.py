"""The store: what is saved comes back, nobody overwrites another, and names are only names."""

from __future__ import annotations

import json
import os
import stat
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import update

from matcher.errors import BadInput, ConflictError, StoreError
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.store.location import data_folder, locate_store, told
from matcher.store.models import Base, RevisionRow
from matcher.store.records import ASSIGNMENT_COLUMNS
from matcher.store.repository import Store, open_store
from matcher.store.schema import MIGRATIONS, SCHEMA, VERSION_TABLE
from tests.helpers.builders import make_inputs, provider, resident
from tests.helpers.examples import examples

CLOSE = {"title": "Without the clinic", "edits": [{"close": "P1"}]}
ADD = {"title": "One more", "edits": [{"add": {"provider_id": "P9", "lat": 26.5}}]}
#: Paths, commands, quotes, many scripts, and two names that look alike.
NAMES = [
    "../x",
    "C:\\x",
    "/etc/passwd",
    "CON",
    "'; DROP TABLE scenarios; --",
    '"',
    "a%40b",
    "冬季·米易",
    "👩\u200d⚕️",
    "\u00e9",
    "e\u0301",
]


@pytest.fixture
def store(store_url):
    """An empty store, on each database."""
    with open_store(store_url) as store:
        yield store


def refused(work, *arguments, **named) -> BadInput:
    """The error of a call that must be refused."""
    with pytest.raises(BadInput) as error:
        work(*arguments, **named)
    return error.value


def test_what_was_saved_comes_back_with_who_and_when(store):
    before = datetime.now(UTC)
    saved = store.save_scenario("winter", CLOSE, by="Li")
    assert store.scenario("winter") == saved
    assert (saved.name, saved.version, saved.document, saved.saved_by) == ("winter", 1, CLOSE, "Li")
    assert before <= saved.saved_at <= datetime.now(UTC)
    assert (saved.title, saved.parent) == ("Without the clinic", None)


def test_another_program_reads_what_this_one_saved(store, store_url):
    store.save_scenario("winter", CLOSE, by="Li")
    with open_store(store_url) as other:
        assert other.scenario("winter") == store.scenario("winter")


def test_every_version_stays(store):
    """History tells all that was ever saved, deletion included."""
    store.save_scenario("winter", CLOSE, by="Li")
    store.save_scenario("winter", ADD, by="Wang", based_on_version=1)
    store.delete_scenario("winter", by="Zhao")
    told = [(one.version, one.document, one.saved_by) for one in store.history("winter")]
    assert told == [(1, CLOSE, "Li"), (2, ADD, "Wang"), (3, None, "Zhao")]
    assert store.scenario("winter", version=1).document == CLOSE
    assert refused(store.scenario, "winter", version=4).code == "store_unknown_version"


def test_a_deleted_scenario_is_gone_from_the_list_and_can_come_back(store):
    store.save_scenario("winter", CLOSE, by="Li")
    store.delete_scenario("winter", by="Li")
    assert store.scenarios() == []
    assert refused(store.scenario, "winter").code == "store_unknown"
    assert refused(store.delete_scenario, "winter", by="Li").code == "store_unknown"
    assert store.save_scenario("winter", ADD, by="Li").version == 3
    assert [one.document for one in store.scenarios()] == [ADD]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_row_and_never_a_path(store, name, tmp_path):
    there = sorted(tmp_path.rglob("*"))
    store.save_scenario(name, CLOSE, by=name)
    assert [(one.name, one.saved_by) for one in store.scenarios()] == [(name, name)]
    assert store.history(name)[0].document == CLOSE
    assert sorted(tmp_path.rglob("*")) == there


@pytest.mark.parametrize("name", ["", " ", " x", "x\n", "a\x00b", "\ud800", "x" * 201, None, 7])
def test_a_name_that_nobody_could_see_or_type_is_refused(store, name):
    assert refused(store.save_scenario, name, CLOSE, by="Li").code == "store_bad_name"
    assert refused(store.save_scenario, "x", CLOSE, by=name).code == "store_bad_name"
    assert store.scenarios() == []


@pytest.mark.parametrize(
    "document",
    [[], "x", {"a": float("nan")}, {"a": datetime(2026, 1, 1)}, {1: "x"}, {"a": (1, 2)}, {"a": "\ud800"}],
)
def test_what_json_would_change_or_drop_is_refused(store, document):
    assert refused(store.save_scenario, "x", document, by="Li").code == "store_not_json"
    assert store.scenarios() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=8,
)


@examples(25, HealthCheck.function_scoped_fixture)
@given(edits=st.lists(JSON, max_size=3))
def test_any_json_comes_back_as_it_was(store, edits):
    """Also NUL, emoji, and numbers of any size."""
    there = {one.name: one.version for one in store.scenarios()}.get("any")
    store.save_scenario("any", {"edits": edits}, by="Li", based_on_version=there)
    assert json.dumps(store.scenario("any").document) == json.dumps({"edits": edits})


def test_the_second_of_two_planners_is_told_and_loses_nothing(store):
    store.save_scenario("winter", CLOSE, by="Li")
    store.save_scenario("winter", ADD, by="Wang", based_on_version=1)
    mine = {"edits": [], "title": "mine"}
    with pytest.raises(ConflictError) as error:
        store.save_scenario("winter", mine, by="Li", based_on_version=1)
    conflict = error.value
    assert conflict.code == "store_conflict"
    assert conflict.document == mine
    assert (conflict.values["by"], conflict.values["version"], conflict.values["found"]) == ("Wang", 2, 1)
    assert store.scenario("winter").document == ADD
    assert store.save_scenario("winter, Li", conflict.document, by="Li").version == 1
    assert store.save_scenario("winter", conflict.document, by="Li", based_on_version=2).version == 3


def test_a_name_that_is_taken_is_not_taken_over(store):
    store.save_scenario("winter", CLOSE, by="Li")
    assert refused(store.save_scenario, "winter", ADD, by="Li").code == "store_conflict"
    assert refused(store.save_scenario, "summer", ADD, by="Li", based_on_version=1).code == "store_unknown"


def test_who_edits_what_another_deletes_is_told(store):
    store.save_scenario("winter", CLOSE, by="Li")
    store.delete_scenario("winter", by="Wang")
    error = refused(store.save_scenario, "winter", ADD, by="Li", based_on_version=1)
    assert (error.code, error.values["by"]) == ("store_conflict_deleted", "Wang")


def test_saving_the_same_twice_is_saving_once(store):
    """A double click, or a second try after a lost connection."""
    for _ in range(2):
        store.save_scenario("winter", CLOSE, by="Li")
    for _ in range(2):
        store.save_scenario("winter", ADD, by="Li", based_on_version=1)
    assert [one.document for one in store.history("winter")] == [CLOSE, ADD]


def test_the_same_words_of_somebody_else_are_no_second_try(store):
    """Wang and Li change version 1 alike: Li is told that Wang was there first."""
    store.save_scenario("winter", CLOSE, by="Li")
    store.save_scenario("winter", ADD, by="Wang", based_on_version=1)
    error = refused(store.save_scenario, "winter", ADD, by="Li", based_on_version=1)
    assert (error.code, error.values["by"]) == ("store_conflict", "Wang")


def test_a_late_second_try_does_not_pass_for_what_came_later(store):
    """Wang saved ADD as version 2 and, over Li's, again as 4: the first try, sent once more, is a conflict by now."""
    store.save_scenario("winter", CLOSE, by="Li")
    store.save_scenario("winter", ADD, by="Wang", based_on_version=1)
    store.save_scenario("winter", CLOSE, by="Li", based_on_version=2)
    store.save_scenario("winter", ADD, by="Wang", based_on_version=3)
    error = refused(store.save_scenario, "winter", ADD, by="Wang", based_on_version=1)
    assert (error.code, error.values["version"]) == ("store_conflict", 4)
    assert len(store.history("winter")) == 4


def test_two_planners_who_save_at_once_never_overwrite_each_other(store_url):
    """Each of two threads adds its mark ten times, and again after every conflict: no mark is lost."""
    with open_store(store_url) as store:
        store.save_scenario("shared", {"edits": []}, by="start")
    conflicts, failures = [], []

    def plan(who: str) -> None:
        try:
            with open_store(store_url) as mine:
                for number in range(10):
                    while True:
                        there = mine.scenario("shared")
                        marks = [*there.document["edits"], f"{who}{number}"]
                        try:
                            mine.save_scenario("shared", {"edits": marks}, who, there.version)
                        except ConflictError as error:
                            conflicts.append(error)
                            continue
                        break
        except Exception as error:
            failures.append(error)

    planners = [threading.Thread(target=plan, args=[who]) for who in ("Li", "Wang")]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join(60)
    assert failures == []
    with open_store(store_url) as store:
        assert store.scenario("shared").version == 21
        marks = store.scenario("shared").document["edits"]
    assert sorted(marks) == sorted(f"{who}{number}" for who in ("Li", "Wang") for number in range(10))


def test_a_scenario_builds_on_one_that_is_there(store):
    assert refused(store.save_scenario, "child", {"parent": "base"}, by="Li").code == "store_unknown_parent"
    store.save_scenario("base", CLOSE, by="Li")
    assert store.save_scenario("child", {"parent": "base"}, by="Li").parent == "base"
    error = refused(store.delete_scenario, "base", by="Li")
    assert (error.code, error.values["children"]) == ("store_has_children", "child")
    store.delete_scenario("child", by="Li")
    store.delete_scenario("base", by="Li")
    assert refused(store.save_scenario, "child", {"parent": "base"}, by="Li").code == "store_unknown_parent"


def test_no_scenario_builds_on_itself(store):
    for name, parent in (("a", ""), ("b", "a"), ("c", "b")):
        store.save_scenario(name, {"parent": parent}, by="Li")
    error = refused(store.save_scenario, "a", {"parent": "c"}, by="Li", based_on_version=1)
    assert (error.code, error.values["chain"]) == ("store_cycle", "a → c → b → a")
    assert refused(store.save_scenario, "d", {"parent": "d"}, by="Li").code == "store_cycle"
    assert [one.name for one in store.scenarios()] == ["a", "b", "c"]


@pytest.fixture(scope="module")
def plan():
    """A plan of three residents and one clinic."""
    private = {"name": "Wang Wu", "conditions": ["dementia"]}
    people = [resident(f"r{km}", km, **private) for km in (0, 1, 2)]
    return match(make_inputs(people, [provider("p", 0)]), load_policy())


def test_a_plan_is_kept_with_the_revision_that_it_solves(store, plan):
    winter = store.save_scenario("winter", CLOSE, by="Li")
    saved = store.save_plan(plan, by="Wang", scenario=winter)
    assert store.plans_of("winter") == [saved]
    assert (saved.scenario, saved.version, saved.saved_by) == ("winter", 1, "Wang")
    assert (saved.residents, saved.served) == (plan.outcome.residents, plan.outcome.served)
    assert saved.total_cost_m == plan.outcome.total_cost_m
    assert (saved.policy_id, saved.policy_digest) == (plan.policy.id, plan.policy.digest)
    assert saved.outcome == json.loads(json.dumps(plan.outcome.as_dict()))
    kept = store.assignments_of(saved)
    assert kept.to_dict("list") == plan.assignments[list(ASSIGNMENT_COLUMNS)].to_dict("list")
    assert len(kept) > 0


def test_a_plan_of_the_data_as_they_are_needs_no_scenario(store, plan):
    first, again = store.save_plan(plan, by="Li"), store.save_plan(plan, by="Li")
    assert first == again
    assert store.plans_of(None) == [first]


def test_another_plan_of_the_same_data_is_kept_beside_the_first(store, plan):
    """Same scenario or none, another fingerprint: a wider limit, say."""
    wider = load_policy()
    other = match(plan.inputs, replace(wider, limit_km={**wider.limit_km, "home": 50.0}))
    saved = [store.save_plan(one, by="Li") for one in (plan, other)]
    assert store.plans_of(None) == saved
    assert saved[0].fingerprint != saved[1].fingerprint


def test_a_plan_holds_no_name_and_no_illness(store, plan):
    kept = store.assignments_of(store.save_plan(plan, by="Li"))
    assert tuple(kept.columns) == ("resident_id", "mode", "provider_id", "distance_km", "cost_m")
    assert "Wang Wu" not in kept.to_csv()


def test_plans_of_a_scenario_outlive_its_deletion(store, plan):
    saved = store.save_plan(plan, by="Li", scenario=store.save_scenario("winter", CLOSE, by="Li"))
    store.delete_scenario("winter", by="Li")
    assert store.plans_of("winter") == [saved]


def test_the_migrations_make_what_the_models_say(store):
    with store.database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == SCHEMA


def test_every_migration_has_its_number_in_its_name():
    files = sorted((MIGRATIONS / "versions").glob("*.py"))
    assert [file.name[1:5] for file in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    assert files[-1].name[1:5] == SCHEMA


def test_two_programs_may_make_the_tables_at_once(store_url):
    failures = []

    def start() -> None:
        try:
            open_store(store_url).close()
        except Exception as error:
            failures.append(error)

    programs = [threading.Thread(target=start) for _ in range(4)]
    for program in programs:
        program.start()
    for program in programs:
        program.join(60)
    assert failures == []
    with open_store(store_url) as store:
        assert store.scenarios() == []


def test_times_are_utc_whatever_the_server_says(store, monkeypatch):
    east = timezone(timedelta(hours=8))

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 1, 1, 8, 0, tzinfo=east)

    monkeypatch.setattr("matcher.store.rows.datetime", Clock)
    saved = store.save_scenario("winter", CLOSE, by="Li")
    assert saved.saved_at == store.scenario("winter").saved_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert store.scenario("winter").saved_at.utcoffset() == timedelta(0)


def test_without_setting_anything_up_the_store_is_a_file_of_this_user(monkeypatch, tmp_path):
    monkeypatch.delenv("MATCHER_DATABASE_URL", raising=False)
    for variable in ("HOME", "USERPROFILE", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "data"))
    with open_store() as store:
        store.save_scenario("winter", CLOSE, by="Li")
    file = data_folder() / "matcher.sqlite3"
    assert file.is_relative_to(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_environment_names_the_store(monkeypatch, store_url):
    monkeypatch.setenv("MATCHER_DATABASE_URL", store_url)
    with open_store() as store:
        store.save_scenario("winter", CLOSE, by="Li")
    with open_store(store_url) as store:
        assert store.scenario("winter").document == CLOSE


@pytest.mark.parametrize(
    "url",
    [
        "x",
        "mysql://u:secret@h/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a?mode=ro",
        "postgresql://u:half@secret@h/d",
        "postgresql://u:secret@h:port/d",
        "postgresql://u:secret@h",
    ],
)
def test_an_address_that_cannot_be_is_refused_and_not_repeated(url):
    error = refused(locate_store, url)
    assert error.code == "store_bad_url"
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "postgres://u:secret@db.local:5433/d?sslmode=require&password=secret",
            "postgresql://db.local:5433/d",
        ),
        ("postgresql://u:p%40secret@10.0.0.1/d", "postgresql://10.0.0.1/d"),
        ("postgresql:///d", "postgresql:///d"),
        ("sqlite:///a/b.sqlite3", "a/b.sqlite3"),
    ],
)
def test_messages_show_where_the_store_is_and_no_secret(url, shown):
    assert told(locate_store(url)) == shown


def test_a_store_is_opened_from_any_folder(store_url, monkeypatch, tmp_path):
    """The migrations are found beside the code."""
    monkeypatch.chdir(tmp_path)
    with open_store(store_url) as store:
        assert isinstance(store, Store)
    assert MIGRATIONS.is_dir()
    assert Path.cwd() == tmp_path


def test_a_row_that_somebody_else_wrote_is_told_by_its_name(store):
    """Half a document, another kind of value, nesting without end: told, and nothing else is touched."""
    store.save_scenario("winter", CLOSE, by="Li")
    for strange in ('{"edits": [', "[1, 2]", "[" * 5_000):
        changed = update(RevisionRow).values(document=strange)
        store.database.write(lambda session, changed=changed: session.execute(changed))
        with pytest.raises(StoreError, match="store_strange_row") as error:
            store.scenario("winter")
        assert error.value.values["name"] == "winter 1"
