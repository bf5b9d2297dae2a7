"""The app as a user starts it, and a real browser that looks at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import ROOT
from tests.helpers.browser import find_browser, must_not_skip

_START_SECONDS = 60
#: Nothing that the browser itself might ask of the internet, and drawing without a graphics card.
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(data: Path | None = None) -> Iterator[str]:
    """Address of the app, started as its command starts it, in a folder that is not its own."""
    port = free_port()
    folder = [] if data is None else [str(data)]
    command = [sys.executable, "-m", "matcher", "app", *folder, "--port", str(port)]
    with tempfile.TemporaryDirectory() as elsewhere, tempfile.TemporaryDirectory() as home:
        store = f"sqlite:///{(Path(home) / 'store.sqlite3').as_posix()}"
        own = {"PYTHONPATH": str(ROOT), "MATCHER_HOME": home, "MATCHER_DATABASE_URL": store}
        with running(command, port, Path(elsewhere), {**os.environ, **own}) as address:
            yield address


@contextmanager
def served_others(
    folder: Path, *flags: str, data: Path | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """Port and environment of the app as it serves others; accounts and store lie in `folder`, made before."""
    port = free_port()
    own = {
        "PYTHONPATH": str(ROOT),
        "MATCHER_HOME": str(folder / "home"),
        "MATCHER_DATABASE_URL": f"sqlite:///{(folder / 'store.sqlite3').as_posix()}",
    }
    named = [] if data is None else [str(data)]
    command = [sys.executable, "-m", "matcher", "app", *named, "--port", str(port), "--serve", *flags]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **own}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for_port(port, server)
            yield port, own
        finally:
            server.terminate()
            server.wait(20)


def wait_for_port(port: int, server: subprocess.Popen[bytes]) -> None:
    """Until somebody listens there."""
    for _ in range(10 * _START_SECONDS):
        if server.poll() is not None:
            raise RuntimeError(f"the app ended with exit code {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(str(port))


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    health: str = "/_stcore/health",
) -> Iterator[str]:
    """Address of what a command serves at `port`, as soon as it answers at `health`."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT)} if environment is None else environment
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=cwd, env=variables, stdout=log, stderr=subprocess.STDOUT)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(f"{address}{health}", server)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers there; a server that ends before is told."""
    for _ in range(10 * _START_SECONDS):
        if server.poll() is not None:
            raise RuntimeError(f"the app ended with exit code {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


@contextmanager
def browser(*flags: str):
    """A browser of this machine; without one the test is skipped, but fails in CI."""
    path = find_browser()
    if path is None:
        reason = "no Chrome, Edge or Chromium found on this machine"
        if must_not_skip():
            pytest.fail(f"{reason}, and in CI the browser tests must not be skipped")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=[*_FLAGS, *flags, *(["--no-sandbox"] if root else [])]
        )
        try:
            yield chromium
        finally:
            chromium.close()
