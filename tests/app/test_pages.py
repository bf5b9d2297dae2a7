"""The overview and what-if pages, in both languages, with sample, small, empty and bad data."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from matcher.app.drafts import Draft, save_draft
from matcher.app.parts import edits, failures, palette, state
from matcher.scenario.edits import AddProvider, ChangeCapacity, CloseProvider
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import (
    BAD,
    EMPTY,
    SMALL,
    edits_made,
    files,
    open_app,
    problems,
    words,
    write_tables,
)
from tests.helpers.builders import provider

PAGES = (
    "overview.py",
    "what_if.py",
    "siting.py",
    "policy.py",
    "access.py",
    "report.py",
    "proof.py",
    "data.py",
    "totals.py",
    "standards.py",
    "referral.py",
    "agreements.py",
    "visits.py",
    "planning.py",
)


#: Each page in one language, by turns: what is asked is the same in both.
BY_TURNS = [(page, LANGUAGES[number % len(LANGUAGES)]) for number, page in enumerate(PAGES)]


@pytest.fixture
def small(tmp_path):
    return write_tables(tmp_path / "data", SMALL)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_the_sample_city_opens_in_the_language_asked_for(monkeypatch, page, lang):
    app = open_app(monkeypatch, None, lang, page)
    assert not app.exception
    name = {"policy.py": "policy_page"}.get(page, page.removesuffix(".py"))
    assert t(f"app.{name}.title", lang) in words(app)


@pytest.mark.parametrize(("page", "lang"), BY_TURNS)
def test_data_without_anybody_is_no_error(monkeypatch, tmp_path, page, lang):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", EMPTY), lang, page)
    assert not app.exception
    assert 'role="alert"' not in words(app)


@pytest.mark.parametrize(("page", "lang"), BY_TURNS)
def test_bad_data_show_the_table_of_problems_and_nothing_else(monkeypatch, tmp_path, page, lang):
    app = open_app(monkeypatch, write_tables(tmp_path / "data", BAD), lang, page)
    assert not app.exception
    assert t("app.bad_data", lang) in words(app)
    assert "约50" in problems(app).to_csv()
    assert 'class="figures"' not in words(app)


def test_the_first_language_is_chinese_and_the_switch_turns_every_page(monkeypatch, small):
    app = open_app(monkeypatch, small)
    assert t("app.overview.title", "zh") in words(app)
    app.segmented_control("language").set_value("en").run()
    assert t("app.overview.title", "en") in words(app)
    app.switch_page("views/what_if.py").run()
    assert t("app.what_if.title", "en") in words(app)


def test_the_overview_tells_figures_reasons_and_the_proof(monkeypatch, small):
    text = words(open_app(monkeypatch, small))
    for part in ("33.3%", t("status.optimal"), "甲镇卫生院", "小城", t("app.one_person")):
        assert part in text
    assert re.search(rf"{t('code.reason.capacity_full')}</span><span>1<", text)
    assert re.search(rf"{t('code.reason.beyond_limit')}</span><span>1<", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_policy_of_time_shows_its_limit_in_minutes(monkeypatch, small, tmp_path, lang):
    file = tmp_path / "time.toml"
    file.write_text('id = "t"\ncost = "time"\n[limit_minutes]\nhome = 45\n', encoding="utf-8")
    monkeypatch.setenv("MATCHER_POLICY", str(file))
    text = words(open_app(monkeypatch, small, lang))
    assert t("app.minutes", lang, minutes="45") in text
    assert t("app.figure.limit_time", lang, mode=t("code.mode.home", lang)) in text


def test_only_the_sample_says_what_of_it_is_real(monkeypatch, small):
    for page in ("overview.py", "data.py"):
        assert t("app.sample_note") in words(open_app(monkeypatch, None, page=page))
        assert t("app.sample_note") not in words(open_app(monkeypatch, small, page=page))


def test_the_mode_narrows_places_and_loads(monkeypatch, small):
    app = open_app(monkeypatch, small)
    app.segmented_control("overview_mode").set_value("high_end").run()
    assert not app.exception
    assert "甲镇卫生院" not in words(app)


def test_a_place_chosen_by_name_tells_its_people_and_lists_the_unserved(monkeypatch, small):
    """The list has as many rows as the panel says; the way back leads to all places."""
    app = open_app(monkeypatch, small)
    app.selectbox("chosen_search").set_value(("place", "T1")).run()
    assert not app.exception
    assert t("app.inside.list", people="2") in words(app)
    (people,) = [table for table in app.dataframe if t("column.unserved.reason") in table.value]
    assert len(people.value) == 2
    assert "李四" not in people.value.to_csv()
    app.button("inside_back").click().run()
    assert t("app.overview.places") in words(app)
    assert not [table for table in app.dataframe if t("column.unserved.reason") in table.value]


def test_a_provider_chosen_by_name_tells_what_one_more_place_would_bring(monkeypatch, small):
    app = open_app(monkeypatch, small)
    app.selectbox("chosen_search").set_value(("provider", "P1")).run()
    assert not app.exception
    for part in (t("app.inside.one_person"), t("app.inside.comes_from")):
        assert part in words(app)


def test_what_is_chosen_is_forgotten_when_the_data_know_it_no_more(monkeypatch, small):
    app = open_app(monkeypatch, small)
    app.session_state["chosen"] = ("place", "V999")
    app.run()
    assert not app.exception
    assert t("app.overview.places") in words(app)


def test_a_provider_is_found_by_a_part_of_its_name(monkeypatch, small):
    app = open_app(monkeypatch, small)
    app.text_input("loads_search").set_value("乙镇").run()
    assert "甲镇卫生院" not in words(app)
    assert "乙镇卫生院" in words(app)


def test_another_policy_gives_another_plan(monkeypatch, small):
    app = open_app(monkeypatch, small)
    first = re.search(r"[0-9a-f]{12}", words(app)).group()
    app.selectbox("policy").set_value("sichuan-2020").run()
    assert not app.exception
    assert first not in words(app)


def test_an_unknown_policy_is_named_with_the_ones_there_are(monkeypatch, small):
    monkeypatch.setenv("MATCHER_POLICY", "panzihua")
    app = open_app(monkeypatch, small)
    assert not app.exception
    assert "panzhihua-2016" in words(app)


def test_a_name_in_a_message_is_never_read_as_markdown(monkeypatch, small):
    monkeypatch.setenv("MATCHER_POLICY", "![x](http://example.org/x.png)")
    app = open_app(monkeypatch, small)
    (message,) = [element.value for element in app.get("html") if "example.org" in element.value]
    assert "![x](http://example.org/x.png)" in message
    assert not [element for element in (*app.markdown, *app.error) if "example.org" in element.value]


def test_names_with_markup_stay_text(monkeypatch, tmp_path):
    name = "<img src=x onerror=alert(1)>"
    tables = SMALL | {"providers": [SMALL["providers"][0] | {"name": name}]}
    text = words(open_app(monkeypatch, write_tables(tmp_path / "data", tables)))
    assert "<img" not in text
    assert "&lt;img" in text


def add_provider(app, lat):
    """Fill the form for a new provider north of the village centre, and press the button."""
    number = len(edits_made())
    app.number_input(f"new_lat_{number}").set_value(lat)
    app.number_input(f"new_lon_{number}").set_value(101.7).run()
    return app.button("add").click().run()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_new_provider_serves_who_was_left_over(monkeypatch, small, lang):
    app = add_provider(open_app(monkeypatch, small, lang, "what_if.py"), 27.3)
    (edit,) = edits_made()
    assert isinstance(edit, AddProvider)
    app.button("compute").click().run()
    assert not app.exception
    told = app.dataframe[0].value
    assert told[["resident_id", "name", "to_name"]].to_numpy().tolist() == [
        ["R3", "王*", t("app.what_if.new_name", lang, number=1)]
    ]
    assert t("app.what_if.comparison", lang) in words(app)


def test_a_closed_provider_loses_its_people(monkeypatch, small):
    app = open_app(monkeypatch, small, page="what_if.py")
    app.segmented_control(edits.TASK).set_value("close").run()
    app.selectbox(edits.PROVIDER).set_value("P1").run()
    app.button("close").click().run()
    assert edits_made() == [CloseProvider("P1")]
    app.button("compute").click().run()
    assert app.dataframe[0].value["change"].tolist() == [t("code.change.newly_unserved")]


def test_a_larger_capacity_serves_one_more(monkeypatch, small):
    app = open_app(monkeypatch, small, page="what_if.py")
    app.segmented_control(edits.TASK).set_value("change").run()
    app.selectbox(edits.PROVIDER).set_value("P1").run()
    app.number_input("change_to_P1_home").set_value(2).run()
    app.button("change").click().run()
    assert edits_made() == [ChangeCapacity("P1", "home", to=2)]
    app.button("compute").click().run()
    assert app.dataframe[0].value["change"].tolist() == [t("code.change.newly_served")]


def test_an_edit_taken_back_takes_the_later_edits_of_a_new_provider_with_it(monkeypatch, small):
    app = add_provider(open_app(monkeypatch, small, page="what_if.py"), 27.3)
    app.segmented_control(edits.TASK).set_value("close").run()
    app.selectbox(edits.PROVIDER).set_value("NEW-1").run()
    app.button("close").click().run()
    app.button("remove_1").click().run()
    assert not app.exception
    assert edits_made() == []


def test_edits_after_the_comparison_ask_for_another_one(monkeypatch, small):
    app = add_provider(open_app(monkeypatch, small, page="what_if.py"), 27.3)
    app.button("compute").click().run()
    assert app.dataframe
    app = add_provider(app, 27.0)
    assert not app.dataframe
    assert t("app.what_if.stale") in words(app)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_edits_that_other_data_have_no_use_for_are_named_until_there_are_new_ones(monkeypatch, small, lang):
    app = open_app(monkeypatch, small, lang, "what_if.py")
    save_draft(state.folder(), Draft((CloseProvider("P1"), CloseProvider("P2"))))
    write_tables(small, SMALL | {"providers": [provider("P3", name="丙镇卫生院")]})
    note = t("app.what_if.dropped", lang, number=2)
    for _ in range(2):
        app.run()
        assert not app.exception
        assert note in words(app)
        assert edits_made() == []
    assert note not in words(add_provider(app, 27.3))


def test_share_colours_are_told_apart_by_lightness_alone():
    """Whoever sees no hues still sees the order: need and load are dark, from class to class."""
    for colours in (palette.SHARE_COLOURS[::-1], palette.LOAD_COLOURS):
        light = [luminance(colour) for colour in colours]
        assert all(a > 1.2 * b for a, b in pairwise(light))


def luminance(colour):
    """Relative luminance as WCAG defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("share", "index"), [(0.0, 0), (0.499, 0), (0.5, 1), (0.95, 4), (1.0, 4), (float("nan"), None)]
)
def test_a_share_takes_the_colour_of_the_class_whose_lower_bound_it_reaches(share, index):
    expected = palette.NOTHING if index is None else palette.SHARE_COLOURS[index]
    assert palette.colour(share, palette.SHARE_BOUNDS, palette.SHARE_COLOURS) == expected


