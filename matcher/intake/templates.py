"""An empty workbook with a sheet for each table, its headers in the reader's language."""

from __future__ import annotations

import io

import xlsxwriter

from matcher.tables import TABLES, VOCABULARIES
from matcher.words.catalogues import label, t


def template_workbook(lang: str) -> bytes:
    """The workbook; filled in, it can be uploaded as it is.

    Parameters
    ----------
    lang : {"en", "zh"}
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False})
    required = book.add_format({"bold": True, "bottom": 1, "bg_color": "#d5efe8", "num_format": "@"})
    optional = book.add_format({"bottom": 1, "num_format": "@"})
    text = book.add_format({"num_format": "@"})
    for table, specs in TABLES.items():
        sheet = book.add_worksheet(t(f"table.{table}", lang))
        for number, spec in enumerate(specs):
            header = t(f"column.{table}.{spec.name}", lang) if lang == "zh" else spec.name
            sheet.write_string(0, number, header, required if spec.required else optional)
            sheet.set_column(number, number, 16, text)
            words = VOCABULARIES.get(spec.vocabulary or "", ())
            if words:
                told = [label(spec.vocabulary or "", code, lang) if lang == "zh" else code for code in words]
                sheet.write_comment(0, number, "\n".join(told))
        sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()
