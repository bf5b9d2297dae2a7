"""Short texts that say something of a person, sealed before the store gets them (AES-GCM, the key outside)."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from matcher.errors import BadInput
from matcher.store.keys import key_file, secret
from matcher.store.location import home

#: The key is that of the sealed names.
_KEY = "persons"
_FORM = b"text-1"
_NONCE_BYTES = 12


def seal(text: str) -> str:
    """What only the holder of the key can read."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(secret(home("keys"), _KEY)).encrypt(nonce, text.encode(), _FORM)
    return base64.b64encode(nonce + sealed).decode()


def unseal(sealed: Iterable[str | None]) -> list[str | None]:
    """The texts; None stays None.

    Raises
    ------
    BadInput
        ``persons_locked``: the key is absent or another one, or the store was changed.
    """
    tokens = list(sealed)
    if all(token is None for token in tokens):
        return [None] * len(tokens)
    keys = home("keys")
    try:
        cipher = _cipher(keys)
        return [None if token is None else _opened(cipher, token) for token in tokens]
    except (InvalidTag, ValueError) as error:
        raise BadInput("persons_locked", file="store", keys=keys) from error


def _cipher(keys: Path) -> AESGCM:
    if not key_file(keys, _KEY).is_file():  # a new one would open nothing
        raise ValueError(_KEY)
    return AESGCM(secret(keys, _KEY))


def _opened(cipher: AESGCM, token: str) -> str:
    body = base64.b64decode(token, validate=True)
    return cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _FORM).decode()
