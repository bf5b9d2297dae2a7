"""What names a person, in a table of its own: sealed under a key that lies elsewhere, joined when it is read."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pandas as pd
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from matcher.app.home import home
from matcher.errors import BadInput
from matcher.inputs import Inputs
from matcher.store.keys import key_file, secret

#: Columns of residents that stand in no other table.
PERSONAL = ("name", "id_number", "phone", "address")
FILE = "persons.sealed"
_ID = "resident_id"
_KEY = "persons"
#: First bytes of a sealed table: its form.
_FORM = b"persons-1\n"
_NONCE_BYTES = 12


def sealed(residents: pd.DataFrame) -> bytes:
    """What names residents, by id, as only the holder of the key can read it (AES-GCM, 256 bits).

    Parameters
    ----------
    residents : DataFrame[resident_id, name, id_number, phone, address, …]
    """
    text = residents[[_ID, *PERSONAL]].to_parquet(index=False)
    nonce = os.urandom(_NONCE_BYTES)
    return _FORM + nonce + AESGCM(secret(home("keys"), _KEY)).encrypt(nonce, text, _FORM)


def joined(inputs: Inputs, folder: Path) -> Inputs:
    """Inputs with the sealed columns of their folder, where it has some.

    Raises
    ------
    BadInput
        ``persons_locked``: the key is absent or another one, or the file was changed.
    """
    file = folder / FILE
    if not file.is_file():
        return inputs
    keys = home("keys")
    if not key_file(
        keys, _KEY
    ).is_file():  # a new one would open nothing, and hide that the right one is gone
        raise BadInput("persons_locked", file=file, keys=keys)
    body = file.read_bytes().removeprefix(_FORM)
    try:
        text = AESGCM(secret(keys, _KEY)).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], _FORM)
    except (InvalidTag, ValueError) as error:
        raise BadInput("persons_locked", file=file, keys=keys) from error
    known = pd.read_parquet(io.BytesIO(text)).set_index(_ID).reindex(inputs.residents[_ID])
    own = {column: known[column].astype("str").array for column in PERSONAL}
    residents = inputs.residents.assign(**own)
    return inputs.replace(residents=residents)
