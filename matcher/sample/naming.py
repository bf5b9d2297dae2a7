"""Synthetic names, put together from the words in ``data/names.toml``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.sample.draw import Bools, Texts, assumptions, pick


def person_names(rng: np.random.Generator, female: Bools) -> Texts:
    """A surname and a given name for each person."""
    words = assumptions("names")
    surnames = np.array(list(words["surnames"]), dtype=object)
    frequency = 0.5 ** (np.arange(len(surnames)) / words["surname_halving"])
    surname = surnames[pick(rng, frequency, len(female))]
    given = [np.array(words[sex], dtype=object) for sex in ("male", "female")]
    chosen = [names[pick(rng, np.ones(len(names)), len(female))] for names in given]
    return np.asarray(surname + np.where(female, chosen[1], chosen[0]), dtype=object)


def brands(rng: np.random.Generator, count: int) -> Texts:
    """Invented names of private houses."""
    words = np.array(assumptions("names")["brands"], dtype=object)
    return np.asarray(words[pick(rng, np.ones(len(words)), count)], dtype=object)


def short_names(names: pd.Series) -> Texts:
    """Names of villages without the words for their committees."""
    short = names
    for suffix in assumptions("names")["place_suffixes"]:
        short = short.str.removesuffix(suffix)
    return short.to_numpy(dtype=object)


def named(template: str, **words: Texts) -> list[str]:
    """The template filled for each row, a number added from the second of the same name on."""
    again = assumptions("names")["again"]
    rows = (dict(zip(words, row, strict=True)) for row in zip(*words.values(), strict=True))
    names = pd.Series([template.format(**row) for row in rows], dtype=object)
    number = names.groupby(names).cumcount() + 1
    return [again.format(name=name, n=n) if n > 1 else name for name, n in zip(names, number, strict=True)]
