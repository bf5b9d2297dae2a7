"""The room beside the results where a long run keeps what it has, so that one that died is gone on with."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from matcher import __version__
from matcher.files.results import replace_json
from matcher.intake.parts import Whole
from matcher.policy.documents import Policy
from matcher.province.answers import Priced
from matcher.province.block import Facts

KEY, PRICES = "key.json", "prices.npz"
#: Bytes of a part that are read at once.
CHUNK = 1 << 24


def room_for(out: Path, key: str) -> Path:
    """A hidden folder beside `out`, with what a run of the same key left there.

    Who writes to `out` has claimed it: nobody else is here.
    """
    room = out.parent / f".{out.name}.counties"
    room.mkdir(parents=True, exist_ok=True)
    try:
        same = json.loads((room / KEY).read_text(encoding="utf-8")) == key
    except (OSError, ValueError):
        same = False
    if not same:
        shutil.rmtree(room)
        room.mkdir()
        replace_json(key, room / KEY)
    return room


def key_of(whole: Whole, policy: Policy) -> str:
    """What a run belongs to: every file of the data and what was said of them, the policy, the version."""
    told = (__version__, policy.digest, whole.inputs.dataset, whole.meanings)
    digest = hashlib.sha256(repr(told).encode())
    for path in sorted(whole.folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(whole.folder).as_posix()}\n".encode())
            with path.open("rb") as file:
                while part := file.read(CHUNK):
                    digest.update(part)
    return digest.hexdigest()


def keep_prices(room: Path, history: Sequence[Priced]) -> None:
    """Keep the prices of all rounds so far, all or none."""
    draft = room / f".{PRICES}"
    with draft.open("wb") as file:
        np.savez(
            file,
            price=np.stack([one.price for one in history]),
            window=np.stack([one.window for one in history]),
        )
    os.replace(draft, room / PRICES)


def kept_prices(room: Path) -> list[Priced]:
    """The prices with which the last round of a run that died began; none where there was no round."""
    if not (room / PRICES).is_file():
        return []
    with np.load(room / PRICES) as stored:
        return [Priced(*one) for one in zip(stored["price"], stored["window"], strict=True)]


def keep_facts(room: Path, code: str, facts: Facts) -> None:
    """Keep what was told of a block, once the block itself is there."""
    replace_json({**asdict(facts), "columns": sorted(facts.columns)}, room / f"{code}.json")


def kept_facts(room: Path, code: str) -> Facts | None:
    """What a run that died told of a block; None where it did not get so far."""
    path = room / f"{code}.json"
    if not path.is_file():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Facts(**{**told, "columns": frozenset(told["columns"])})
