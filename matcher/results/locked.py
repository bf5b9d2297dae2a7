"""Excel workbooks that open with a password alone, encrypted the way that Excel and WPS do it themselves."""

from __future__ import annotations

import io

from msoffcrypto.format.ooxml import OOXMLFile


def locked(workbook: bytes, password: str) -> bytes:
    """A workbook under a password (agile encryption: AES of 256 bits, its key by 100,000 rounds of SHA-512).

    Parameters
    ----------
    workbook : bytes
        An .xlsx file.
    password : str
        As it is typed when the file is opened.

    Returns
    -------
    bytes
        A file of the same name: what it holds, names of sheets included, cannot be read without the password.
    """
    sink = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook)).encrypt(password, sink)
    return sink.getvalue()
