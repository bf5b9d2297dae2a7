"""Which files of a folder hold which table, sheets of a shared workbook included."""

from __future__ import annotations

from pathlib import Path

from matcher.intake.fileforms import FOREIGN, SPREADSHEETS, foreign_form
from matcher.intake.naming import table_of, tables_in
from matcher.intake.problems import Finding
from matcher.intake.sheets import SUFFIXES
from matcher.tables import TABLES
from matcher.words.nearest import nearest


def table_files(folder: Path, found: list[Finding]) -> tuple[dict[str, list[Path]], dict[str, str]]:
    """Paths by table, with a warning for every data file that is no table.

    A file called like a table holds it. A workbook may hold several: a sheet called like another table is that table
    where no file is. A table in a foreign format only is among them; beside one that can be read it is told and left
    out.

    Parameters
    ----------
    folder : Path
    found : list of Finding
        Where the warnings go.

    Returns
    -------
    files : dict of table to list of Path
    labels : dict of table to str
        ``file · sheet`` of tables that share a workbook.
    """
    files: dict[str, list[Path]] = {}
    foreign: dict[str, list[Path]] = {}
    books: dict[Path, dict[str, str]] = {}
    for path in sorted(folder.iterdir()):
        ours, by_name = path.suffix.lower() in SUFFIXES, FOREIGN.get(path.suffix.lower(), "")
        if not (ours or by_name) or path.name.startswith((".", "~$")) or not path.is_file():
            continue
        table = table_of(path.name.split(".")[0])
        sheets = tables_in(path) if path.suffix.lower() == ".xlsx" else {}
        if table is not None:
            (files if ours else foreign).setdefault(table, []).append(path)
            sheets.pop(table, None)
        elif not sheets and (ours or by_name in SPREADSHEETS):
            near = ", ".join(nearest(path.name.split(".")[0].strip().lower(), TABLES))
            found.append(Finding("unknown_file", path.name, params={"nearest": near}))
        books[path] = sheets
    _add_foreign(files, foreign, found)
    return files, _add_sheets(files, books, found)


def _add_foreign(files: dict[str, list[Path]], foreign: dict[str, list[Path]], found: list[Finding]) -> None:
    for table, paths in foreign.items():
        if table in files:
            found += [Finding("foreign_beside", path.name, params=_form_params(path)) for path in paths]
        else:
            files[table] = paths


def _add_sheets(
    files: dict[str, list[Path]], books: dict[Path, dict[str, str]], found: list[Finding]
) -> dict[str, str]:
    """Tables that only a sheet of a shared workbook holds, and how they are called; other such sheets are told."""
    own = set(files)
    labels: dict[str, str] = {}
    for path, sheets in books.items():
        for table, sheet in sheets.items():
            if table in own:
                found.append(Finding("sheet_ignored", path.name, values=(sheet,)))
            else:
                files.setdefault(table, []).append(path)
                labels[table] = f"{path.name} · {sheet}"
    return labels


def _form_params(path: Path) -> dict[str, str]:
    try:
        return {"form": foreign_form(path)}
    except OSError:
        return {"form": FOREIGN[path.suffix.lower()]}
