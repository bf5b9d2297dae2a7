"""Masks for what identifies a person: enough to recognise somebody on a list, too little to find a stranger.

An id number shows its ends only, as an age or a birth date may stand beside it: county, age and the last four digits
leave a few dozen people; county, birth date and the last four digits leave exactly one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_HIDDEN = 4
_BIRTH_8 = r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_ID_NUMBER = re.compile(
    rf"[1-9][0-9]{{5}}(?:{_BIRTH_8}[0-9]{{3}}[0-9Xx]|[0-9]{{2}}(?:0[1-9]|1[0-2])[0-3][0-9]{{4}})"
)


def mask_id_export(number: str) -> str:
    """``5****************4``: first and last character."""
    return _keep_ends(number, 1, 1)


def mask_phone(number: str) -> str:
    """``138****5678``: first three and last four characters."""
    return _keep_ends(number, 3, 4)


def mask_name(name: str) -> str:
    """The first character and one star, however long the name; a name of one character is a star."""
    name = name.strip()
    return f"{name[:1]}*" if len(name) > 1 else "*" * len(name)


def mask_if_id_number(text: str) -> str:
    """`text` itself, unless it has the shape of a national id number: then `mask_id_export`.

    For ids of one's own making (``resident_id``) that some registers fill with the id number.
    """
    return mask_id_export(text) if is_id_number(text) else text


def is_id_number(text: str) -> bool:
    """Whether a text has the shape of a national id number, of 18 or of the older 15 signs."""
    return _ID_NUMBER.fullmatch(text.strip()) is not None


def id_number_mask(texts: pd.Series[str]) -> pd.Series[bool]:
    """The same of each text; False where there is none."""
    found: pd.Series[bool] = texts.str.strip().str.fullmatch(_ID_NUMBER.pattern).fillna(False).astype(bool)
    return found


def _keep_ends(text: str, head: int, tail: int) -> str:
    """Stars between the ends; all stars where fewer than four characters would be hidden."""
    text = text.strip()
    hidden = len(text) - head - tail
    if hidden < _HIDDEN:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[-tail:]
