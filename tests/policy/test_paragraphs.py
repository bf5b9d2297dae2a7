"""docs/policy.md says what became of every paragraph, and what it names is there: targets, tasks, commands, tests."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest

from matcher.cli import COMMANDS
from matcher.policy.documents import load_policy
from matcher.policy.rules import RULE_FAMILIES
from tests import ROOT

PAGE = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
CLASSES = ("computed", "attested", "out of reach")
#: Paragraphs of each document.
SIZES = {"panzhihua-2016": 65, "sichuan-2020": 41, "chenzhou-2018": 36, "xuanhan-2022": 67}
#: A section by its marks and the numbers below it: 三(二)1、2.
SECTION = (
    r"(?<![\u4e00-\u9fff])([一二三四五六](?:\([一二三四五六七八九十]+\))?)(\d(?:、\d)*)?(?![\u4e00-\u9fff])"
)


@dataclass(frozen=True)
class Row:
    """One paragraph of the page."""

    policy: str
    section: str
    gist: str
    kind: str
    by: tuple[str, ...]
    shown: tuple[str, ...]
    remark: str

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(one for one in self.shown if one.startswith("tests/"))

    @property
    def states(self) -> tuple[str, ...]:
        """Targets and tasks."""
        return tuple(one for one in self.shown if not one.startswith("tests/"))


def rows() -> list[Row]:
    """The rows of the four tables."""
    found, policy = [], ""
    for line in PAGE.splitlines():
        if named := re.fullmatch(r".+, policy `([\w-]+)`", line):
            policy = named[1]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if policy and line.startswith("| ") and cells[0] != "section":
            section, gist, kind, by, shown, remark = cells
            by, shown = (tuple(re.findall(r"`([^`]+)`", cell)) for cell in (by, shown))
            found.append(Row(policy, section, gist, kind, by, shown, remark.removeprefix("–")))
    return found


ROWS = rows()
BY_CLASS = {kind: [row for row in ROWS if row.kind == kind] for kind in CLASSES}


def name_of(row: Row) -> str:
    return f"{row.policy} {row.section}"


@cache
def functions(path: str) -> frozenset[str]:
    """Functions of a file of tests."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_all_209_paragraphs_are_there_once_each_in_one_class():
    assert Counter(row.policy for row in ROWS) == SIZES
    assert len({(row.policy, row.section) for row in ROWS}) == len(ROWS) == 209
    assert {row.kind for row in ROWS} == set(CLASSES)
    assert all(row.gist for row in ROWS)


def test_the_counts_at_the_top_are_those_of_the_tables():
    top = re.findall(
        r"^\| (?:\[.*\]\(#(\w+)\)|all) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE
    )
    told = {name: tuple(map(int, counts)) for name, *counts in top}
    for policy in SIZES:
        kinds = Counter(row.kind for row in ROWS if row.policy == policy)
        assert told[policy.split("-")[0]] == (*(kinds[kind] for kind in CLASSES), SIZES[policy])
    assert told[""] == (*(len(BY_CLASS[kind]) for kind in CLASSES), 209)


@pytest.mark.parametrize("row", BY_CLASS["computed"], ids=name_of)
def test_what_is_computed_names_commands_and_tests_that_there_are(row):
    commands = {module.__name__.rpartition(".")[2] for module in COMMANDS}
    assert row.by
    assert [name for name in row.by if name not in commands] == []
    for named in row.tests:
        path, _, function = named.partition("::")
        assert function in functions(path), named
    assert row.tests


@pytest.mark.parametrize("row", BY_CLASS["attested"], ids=name_of)
def test_what_is_attested_names_targets_without_measure_or_tasks(row):
    policy = load_policy(row.policy)
    attested = {target.id for target in policy.targets if not target.num}
    tasks = {f"task {task.no}" for task in policy.tasks}
    assert row.by == ("standards",)
    assert row.states
    assert set(row.shown) <= attested | tasks


@pytest.mark.parametrize("row", BY_CLASS["out of reach"], ids=name_of)
def test_what_is_out_of_reach_says_why_and_names_nothing(row):
    assert len(row.remark) > 5
    assert (row.by, row.shown) == ((), ())


@pytest.mark.parametrize("name", SIZES)
def test_a_computed_row_names_targets_of_its_policy_and_every_target_and_task_has_a_row(name):
    policy = load_policy(name)
    known = {target.id for target in policy.targets} | {f"task {task.no}" for task in policy.tasks}
    assert {state for row in ROWS if row.policy == name for state in row.states} == known


def cited(source: str) -> set[tuple[str, str]]:
    """Policy and section of every paragraph that a source cites; several sections follow one document."""
    documents = {load_policy(name).document: name for name in SIZES}
    found: set[tuple[str, str]] = set()
    parts = re.split(f"({'|'.join(map(re.escape, documents))})", source)
    for document, text in zip(parts[1::2], parts[2::2], strict=True):
        policy = documents[document]
        for task in re.findall(r"附件2 任务(\d+(?:、\d+)*)", text):
            found |= {(policy, f"附件2 任务{no}") for no in task.split("、")}
        for section, numbers in re.findall(
            r"(?<![\u4e00-\u9fff])([一二三四五六](?:\([一二三四五六七八九十]+\))?)(\d(?:、\d)*)?(?![\u4e00-\u9fff])",
            text,
        ):
            found |= {(policy, section + no) for no in (numbers.split("、") if numbers else [""])}
        found |= {(policy, "结尾")} if "结尾" in text else set()
    return found


@pytest.mark.parametrize(
    ("source", "sections"),
    [
        ("攀办发〔2016〕71号 三(二)1、2 服务主体 二级以上医院", {"三(二)1", "三(二)2"}),
        ("川办发〔2020〕57号 二 居家养老", {"二"}),
        ("川办发〔2020〕57号 二(二)、三(三)、六(十四) 机构", {"二(二)", "三(三)", "六(十四)"}),
        ("项目默认，同攀枝花", set()),
        ("宣汉县2022年方案 三(三)2 签约；附件2 任务17、18", {"三(三)2", "附件2 任务17", "附件2 任务18"}),
    ],
)
def test_sections_are_found_in_a_source(source, sections):
    assert {section for _, section in cited(source)} == sections


@pytest.mark.parametrize("name", SIZES)
def test_every_section_that_a_rule_cites_is_on_the_page(name):
    policy = load_policy(name)
    rules = [rule for family in (*RULE_FAMILIES, "targets", "tasks") for rule in getattr(policy, family)]
    found = {one for source in [rule.source for rule in rules] for one in cited(source)}
    assert len(found) > 5
    there = [(row.policy, row.section) for row in ROWS]
    assert [
        one for one in found if not any(policy == one[0] and key.startswith(one[1]) for policy, key in there)
    ] == []


def test_a_rule_that_stands_in_a_document_cites_a_section():
    for name in SIZES:
        policy = load_policy(name)
        for family in (*RULE_FAMILIES, "targets", "tasks"):
            for rule in getattr(policy, family):
                assert rule.standing == "default" or cited(rule.source), rule.source
