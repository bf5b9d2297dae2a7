"""Problems told to people: a table by row, one line a cause, JSON; in either language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from matcher.intake.grid import ranges_told
from matcher.intake.problems import SEVERITY, Finding
from matcher.tables import VOCABULARIES
from matcher.words.catalogues import label, t

#: Columns of every table of problems. ``row`` is the row in the spreadsheet (header = 1), missing for a whole file.
PROBLEM_COLUMNS = ("file", "row", "column", "code", "severity", "value", "allowed", "fix")
#: Columns of a table of causes.
CAUSE_COLUMNS = ("severity", "file", "rows", "count", "column", "code", "value", "allowed", "fix")
#: So many different contents are shown of a cause.
SHOWN = 3
#: Causes come before their effects: what is wrong with a file, its header, a cell, between cells, between tables.
_ORDER = {code: number for number, code in enumerate(SEVERITY)}


def problem_table(
    findings: Iterable[Finding], headers: Mapping[tuple[str, str], str] | None = None
) -> pd.DataFrame:
    """All findings as one table in the order of file, row and column.

    Parameters
    ----------
    findings : iterable of Finding
    headers : mapping of (file, column) to str, optional
        What the file calls its columns.

    Returns
    -------
    pandas.DataFrame
        `PROBLEM_COLUMNS` in English, ``params``, a JSON object from which `render_problems` makes the words of another
        language, and ``header``, the column as the file calls it. ``row`` is ``Int64``, all else ``str``.
    """
    findings = list(findings)
    once = {
        "file": [finding.file for finding in findings],
        "column": [finding.column for finding in findings],
        "code": [finding.code for finding in findings],
        "severity": [SEVERITY[finding.code] for finding in findings],
        "params": [json.dumps(dict(finding.params), ensure_ascii=False) for finding in findings],
    }
    sizes = [finding.size for finding in findings]
    frame = pd.DataFrame(
        {name: np.repeat(np.array(texts, dtype=object), sizes) for name, texts in once.items()}, dtype="str"
    )
    rows = [row for finding in findings for row in finding.rows or (pd.NA,)]
    values = [value for finding in findings for value in finding.values or [""] * finding.size]
    frame = frame.assign(row=pd.Series(rows, dtype="Int64"), value=pd.Series(values, dtype="str"))
    frame = frame.sort_values(["file", "row", "column", "code"], na_position="first", ignore_index=True)
    named = pd.Series(list(zip(frame["file"], frame["column"], strict=True)), dtype=object).map(headers or {})
    return render_problems(frame, "en").assign(
        params=frame["params"], header=named.astype("str").fillna(frame["column"]).astype("str")
    )


def render_problems(problems: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A table of problems with what is allowed and how to mend it in the words of one language.

    Parameters
    ----------
    problems : DataFrame
        From `problem_table`, or some rows of one.
    lang : {"en", "zh"}

    Returns
    -------
    pandas.DataFrame
        `PROBLEM_COLUMNS`.
    """
    key = problems["code"] + "\n" + problems["params"]
    words = {distinct: _words(*distinct.split("\n", 1), lang=lang) for distinct in key.unique().tolist()}
    allowed = key.map({distinct: told[0] for distinct, told in words.items()})
    fix = key.map({distinct: told[1] for distinct, told in words.items()})
    return problems.assign(allowed=allowed.astype("str"), fix=fix.astype("str"))[list(PROBLEM_COLUMNS)]


