"""Where the sample city that comes with the program stands: beside the package in a checkout, else inside it."""

from __future__ import annotations

from pathlib import Path

#: The name under which commands know it wherever one stands.
NAME = "sample_data"
_PACKAGE = Path(__file__).resolve().parent.parent


def sample_folder() -> Path:
    """The data folder of the sample city."""
    inside = _PACKAGE / NAME
    return inside if inside.is_dir() else _PACKAGE.parent / NAME


def data_folder(text: str) -> Path:
    """The folder that a command's DATA names: ``sample_data`` is the shipped one where none stands here."""
    folder = Path(text)
    return sample_folder() if text.rstrip("/\\") == NAME and not folder.exists() else folder
