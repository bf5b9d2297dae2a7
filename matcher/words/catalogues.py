"""Words for codes: TOML catalogues in Chinese and English behind one function."""

from __future__ import annotations

import locale
import os
import tomllib
from functools import cache
from importlib import resources

LANGUAGES = ("zh", "en")


def default_language() -> str:
    """The language of the terminal: what ``MATCHER_LANG`` wishes, else that of the system."""
    wished = os.environ.get("MATCHER_LANG") or locale.getlocale()[0] or ""
    return "zh" if wished.lower().startswith(("zh", "chinese")) else "en"


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All words of one language, keyed by dotted path.

    Parameters
    ----------
    lang : {"zh", "en"}

    Raises
    ------
    KeyError
        When there is no such language.
    """
    if lang not in LANGUAGES:
        raise KeyError(lang)
    text = (resources.files("matcher.words") / "locales" / f"{lang}.toml").read_text(encoding="utf-8")
    return dict(_flatten("", tomllib.loads(text)))


def _flatten(prefix: str, branch: dict[str, object]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in branch.items():
        path = f"{prefix}.{key}" if prefix else key
        found += _flatten(path, value) if isinstance(value, dict) else [(path, str(value))]
    return found


def t(key: str, lang: str = "zh", **values: object) -> str:
    """The text of `key`, with ``{name}`` filled from `values`.

    Raises
    ------
    KeyError
        When the catalogue lacks the key or a value is not given: a raw key never reaches a page.
    """
    text = catalogue(lang)[key]
    return text.format(**values) if values else text


def label(vocabulary: str, code: str, lang: str = "zh") -> str:
    """The word for a code; a code of an open list that nobody translated stands for itself."""
    return catalogue(lang).get(f"code.{vocabulary}.{code}", code)
