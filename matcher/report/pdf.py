"""The page set by typst, with the fonts inside; its text is data, never markup."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING, Literal

import pylopdf_fonts_zh_cn
import typst

from matcher.errors import Failure

if TYPE_CHECKING:
    from matcher.report.content import Page

#: Dots an inch of the page, or of the map alone, as a picture.
DOTS = 144


def set_page(page: Page, drawing: str, lang: str, form: Literal["pdf", "png"] = "pdf") -> bytes:
    """The page as a file.

    Parameters
    ----------
    page : Page
    drawing : str
        The map as SVG.
    lang : {"zh", "en"}
    form : {"pdf", "png"}

    Raises
    ------
    Failure
        When typst cannot set it, or not on one page.
    """
    told = json.dumps(asdict(page) | {"lang": lang}, ensure_ascii=False)
    template = resources.files("matcher.report").joinpath("page.typ").read_bytes()
    return _compile({"main.typ": template, "page.json": told.encode(), "map.svg": drawing.encode()}, form)


def picture(drawing: str) -> bytes:
    """An SVG drawing as PNG, its names in the font of the page."""
    source = '#set page(width: auto, height: auto, margin: 4mm)\n#image("map.svg", width: 180mm)'
    return _compile({"main.typ": source.encode(), "map.svg": drawing.encode()}, "png")


def _compile(files: dict[str, bytes], form: Literal["pdf", "png"]) -> bytes:
    fonts = [str(pylopdf_fonts_zh_cn.sans_path().parent)]
    try:
        made = typst.compile(files, format=form, font_paths=fonts, ignore_system_fonts=True, ppi=DOTS)  # type: ignore[call-overload]
    except typst.TypstError as error:
        raise Failure(f"typst: {error.message}") from error
    if not isinstance(made, bytes):
        raise Failure(f"the report has {len(made)} pages instead of one")
    return made
