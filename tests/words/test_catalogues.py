"""The two catalogues say the same things, and what the code asks for is there."""

from __future__ import annotations

import ast
import re
import string

import pytest

from matcher.progress import track
from matcher.tables import DISTANCE_SOURCES, POSITIONS, TABLES, UNSERVED_REASONS, VOCABULARIES
from matcher.words.catalogues import LANGUAGES, catalogue, default_language, label, t
from tests import ROOT

SOURCES = sorted(
    [
        *ROOT.glob("*.py"),
        *(ROOT / "matcher").rglob("*.py"),
    ]
)


#: Stands in a key for what is known only when the program runs.
VARYING = "[^.]+"


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def calls() -> list[tuple[str, set[str] | None, str]]:
    """Every ``t(…)`` in the code: its key as a regular expression, the values given (None: unknown), where."""
    found = []
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "t" and node.args:
                names = {keyword.arg for keyword in node.keywords}
                values = None if None in names else {str(name) for name in names}
                found += [(key, values, f"{file.name}:{node.lineno}") for key in keys(node.args[0])]
    return found


def keys(node: ast.expr) -> list[str]:
    """The keys that an argument may stand for, a varying part as `VARYING`; none for a variable."""
    if isinstance(node, ast.IfExp):
        return keys(node.body) + keys(node.orelse)
    if isinstance(node, ast.Constant):
        return [re.escape(str(node.value))]
    if isinstance(node, ast.JoinedStr):
        parts = (
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else VARYING for part in node.values
        )
        return ["".join(parts)]
    return []


def test_both_languages_have_the_same_keys():
    assert set(catalogue("zh")) == set(catalogue("en"))


def test_both_languages_fill_the_same_values():
    zh, en = catalogue("zh"), catalogue("en")
    assert [key for key in zh if placeholders(zh[key]) != placeholders(en[key])] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty(lang):
    assert [key for key, text in catalogue(lang).items() if not text.strip()] == []


def test_english_texts_hold_no_chinese():
    assert [key for key, text in catalogue("en").items() if re.search("[\u4e00-\u9fff]", text)] == []


def test_every_key_in_the_code_stands_in_the_catalogue():
    there = catalogue("zh")
    missing = [(key, where) for key, _, where in calls() if not any(re.fullmatch(key, one) for one in there)]
    assert missing == []
    assert len(calls()) > 100


def test_every_text_is_given_the_values_that_it_names():
    there = catalogue("zh")
    wrong = [
        (one, where)
        for key, values, where in calls()
        if values is not None and VARYING not in key
        for one in there
        if re.fullmatch(key, one) and not placeholders(there[one]) <= values
    ]
    assert wrong == []


def test_no_text_of_the_app_is_left_over():
    used = [key for key, _, _ in calls()]
    texts = [key for key in catalogue("zh") if key.startswith("app.")]
    assert [key for key in texts if not any(re.fullmatch(pattern, key) for pattern in used)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_and_column_has_a_word(lang):
    codes = [f"code.{name}.{code}" for name, words in VOCABULARIES.items() for code in words]
    codes += [f"code.reason.{reason}" for reason in UNSERVED_REASONS]
    codes += [f"code.position.{position}" for position in POSITIONS]
    codes += [f"code.distance_source.{source}" for source in DISTANCE_SOURCES]
    columns = [f"column.{table}.{column.name}" for table, specs in TABLES.items() for column in specs]
    assert [key for key in codes + columns if key not in catalogue(lang)] == []


@pytest.mark.parametrize(
    ("wished", "system", "lang"),
    [
        ("en", "zh_CN", "en"),
        ("zh", "de_DE", "zh"),
        ("", "Chinese (Simplified)_China", "zh"),
        ("", "de_DE", "en"),
        ("", None, "en"),
    ],
)
def test_the_terminal_speaks_the_language_wished_for_else_that_of_the_system(
    monkeypatch, wished, system, lang
):
    monkeypatch.setenv("MATCHER_LANG", wished)
    monkeypatch.setattr("locale.getlocale", lambda: (system, "UTF-8"))
    assert default_language() == lang


def test_a_progress_bar_speaks_the_language_of_the_terminal(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for lang in LANGUAGES:
        monkeypatch.setenv("MATCHER_LANG", lang)
        assert list(track([1, 2], True, "progress.places")) == [1, 2]
        assert t("progress.places", lang) in capsys.readouterr().err


def test_a_missing_key_is_an_error_and_never_shown():
    with pytest.raises(KeyError):
        t("app.no_such_key")


def test_a_code_of_an_open_list_stands_for_itself():
    assert label("condition", "gout_of_1805", "en") == "gout_of_1805"
