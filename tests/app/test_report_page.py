"""The report in the app: made when asked for, of the plan on the page, in its language."""

from __future__ import annotations

import pytest

from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import SMALL, WITH_CANDIDATE, open_app, words, write_tables


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tables", [SMALL, WITH_CANDIDATE])
def test_a_report_is_made_when_it_is_asked_for(monkeypatch, tmp_path, lang, tables):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", tables), lang, "report.py")
    assert not app.get("download_button")
    app.button("report_make").click().run()
    assert not app.exception
    labels = [button.label for button in app.get("download_button")]
    assert labels[0] == t("app.report.report_pdf", lang)
    assert len(labels) == 6
    links = words(app)
    for name in (
        "assignments_parquet",
        "unserved_parquet",
        "tables",
    ):  # files of people: by links that serve once
        label = t(f"app.report.{name}", lang)
        assert label not in labels
        assert f">{label}</a>" in links
    assert 'role="alert"' not in words(app)


def test_a_report_of_another_plan_is_not_shown(monkeypatch, tmp_path):
    """After another policy is chosen, the page asks for a report again."""
    app = open_app(monkeypatch, write_tables(tmp_path / "data", SMALL), page="report.py")
    app.button("report_make").click().run()
    app.selectbox("policy").set_value("xuanhan-2022").run()
    assert not app.get("download_button")
    app.selectbox("baseline").set_value(("policy", "panzhihua-2016")).run()
    app.button("report_make").click().run()
    assert not app.exception
    assert app.get("download_button")
