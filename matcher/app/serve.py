"""How the app is started: its settings as flags, so that they hold in whatever folder one stands."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).resolve().parent
#: The script of the app.
APP = _HERE / "main.py"
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
        ``streamlit run main.py`` and every setting as a flag, which wins over the user's own settings.
    """
    settings = tomllib.loads(settings_file().read_text(encoding="utf-8"))
    settings["server"]["port"] = port
    flags = [flag for name, value in _flat("", settings) for flag in _flags(name, value)]
    return ["streamlit", "run", str(APP), *flags]


def settings_file() -> Path:
    """The app's settings: inside an installed package, in a checkout where ``streamlit run app.py`` finds them."""
    inside = _HERE / "config.toml"
    return inside if inside.is_file() else _HERE.parent.parent / ".streamlit" / "config.toml"


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
