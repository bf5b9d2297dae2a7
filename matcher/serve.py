"""How the app is started: its settings as flags, so that they hold in whatever folder one stands."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

#: The script of the app and its settings, beside this package.
APP = Path(__file__).resolve().parent.parent / "app.py"
SETTINGS = APP.parent / ".streamlit" / "config.toml"
#: Environment variables by which the command hands the data folder and the policy to the app.
DATA_VARIABLE = "MATCHER_DATA"
POLICY_VARIABLE = "MATCHER_POLICY"


def streamlit_arguments(port: int) -> list[str]:
    """What follows ``python -m`` to serve the app on this machine only.

    Parameters
    ----------
    port : int
        TCP port on 127.0.0.1.

    Returns
    -------
    list of str
        ``streamlit run app.py`` and every setting as a flag, which wins over the user's own settings.
    """
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    settings["server"]["port"] = port
    flags = [flag for name, value in _flat("", settings) for flag in _flags(name, value)]
    return ["streamlit", "run", str(APP), *flags]


def _flat(prefix: str, branch: dict[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in branch.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield prefix + key, value


def _flags(name: str, value: object) -> list[str]:
    """Streamlit wants the lists of a theme as JSON and any other list as a repeated flag."""
    values = value if isinstance(value, list) and not name.startswith("theme.") else [value]
    return [f"--{name}={one if isinstance(one, str) else json.dumps(one)}" for one in values]