@pytest.fixture
def as_users_run_it(monkeypatch):
    """A fault of the program is told too, instead of ending the test."""
    monkeypatch.setattr(failures, "DEBUG_VARIABLE", "MATCHER_NOBODY_DEBUGS")


#: Contents that somebody may have saved under a name that the folder gives a meaning.
STRANGE = {
    "nothing": b"",
    "binary": bytes(range(256)) * 40,
    "json": b'{"features": [{"properties": null, "geometry": {"type": "Point", "coordinates": [null]}}]}',
    "list": b"[1, 2]",
    "deep": b"a = " + b"[" * 100_000,
    "long": b"as_of = " + b"9" * 5_000,
    "types": b'title = 1\nas_of = "soon"\ndatum = ["wgs84"]\n',
}


@pytest.mark.parametrize("content", STRANGE)
@pytest.mark.parametrize(
    "file", ["outlines.geojson", "dataset.toml", "residents.csv", "sites.xlsx", "travel.parquet"]
)
@pytest.mark.usefixtures("as_users_run_it")
def test_whatever_a_file_holds_the_page_tells_it(monkeypatch, small, file, content):
    """Neither a traceback nor a page that says nothing."""
    (small / file).write_bytes(STRANGE[content])
    app = open_app(monkeypatch, small)
    assert not app.exception
    assert 'role="alert"' in words(app)


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize("content", [name for name in STRANGE if name != "nothing"])
def test_whatever_a_policy_file_holds_the_page_tells_it(monkeypatch, small, tmp_path, content):
    policy = tmp_path / "policy.toml"
    policy.write_bytes(STRANGE[content])
    monkeypatch.setenv("MATCHER_POLICY", str(policy))
    app = open_app(monkeypatch, small)
    assert not app.exception
    assert 'role="alert"' in words(app)


