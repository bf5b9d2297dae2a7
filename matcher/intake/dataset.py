"""``dataset.toml``: the day on which ages count, the datum of each file, title, legal basis, geocoder, routing."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from matcher.geography.geocode import BAIDU_KEY_VARIABLE
from matcher.inputs import Dataset, Routing
from matcher.intake.problems import Finding
from matcher.readers import Unreadable, read_toml
from matcher.tables import DATUMS, TABLES
from matcher.words.nearest import nearest

FILE = "dataset.toml"
_KEYS = ("title", "as_of", "datum", "legal_basis", "geocoder", "routing")
#: The settings that each geocoder must have.
GEOCODER_SETTINGS: dict[str, tuple[str, ...]] = {"gazetteer": (), "nominatim": ("user_agent",), "baidu": ()}
#: Environment variable of whoever starts the program: 1 lets geocoders send addresses out. A data folder comes from
#: anywhere, so it can neither allow that nor name another variable or server.
ONLINE_VARIABLE = "MATCHER_ONLINE_GEOCODER"
#: The settings of a routing server, and what each may be.
ROUTING_SETTINGS = {
    "engine": "osrm, valhalla",
    "url": "http://HOST:PORT, https://HOST:PORT",
    "profile": "A–Z, a–z, 0–9, _, -",
    "chunk_origins": "1–9999",
    "chunk_providers": "1–9999",
    "timeout_s": "1–9999",
}
_PROFILES = {"osrm": "driving", "valhalla": "auto"}
#: Files with positions, each with a datum.
_POSITIONED = (
    *(name for name, columns in TABLES.items() if any(column.name == "lat" for column in columns)),
    "outlines",
    "basemap",
)


def read_dataset(
    folder: Path, as_of: str | None, datum: str | None, online: bool = True
) -> tuple[Dataset | None, list[Finding]]:
    """What the folder and the command line say about the data as a whole.

    Parameters
    ----------
    folder : Path
    as_of, datum : str, optional
        From the command line; each goes before the file.
    online : bool
        False refuses every online geocoder, whatever `ONLINE_VARIABLE` says.

    Returns
    -------
    dataset : Dataset or None
        None when there are problems; then its day and datum cannot be relied on.
    findings : list of Finding
    """
    found: list[Finding] = []
    try:
        told = _told(folder / FILE)
    except Unreadable as error:
        params = {"reason": error.code, "detail": error.detail}
        return None, [Finding("unreadable_setting", FILE, rows=(error.line,), params=params)]
    except OSError:
        return None, [Finding("unreadable_file", FILE)]
    day = _day(as_of if as_of is not None else told.get("as_of"), found)
    datums = _datums(datum if datum is not None else told.get("datum"), found)
    online = online and os.environ.get(ONLINE_VARIABLE) == "1"
    geocoder = _geocoder(told.get("geocoder", {}), online, found)
    routing = _routing(told["routing"], found) if "routing" in told else None
    found += [_unknown_key(key, key, _KEYS) for key in told.keys() - set(_KEYS)]
    if day is None:
        return None, found
    title, legal_basis = str(told.get("title", "")), str(told.get("legal_basis", ""))
    return Dataset(day, title, datums, legal_basis, geocoder, routing), found


def dataset_text(dataset: Dataset) -> str:
    """A ``dataset.toml`` that says of data what was read, flags included, and names no geocoder.

    Parameters
    ----------
    dataset : Dataset
    """
    lines = [f"as_of = {dataset.as_of.isoformat()}"]
    lines += [
        f"{key} = {_text(value)}" for key in ("title", "legal_basis") if (value := getattr(dataset, key))
    ]
    lines += ["", "[datum]", *(f"{table} = {_text(datum)}" for table, datum in dataset.datum.items())]
    if dataset.routing is not None:
        lines += ["", "[routing]"]
        lines += [f"{key} = {_text(value)}" for key, value in asdict(dataset.routing).items()]
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    """A TOML value; a JSON string is one, once what TOML does not know is written out."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _told(path: Path) -> Mapping[str, Any]:
    """The keys of the file; none when there is no file."""
    try:
        return read_toml(path)
    except FileNotFoundError:
        return {}


def _day(told: object, found: list[Finding]) -> dt.date | None:
    if told is None:
        found.append(Finding("missing_as_of", FILE, "as_of"))
        return None
    if isinstance(told, dt.datetime):
        return told.date()
    if isinstance(told, dt.date):
        return told
    try:
        return dt.date.fromisoformat(str(told).strip())
    except ValueError:
        found.append(Finding("bad_as_of", FILE, "as_of", values=[str(told)]))
        return None


