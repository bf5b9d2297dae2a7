"""TOML and JSON that somebody else wrote, read within bounds: what cannot be used is told with its place.

Both parsers trust their input: nesting ends in a ``RecursionError``, a number of thousands of digits in a
``ValueError`` without a line, and of a key that stands twice JSON keeps the last, silently.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

#: Largest file. A policy has some kilobytes; outlines of a province some megabytes.
MOST_BYTES = 256 << 20
#: Deepest nesting, and most digits of a number: more than any file of ours has, less than any parser takes.
MOST_DEPTH = 64
MOST_DIGITS = 300
#: Largest whole number: what arrays of ours can hold.
MOST_WHOLE = 2**63 - 1


class Unreadable(ValueError):
    """Text that cannot be used.

    Parameters
    ----------
    code : str
        Key of ``unreadable`` in the catalogues.
    line : int
        Where, from 1.
    detail : str
        What was found, or what the parser says.
    """

    def __init__(self, code: str, line: int, detail: str = "") -> None:
        self.code, self.line, self.detail = code, line, detail
        super().__init__(f"{code} at line {line}: {detail}")


def read_toml(path: Path) -> dict[str, Any]:
    """The values of a TOML file; raises as `parse_toml`, and OSError."""
    return parse_toml(_bounded(path))


def read_json(path: Path) -> Any:
    """The values of a JSON file; raises as `parse_json`, and OSError."""
    return parse_json(_bounded(path))


def parse_toml(content: bytes) -> dict[str, Any]:
    """The values of a TOML document.

    Raises
    ------
    Unreadable
        No UTF-8, no TOML, nested too deep, a number of too many digits.
    """
    text = _decoded(content)
    _check_depth(text, "#")
    found: dict[str, Any] = _checked(text, tomllib.loads)
    return found


def parse_json(content: bytes | str) -> Any:
    """The values of a JSON document.

    Raises
    ------
    Unreadable
        No UTF-8, no JSON, nested too deep, a key twice in one object, a number that is not finite or too large.
    """
    text = content if isinstance(content, str) else _decoded(content)
    _check_depth(text, "")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(key for key in found if sum(key == other for other, _ in pairs) > 1)
            raise Unreadable(
                "key_twice", _line_of(text, json.dumps(twice, ensure_ascii=False), last=True), twice
            )
        return found

    found = _checked(text, lambda whole: json.loads(whole, object_pairs_hook=once))
    _check_numbers(text, found)
    return found


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Unreadable("too_large", 1, f"> {MOST_BYTES >> 20} MB")
    return content


def _decoded(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("no_utf8", content.count(b"\n", 0, error.start) + 1, f"byte {error.start}") from None
    if "\0" in text:
        raise Unreadable("no_utf8", text.count("\n", 0, text.index("\0")) + 1, "NUL")
    return text


def _checked(text: str, parse: Callable[[str], Any]) -> Any:
    try:
        found = parse(text)
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("too_deep", 1, f"> {MOST_DEPTH}") from None
    except (
        ValueError
    ) as error:  # the parsers' own errors, and Python's on whole numbers of thousands of digits
        long = re.search(rf"[0-9]{{{MOST_DIGITS},}}", text.replace("_", ""))
        if long:
            raise Unreadable("number_too_long", _line_of(text, long[0][:20]), f"{len(long[0]):,}") from None
        told = re.search(r"line (\d+)", str(error))
        line = int(told[1]) if told else text.count("\n") + 1
        raise Unreadable("syntax", line, str(error)) from None
    return found


def _check_depth(text: str, comment: str) -> None:
    """Refuse brackets within brackets before a parser walks into them; those inside of texts do not count."""
    depth, line = 0, 1
    quoted = r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\''
    skipped = f"{quoted}|{re.escape(comment)}[^\n]*" if comment else r'"(?:[^"\\]|\\.)*"'
    for token in re.finditer(rf"{skipped}|[\[\]{{}}]|\n|(?:\.[\w-]+){{{MOST_DEPTH},}}", text):
        if token[0].startswith("."):
            raise Unreadable("too_deep", line, f"> {MOST_DEPTH}")
        line += token[0].count("\n")
        if token[0] in "[{":
            depth += 1
            if depth > MOST_DEPTH:
                raise Unreadable("too_deep", line, f"> {MOST_DEPTH}")
        elif token[0] in "]}":
            depth -= 1


def _check_numbers(text: str, found: Any) -> None:
    """Refuse what is no JSON and parses all the same; in TOML such numbers may stand, and who reads the key refuses."""
    for key, number in _numbers(found, ""):
        if isinstance(number, float) and not math.isfinite(number):
            raise Unreadable("not_finite", _line_of(text, key.rpartition(".")[2]), f"{key} = {number}")
        if isinstance(number, int) and abs(number) > MOST_WHOLE:
            raise Unreadable(
                "number_too_long", _line_of(text, key.rpartition(".")[2]), f"{len(str(abs(number))):,}"
            )


def _numbers(value: Any, key: str) -> Iterator[tuple[str, int | float]]:
    """Every number with the key where it stands."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _numbers(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        if value and all(type(inner) is float for inner in value):
            worst = next((inner for inner in value if not math.isfinite(inner)), None)
            if worst is not None:
                yield key, worst
            return
        for inner in value:
            yield from _numbers(inner, key)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, value


def _line_of(text: str, what: str, *, last: bool = False) -> int:
    at = text.rfind(what) if last else text.find(what)
    return text.count("\n", 0, max(at, 0)) + 1
