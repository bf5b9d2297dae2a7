"""The data page: an office's files are checked, given back marked, taken over whole, and any version comes back."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest

from matcher.accounts.accounts import open_accounts
from matcher.accounts.roles import Account
from matcher.accounts.trail import last_rows
from matcher.app import datasets, persons
from matcher.app.home import home
from matcher.app.parts import account as parts_account
from matcher.app.parts import state, upload
from matcher.app.parts.draft import draft
from matcher.app.serving import Serving
from matcher.errors import BadInput
from matcher.intake import marked
from matcher.intake.check import check, load_inputs
from matcher.intake.dataset import ONLINE_VARIABLE
from matcher.intake.marked import marked_workbook
from matcher.intake.read import read_folder, read_upload
from matcher.intake.templates import template_workbook
from matcher.results.versions import changed_rows
from matcher.sample.shipped import sample_folder
from matcher.tables import TABLES
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.app_data import BAD, SMALL, files, open_app, problems, words, write_tables
from tests.helpers.builders import make_inputs, provider, resident

ONE = SMALL | {"residents": SMALL["residents"][:1]}


@pytest.fixture
def small(tmp_path):
    return write_tables(tmp_path / "data", SMALL)


def checked(monkeypatch, data, uploaded, lang="zh"):
    """The page with these files checked."""
    app = open_app(monkeypatch, data, lang, "data.py")
    app.file_uploader("upload_files").set_value(uploaded)
    return app.button("upload_check").click().run()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_files_with_an_error_are_refused_with_their_problems_and_given_back(
    monkeypatch, small, tmp_path, lang
):
    app = checked(monkeypatch, small, files(BAD, tmp_path / "upload"), lang)
    assert not app.exception
    assert 'role="alert"' in words(app)
    assert "约50" in problems(app).to_csv()
    assert "upload_use" not in [button.key for button in app.button]
    assert [one for one in app.get("download_button") if one.label == t("app.upload.marked", lang)]
    assert datasets.versions(small) == []


def test_sound_files_are_taken_over_seen_by_every_window_and_one_goes_back(monkeypatch, small, tmp_path):
    app = checked(monkeypatch, small, files(ONE, tmp_path / "upload"))
    assert "33.3%" in words(open_app(monkeypatch, small))  # nothing is in use before it is taken over
    app.button("upload_use").click().run()
    assert not app.exception
    assert t("app.data.taken", title="小城") in words(app)
    assert "100.0%" in words(open_app(monkeypatch, small))
    (version,) = datasets.versions(small)
    assert (version.residents, version.providers) == (1, 2)
    again = open_app(monkeypatch, small, page="data.py")
    again.radio[0].set_value("").run()
    for word in ("gone", "same"):
        assert t(f"app.data.{word}") in words(again)
    again.button("data_use").click().run()
    assert not again.exception
    assert "33.3%" in words(open_app(monkeypatch, small))


def test_addresses_of_files_taken_over_never_leave_the_machine(monkeypatch, small, tmp_path):
    """Whatever dataset.toml asks for: what is kept names no geocoder, for whoever reads it."""
    monkeypatch.setenv(ONLINE_VARIABLE, "1")
    uploaded = files(SMALL, tmp_path / "upload")
    name, content, kind = uploaded[0]
    assert name == "dataset.toml"
    asking = content + b'[geocoder]\nname = "nominatim"\nuser_agent = "me"\n'
    app = checked(monkeypatch, small, [(name, asking, kind), *uploaded[1:]])
    assert "nominatim" in problems(app)["value"].tolist()
    app.button("upload_use").click().run()
    assert not app.exception
    assert load_inputs(state.folder()).dataset.geocoder == {}
    assert "nominatim" not in (state.folder() / "dataset.toml").read_text(encoding="utf-8")


def test_a_disk_that_refuses_leaves_the_data_in_use(monkeypatch, small, tmp_path):
    def fail(*_):
        raise OSError

    app = checked(monkeypatch, small, files(SMALL, tmp_path / "upload"))
    monkeypatch.setattr(datasets, "_write", fail)
    app.button("upload_use").click().run()
    assert not app.exception
    assert t("app.failed", what="OSError") in words(app)
    assert datasets.versions(small) == []
    assert state.folder() == small


def read(folder):
    """The tables of a folder, not yet located."""
    return check(read_folder(folder)).inputs


def kept(folder, inputs):
    """The files of a folder, taken over."""
    uploaded = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    return datasets.keep(folder, uploaded, inputs)


@pytest.mark.parametrize("at", range(1, 8))
def test_a_death_while_taking_over_leaves_the_old_version_in_use(monkeypatch, small, at):
    """Between any two of the files: all of the new version or nothing of it."""
    inputs = load_inputs(small)
    before = kept(small, inputs)
    calls = []

    def dying(real):
        def step(*arguments, **options):
            calls.append(real)
            if len(calls) == at:
                raise KeyboardInterrupt
            return real(*arguments, **options)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(datasets, "_write", dying(datasets._write))
        patched.setattr(datasets, "write_json", dying(datasets.write_json))
        patched.setattr(os, "replace", dying(os.replace))
        with pytest.raises(KeyboardInterrupt):
            kept(small, inputs)
    known = datasets.versions(small)
    now = datasets.current(small)
    assert now is not None
    assert now.id == before.id
    for one in known:
        names = {path.name for path in small.iterdir()} | {persons.FILE}
        assert {path.name for path in one.folder.iterdir()} == names


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such modes")
def test_what_is_kept_is_readable_by_the_user_alone(small):
    version = kept(small, load_inputs(small))
    for path in (version.folder, *version.folder.iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_a_draft_of_a_process_that_was_killed_goes_with_a_later_version(small):
    """Nobody's data stay in a folder that nobody knows of; what somebody writes now and a damaged version are left."""
    version = kept(small, load_inputs(small))
    root = version.folder.parent.parent
    for name in (".dead", ".written", "strange"):
        (root / name / "data").mkdir(parents=True)
    an_hour_ago = datetime.now(UTC).timestamp() - 3601
    os.utime(root / ".dead", (an_hour_ago, an_hour_ago))
    kept(small, load_inputs(small))
    assert not (root / ".dead").exists()
    assert (root / ".written").exists()
    assert len(datasets.versions(small)) == 2


