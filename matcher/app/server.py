"""The app's server, a process of its own that ends when the command that started it does: ``… server PORT``."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import streamlit as st

from matcher.app import exports, map_script, shapes_route
from matcher.app.doors import middleware
from matcher.app.serving import serving
from matcher.app.settings import SCRIPT, settings

#: How long pages and computations have to end by themselves.
GRACE_SECONDS = 5


def main(arguments: list[str]) -> int:
    """Serve until the command ends or asks for the end.

    Parameters
    ----------
    arguments : list of str
        The port. Standard input is a pipe from the command that started this process.
    """
    threading.Thread(target=_end_with_the_command, daemon=True).start()
    try:
        app = st.App(
            SCRIPT,
            routes=[*exports.ROUTES, *map_script.ROUTES, *shapes_route.ROUTES],
            middleware=middleware(serving()),
        )
        app.run(config=settings(int(arguments[0]), serving()))
    except KeyboardInterrupt:  # it reaches the command too, which says so
        return 130
    return 0


def _end_with_the_command() -> None:
    """Wait for the end of the pipe: the system closes it when the command is gone, however it went."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