@pytest.mark.usefixtures("as_users_run_it")
@pytest.mark.parametrize("content", STRANGE)
def test_whatever_is_uploaded_the_page_tells_it(monkeypatch, small, tmp_path, content):
    uploaded = files(SMALL, tmp_path / "upload")
    for strange in ("dataset.toml", "sites.xlsx"):
        kept = [file for file in uploaded if file[0] != strange]
        app = open_app(monkeypatch, small, page="data.py")
        app.file_uploader("upload_files").set_value([*kept, (strange, STRANGE[content], "text/plain")])
        app.button("upload_check").click().run()
        assert not app.exception
        assert 'role="alert"' in words(app)


def test_two_uploaded_files_of_one_name_are_told_not_mixed(monkeypatch, small, tmp_path):
    uploaded = files(SMALL, tmp_path / "upload")
    app = open_app(monkeypatch, small, page="data.py")
    app.file_uploader("upload_files").set_value([*uploaded, ("Residents.csv", b"resident_id\n", "text/csv")])
    app.button("upload_check").click().run()
    assert "esidents.csv" in words(app)
    assert "upload_use" not in [button.key for button in app.button]


@pytest.mark.usefixtures("as_users_run_it")
def test_a_fault_of_the_program_is_told_without_its_values(monkeypatch, small):
    """Who is not looking for the fault sees its kind alone: a value in it could be a person's."""

    def fail(*_):
        raise KeyError("13812345678")

    monkeypatch.setattr(state, "_plan", fail)
    app = open_app(monkeypatch, small)
    assert not app.exception
    assert t("app.failed", what="KeyError") in words(app)
    assert "13812345678" not in words(app)
