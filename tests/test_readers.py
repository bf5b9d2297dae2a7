"""TOML and JSON from elsewhere: whatever stands in them, the answer is a value or a place, never a trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.cli import main
from matcher.readers import MOST_DEPTH, Unreadable, parse_json, parse_toml
from matcher.words.catalogues import LANGUAGES, catalogue
from tests import ROOT
from tests.helpers.examples import examples
from tests.helpers.folders import DATASET, write_folder

LONG = "9" * 5_000


@pytest.mark.parametrize(
    ("parse", "text", "code", "line"),
    [
        (parse_toml, f"a = 1\nb = {LONG}", "number_too_long", 2),
        (parse_json, f'{{"a": 1,\n"b": {LONG}}}', "number_too_long", 2),
        (parse_json, f'{{"a": 1,\n"b": {2**63}}}', "number_too_long", 2),
        (parse_json, '{"a": 1,\n"b": NaN}', "not_finite", 2),
        (parse_json, '{"a": 1,\n"b": [1.0, 1e999]}', "not_finite", 2),
        (parse_toml, "a = 1\nb = " + "[" * 5_000, "too_deep", 2),
        (parse_toml, "a = 1\n[" + "b." * 5_000 + "b]", "too_deep", 2),
        (parse_json, '{"a": 1,\n"b": ' + "[" * 5_000, "too_deep", 2),
        (parse_json, '{"a": 1,\n"a": 2}', "key_twice", 2),
        (parse_toml, "a = 1\na = 2", "syntax", 2),
        (parse_toml, "a = 1\nb = ", "syntax", 2),
        (parse_json, '{"a": 1,\n}', "syntax", 2),
    ],
)
def test_what_cannot_be_used_is_told_with_its_line(
    parse: Callable[[bytes], object], text: str, code: str, line: int
) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text.encode())
    assert (caught.value.code, caught.value.line) == (code, line)


@pytest.mark.parametrize("parse", [parse_toml, parse_json])
@pytest.mark.parametrize("content", [b"a = 1\nb = '\xb0\xa1'", b"a = 1\nb = '\x00'"])
def test_what_is_no_text_in_utf8_is_told_with_its_line(
    parse: Callable[[bytes], object], content: bytes
) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(content)
    assert (caught.value.code, caught.value.line) == ("no_utf8", 2)


def test_brackets_inside_of_texts_and_comments_are_no_nesting() -> None:
    deep = "[" * (MOST_DEPTH + 1)
    assert parse_toml(f'a = "{deep}" # {deep}\nb = """{deep}\n{deep}"""'.encode())["a"] == deep
    assert parse_json(json.dumps({"a": deep + '"' + deep})) == {"a": deep + '"' + deep}


def test_nesting_up_to_the_bound_is_read() -> None:
    within = "[" * MOST_DEPTH + "]" * MOST_DEPTH
    assert parse_json(within)
    assert parse_toml(f"a = {within}".encode())


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse_toml(b"\xef\xbb\xbfa = 1") == {"a": 1}
    assert parse_json(b"\xef\xbb\xbf{}") == {}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_code_has_its_words(lang: str) -> None:
    codes = {"syntax", "no_utf8", "too_deep", "too_large", "key_twice", "not_finite", "number_too_long"}
    assert {f"unreadable.{code}" for code in codes} <= set(catalogue(lang))
    assert {f"error.unreadable_{code}" for code in codes} <= set(catalogue(lang))


POLICY = (ROOT / "matcher" / "policy" / "policies" / "xuanhan-2022.toml").read_bytes()
SCENARIO = (ROOT / "docs" / "examples" / "more-places.toml").read_bytes()
SCENARIO_JSON = (ROOT / "docs" / "examples" / "five-years-on-nearer.json").read_bytes()
PIECES = [
    b"[" * 3_000,
    LONG.encode(),
    b"1e300",
    b"nan",
    b"\xff",
    b"\0",
    b'"',
    b"\n[a.a]\n",
    b"= {",
    b"-1",
    b"\xef\xbb\xbf",
]


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """A file with a piece cut out and another put in its place."""
    begin = draw(st.integers(0, len(content)))
    end = draw(st.integers(begin, min(len(content), begin + 40)))
    return content[:begin] + draw(st.sampled_from(PIECES) | st.binary(max_size=8)) + content[end:]


@pytest.mark.parametrize(
    ("name", "content", "arguments"),
    [
        ("policy.toml", POLICY, ["match", "DATA", "--policy", "FILE", "--out", "OUT"]),
        ("s.toml", SCENARIO, ["compare", "DATA", "FILE", "--out", "OUT", "--workers", "1"]),
        ("s.json", SCENARIO_JSON, ["compare", "DATA", "FILE", "--out", "OUT", "--workers", "1"]),
        ("data/dataset.toml", DATASET.encode(), ["check", "DATA"]),
    ],
    ids=["policy", "scenario", "scenario as JSON", "dataset"],
)
def test_no_content_of_a_file_ends_in_an_internal_error(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    arguments: list[str],
) -> None:
    """Read, or refused with exit code 1; never 3."""
    folder: Path = tmp_path_factory.mktemp("mutated")
    (folder / "data").mkdir()
    write_folder(folder / "data")
    names = {"DATA": folder / "data", "FILE": folder / name, "OUT": folder / "out"}
    command = [str(names.get(word, word)) for word in arguments]

    @examples(40)
    @given(mutated(content))
    def run(changed: bytes) -> None:
        (folder / name).write_bytes(changed)
        assert main(command) in (0, 1), capsys.readouterr().err
        capsys.readouterr()

    run()
