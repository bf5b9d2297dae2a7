"""The policy page: rules with their documents; an effect before a change is saved; a policy of one's own."""

from __future__ import annotations

import pytest

from matcher.app.home import home
from matcher.app.parts import state
from matcher.policy.documents import load_policy
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import SMALL, open_app, words, write_tables


@pytest.fixture
def small(tmp_path):
    return write_tables(tmp_path / "data", SMALL)


def task(app, name):
    return app.segmented_control("policy_task").set_value(name).run()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_rules_are_told_with_document_and_people(monkeypatch, small, lang):
    app = open_app(monkeypatch, small, lang, "policy.py")
    assert not app.exception
    for part in ("攀办发〔2016〕71号 三(二)3", t("code.standing.document", lang), "<td>3</td>"):
        assert part in words(app)


def limit(app):
    digest = load_policy().digest
    return app.number_input(f"set_limit_km.home_{digest}")


def test_a_change_is_shown_before_it_is_saved_and_then_offered_in_the_sidebar(monkeypatch, small):
    app = task(open_app(monkeypatch, small, page="policy.py"), "change")
    assert t("app.policy_page.unchanged") in words(app)
    limit(app).set_value(1.0).run()
    assert not [button for button in app.button if button.key == "policy_save"]
    app.button("policy_try").click().run()
    assert not app.exception
    app.text_input("policy_name").set_value("一公里")
    app.button("policy_save").click().run()
    assert not app.exception
    assert t("app.policy_page.saved", name="一公里") in words(app)
    (file,) = home("policies").glob("*.toml")
    assert load_policy(file).limit_km["home"] == 1.0
    again = open_app(monkeypatch, small)
    again.selectbox(state.POLICY).set_value(str(file)).run()
    assert not again.exception
    assert t("app.km", km="1.0") in words(again)


def test_another_document_on_the_same_people(monkeypatch, small):
    app = task(open_app(monkeypatch, small, page="policy.py"), "other")
    app.button("policy_try_other").click().run()
    assert not app.exception
    assert t("app.policy_page.served_after") in words(app)


def test_an_effect_of_other_values_is_not_shown(monkeypatch, small):
    app = task(open_app(monkeypatch, small, page="policy.py"), "change")
    limit(app).set_value(1.0).run()
    app.button("policy_try").click().run()
    limit(app).set_value(2.0).run()
    assert t("app.policy_page.served_after") not in words(app)
