"""``app``: the pages, on this computer alone."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.commands.common import Commands, Parser, add_command, add_policy, both, whole
from matcher.errors import BadInput
from matcher.sample.shipped import data_folder
from matcher.words.catalogues import t

if TYPE_CHECKING:
    from matcher.app.serving import Serving

#: How long the server has to end by itself.
_PATIENCE_SECONDS = 10


def register(commands: Commands, common: Parser, _dated: Parser) -> None:
    """Add the command."""
    parser = add_command(commands, "app", _run, common)
    parser.add_argument("data", type=data_folder, nargs="?", metavar="DATA", help=both("cli.data"))
    add_policy(parser)
    parser.add_argument("--port", type=whole(1, 65_535), default=8501, help=both("cli.port"))
    parser.add_argument("--serve", action="store_true", help=both("cli.serve"))
    parser.add_argument("--host", action="append", default=[], metavar="NAME", help=both("cli.serve_host"))
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help=both("cli.serve_cert"))
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help=both("cli.serve_key"))
    parser.add_argument("--behind-proxy", metavar="ADDRESS", help=both("cli.serve_proxy"))
    parser.add_argument("--oidc", type=Path, metavar="FILE", help=both("cli.serve_oidc"))


def _run(arguments: argparse.Namespace) -> int:
    from matcher.app.settings import DATA_VARIABLE, POLICY_VARIABLE, server_command
    from matcher.app.tiles import tiles
    from matcher.policy.documents import load_policy

    load_policy(arguments.policy)  # a wrong name is told here, not on a page
    tiles()  # and so is a wrong address
    environment = {**os.environ, POLICY_VARIABLE: str(arguments.policy)}
    if arguments.data is not None:
        if not arguments.data.is_dir():
            raise BadInput("no_folder", folder=arguments.data)
        environment[DATA_VARIABLE] = str(arguments.data.resolve())
    others = _others(arguments)
    _must_be_free(arguments.port)
    if others is None:
        address = f"http://127.0.0.1:{arguments.port}"
        print(t("cli.app_address", arguments.lang, address=address), flush=True)
    else:
        environment |= others.variables()
        print(t("cli.app_serves", arguments.lang, hosts=", ".join(others.hosts)), flush=True)
    return _serve(server_command(arguments.port), environment)


def _others(arguments: argparse.Namespace) -> Serving | None:
    """How others are served; None for one person on this machine."""
    from matcher.app.serving import Asked

    asked = Asked(
        arguments.host, arguments.tls_cert, arguments.tls_key, arguments.behind_proxy, arguments.oidc
    )
    if not arguments.serve:
        if asked.anything:
            raise BadInput("serve_without")
        return None
    from matcher.accounts.accounts import open_accounts

    missing = asked.missing(open_accounts().has_administrator())
    told = [t(f"error.serve_{code}", arguments.lang) for code in missing] + _provider_missing(arguments)
    if told:
        lines = "".join(f"\n  {number}. {one}" for number, one in enumerate(told, start=1))
        raise BadInput("serve_missing", missing=lines)
    return asked.granted()


def _provider_missing(arguments: argparse.Namespace) -> list[str]:
    """What is wrong with the file that tells the office's OpenID provider."""
    from matcher.app.oidc import read_provider

    try:
        if arguments.oidc is not None:
            read_provider(arguments.oidc)
    except BadInput as error:
        return [t(f"error.{error.code}", arguments.lang, **error.values)]
    return []


def _must_be_free(port: int) -> None:
    """Nobody else listens there; the server asks again, this is for a message in the user's language."""
    with socket.socket() as probe:
        if os.name != "nt":  # a port whose last connections are still closing is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise BadInput("port_taken", port=port) from None


def _serve(command: list[str], environment: dict[str, str]) -> int:
    """Run the server until it ends, or until Ctrl+C or SIGTERM ends both.

    The server's standard input is a pipe that only this process holds: when this process is gone, even killed, the
    server reads the end of it and goes too.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as server:
        try:
            return server.wait()
        finally:
            _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server, gently at first."""
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