@pytest.mark.parametrize("with_settings", [True, False])
def test_date_and_datum_of_the_form_are_kept_with_the_files(monkeypatch, small, tmp_path, with_settings):
    """They go before a dataset.toml among the files, when checked and ever after."""
    uploaded = [
        file for file in files(SMALL, tmp_path / "upload") if with_settings or file[0] != "dataset.toml"
    ]
    app = open_app(monkeypatch, small, page="data.py")
    app.file_uploader("upload_files").set_value(uploaded)
    app.text_input("upload_as_of").set_value("2025-03-04")
    app.selectbox("upload_datum").set_value("gcj02")
    app.button("upload_check").click().run()
    app.button("upload_use").click().run()
    assert not app.exception
    dataset = read_folder(state.folder()).dataset
    assert dataset is not None
    assert dataset.as_of.isoformat() == "2025-03-04"
    assert set(dataset.datum.values()) == {"gcj02"}
    assert dataset.title == ("小城" if with_settings else "")
    assert datasets.versions(small)[0].title == ("小城" if with_settings else "places")


def test_where_others_are_served_data_come_in_with_a_legal_basis_and_a_row_of_the_audit_alone(
    monkeypatch, small, tmp_path
):
    planner = Account(3, "liming", "planner", (), False, False, "", datetime(2026, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(parts_account, "account", lambda: planner)
    app = checked(monkeypatch, small, files(ONE, tmp_path / "upload"))
    monkeypatch.setattr(parts_account, "serving", lambda: Serving(("x",)))
    monkeypatch.setattr(upload, "serving", lambda: Serving(("x",)))
    app.button("upload_use").click().run()
    assert t("error.upload_no_basis") in words(app)
    assert datasets.versions(small) == []
    app.text_input("upload_basis").set_value("履行法定职责")
    app.button("upload_check").click().run()
    app.button("upload_use").click().run()
    assert load_inputs(state.folder()).dataset.legal_basis == "履行法定职责"
    assert "履行法定职责" in words(app)
    (row,) = last_rows(open_accounts().database, 1)
    assert (row.who, row.what, row.whose, row.result) == ("liming", "data_taken", "小城", "履行法定职责")


def test_edits_stay_with_the_folder_whichever_version_is_in_use(monkeypatch, small, tmp_path):
    app = open_app(monkeypatch, small, page="what_if.py")
    app.number_input("new_lat_0").set_value(27.3)
    app.number_input("new_lon_0").set_value(101.7).run()
    app.button("add").click().run()
    checked(monkeypatch, small, files(ONE, tmp_path / "upload")).button("upload_use").click().run()
    assert len(draft().edits) == 1


def test_rows_that_came_went_and_changed_are_counted():
    before = make_inputs([resident("a"), resident("b"), resident("c")], [provider("p")])
    after = make_inputs([resident("a"), resident("b", age=71), resident("d")], [provider("p"), provider("q")])
    table = changed_rows(before, after).set_index("table")
    assert table.loc["residents"].tolist() == [1, 1, 1, 1]
    assert table.loc["providers"].tolist() == [1, 0, 0, 1]
    assert changed_rows(before, before)[["came", "gone", "changed"]].to_numpy().sum() == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_marked_workbook_lists_every_problem_and_comes_back_as_it_went(tmp_path, lang):
    raw = read_upload([(name, content) for name, content, _ in files(BAD, tmp_path / "upload")])
    found = check(raw).problems
    content = marked_workbook(raw, found, lang)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.worksheets[0].max_row == 1 + len(found.groupby(["file", "column", "code"]))
    sheet = book["providers"]
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "约50"]
    assert cell.row == int(found.loc[found["value"] == "约50", "row"].iloc[0])
    assert cell.comment is not None
    toml = next(
        (name, content) for name, content, _ in files(BAD, tmp_path / "upload") if name == "dataset.toml"
    )
    again = check(read_upload([("标注.xlsx", content), toml])).problems
    assert set(found["code"]) <= set(again["code"])
    assert "unknown_reference" not in set(again["code"])


def test_a_workbook_too_long_for_a_sheet_is_refused(monkeypatch, tmp_path):
    raw = read_upload([(name, content) for name, content, _ in files(BAD, tmp_path / "upload")])
    monkeypatch.setattr(marked, "MAX_ROWS", 2)
    with pytest.raises(BadInput) as caught:
        marked_workbook(raw, check(raw).problems, "en")
    assert caught.value.code == "too_many_rows"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_template_is_understood_as_it_is(lang):
    content = template_workbook(lang)
    raw = read_upload([("模板.xlsx", content)], as_of="2026-01-01", datum="wgs84")
    assert {finding.code for finding in raw.findings} <= {"empty_file"}
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert len(book.worksheets) == len(TABLES)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_that_nobody_knows_are_explained_once_and_remembered(monkeypatch, small, tmp_path, lang):
    """The id stands under a strange header and the file has a strange name: said once, read so the next time too."""
    folder = write_tables(tmp_path / "upload", SMALL)
    text = (folder / "residents.csv").read_text(encoding="utf-8").replace("resident_id", "代号甲", 1)
    (folder / "residents.csv").unlink()
    uploaded = [("台账一.csv", text.encode(), "text/plain")]
    uploaded += [(file.name, file.read_bytes(), "text/plain") for file in sorted(folder.iterdir())]
    app = checked(monkeypatch, small, uploaded, lang)
    app.selectbox("mapping_name_台账一.csv_").set_value("residents")
    app.button("mapping_use").click().run()
    assert not app.exception
    assert "R1" not in words(app)
    app.selectbox("mapping_column_0_residents_代号甲").set_value("resident_id")
    app.button("mapping_use").click().run()
    assert not app.exception
    app.button("upload_use").click().run()
    (version,) = datasets.versions(small)
    assert len(load_inputs(version.folder).residents) == 3
    again = checked(monkeypatch, small, uploaded, lang)
    assert "upload_use" in [button.key for button in again.button]


def test_a_suggestion_is_marked_and_decides_nothing_by_itself(monkeypatch, small, tmp_path):
    folder = write_tables(tmp_path / "upload", SMALL)
    text = (folder / "residents.csv").read_text(encoding="utf-8").replace(",phone,", ",怎么找,", 1)
    (folder / "residents.csv").write_text(text, encoding="utf-8")
    uploaded = [(file.name, file.read_bytes(), "text/plain") for file in sorted(folder.iterdir())]
    app = checked(monkeypatch, small, uploaded)
    box = app.selectbox("mapping_column_0_residents_怎么找")
    assert box.value == "phone"
    assert t("app.mapping.likely", name="电话") in box.options
    assert "13812345678" not in words(app)
    assert "unknown_column" in problems(app).to_csv() or "怎么找" in problems(app).to_csv()


def tables_equal(one, other):
    """All tables but for the rows where they stood."""
    for name in TABLES:
        left, right = (getattr(inputs, name).drop(columns="row", errors="ignore") for inputs in (one, other))
        pd.testing.assert_frame_equal(left, right, obj=name)


@pytest.mark.parametrize("data", ["sample", "small"])
def test_a_version_gives_back_what_was_uploaded(small, data):
    """Every cell of every table, names and numbers of people among them, though these stand in no readable file."""
    folder = sample_folder() if data == "sample" else small
    kept(folder, read(folder))
    version = datasets.versions(small)[0] if data == "small" else datasets.versions(folder)[0]
    tables_equal(state.inputs_of(version.folder), load_inputs(folder))


def test_names_and_numbers_of_people_stand_in_no_file_that_can_be_read(small):
    people = [
        resident(
            "R1", name="张三丰", phone="13812345678", id_number="510402194001011231", address="幸福路一号"
        ),
        resident("R2", 1.0, name="李四光"),
    ]
    write_tables(small, SMALL | {"residents": people})
    version = kept(small, read(small))
    for path in version.folder.iterdir():
        content = path.read_bytes()
        for word in ("张三丰", "李四光", "13812345678", "510402194001011231", "幸福路一号"):
            assert word.encode() not in content, path.name
    back = state.inputs_of(version.folder).residents.set_index("resident_id")
    assert back.loc["R1", list(persons.PERSONAL)].tolist() == [
        "张三丰",
        "510402194001011231",
        "13812345678",
        "幸福路一号",
    ]
    assert pd.isna(back.loc["R2", "phone"])
    assert str(back.loc["R1", "birth_date"])[:10] == "1940-01-01"


@pytest.mark.parametrize("spoil", ["key", "no key", "byte", "empty"])
def test_another_key_or_a_changed_file_is_told_and_nothing_is_made_up(small, spoil):
    version = kept(small, load_inputs(small))
    file = version.folder / persons.FILE
    key = home("keys") / "persons.key"
    if spoil == "key":
        key.write_bytes(b"x" * 32)
    elif spoil == "no key":
        key.unlink()
    else:
        content = file.read_bytes()
        file.write_bytes(b"" if spoil == "empty" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BadInput, match="persons_locked"):
        persons.joined(load_inputs(version.folder), version.folder)
    assert key.is_file() == (spoil != "no key")


@pytest.mark.parametrize("at", [None, 1, 3])
def test_a_version_kept_in_clear_by_an_earlier_release_is_sealed_when_it_is_opened(monkeypatch, small, at):
    """And where the process dies in the middle of it, the next one does it."""
    version = kept(small, load_inputs(small))
    for path in version.folder.iterdir():
        path.unlink()
    for path in small.iterdir():
        (version.folder / path.name).write_bytes(path.read_bytes())
    if at is not None:
        calls = []

        def dying(file, content):
            calls.append(file)
            if len(calls) == at:
                raise KeyboardInterrupt
            file.write_bytes(content)

        with monkeypatch.context() as patched:
            patched.setattr(datasets, "_write", dying)
            with pytest.raises(KeyboardInterrupt):
                state.inputs_of(version.folder)
        assert "张三" in (version.folder / "residents.csv").read_text(encoding="utf-8")
    inputs = state.inputs_of(version.folder)
    tables_equal(inputs, load_inputs(small))
    assert all("张三".encode() not in path.read_bytes() for path in version.folder.iterdir())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_header_is_chosen_among_the_first_rows_and_remembered(monkeypatch, small, tmp_path, lang):
    """A row of examples looks more like a header than the header does."""
    folder = write_tables(tmp_path / "upload", SMALL)
    header, rest = (folder / "residents.csv").read_text(encoding="utf-8").split("\n", 1)
    strange = ",".join(f"列{number}X" for number in range(len(header.split(","))))
    text = f"示例：,姓名,电话,性别\n{strange}\n{rest}"
    (folder / "residents.csv").write_text(text, encoding="utf-8")
    uploaded = [(file.name, file.read_bytes(), "text/plain") for file in sorted(folder.iterdir())]
    app = checked(monkeypatch, small, uploaded, lang)
    (box,) = [one for one in app.selectbox if one.key.startswith("mapping_header_residents")]
    assert "张三" not in "".join(box.options)
    box.set_value(2)
    app.button("mapping_use").click().run()
    assert not app.exception
    again = checked(monkeypatch, small, uploaded, lang)
    (box,) = [one for one in again.selectbox if one.key.startswith("mapping_header_residents")]
    assert box.value == 2
