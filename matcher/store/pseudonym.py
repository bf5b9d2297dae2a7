"""What stands for the id number of a resident who goes by it: an HMAC under a key of this installation."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

from matcher.masking import is_id_number
from matcher.store.keys import secret
from matcher.store.location import home

#: First signs of a pseudonym.
FIRST = "P-"
#: Signs of the HMAC behind them, 5 bits each: of a million people two share one with a chance of 1 in 70 million.
_SIGNS = 13


def pseudonym(id: str) -> str:
    """What stands for an id: itself, unless it has the shape of a national id number."""
    return pseudonyms([id])[0] if is_id_number(id) else id


def pseudonyms(numbers: Sequence[str]) -> list[str]:
    """What stands for each of some id numbers; the same for a number however it is written, each time."""
    key = secret(home("keys"), "persons")
    return [FIRST + _sign(number.strip().upper(), key) for number in numbers]


def _sign(number: str, key: bytes) -> str:
    sign = hmac.new(key, f"resident:{number}".encode(), hashlib.sha256).digest()
    return base64.b32encode(sign).decode()[:_SIGNS]
