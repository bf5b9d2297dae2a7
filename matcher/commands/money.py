"""``money``: what sites run by a medical provider, or inside one, earn once and by the month."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from matcher.commands.common import Case, Commands, Parser, add_case_command, add_out_folder, tell_written
from matcher.words.catalogues import t

if TYPE_CHECKING:
    import pandas as pd

    from matcher.policy.documents import Policy


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the command."""
    parser = add_case_command(commands, "money", _run, common, dated)
    add_out_folder(parser, "cli.out")


def _run(arguments: argparse.Namespace, case: Case) -> int:
    from matcher.care.money import as_written, money
    from matcher.files.results import write_results

    table = money(case.inputs, case.policy)
    write_results(arguments.out, {"money": as_written(table)}, {})
    tell_written(arguments, _lines(table, case.policy, arguments.lang))
    return 0


def _lines(table: pd.DataFrame, policy: Policy, lang: str) -> Iterator[str]:
    """The sums over all sites, and how many sites have one that is not measured."""
    from matcher.care.money import SUMS

    if not policy.payments:
        yield t("summary.no_money", lang, policy=policy.id)
        return
    unmeasured = t("summary.not_measured", lang)
    sums = {name: table[name].sum() if table[name].notna().any() else unmeasured for name in SUMS}
    yield t("summary.money", lang, sites=table["site_id"].nunique(), **sums)
    partly = table.loc[table[["once", "running"]].isna().any(axis=1), "site_id"].nunique()
    if partly:
        yield t("summary.money_unmeasured", lang, sites=partly)
