"""Blocks in the memory of a cluster's workers; one that is lost with its worker is built again by another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matcher.intake.parts import Whole
from matcher.progress import track
from matcher.province.block import Block, Facts, Ground, build_block
from matcher.province.machines import Errand, Question
from matcher.solve.problem import Problem
from matcher.workers.cluster import spread

if TYPE_CHECKING:
    from distributed import Client, Future


class ManyMachines:
    """As `OneMachine`, on the workers of a cluster. The data folder and the results stand where all of them see them.

    Parameters
    ----------
    client : Client
    whole : Whole
    progress : bool
        Show bars on a terminal.
    """

    def __init__(self, client: Client, whole: Whole, *, progress: bool = False) -> None:
        self.client, self.codes, self.progress = client, list(whole.files), progress
        self.blocks: list[Future[Any]] = []
        #: What blocks are built from stays on the workers as long as one might have to be built again.
        self.ground: Future[Any] | None = None

    def build(self, ground: Ground) -> list[Facts]:
        """As `Machines`."""
        self.ground = spread(self.client, ground)
        self.blocks = [self.client.submit(build_block, self.ground, code, pure=False) for code in self.codes]
        return self._told(
            [self.client.submit(_facts, block, pure=False) for block in self.blocks], "progress.blocks"
        )

    def ask(
        self, question: Question, slots: Problem, common: Any, own: Sequence[Any] | None = None
    ) -> list[Any]:
        """As `Machines`."""
        there = spread(self.client, (question, slots, common))
        items = zip(self.blocks, own or [None] * len(self.codes), strict=True)
        futures = [self.client.submit(_answered, there, block, mine, pure=False) for block, mine in items]
        return self._told(futures, "progress.asking")

    def send(self, errand: Errand, ground: Ground, own: Sequence[Any]) -> list[Any]:
        """As `Machines`."""
        there = spread(self.client, (errand, ground))
        items = zip(self.codes, own, strict=True)
        return self._told(
            [self.client.submit(_done, there, code, mine, pure=False) for code, mine in items],
            "progress.counties",
        )

    def _told(self, futures: Sequence[Future[Any]], text_key: str) -> list[Any]:
        return [future.result() for future in track(futures, self.progress, text_key)]


def _facts(block: tuple[Block, Facts]) -> Facts:
    return block[1]


def _answered(common: tuple[Question, Problem, Any], block: tuple[Block, Facts], own: Any) -> Any:
    question, slots, told = common
    return question(slots, block[0], told, own)


def _done(common: tuple[Errand, Ground], code: str, own: Any) -> Any:
    errand, ground = common
    return errand(ground, code, own)
