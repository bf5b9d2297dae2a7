"""The page of standards: what an office shows when it is visited."""

from __future__ import annotations

from matcher.app.settings import POLICY_VARIABLE
from matcher.words.catalogues import t
from tests.helpers.app_data import SMALL, open_app, words, write_tables

ATTESTED = {"target_id": "demonstration_sites_2016", "value": 12}
ATTESTED |= {"on": "2025-12-01", "by": "卫健局", "evidence": "名单"}
TASKS = [
    {"no": 1, "state": "done", "on": "2023-01-10", "evidence": "宣卫发〔2023〕1号"},
    {"no": 2, "state": "doing"},
]


def page(monkeypatch, tmp_path, policy, tables):
    monkeypatch.setenv(POLICY_VARIABLE, policy)
    app = open_app(monkeypatch, write_tables(tmp_path / "data", SMALL | tables), page="standards.py")
    assert not app.exception
    return words(app)


def test_who_attested_a_value_when_and_by_what_stands_below_it(monkeypatch, tmp_path):
    told = page(monkeypatch, tmp_path, "panzhihua-2016", {"attested": [ATTESTED]})
    assert t("app.standards.evidence", told="2025-12-01、卫健局、名单") in told


def test_a_task_shows_its_evidence_and_one_without_says_so(monkeypatch, tmp_path):
    told = page(monkeypatch, tmp_path, "xuanhan-2022", {"tasks": TASKS})
    assert t("app.standards.evidence", told="2023-01-10、宣卫发〔2023〕1号") in told
    assert told.count(t("app.standards.evidence", told=t("app.standards.no_evidence"))) == 1
    assert told.count(t("app.standards.state_not_reported")) == 33
