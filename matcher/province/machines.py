"""Where blocks live and answer: in files, asked by the processes of one machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from matcher.intake.parts import Whole
from matcher.province.block import Block, Facts, Ground, build_block
from matcher.province.room import keep_facts, kept_facts
from matcher.solve.problem import Problem
from matcher.workers.processes import each

#: ``(slots, block, common, own)``: what all are asked with, and what this block is asked with alone.
Question = Callable[[Problem, Block, Any, Any], Any]
#: ``(ground, code, own)``: for what needs the tables of a county again.
Errand = Callable[[Ground, str, Any], Any]

#: Tables of fewer bytes are done with before another process has started.
SMALL_BYTES = 2_000_000


class Machines(Protocol):
    """Whoever builds blocks, keeps them, and asks them."""

    codes: list[str]

    def build(self, ground: Ground) -> list[Facts]:
        """Build the block of every county, in the order of their codes."""

    def ask(
        self, question: Question, slots: Problem, common: Any, own: Sequence[Any] | None = None
    ) -> list[Any]:
        """The answer of every block, in the same order."""

    def send(self, errand: Errand, ground: Ground, own: Sequence[Any]) -> list[Any]:
        """What is done for every county from its tables, in the same order."""


class OneMachine:
    """Blocks in files of a folder; a run that died finds those that were there.

    Parameters
    ----------
    room : Path
        The folder.
    whole : Whole
    workers : int, optional
        Processes; when not given as many as there are cores, and one where the tables are small.
    progress : bool
        Show bars on a terminal.
    """

    def __init__(
        self, room: Path, whole: Whole, workers: int | None = None, *, progress: bool = False
    ) -> None:
        self.room, self.codes, self.progress = room, list(whole.files), progress
        small = sum(file.stat().st_size for file in whole.files.values()) < SMALL_BYTES
        self.workers = workers or (1 if small else os.cpu_count() or 1)

    def build(self, ground: Ground) -> list[Facts]:
        """As `Machines`."""
        return self._each(_built, (ground, self.room), self.codes, "progress.blocks")

    def ask(
        self, question: Question, slots: Problem, common: Any, own: Sequence[Any] | None = None
    ) -> list[Any]:
        """As `Machines`."""
        items = list(zip(self.codes, own or [None] * len(self.codes), strict=True))
        return self._each(_answered, (question, slots, common, self.room), items, "progress.asking")

    def send(self, errand: Errand, ground: Ground, own: Sequence[Any]) -> list[Any]:
        """As `Machines`."""
        items = list(zip(self.codes, own, strict=True))
        return self._each(_done, (errand, ground), items, "progress.counties")

    def _each(
        self, work: Callable[[Any, Any], Any], common: Any, items: Sequence[Any], text_key: str
    ) -> list[Any]:
        return each(work, common, items, self.workers, text_key=text_key, progress=self.progress)


def _built(common: tuple[Ground, Path], code: str) -> Facts:
    ground, room = common
    kept = kept_facts(room, code)
    if kept is not None:
        return kept
    block, facts = build_block(ground, code)
    block.save(room / f"{code}.npz")
    keep_facts(room, code, facts)
    return facts


def _answered(common: tuple[Question, Problem, Any, Path], item: tuple[str, Any]) -> Any:
    question, slots, told, room = common
    code, own = item
    return question(slots, Block.load(room / f"{code}.npz"), told, own)


def _done(common: tuple[Errand, Ground], item: tuple[str, Any]) -> Any:
    errand, ground = common
    return errand(ground, *item)
