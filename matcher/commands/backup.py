"""``backup`` and ``restore``: all that is kept in one file, made while the app runs, and back into an empty place."""

from __future__ import annotations

import argparse
from pathlib import Path

from matcher.commands.common import Commands, Parser, add_command, both
from matcher.words.catalogues import t


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the two commands."""
    make = add_command(commands, "backup", _backup, common)
    make.add_argument("file", type=Path, metavar="FILE", help=both("cli.backup_file"))
    make.add_argument("--with-keys", action="store_true", help=both("cli.backup_keys"))
    back = add_command(commands, "restore", _restore, common)
    back.add_argument("file", type=Path, metavar="FILE", help=both("cli.restore_file"))


def _backup(arguments: argparse.Namespace) -> int:
    from matcher.store.backup import make_backup
    from matcher.store.location import home_folder
    from matcher.store.repository import open_store

    with open_store() as store:
        kept = make_backup(store.database, home_folder(), arguments.file, with_keys=arguments.with_keys)
    told = {"file": arguments.file, "rows": sum(kept.tables.values()), "files": len(kept.files)}
    print(t("cli.backup_done", arguments.lang, **told))
    if not arguments.with_keys:
        print(t("cli.backup_no_keys", arguments.lang, keys=home_folder() / "keys"))
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from matcher.store.backup import restore_backup
    from matcher.store.location import home_folder
    from matcher.store.repository import open_store

    with open_store() as store:
        kept = restore_backup(arguments.file, store.database, home_folder())
    rows, files = sum(kept.tables.values()), len(kept.files)
    print(t("cli.restore_done", arguments.lang, rows=rows, files=files))
    return 0
