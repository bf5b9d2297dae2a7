"""Data folders for the tests of the app, and the app opened on one of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from matcher.app.drafts import load_draft
from matcher.app.parts import state
from matcher.app.parts.memory import TAB
from matcher.app.settings import DATA_VARIABLE, SCRIPT
from matcher.scenario.edits import Edit
from matcher.tables import TABLES
from tests.helpers.builders import PLACES, provider, resident

SERVICES = "basic_care;chronic_care;health_check;home_visit"
#: Three people in a row northwards; the health centre beside the first has one place, the clinic far off none.
SMALL = {
    "residents": [
        resident("R1", name="张三", phone="13812345678"),
        resident("R2", 1.0, name="李四"),
        resident("R3", 90.0, name="王五"),
    ],
    "providers": [
        provider("P1", name="甲镇卫生院", services=SERVICES),
        provider("P2", 60.0, name="乙镇卫生院", services=SERVICES, capacity_home=0),
    ],
    "places": PLACES,
}
#: The same with a place where a clinic could stand.
WITH_CANDIDATE = SMALL | {"candidates": [provider("C1", 1.0, name="候选", capacity_home=5)]}
EMPTY = {"residents": [], "providers": [], "places": []}
#: A capacity in words.
BAD = SMALL | {"providers": [provider("P1", capacity_home="约50")]}


def write_tables(folder: Path, tables: dict) -> Path:
    """A data folder of CSV files; a table without rows keeps its header."""
    folder.mkdir(exist_ok=True)
    for name, rows in tables.items():
        header = [column.name for column in TABLES[name]]
        frame = pd.DataFrame(list(rows)).reindex(columns=header)
        frame.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")
    (folder / "dataset.toml").write_text(
        'title = "小城"\nas_of = 2026-01-01\ndatum = "wgs84"\n', encoding="utf-8"
    )
    return folder


def open_app(
    monkeypatch: pytest.MonkeyPatch, data: Path | None, lang: str = "zh", page: str = "", tab: str = ""
) -> AppTest:
    """The app as somebody first sees it: at a page, a file in ``matcher/app/views``, else at the overview.

    With the word of an earlier `tab` it is that tab after F5.
    """
    if data is None:
        monkeypatch.delenv(DATA_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(DATA_VARIABLE, str(data))
    monkeypatch.setenv("MATCHER_DEBUG", "1")  # a fault of the program ends the test
    app = AppTest.from_file(str(SCRIPT), default_timeout=60)
    app.query_params["language"] = {"zh": "中文", "en": "English"}[lang]
    if tab:
        app.query_params[TAB] = tab
    return (app.switch_page(f"views/{page}") if page else app).run()


def words(app: AppTest) -> str:
    """All texts of the page, without their markup."""
    kinds = ("html", "info", "caption", "markdown")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def edits_made() -> list[Edit]:
    """The edits of the scenario page, as they are kept for the folder that the app is open on."""
    return list(load_draft(state.folder()).edits)


def files(tables: dict, folder: Path) -> list[tuple[str, bytes, str]]:
    """The files of a folder as a browser hands them over."""
    write_tables(folder, tables)
    return [(file.name, file.read_bytes(), "text/plain") for file in sorted(folder.iterdir())]


def problems(app: AppTest) -> pd.DataFrame:
    """The table of what is wrong in the files."""
    (table,) = [table.value for table in app.dataframe if "severity" in table.value]
    return table
