"""The app's settings hold wherever the command is started."""

import ast
from pathlib import Path

from streamlit.testing.v1 import AppTest

import matcher
from matcher.app.serve import APP, streamlit_arguments
from matcher.i18n import t
from tests.app_data import words


def test_every_setting_becomes_a_flag_and_nothing_leaves_the_machine():
    arguments = streamlit_arguments(8765)
    assert arguments[:3] == ["streamlit", "run", str(APP)]
    assert {
        "--server.address=127.0.0.1",
        "--server.port=8765",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
        "--client.toolbarMode=minimal",
        "--server.fileWatcherType=none",
        "--theme.sidebar.backgroundColor=#0f2f36",
    } <= set(arguments)


def test_lists_are_repeated_flags_but_json_in_a_theme():
    arguments = streamlit_arguments(1)
    assert {"--server.allowedHosts=127.0.0.1", "--server.allowedHosts=localhost"} <= set(arguments)
    assert "--theme.headingFontWeights=[700, 600, 600]" in arguments


def test_only_the_app_imports_streamlit():
    """The engine runs where no page is ever shown."""
    package = Path(matcher.__file__).parent
    strangers = [
        file.relative_to(package)
        for file in package.rglob("*.py")
        if not file.is_relative_to(package / "app") and "streamlit" in imported(file)
    ]
    assert strangers == []


def imported(file: Path) -> set[str]:
    """First names of the packages that a module imports anywhere in it."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.split(".")[0] for name in plain} | {
        (node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)
    }


def test_the_script_at_the_top_opens_the_same_app(monkeypatch):
    """`streamlit run app.py` is the app of the package."""
    app = AppTest.from_file(str(Path(matcher.__file__).parent.parent / "app.py"), default_timeout=60).run()
    assert not app.exception
    assert t("app.overview.title") in words(app)
