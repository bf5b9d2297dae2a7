"""What a planner takes over is seen by clinics and viewers once a second person has granted that it be published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from shutil import rmtree

import pytest
from sqlalchemy import update

from matcher.accounts.accounts import open_accounts
from matcher.accounts.audit import Actor
from matcher.accounts.decisions import decide
from matcher.accounts.publications import ask_publication, newest, published, refuse_publication
from matcher.accounts.requests import make_request
from matcher.app import datasets, publishing
from matcher.app.forgetting import forget
from matcher.app.home import home, key_of
from matcher.app.parts import state
from matcher.app.retention import DEFAULTS, let_go
from matcher.app.settings import DATA_VARIABLE
from matcher.errors import BadInput
from matcher.intake.check import check
from matcher.intake.read import read_folder
from matcher.policy.documents import DEFAULT_POLICY, load_policy
from matcher.policy.own import keep_policy
from matcher.results.versions import Difference, difference
from matcher.store.models import PublicationRow
from matcher.words.catalogues import LANGUAGES, t
from tests.app.test_gate import TLS, enter
from tests.helpers.app_accounts import PASSWORD, ROOT_USER, accounts_in
from tests.helpers.app_data import SERVICES, SMALL, open_app, words, write_tables
from tests.helpers.app_server import browser, served_others
from tests.helpers.builders import provider, resident

LI, ZHOU, ADMIN = Actor("liming", "planner"), Actor("zhou", "planner"), Actor("admin", "administrator")
PEOPLE = (
    ("liming", "planner", []),
    ("zhou", "planner", []),
    ("pang", "planner", ["provider:P1"]),
    ("wang", "clinic", ["provider:P1"]),
    ("mei", "viewer", []),
    ("admin", "administrator", []),
)
#: The next month: somebody else stands at the top of the list, and there is a third provider.
NEXT = SMALL | {
    "residents": [resident("R1", 1.0, name="赵六"), resident("R4", name="孙七")],
    "providers": [*SMALL["providers"], provider("P3", 1.0, services=SERVICES, capacity_home=1)],
}


@pytest.fixture
def base(tmp_path, monkeypatch):
    folder = write_tables(tmp_path / "data", SMALL)
    monkeypatch.setenv(DATA_VARIABLE, str(folder))
    return folder


@pytest.fixture
def accounts():
    made = open_accounts()
    for name, role, scope in PEOPLE:
        made.accept(made.add(name, role, scope, ROOT_USER), PASSWORD)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def as_(accounts, enter_as):
    return lambda name: enter_as(accounts, name)


@pytest.fixture
def taken(base, tmp_path):
    """The next month, taken over and in use."""
    return take_over(base, write_tables(tmp_path / "next", NEXT))


def take_over(base, folder):
    files = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    return datasets.keep(base, files, check(read_folder(folder)).inputs)


def asked(accounts, base, policy=DEFAULT_POLICY):
    """Publication of the data in use, asked for by `LI`."""
    version = datasets.current(base)
    plan = state.plan_of(version.folder if version else base, load_policy(policy))
    ask_publication(accounts, LI, publishing.edition_of(base, version, plan, policy))
    return newest(accounts, key_of(base))


def publish(accounts, base, policy=DEFAULT_POLICY):
    publishing.grant(accounts, ZHOU, base, asked(accounts, base, policy))


def seen():
    """Names of residents and id of the policy in the plan that the account is shown."""
    plan = state.current_plan()
    return plan.inputs.residents["name"].tolist(), plan.policy.id


OLD, NEW = ["张三", "李四", "王五"], ["赵六", "孙七"]


def test_clinics_viewers_and_planners_with_a_scope_see_what_is_published_and_planners_what_is_in_use(
    accounts, as_, base, taken
):
    for name, names in (("wang", OLD), ("mei", OLD), ("pang", OLD), ("liming", NEW), ("zhou", NEW)):
        as_(name)
        assert seen()[0] == names, name
        assert state.current_inputs().residents["name"].tolist() == names, name
    publish(accounts, base)
    as_("wang")
    assert seen()[0] == NEW
    datasets.use(base, None)
    assert seen()[0] == NEW
    as_("liming")
    assert seen()[0] == OLD


def test_one_person_alone_sees_what_is_in_use_without_any_step(base, taken):
    assert seen()[0] == NEW


def test_a_policy_is_published_with_the_data_and_stays_what_it_was(accounts, as_, base, taken, tmp_path):
    file = keep_policy(home("policies"), DEFAULT_POLICY, "近一点", {"limit_km.home": 0.5})
    publish(accounts, base, str(file))
    file.unlink()
    as_("wang")
    plan = state.current_plan()
    assert (plan.policy.id, plan.policy.limit_km["home"]) == ("近一点", 0.5)
    as_("liming")
    assert state.current_plan().policy.id == DEFAULT_POLICY


@pytest.mark.parametrize("kept", ["another", None])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_planner_is_told_that_a_published_policy_reads_otherwise_in_this_release(
    accounts, as_, base, monkeypatch, taken, lang, kept
):
    """An update of the program may bring other words under the same name, which nobody granted."""
    publish(accounts, base)
    told = t("app.publishing.otherwise", lang, policy=t(f"code.policy.{DEFAULT_POLICY}", lang))
    as_("liming")
    assert told not in words(open_app(monkeypatch, base, lang, "data.py"))
    accounts.database.write(
        lambda session: session.execute(update(PublicationRow).values(policy_digest=kept))
    )
    assert t("app.publishing.updated", lang) in words(open_app(monkeypatch, base, lang, "roster.py"))
    page = open_app(monkeypatch, base, lang, "data.py")
    assert told in words(page)
    assert t("app.publishing.other", lang) not in words(page)
    next(one for one in page.button if one.key.startswith("publish_ask")).click().run()
    assert t("app.publishing.asked", lang) in words(page)
    publishing.grant(accounts, ZHOU, base, newest(accounts, key_of(base)))
    told_now = words(open_app(monkeypatch, base, lang, "data.py"))
    assert told not in told_now
    assert t("app.publishing.updated", lang) not in told_now
    assert t("app.publishing.same", lang) in told_now


def test_of_a_policy_file_that_is_gone_nothing_is_asked_for(base, taken, tmp_path):
    plan = state.plan_of(taken.folder, load_policy())
    with pytest.raises(BadInput, match="publication_policy"):
        publishing.edition_of(base, taken, plan, str(tmp_path / "gone.toml"))


def test_the_folder_itself_is_published_again_after_a_version(accounts, as_, base, taken):
    publish(accounts, base)
    datasets.use(base, None)
    publish(accounts, base)
    as_("wang")
    assert seen()[0] == OLD


def changes(base, version):
    (version.folder / "visits.csv").write_text("visit_id\n", encoding="utf-8")


def goes(base, version):
    rmtree(version.folder.parent)


def loses_a_person(base, version):
    forget(open_accounts(), "R4", "本人要求", ADMIN)


@pytest.mark.parametrize(
    ("happens", "error"),
    [(changes, "publication_stale"), (goes, "publication_gone"), (loses_a_person, "publication_stale")],
)
def test_what_changed_or_went_since_it_was_asked_for_is_not_published(accounts, base, taken, happens, error):
    one = asked(accounts, base)
    happens(base, taken)
    with pytest.raises(BadInput, match=error):
        publishing.grant(accounts, ZHOU, base, one)
    assert published(accounts, key_of(base)) is None
    refuse_publication(accounts, ZHOU, one.id, "数据变了")


def test_the_folder_that_changed_since_it_was_asked_for_is_not_published(accounts, base, taken):
    publish(accounts, base)
    datasets.use(base, None)
    one = asked(accounts, base)
    write_tables(base, NEXT)
    with pytest.raises(BadInput, match="publication_stale"):
        publishing.grant(accounts, ZHOU, base, one)


def test_where_what_was_published_is_gone_clinics_are_told_and_see_nothing_else(
    accounts, as_, base, taken, monkeypatch
):
    publish(accounts, base)
    datasets.use(base, None)
    rmtree(taken.folder.parent)
    as_("wang")
    page = open_app(monkeypatch, base)
    told = words(page)
    assert t("error.publication_gone", title="小城") in told
    assert "张" not in told
    as_("liming")
    page = open_app(monkeypatch, base, page="data.py")
    assert t("app.publishing.other") in words(page)
    next(one for one in page.button if one.key.startswith("publish_ask")).click().run()
    assert t("app.publishing.asked") in words(page)


def test_who_is_forgotten_goes_from_what_is_published(accounts, as_, base, taken):
    publish(accounts, base)
    forget(accounts, "R4", "本人要求", ADMIN)
    as_("wang")
    assert seen()[0] == ["赵六"]


def test_a_published_version_counts_as_in_use(accounts, base, taken, tmp_path):
    publish(accounts, base)
    other = take_over(base, write_tables(tmp_path / "third", SMALL))
    datasets.use(base, None)
    accounts.clock = lambda: datetime.now(UTC) + timedelta(days=400)
    assert let_go(accounts, DEFAULTS, ADMIN)["versions"] == 1
    assert [one.id for one in datasets.versions(base)] == [taken.id]
    assert other.id != taken.id
    publish(accounts, base)
    let_go(accounts, DEFAULTS, ADMIN)
    assert datasets.versions(base) == []


def test_what_waits_to_be_published_stays(accounts, base, taken):
    asked(accounts, base)
    datasets.use(base, None)
    accounts.clock = lambda: datetime.now(UTC) + timedelta(days=400)
    assert let_go(accounts, DEFAULTS, ADMIN)["versions"] == 0
    assert [one.id for one in datasets.versions(base)] == [taken.id]


def test_a_list_that_clinics_do_not_see_is_not_frozen(accounts, as_, base, taken, monkeypatch):
    """What is frozen holds for clinics at once, so it would publish a plan by one person alone."""
    as_("liming")
    page = open_app(monkeypatch, base, page="roster.py")
    assert "agree_freeze" not in [button.key for button in page.button]
    assert t("app.agree.publish_first") in words(page)
    publish(accounts, base)
    page = open_app(monkeypatch, base, page="roster.py")
    assert "agree_freeze" in [button.key for button in page.button]


def test_what_is_wrong_in_the_rows_of_others_is_told_to_planners_alone(accounts, as_, base, monkeypatch):
    write_tables(base, SMALL | {"residents": [resident("R1", name="张三", phone="13812345678", age="很老")]})
    for name, told in (("wang", "app.bad_data_elsewhere"), ("liming", "app.bad_data")):
        as_(name)
        page = open_app(monkeypatch, base)
        assert t(told) in words(page)
        assert bool([one for one in page.dataframe if "severity" in one.value]) == (name == "liming")


def test_decisions_reach_both_what_is_published_and_what_is_in_use(accounts, as_, base, taken):
    decide(accounts, LI, [("R1", "died", None)], "家属告知")
    as_("wang")
    assert seen()[0] == ["李四", "王五"]
    as_("liming")
    assert seen()[0] == ["孙七"]


def test_who_is_absent_from_the_data_of_either_side_crashes_no_page(accounts, as_, base, taken, monkeypatch):
    """R2 and P9 are unknown to the planner, R4 and P3 to the clinic."""
    for id, place, kind, value in (
        ("R2", "P1", "phone", "13900000000"),
        ("R3", "P1", "not_ours", "P2"),
        ("R4", "P1", "moved", "510422"),
        ("R1", "P9", "grade", "3"),
    ):
        make_request(accounts, Actor("wang", "clinic"), id, place, kind, "请核实", value)
    decide(accounts, LI, [("R2", "override", "P1"), ("R4", "override", "P3"), ("R1", "frozen", "P9")], "x")
    for name, number in (("liming", 4), ("wang", 3), ("pang", 3)):
        as_(name)
        page = open_app(monkeypatch, base, page="requests.py")
        assert not page.exception
        assert len(page.dataframe[0].value) == number
    as_("liming")
    monkeypatch.setattr(
        "matcher.app.views.requests.st.dataframe", lambda *_, **__: {"selection": {"rows": [1, 2, 3]}}
    )
    page = open_app(monkeypatch, base, page="requests.py")
    page.text_input("requests_answer").set_value("好")
    page.button("requests_accept").click().run()
    assert not page.exception
    assert "R3" in words(page)  # she cannot be sent there: the planner's data do not know her


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pages_say_who_sees_what_and_the_administrator_sees_numbers_alone(
    accounts, as_, base, taken, monkeypatch, lang
):
    as_("liming")
    page = open_app(monkeypatch, base, lang, "data.py")
    told = words(page)
    for line in (
        t("app.publishing.first", lang),
        t("app.publishing.other", lang),
        t("app.publishing.rows", lang, number="2", came="1", gone="2", changed="1"),
        t("app.publishing.rows", lang, number="3", came="1", gone="0", changed="0"),
        t("app.publishing.was", lang, number="2", was="1"),
    ):
        assert line in told
    (button,) = [one for one in page.button if one.key.startswith("publish_ask")]
    button.click().run()
    assert t("app.publishing.asked", lang) in words(page)
    (grant,) = [one for one in page.button if one.key.startswith("publish_grant")]
    assert grant.disabled
    as_("admin")
    page = open_app(monkeypatch, base, lang)
    told = words(page)
    assert t("app.publishing.served", lang) in told
    assert not any(name in told for name in (*OLD, *NEW))
    (grant,) = [one for one in page.button if one.key.startswith("publish_grant")]
    grant.click().run()
    assert t("app.publishing.granted", lang) in words(page)
    as_("liming")
    told = words(open_app(monkeypatch, base, lang, "data.py"))
    assert t("app.publishing.same", lang) in told
    assert t("app.publishing.other", lang) not in told
    as_("wang")
    day = f"{datetime.now().astimezone():%Y-%m-%d}"
    assert t("app.publishing.shown", lang, title="小城", day=day) in words(open_app(monkeypatch, base, lang))


def test_the_page_of_data_says_what_is_wrong_where_the_data_in_use_cannot_be_published(
    accounts, as_, base, taken, monkeypatch
):
    (taken.folder / "providers.csv").write_text("provider_id,kind\nP1,castle\n", encoding="utf-8")
    as_("liming")
    page = open_app(monkeypatch, base, page="data.py")
    assert not page.exception
    assert t("app.data.now") in words(page)
    assert t("app.bad_data") in words(page)
    assert not [one for one in page.button if one.key.startswith("publish_ask")]


def test_who_asked_reads_the_answer(accounts, as_, base, taken, monkeypatch):
    one = asked(accounts, base)
    as_("zhou")
    page = open_app(monkeypatch, base, page="data.py")
    page.button(f"publish_refuse_{one.id}").click().run()
    assert t("error.publication_no_answer") in words(page)
    page.text_input(f"publish_answer_{one.id}").set_value("乙镇<b>还没报")
    page.button(f"publish_refuse_{one.id}").click().run()
    assert not page.exception
    as_("liming")
    told = words(open_app(monkeypatch, base, page="data.py"))
    assert "乙镇&lt;b&gt;还没报" in told
    assert t("app.publishing.other") in told


def test_without_anybody_served_the_page_of_data_says_nothing_of_it(monkeypatch, base, taken):
    page = open_app(monkeypatch, base, page="data.py")
    assert t("app.publishing.title") not in words(page)


def test_the_difference_of_two_plans_is_told_in_numbers(base, taken):
    before, after = (state.plan_of(folder, load_policy()) for folder in (base, taken.folder))
    assert difference(before, after) == Difference((1, 2, 1), (1, 0, 0), 1, (1, 2))
    assert difference(before, before) == Difference((0, 0, 0), (0, 0, 0), 0, (1, 1))


@pytest.mark.browser
def test_a_clinic_sees_the_new_data_once_a_second_person_granted_them(tmp_path):
    base, files = write_tables(tmp_path / "city", SMALL), write_tables(tmp_path / "next", NEXT)
    flags = (
        "--host", "localhost", "--tls-cert", str(TLS / "localhost.pem"), "--tls-key", str(TLS / "localhost.key")
    )  # fmt: skip
    with (
        accounts_in(tmp_path, PEOPLE) as accounts,
        served_others(tmp_path, *flags, data=base) as (port, _),
        browser() as chromium,
    ):
        address = f"https://localhost:{port}"
        pages = {}
        for name in ("liming", "admin", "wang"):
            page = chromium.new_context(locale="zh-CN", ignore_https_errors=True).new_page()
            enter(page, address, name)
            pages[name] = page
        planner, admin, clinic = pages.values()

        def on_paper():
            clinic.reload()
            clinic.locator(".st-key-roster_paper label").click()
            table = clinic.locator(".st-key-card_roster table")
            table.wait_for(timeout=60_000)
            return table.inner_text()

        planner.goto(f"{address}/data")
        planner.locator("input[type=file]").set_input_files(sorted(files.iterdir()))
        planner.locator(".st-key-upload_basis input").fill("履行法定职责")
        planner.locator(".st-key-upload_check button").click()
        planner.locator(".st-key-upload_use button").click(timeout=60_000)
        planner.locator("[class*=st-key-publish_ask] button").wait_for(timeout=60_000)
        assert "张*" in on_paper()
        planner.locator("[class*=st-key-publish_ask] button").click()
        planner.get_by_text(t("app.publishing.asked")).wait_for(timeout=60_000)
        assert planner.locator("[class*=st-key-publish_grant] button").is_disabled()
        assert "张*" in on_paper()
        admin.reload()
        admin.locator("[class*=st-key-publish_grant] button").click(timeout=60_000)
        admin.get_by_text(t("app.publishing.granted")).wait_for(timeout=60_000)
        now = on_paper()
        assert "张*" not in now
        assert "孙*" in now
        rows = accounts.database.read(lambda session: list(accounts.audit.breaks(session)))
        assert rows == []