def _datums(told: object, found: list[Finding]) -> dict[str, str]:
    """Datum by table, where declared; keys may be ``residents``, ``residents.csv``, or ``default`` for the rest."""
    if not told:
        found.append(Finding("missing_datum", FILE, "datum", params=_DATUMS_ALLOWED))
        return {}
    if not isinstance(told, dict):
        told = {"default": told}
    by_table = {Path(str(key)).stem.lower(): str(value).strip().lower() for key, value in told.items()}
    for table, datum in by_table.items():
        if datum not in DATUMS:
            found.append(Finding("unknown_datum", FILE, "datum", values=[datum], params=_DATUMS_ALLOWED))
        if table not in (*_POSITIONED, "default"):
            found.append(_unknown_key(f"datum.{table}", table, (*_POSITIONED, "default")))
    datums = {table: by_table.get(table, by_table.get("default", "")) for table in _POSITIONED}
    return {table: datum for table, datum in datums.items() if datum}


_DATUMS_ALLOWED = {"datums": ", ".join(DATUMS)}


def _geocoder(told: object, online: bool, found: list[Finding]) -> dict[str, str]:
    """Name and settings of the geocoder; none for the gazetteer, which also stands in for one not allowed."""
    settings = (
        {key: str(value) for key, value in told.items()} if isinstance(told, dict) else {"name": str(told)}
    )
    if not settings:
        return {}
    name = settings.pop("name", "")
    if name not in GEOCODER_SETTINGS:
        params = {"names": ", ".join(GEOCODER_SETTINGS)}
        found.append(Finding("unknown_geocoder", FILE, "geocoder.name", values=[name], params=params))
        return {}
    allowed = GEOCODER_SETTINGS[name]
    for key in settings.keys() - set(allowed):
        found.append(_unknown_key(f"geocoder.{key}", key, ["name", *allowed]))
    if name == "gazetteer":
        return {}
    if not online:
        params = {"name": name, "variable": ONLINE_VARIABLE}
        found.append(Finding("online_geocoder", FILE, "geocoder.name", values=[name], params=params))
        return {}
    missing = [key for key in allowed if not settings.get(key)]
    if name == "baidu" and not os.environ.get(BAIDU_KEY_VARIABLE):
        missing.append(BAIDU_KEY_VARIABLE)
    for key in missing:
        params = {"name": name, "setting": key}
        found.append(Finding("missing_geocoder_setting", FILE, "geocoder", params=params))
    return {"name": name} | {key: settings[key] for key in allowed if key in settings}


def _routing(told: object, found: list[Finding]) -> Routing | None:
    settings = told if isinstance(told, dict) else {"engine": told}
    for key in settings.keys() - ROUTING_SETTINGS.keys():
        found.append(_unknown_key(f"routing.{key}", key, [*ROUTING_SETTINGS]))
    texts = {key: str(settings[key]) for key in ROUTING_SETTINGS if key in settings}
    texts = {"engine": "", "url": "", "profile": _PROFILES.get(texts.get("engine", ""), "-")} | texts
    wrong = [key for key, text in texts.items() if not _may_be(key, text)]
    for key in wrong:
        shown = re.sub("//.*@", "//***@", texts[key]).split("?")[0]  # a password has no place in a report
        params = {"settings": ROUTING_SETTINGS[key]}
        found.append(Finding("bad_routing_setting", FILE, f"routing.{key}", values=[shown], params=params))
    if wrong:
        return None
    numbers = {key: int(text) for key, text in texts.items() if key not in ("engine", "url", "profile")}
    return Routing(texts["engine"], texts["url"].rstrip("/"), texts["profile"], **numbers)


def _may_be(key: str, text: str) -> bool:
    if key == "engine":
        return text in _PROFILES
    if key == "url":
        return _is_address(text)
    return bool(re.fullmatch("[A-Za-z0-9_-]+" if key == "profile" else "[1-9][0-9]{0,3}", text))


def _is_address(text: str) -> bool:
    """Whether it names a server and nothing secret: neither user, nor password, nor query."""
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    plain = re.fullmatch("[!-~]+", text) and not re.search("[@?#]", text)
    return bool(named and plain and parts.scheme in ("http", "https"))


def _unknown_key(column: str, key: str, allowed: Sequence[str]) -> Finding:
    params = {"keys": ", ".join(allowed), "nearest": "".join(nearest(key, allowed))}
    return Finding("unknown_key", FILE, column, params=params)
