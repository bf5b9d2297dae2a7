"""What a file is, by its first bytes and its name: so that a foreign format is told by name with the way out."""

from __future__ import annotations

import zipfile
from pathlib import Path

#: Forms by suffix; what else lies in a data folder is none of ours. Each has its words under ``file_form``.
FOREIGN = {
    ".xls": "xls",
    ".xlt": "xls",
    ".et": "et",
    ".ett": "et",
    ".wps": "document",
    ".doc": "document",
    ".docx": "document",
    ".rtf": "document",
    ".pdf": "document",
    ".ods": "ods",
    ".fods": "ods",
    ".xlsb": "xlsb",
    ".xlsm": "xlsm",
    ".xltx": "xlsm",
    ".zip": "archive",
    ".rar": "archive",
    ".7z": "archive",
    ".gz": "archive",
    ".html": "html",
    ".htm": "html",
    ".mht": "html",
    ".mhtml": "html",
    ".xml": "xml",
    ".txt": "text",
    ".tsv": "text",
    ".tab": "text",
    ".json": "json",
    ".geojson": "json",
    ".geoparquet": "geoparquet",
    ".gpq": "geoparquet",
    ".gpkg": "gis",
    ".shp": "gis",
    ".dbf": "gis",
    ".kml": "gis",
    ".mdb": "database",
    ".accdb": "database",
    ".sqlite": "database",
    ".db": "database",
    ".sav": "statistics",
    ".dta": "statistics",
    ".feather": "statistics",
    ".arrow": "statistics",
    ".numbers": "numbers",
    ".png": "image",
    ".jpg": "image",
    ".jpeg": "image",
}
#: Foreign spreadsheets: told even where the name is none of a table.
SPREADSHEETS = ("xls", "et", "ods", "xlsb", "xlsm", "numbers")
#: What the suffixes that are read promise.
OURS = {".csv": "text", ".xlsx": "xlsx", ".parquet": "parquet"}
_MAGIC = (
    (b"%PDF", "document"),
    (b"{\\rtf", "document"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"Rar!", "archive"),
    (b"SQLite format 3\0", "database"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "statistics"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<style", b"mime-version:")
_HEAD = 4096
#: The names of the parts of an OLE file are looked for in so many bytes of it.
_OLE_SEARCHED = 64 << 20


def form(path: Path) -> str:
    """The form of a file: a key of ``file_form``, "xlsx", "parquet", or "" where nothing tells.

    Parameters
    ----------
    path : Path
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head.startswith(_OLE):
        return _ole_form(path)
    if head.startswith(b"PK\x03\x04"):
        return _zip_form(path)
    return _text_form(head)


def foreign_form(path: Path) -> str:
    """The form that keeps `path` from being read, or "" when it may be what its suffix promises."""
    suffix = path.suffix.lower()
    found = form(path)
    if suffix not in OURS:
        by_name = FOREIGN.get(suffix, "")
        return by_name if found in ("", "xls", "text", "xlsx", "parquet") or by_name == "et" else found
    return "" if found in ("", OURS[suffix]) else found


def _ole_form(path: Path) -> str:
    """Old Office files and encrypted new ones share a container; the names inside are UTF-16."""
    with path.open("rb") as file:
        data = file.read(_OLE_SEARCHED)
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "password"
    if "WordDocument".encode("utf-16-le") in data:
        return "document"
    return "et" if path.suffix.lower() == ".et" else "xls"


def _zip_form(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as parts:
            names = set(parts.namelist())
            kind = parts.read("mimetype")[:99] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return ""
    if b"opendocument" in kind:
        return "ods"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if any(name.startswith("Index/") for name in names):
        return "numbers"
    return "document" if any(name.startswith("word/") for name in names) else "archive"


def _text_form(head: bytes) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    lowered = text[:1024].lower()
    if lowered.startswith(_MARKUP) or (lowered.startswith(b"<?xml") and b"<html" in lowered):
        return "html"
    if lowered.startswith(b"<?xml"):
        return "xml"
    if text.startswith((b"{", b'[{"', b"[\n")):
        return "json"
    return "" if b"\0" in head or _not_text(head) else "text"


def _not_text(head: bytes) -> bool:
    """Whether bytes stand there that no text file holds."""
    controls = sum(head.count(bytes([code])) for code in (*range(1, 9), *range(14, 32), 127))
    return controls > len(head) // 100
