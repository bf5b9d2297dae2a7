"""Short texts that say something of a person, sealed before the store gets them (AES-GCM, the key outside)."""

from __future__ import annotations

import base64
import os

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


def unseal(sealed: str) -> str:
    """The text.

    Raises
    ------
    BadInput
        ``persons_locked``: the key is absent or another one, or the store was changed.
    """
    keys = home("keys")
    try:
        if not key_file(keys, _KEY).is_file():  # a new one would open nothing
            raise ValueError(_KEY)
        body = base64.b64decode(sealed, validate=True)
        return AESGCM(secret(keys, _KEY)).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _FORM).decode()
    except (InvalidTag, ValueError) as error:
        raise BadInput("persons_locked", file="store", keys=keys) from error
