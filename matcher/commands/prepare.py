"""``prepare``: compile the fast solver once, before anybody waits for it."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from matcher.commands.common import Commands, Parser, add_command
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    add_command(commands, "prepare", _run, common)


def _run(arguments: argparse.Namespace) -> int:
    if find_spec("numba") is None:
        print(t("cli.prepare_nothing", arguments.lang))
        return 0
    from matcher.solve.graph.prepare import prepare

    prepare(progress=True)
    print(t("cli.prepare_done", arguments.lang))
    return 0
