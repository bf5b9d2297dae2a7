"""The pages on access and proof: the figures of the engine, the files of the command, every term explained."""

from __future__ import annotations

from html import unescape

import pytest

from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.results.access import access, gini, worst_tenth
from matcher.words.catalogues import LANGUAGES, catalogue, t
from tests.helpers.app_data import SMALL, open_app, words, write_tables
from tests.helpers.builders import resident


@pytest.fixture
def small(tmp_path):
    return write_tables(tmp_path / "data", SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_access_tells_the_figures_of_the_command(monkeypatch, small, lang):
    app = open_app(monkeypatch, small, lang, "access.py")
    assert not app.exception
    table = access(load_inputs(small), load_policy())
    rows = table[(table["mode"] == "home") & (table["residents"] > 0)]
    score, people = rows["enhanced_two_step"].to_numpy(float), rows["residents"].to_numpy()
    for value in (gini(score, people), worst_tenth(score, people)[0]):
        assert f"<b>{value:.3f}</b>" in words(app)
    app.segmented_control("access_mode").set_value("migratory").run()
    assert t("app.access.nobody", lang) in words(app)


def test_people_whose_place_is_not_known_count_as_the_command_counts_them(monkeypatch, tmp_path):
    people = [*SMALL["residents"], resident("R9", 1.0, place_code=None)]
    data = write_tables(tmp_path / "data", SMALL | {"residents": people})
    app = open_app(monkeypatch, data, page="access.py")
    assert not app.exception
    table = access(load_inputs(data), load_policy())
    rows = table[(table["mode"] == "home") & (table["residents"] > 0)]
    assert "" in set(rows["place_code"])
    shown = gini(rows["enhanced_two_step"].to_numpy(float), rows["residents"].to_numpy())
    assert f"<b>{shown:.3f}</b>" in words(app)
    assert t("app.access.unknown") in words(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_proof_is_told_with_the_fingerprint_and_every_term(monkeypatch, small, lang):
    app = open_app(monkeypatch, small, lang, "proof.py")
    assert not app.exception
    plan = match(load_inputs(small), load_policy())
    assert t("app.proof.optimal", lang) in words(app)
    assert plan.outcome.fingerprint in words(app)
    terms = [key for key in catalogue(lang) if key.startswith("glossary.")]
    assert len(terms) >= 20
    told = unescape(words(app))
    assert [key for key in terms if catalogue(lang)[key] not in told] == []


def test_a_plan_that_is_not_proven_claims_no_proof(monkeypatch, small, tmp_path):
    """Where households stay together, prices prove nothing."""
    file = tmp_path / "together.toml"
    file.write_text('id = "t"\nkeep_households_together = true\n', encoding="utf-8")
    monkeypatch.setenv("MATCHER_POLICY", str(file))
    people = [row | {"household_id": "H"} for row in SMALL["residents"][:2]]
    app = open_app(monkeypatch, write_tables(small, SMALL | {"residents": people}), page="proof.py")
    assert not app.exception
    assert t("app.proof.told_prices", pairs="", residents="", served="")[:12] not in words(app)
