"""The page of standards: what an office shows when it is visited."""

from __future__ import annotations

from matcher.app.settings import POLICY_VARIABLE
from matcher.words.catalogues import t
from tests.helpers.app_data import SMALL, open_app, words, write_tables
from tests.helpers.builders import PLACES

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
    assert told.count(f"<td>{t('app.standards.state_not_reported')}</td>") == 33
    assert f"<span>{t('app.standards.late')}</span><b>34</b>" in told  # all but the one that is done
    assert told.count(f'<span class="chip bad">{t("app.standards.late")}</span>') == 34


def test_a_light_has_a_sign_and_a_word_beside_its_colour(monkeypatch, tmp_path):
    told = page(monkeypatch, tmp_path, "panzhihua-2016", {"attested": [ATTESTED]})
    assert f'<span class="chip good">✔ {t("app.standards.met")}</span>' in told
    assert f'<span class="chip note-chip">– {t("app.standards.not_measured")}</span>' in told


def test_what_the_places_of_a_target_have_in_common_stands_below_the_first(monkeypatch, tmp_path):
    counties = [one for one in PLACES if one["level"] == "county"]
    more = [one | {"place_code": "C9", "name": "丙县"} for one in counties]
    told = page(monkeypatch, tmp_path, "xuanhan-2022", {"places": [*PLACES, *more]})
    assert told.count("<small>宣汉县2022年方案 三(五) 二级及以上综合性医院开设老年医学科") == 1
    assert told.count(t("code.target.geriatrics_2023", "zh")) >= 2
