"""Sub-commands and exit codes: 0 done, 1 bad input, 2 wrong flags, 3 failure, 130 interrupted. No logic."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from matcher.errors import BadInput, DataError, MatcherError, RoutingError
from matcher.i18n import LANGUAGES, default_language, t
from matcher.tables import DATUMS

if TYPE_CHECKING:
    from matcher.inputs import Inputs

DEFAULT_POLICY = "panzhihua-2016"

Run: TypeAlias = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments without the program's name.

    Returns
    -------
    int
        Exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.run(arguments) or 0)
    except DataError as error:
        _print_problems(error, arguments.lang)
        return 1
    except BadInput as error:
        _complain(t(f"error.{error.code}", arguments.lang, **error.values))
        return 1
    except RoutingError as error:
        _complain(t(f"error.{error.code}", arguments.lang, **error.values))
        return 3
    except KeyboardInterrupt:
        _complain(t("cli.interrupted", arguments.lang))
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except (MatcherError, OSError, MemoryError) as error:
        _complain(t("cli.failed", arguments.lang, what=f"{type(error).__name__}: {error}"))
        return 3
    except Exception as error:
        if os.environ.get("MATCHER_DEBUG"):
            raise
        _complain(t("cli.unexpected", arguments.lang, what=type(error).__name__))
        return 3


def build_parser() -> argparse.ArgumentParser:
    """The parser; every help text stands in Chinese and in English."""
    parser = argparse.ArgumentParser(prog="python -m matcher", description=_both("cli.about"))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", choices=LANGUAGES, default=default_language(), help=_both("cli.lang"))
    dated = argparse.ArgumentParser(add_help=False)
    dated.add_argument("--as-of", type=_day, metavar="YYYY-MM-DD", help=_both("cli.as_of"))
    dated.add_argument("--datum", choices=DATUMS, help=_both("cli.datum"))

    check = _command(commands, "check", _check, common, dated)
    check.add_argument("data", type=Path, metavar="DATA", help=_both("cli.data"))
    check.add_argument("--json", action="store_true", help=_both("cli.json"))

    sample = _command(commands, "sample", _sample, common)
    sample.add_argument("folder", type=Path, metavar="DIR", help=_both("cli.sample_folder"))
    sample.add_argument(
        "--residents", type=_whole(0), default=12_000, metavar="N", help=_both("cli.residents")
    )
    sample.add_argument("--seed", type=int, default=1, metavar="S", help=_both("cli.seed"))
    sample.add_argument("--distinct", action="store_true", help=_both("cli.distinct"))

    match = _command(commands, "match", _match, common, dated)
    match.add_argument("data", type=Path, metavar="DATA", help=_both("cli.data"))
    match.add_argument("--policy", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=_both("cli.policy"))
    match.add_argument("--out", type=Path, required=True, metavar="DIR", help=_both("cli.out"))
    match.add_argument(
        "--time-limit", type=_whole(1), default=60, metavar="SECONDS", help=_both("cli.time_limit")
    )

    slots = _command(commands, "slots", _slots, common, dated)
    slots.add_argument("data", type=Path, metavar="DATA", help=_both("cli.data"))
    slots.add_argument("--policy", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=_both("cli.policy"))
    slots.add_argument("--places", type=_whole(1), default=10, metavar="N", help=_both("cli.places"))
    slots.add_argument("--top", type=_whole(1), default=20, metavar="N", help=_both("cli.top"))
    slots.add_argument("--out", type=Path, metavar="FILE.csv", help=_both("cli.slots_out"))

    verify = _command(commands, "verify", _verify, common, dated)
    verify.add_argument("data", type=Path, metavar="DATA", help=_both("cli.data"))
    verify.add_argument("--policy", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=_both("cli.policy"))
    verify.add_argument("--plan", type=Path, required=True, metavar="DIR", help=_both("cli.plan"))

    travel = _command(commands, "travel", _travel, common, dated)
    travel.add_argument("data", type=Path, metavar="DATA", help=_both("cli.data"))
    travel.add_argument("--policy", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=_both("cli.policy"))
    travel.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help=_both("cli.travel_out"))
    travel.add_argument("--cache", type=Path, metavar="FILE", help=_both("cli.cache"))

    app = _command(commands, "app", _app, common)
    app.add_argument("data", type=Path, nargs="?", metavar="DATA", help=_both("cli.data"))
    app.add_argument("--policy", default=DEFAULT_POLICY, metavar="NAME_OR_FILE", help=_both("cli.policy"))
    app.add_argument("--port", type=_whole(1, 65_535), default=8501, help=_both("cli.port"))
    return parser


def _command(
    commands: Commands, name: str, run: Run, *parents: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    text = _both(f"cli.{name}")
    parser = commands.add_parser(name, parents=parents, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _both(key: str, **values: object) -> str:
    return f"{t(key, 'zh', **values)} / {t(key, 'en', **values)}"


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Type of a flag: a whole number in this range; for anything else the parser ends with exit code 2."""
    allowed = f"≥ {least}" if most is None else f"{least}–{most}"

    def number(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,18}", text) or not least <= int(text) <= (most or int(text)):
            raise argparse.ArgumentTypeError(_both("cli.whole", found=text, allowed=allowed))
        return int(text)

    return number


