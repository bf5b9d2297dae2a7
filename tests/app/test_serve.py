"""The app's settings hold wherever the command is started, and its room is the only one that knows Streamlit."""

from __future__ import annotations

import ast
from pathlib import Path

from streamlit.testing.v1 import AppTest

import matcher
from matcher.app.settings import SCRIPT, settings
from matcher.words.catalogues import t
from tests.helpers.app_data import words

PACKAGE = Path(matcher.__file__).parent


def test_every_setting_is_passed_and_nothing_leaves_the_machine():
    """What the file of settings says, by its dotted names, and the port."""
    assert SCRIPT.is_file()
    given = settings(8765)
    assert {
        "server.address": "127.0.0.1",
        "server.port": 8765,
        "server.maxUploadSize": 100,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.toolbarMode": "minimal",
        "server.fileWatcherType": "none",
        "theme.sidebar.backgroundColor": "#0f2f36",
    }.items() <= given.items()
    assert given["theme.headingFontWeights"] == [700, 600, 600]


def test_only_the_app_imports_streamlit():
    """The engine runs where no page is ever shown."""
    strangers = [
        file.relative_to(PACKAGE)
        for file in PACKAGE.rglob("*.py")
        if not file.is_relative_to(PACKAGE / "app") and "streamlit" in imported(file)
    ]
    assert strangers == []


def imported(file: Path) -> set[str]:
    """First names of the packages that a module imports anywhere in it."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.split(".")[0] for name in plain} | {
        (node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)
    }


def test_the_script_at_the_top_opens_the_same_app():
    """`streamlit run app.py` is the app of the package."""
    app = AppTest.from_file(str(PACKAGE.parent / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert t("app.overview.title") in words(app)
