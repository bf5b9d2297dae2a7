"""Policies of one's own: a few values that differ from a shipped policy, as a TOML file like any other."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from matcher.errors import PolicyError
from matcher.policy.documents import Policy, load_policy, policy_names
from matcher.readers import read_toml

#: ``""`` stands for none, where a key may have none.
Value = bool | int | float | str


def own_policy(base: str, title: str, changes: Mapping[str, Value]) -> str:
    """The text of a policy file.

    Parameters
    ----------
    base : str
        A shipped policy.
    title : str
        What people call it.
    changes : mapping of key to value
        Keys as in a file; one dot leads into a table (``limit_km.home``).
    """
    lines = [f"base = {_text(base)}", f"id = {_text(title)}", f"title = {_text(title)}"]
    lines += [f"{key} = {_value(value)}" for key, value in changes.items() if "." not in key]
    tables = dict.fromkeys(key.split(".")[0] for key in changes if "." in key)
    for table in tables:
        lines.append(f"\n[{table}]")
        lines += [
            f"{key.split('.', 1)[1]} = {_value(value)}"
            for key, value in changes.items()
            if key.startswith(f"{table}.")
        ]
    return "\n".join(lines) + "\n"


def keep_policy(folder: Path, base: str, title: str, changes: Mapping[str, Value]) -> Path:
    """Write a policy of one's own, all of it or none, beside the others in a folder.

    Parameters
    ----------
    folder : Path
    base, title, changes
        See `own_policy`.

    Returns
    -------
    Path
        A file of a name that says nothing: the title may hold any sign.
    """
    file = folder / f"{uuid4().hex}.toml"
    draft = file.with_suffix(".new")
    draft.write_text(own_policy(base, title, changes), encoding="utf-8", newline="\n")
    os.replace(draft, file)
    return file


def own_policies(folder: Path) -> dict[str, str]:
    """Paths of the policy files in a folder, each with its title, by title; files that cannot be used are left out."""
    found = {}
    for file in sorted(folder.glob("*.toml")):
        policy = _load(file)
        if policy is not None:
            found[str(file)] = policy.title
    return dict(sorted(found.items(), key=lambda one: one[1]))


def known_changes(name_or_path: str) -> tuple[str, dict[str, Value]] | None:
    """The shipped policy that another one builds on, and the values in which it differs.

    Parameters
    ----------
    name_or_path : str

    Returns
    -------
    (str, dict) or None
        None for a file that changes more than single values, which is edited as a file.
    """
    if name_or_path in policy_names():
        return name_or_path, {}
    raw = read_toml(Path(name_or_path))
    base = raw.pop("base", policy_names()[0])
    flat: dict[str, Value] = {}
    for key, value in raw.items():
        if key in ("id", "title"):
            continue
        inner = (
            {f"{key}.{name}": one for name, one in value.items()} if isinstance(value, dict) else {key: value}
        )
        if not all(isinstance(one, bool | int | float) or one == "" for one in inner.values()):
            return None
        flat |= inner
    return str(base), flat


def _load(file: Path) -> Policy | None:
    try:
        return load_policy(file)
    except PolicyError:
        return None


def _text(words: str) -> str:
    # A JSON string is one of TOML, once the one sign is written out that only JSON takes as it is.
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else json.dumps(value)