def _words(code: str, params: str, *, lang: str) -> tuple[str, str]:
    """What is allowed, and how to mend it."""
    values = json.loads(params)
    vocabulary = values.pop("vocabulary", None)
    nearest = values.pop("nearest", "")
    lost = values.pop("lost", "")
    hint = t(f"problem_hint.{lost}", lang, **values) if lost else ""
    if code == "code_understood" and vocabulary:
        values["meant"] = _labels(values["meant"], vocabulary, lang)
    if "reason" in values:
        values["reason"] = t(f"unreadable.{values['reason']}", lang, detail=values.pop("detail", ""))
    if "form" in values:
        form = values.pop("form")
        values["form"], values["remedy"] = t(f"file_form.{form}", lang), t(f"file_remedy.{form}", lang)
    if vocabulary:
        codes = VOCABULARIES[vocabulary]
        words = [label(vocabulary, code, lang) for code in codes] if lang == "zh" else codes
        values["codes"] = t("problem_hint.comma", lang).join(words)
    allowed, fix = (t(f"problem.{code}.{part}", lang, **values) for part in ("allowed", "fix"))
    return allowed, fix + hint + (t("problem_hint.nearest", lang, nearest=nearest) if nearest else "")


def _labels(codes: str, vocabulary: str, lang: str) -> str:
    """Codes as people call them, in Chinese; in English the codes are the words."""
    if lang != "zh":
        return codes
    return ";".join(label(vocabulary, code, lang) for code in codes.split(";"))


def problems_as_json(problems: pd.DataFrame) -> str:
    """The table as a JSON array of objects with the keys `PROBLEM_COLUMNS`; a missing row is null."""
    table = problems[list(PROBLEM_COLUMNS)].astype({"row": object})
    return json.dumps(table.where(table.notna(), None).to_dict("records"), ensure_ascii=False, indent=1)


def causes(problems: pd.DataFrame, lang: str) -> pd.DataFrame:
    """One row a cause: the same problem in the same column of the same file, however many rows have it.

    Parameters
    ----------
    problems : DataFrame
        From `problem_table`, or some rows of one.
    lang : {"en", "zh"}

    Returns
    -------
    pandas.DataFrame
        `CAUSE_COLUMNS`: errors before warnings, causes before effects; ``rows`` and ``value`` tell the first ones,
        ``count`` says how many rows there are, ``column`` is what the file calls it.
    """
    told = render_problems(problems, lang).assign(column=problems["header"])
    groups = told.groupby(["file", "column", "code"], sort=False, dropna=False)
    rows = [
        {
            "severity": some["severity"].iloc[0],
            "file": some["file"].iloc[0],
            "rows": ranges_told(some["row"].dropna().astype(int)),
            "count": len(some),
            "column": some["column"].iloc[0],
            "code": some["code"].iloc[0],
            "value": _examples(some["value"], lang),
            "allowed": some["allowed"].iloc[0],
            "fix": some["fix"].iloc[0],
        }
        for _, some in groups
    ]
    table = pd.DataFrame(rows, columns=list(CAUSE_COLUMNS))
    order = table["code"].map(_ORDER)
    return table.iloc[np.argsort(order.to_numpy(), kind="stable")].reset_index(drop=True)


def _examples(values: pd.Series, lang: str) -> str:
    """The first few different contents."""
    distinct = list(dict.fromkeys(value for value in values if value))
    return t("problem_hint.comma", lang).join(distinct[:SHOWN]) + (" …" if len(distinct) > SHOWN else "")


def cause_lines(problems: pd.DataFrame, lang: str) -> Iterator[str]:
    """The causes as lines of text, nothing cut off."""
    for cause in causes(problems, lang).to_dict("records"):
        place = [cause["file"]]
        if cause["rows"]:
            key = "cli.cause_row" if cause["count"] == 1 else "cli.cause_rows"
            place.append(t(key, lang, rows=cause["rows"], count=f"{cause['count']:,}"))
        if cause["column"]:
            place.append(cause["column"])
        yield t(
            "cli.cause",
            lang,
            severity=t(f"app.problem.{cause['severity']}", lang),
            place=" · ".join(place),
            found=t("cli.cause_found", lang, value=cause["value"]) if cause["value"] else "",
            allowed=cause["allowed"],
            fix=cause["fix"],
            code=cause["code"],
        )
