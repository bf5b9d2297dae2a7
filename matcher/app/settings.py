"""How the app is started: its settings and its script, found wherever one stands."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from matcher.app.serving import Serving

_HERE = Path(__file__).resolve().parent
#: The script of the app.
SCRIPT = _HERE / "main.py"
#: Environment variables by which the command hands the data folder and the policy to the app.
DATA_VARIABLE = "MATCHER_DATA"
POLICY_VARIABLE = "MATCHER_POLICY"


def server_command(port: int) -> list[str]:
    """The command that serves the app on this machine alone, at 127.0.0.1 and TCP port `port`."""
    return [sys.executable, "-m", "matcher.app.server", str(port)]


def settings(port: int, others: Serving | None = None) -> dict[str, object]:
    """Every setting by its dotted name: given so, it wins over those of the user and of the folder one stands in.

    Parameters
    ----------
    port : int
    others : Serving, optional
        Where others are served: the address and the names of the service.
    """
    read = tomllib.loads(settings_file().read_text(encoding="utf-8"))
    given = dict(_flat("", read)) | {"server.port": port}
    if others is not None:
        given |= {"server.address": others.address, "server.allowedHosts": list(others.hosts)}
        if others.certificate:
            given |= {"server.sslCertFile": others.certificate, "server.sslKeyFile": others.key}
    return given


def settings_file() -> Path:
    """The file of settings: inside an installed package, in a checkout where ``streamlit run app.py`` finds it."""
    inside = _HERE / "config.toml"
    return inside if inside.is_file() else _HERE.parent.parent / ".streamlit" / "config.toml"


def _flat(prefix: str, branch: dict[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in branch.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield prefix + key, value
