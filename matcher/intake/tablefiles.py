"""Which files of a folder hold which table, sheets of a shared workbook included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from matcher.intake.fileforms import FOREIGN, SPREADSHEETS, foreign_form
from matcher.intake.naming import sheets_of, table_of, tables_in
from matcher.intake.problems import Finding
from matcher.intake.sheets import SUFFIXES
from matcher.tables import TABLES
from matcher.words.nearest import nearest


@dataclass(frozen=True)
class TableFiles:
    """Where each table stands.

    Parameters
    ----------
    files : dict of table to list of Path
    sheets : dict of table to str
        The sheet of tables that only a sheet of a workbook is called like.
    unknown : list of (str, str)
        Files and their sheets (empty for a file as a whole) that are called like no table.
    """

    files: dict[str, list[Path]]
    sheets: dict[str, str]
    unknown: list[tuple[str, str]] = field(default_factory=list)

    def label(self, table: str) -> str | None:
        """``file · sheet`` of a table that shares a workbook."""
        sheet = self.sheets.get(table)
        return f"{self.files[table][0].name} · {sheet}" if sheet is not None else None


def table_files(folder: Path, found: list[Finding], told: Mapping[str, str] | None = None) -> TableFiles:
    """Paths by table, with a warning for every data file that is no table.

    A file called like a table holds it. A workbook may hold several: a sheet called like another table is that table
    where no file is. A table in a foreign format only is among them; beside one that can be read it is told and left
    out.

    Parameters
    ----------
    folder : Path
    found : list of Finding
        Where the warnings go.
    told : mapping of str to str, optional
        What somebody said of names, see `naming.table_of`.
    """
    files: dict[str, list[Path]] = {}
    foreign: dict[str, list[Path]] = {}
    books: dict[Path, dict[str, str]] = {}
    unknown: list[tuple[str, str]] = []
    for path in sorted(folder.iterdir()):
        ours, by_name = path.suffix.lower() in SUFFIXES, FOREIGN.get(path.suffix.lower(), "")
        if not (ours or by_name) or path.name.startswith((".", "~$")) or not path.is_file():
            continue
        table = table_of(path.name.split(".")[0], told)
        sheets = tables_in(path, told) if path.suffix.lower() == ".xlsx" else {}
        if table is None and ours:
            every = sheets_of(path) if path.suffix.lower() == ".xlsx" else []
            named = [sheet for sheet in every if table_of(sheet, told) is None]
            unknown += [(path.name, sheet) for sheet in named] if every else [(path.name, "")]
        if table is not None:
            (files if ours else foreign).setdefault(table, []).append(path)
            sheets.pop(table, None)
        elif not sheets and (ours or by_name in SPREADSHEETS):
            near = ", ".join(nearest(path.name.split(".")[0].strip().lower(), TABLES))
            found.append(Finding("unknown_file", path.name, params={"nearest": near}))
        books[path] = sheets
    _add_foreign(files, foreign, found)
    return TableFiles(files, _add_sheets(files, books, found), unknown)


def _add_foreign(files: dict[str, list[Path]], foreign: dict[str, list[Path]], found: list[Finding]) -> None:
    for table, paths in foreign.items():
        if table in files:
            found += [Finding("foreign_beside", path.name, params=_form_params(path)) for path in paths]
        else:
            files[table] = paths


def _add_sheets(
    files: dict[str, list[Path]], books: dict[Path, dict[str, str]], found: list[Finding]
) -> dict[str, str]:
    """Tables that only a sheet of a shared workbook holds, with that sheet; other such sheets are told."""
    own = set(files)
    own_sheets: dict[str, str] = {}
    for path, sheets in books.items():
        for table, sheet in sheets.items():
            if table in own:
                found.append(Finding("sheet_ignored", path.name, values=(sheet,)))
            else:
                files.setdefault(table, []).append(path)
                own_sheets[table] = sheet
    return own_sheets


def _form_params(path: Path) -> dict[str, str]:
    try:
        return {"form": foreign_form(path)}
    except OSError:
        return {"form": FOREIGN[path.suffix.lower()]}
