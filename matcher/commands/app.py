"""``app``: the pages, on this computer alone."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys

from matcher.commands.common import Commands, Parser, add_command, add_policy, both, whole
from matcher.errors import BadInput
from matcher.i18n import t
from matcher.sample.shipped import data_folder


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "app", _run, common)
    parser.add_argument("data", type=data_folder, nargs="?", metavar="DATA", help=both("cli.data"))
    add_policy(parser)
    parser.add_argument("--port", type=whole(1, 65_535), default=8501, help=both("cli.port"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.app.serve import DATA_VARIABLE, POLICY_VARIABLE, streamlit_arguments
    from matcher.policy import load_policy

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