def _check(arguments: argparse.Namespace) -> int:
    from matcher.check import check, problems_as_json, render_problems
    from matcher.read import read_folder

    checked = check(read_folder(arguments.data, as_of=arguments.as_of, datum=arguments.datum))
    problems = render_problems(checked.problems, arguments.lang)
    if arguments.json:
        print(problems_as_json(problems))
    elif len(problems):
        print(problems.to_string(index=False))
    errors = int((problems["severity"] == "error").sum())
    if not arguments.json:
        print(t("cli.check_result", arguments.lang, errors=errors, warnings=len(problems) - errors))
    return 1 if errors else 0


def _sample(arguments: argparse.Namespace) -> int:
    from matcher.sample import make_sample

    make_sample(
        arguments.folder, residents=arguments.residents, seed=arguments.seed, distinct=arguments.distinct
    )
    print(t("cli.sample_done", arguments.lang, folder=arguments.folder, residents=arguments.residents))
    return 0


def _match(arguments: argparse.Namespace) -> int:
    from matcher.outputs import write_plan
    from matcher.plan import Options, match
    from matcher.policy import load_policy
    from matcher.summary import summary_lines

    begun = time.perf_counter()
    if arguments.out.resolve() == arguments.data.resolve():
        raise BadInput("out_is_data", folder=arguments.out)
    policy = load_policy(arguments.policy)
    inputs = _load(arguments)
    read_seconds = time.perf_counter() - begun
    plan = match(inputs, policy, Options(progress=True, time_limit_s=arguments.time_limit)).timed(
        {"read": read_seconds}
    )
    write_plan(plan, arguments.out)
    for line in summary_lines(plan, arguments.lang):
        print(line)
    print(t("cli.written", arguments.lang, folder=arguments.out))
    return 0


def _slots(arguments: argparse.Namespace) -> int:
    from matcher.outputs import write_table
    from matcher.placement import where_to_add
    from matcher.plan import Options, match
    from matcher.policy import load_policy

    if arguments.out is not None and arguments.out.resolve().parent == arguments.data.resolve():
        raise BadInput("out_is_data", folder=arguments.out)
    policy = load_policy(arguments.policy)
    inputs = _load(arguments)
    plan = match(inputs, policy, Options(progress=True))
    table = where_to_add(plan, places=arguments.places, top=arguments.top, progress=True)
    if arguments.out is None:
        print(table.to_string(index=False, na_rep="-"))
    else:
        write_table(table, arguments.out)
        print(t("cli.written", arguments.lang, folder=arguments.out))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from matcher.outputs import read_assignments
    from matcher.policy import load_policy
    from matcher.solve.verify import verify
    from matcher.summary import certificate_lines

    inputs = _load(arguments)
    certificate = verify(inputs, load_policy(arguments.policy), read_assignments(arguments.plan))
    for line in certificate_lines(certificate, arguments.lang):
        print(line)
    return 0 if certificate.valid or certificate.undecided else 1


def _travel(arguments: argparse.Namespace) -> int:
    from matcher.policy import load_policy
    from matcher.routing import travel_table, write_travel

    out: Path = arguments.out
    if out.exists():
        raise BadInput("file_taken", file=out)
    policy = load_policy(arguments.policy)
    inputs = _load(arguments)
    out.parent.mkdir(parents=True, exist_ok=True)
    cache = arguments.cache or out.with_suffix(".cache")
    table, answers = travel_table(inputs, policy, cache, progress=True)
    write_travel(table, out)
    told = {
        "requests": answers.requests,
        "cached": answers.cached,
        "unreached": int(table["km"].isna().sum()),
    }
    print(t("cli.travel_done", arguments.lang, rows=len(table), file=out, **told))
    return 0


def _app(arguments: argparse.Namespace) -> int:
    from matcher.policy import load_policy
    from matcher.serve import DATA_VARIABLE, POLICY_VARIABLE, streamlit_arguments

    load_policy(arguments.policy)  # a wrong name is told here, not on a page
    environment = {**os.environ, POLICY_VARIABLE: str(arguments.policy)}
    if arguments.data is not None:
        if not arguments.data.is_dir():
            raise BadInput("no_folder", folder=arguments.data)
        environment[DATA_VARIABLE] = str(arguments.data.resolve())
    print(t("cli.app_address", arguments.lang, address=f"http://127.0.0.1:{arguments.port}"), flush=True)
    command = [sys.executable, "-m", *streamlit_arguments(arguments.port)]
    with subprocess.Popen(command, env=environment) as server:
        # Whoever ends this command ends the server with it; Ctrl+C reaches both by itself.
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        return server.wait()


def _day(text: str) -> str:
    """A date of the command line; anything else is a wrong flag."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} ≠ YYYY-MM-DD") from None


def _load(arguments: argparse.Namespace) -> Inputs:
    """Read, check and locate the data; warnings are counted by kind, never passed over."""
    from matcher.check import check
    from matcher.locate import locate
    from matcher.read import read_folder

    checked = check(read_folder(arguments.data, as_of=arguments.as_of, datum=arguments.datum))
    if checked.inputs is None:
        raise DataError(checked.problems)
    kinds = checked.problems.groupby(["file", "column", "code"], dropna=False, sort=False).size()
    for kind in kinds.reset_index(name="count").fillna("").to_dict("records"):
        _complain(t("cli.warning", arguments.lang, **{str(key): value for key, value in kind.items()}))
    if len(kinds):
        _complain(t("cli.see_check", arguments.lang, data=arguments.data))
    return locate(checked.inputs)


def _print_problems(error: DataError, lang: str) -> None:
    from matcher.check import render_problems

    problems = render_problems(error.problems, lang)
    print(problems.head(50).to_string(index=False), file=sys.stderr)
    _complain(t("error.data_problems", lang, **error.values))


def _complain(text: str) -> None:
    print(text, file=sys.stderr)
