"""``scenarios``: list, show, save, export and delete what the store keeps; what a scenario file may say."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.commands.common import (
    Commands,
    Parser,
    Run,
    add_command,
    add_data,
    add_policy,
    add_roads,
    add_time_limit,
    both,
    load,
    whole,
)
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.store.records import Revision


def register(commands: Commands, common: Parser, dated: Parser) -> None:
    """Add the family."""
    family = add_command(commands, "scenarios", _list).add_subparsers(required=True, metavar="ACTION")

    def add(name: str, run: Run, *more: Parser) -> Parser:
        text = both(f"cli.scenarios_{name}")
        parser = family.add_parser(name, parents=[common, *more], help=text, description=text)
        parser.set_defaults(run=run)
        return parser

    add("list", _list)
    add("schema", _schema)
    show, save, solve = add("show", _show), add("save", _save), add("match", _match, dated)
    history, export, delete = add("history", _history), add("export", _export), add("delete", _delete)
    for parser in (show, solve, history, export, delete):
        parser.add_argument("name", metavar="NAME", help=both("cli.scenario_name"))
    show.add_argument("--version", type=whole(1), metavar="N", help=both("cli.scenario_version"))
    export.add_argument("--out", type=Path, required=True, metavar="FILE.json", help=both("cli.scenario_out"))
    save.add_argument("file", type=Path, metavar="FILE", help=both("cli.scenario_file"))
    save.add_argument("--name", metavar="NAME", help=both("cli.scenario_save_name"))
    save.add_argument("--based-on", type=whole(1), metavar="N", help=both("cli.scenario_based_on"))
    add_data(solve)
    add_policy(solve)
    add_roads(solve)
    add_time_limit(solve)
    for parser in (save, solve, delete):
        parser.add_argument("--by", metavar="WHO", help=both("cli.scenario_by"))


def _list(arguments: argparse.Namespace) -> int:
    from matcher.store.repository import open_store

    with open_store() as store:
        found = store.scenarios()
        for one in found:
            print(_line(one, arguments.lang))
        if not found:
            print(t("cli.scenarios_none", arguments.lang, store=store.database.name))
    return 0


def _schema(_arguments: argparse.Namespace) -> int:
    from matcher.scenario.files import scenario_schema

    print(json.dumps(scenario_schema(), ensure_ascii=False, indent=2))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from matcher.store.repository import open_store

    with open_store() as store:
        found = store.scenario(arguments.name, arguments.version)
    print(_line(found, arguments.lang))
    print(json.dumps(found.document, ensure_ascii=False, indent=2))
    return 0


def _save(arguments: argparse.Namespace) -> int:
    from matcher.scenario.files import load_scenario
    from matcher.store.repository import open_store
    from matcher.store.scenarios import keep_scenario

    scenario = load_scenario(arguments.file)
    with open_store() as store:
        name = arguments.name or scenario.id
        saved = keep_scenario(store, scenario, name, _who(arguments), arguments.based_on)
    print(t("cli.scenario_saved", arguments.lang, name=saved.name, version=saved.version))
    return 0


def _match(arguments: argparse.Namespace) -> int:
    from matcher.plan.match import match
    from matcher.plan.plan import Options
    from matcher.policy.documents import load_policy
    from matcher.results.summary import summary_lines
    from matcher.scenario.applying import apply
    from matcher.store.repository import open_store
    from matcher.store.scenarios import scenario_of

    policy = load_policy(arguments.policy)
    with open_store() as store:
        lineage = store.lineage(arguments.name)
        applied = apply(scenario_of(lineage), load(arguments), policy)
        options = Options(progress=True, time_limit_s=arguments.time_limit)
        plan = match(applied.inputs, applied.policy, options)
        saved = store.save_plan(plan, _who(arguments), lineage[-1])
    for line in summary_lines(plan, arguments.lang):
        print(line)
    told = {"fingerprint": saved.fingerprint, "name": arguments.name, "version": saved.version}
    print(t("cli.scenario_matched", arguments.lang, **told))
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from matcher.store.repository import open_store
    from matcher.store.scenarios import export_scenario

    with open_store() as store:
        for file in export_scenario(store, arguments.name, arguments.out):
            print(t("cli.scenario_exported", arguments.lang, file=file))
    return 0


def _history(arguments: argparse.Namespace) -> int:
    from matcher.store.repository import open_store

    with open_store() as store:
        for one in store.history(arguments.name):
            print(_line(one, arguments.lang))
        for plan in store.plans_of(arguments.name):
            print(t("cli.scenario_plan", arguments.lang, **vars(plan), at=f"{plan.saved_at:%Y-%m-%d %H:%M}"))
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    from matcher.store.repository import open_store

    with open_store() as store:
        gone = store.delete_scenario(arguments.name, _who(arguments))
    print(t("cli.scenario_deleted", arguments.lang, name=gone.name, version=gone.version))
    return 0


def _line(one: Revision, lang: str) -> str:
    """A revision in one line; what a terminal would take as a command in a title is shown as a blank."""
    title = "".join(sign if sign.isprintable() else " " for sign in one.title)
    key = "cli.scenario_gone_line" if one.document is None else "cli.scenario_line"
    at = f"{one.saved_at:%Y-%m-%d %H:%M}"
    return t(key, lang, name=one.name, version=one.version, by=one.saved_by, at=at, title=title).rstrip()


def _who(arguments: argparse.Namespace) -> str:
    """Who acts: ``--by``, else the system's user; the store refuses an empty one."""
    from matcher.store.records import system_user

    return str(arguments.by or system_user())
