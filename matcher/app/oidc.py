"""An office's own OpenID provider: it says who somebody is; what they may do, the accounts here say."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from matcher.app.serving import LOOPBACK
from matcher.errors import BadInput

#: Where a login begins, and where the provider sends the browser back to: what is registered there.
START = "/login/oidc"
BACK = "/login/oidc/back"
_NEEDED = ("server_metadata_url", "client_id", "client_secret")
_MORE = ("claim", "ca_file")
#: Seconds for logging in at the provider.
LASTS = 600


class NotToldApart(Exception):
    """The provider did not say who somebody is, or not in a way that can be believed."""


@dataclass(frozen=True)
class Provider:
    """An OpenID provider, as a file of settings tells it.

    Parameters
    ----------
    server_metadata_url : str
        Address of its ``openid-configuration``, by https.
    client_id, client_secret : str
        What it knows this service by.
    claim : str
        What it says of a person that is the name of the account here.
    ca_file : str
        Certificates of an office's own authority; empty for those that everybody trusts.
    """

    server_metadata_url: str
    client_id: str
    client_secret: str
    claim: str = "preferred_username"
    ca_file: str = ""


def read_provider(file: Path) -> Provider:
    """The provider of a TOML file.

    Raises
    ------
    BadInput
        ``oidc_file``, ``oidc_keys``, ``oidc_address``, ``oidc_authority``.
    """
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput("oidc_file", file=file) from error
    texts = {name: value for name, value in told.items() if isinstance(value, str) and value.strip()}
    wrong = [name for name in _NEEDED if name not in texts] + sorted(set(told) - set(_NEEDED) - set(_MORE))
    wrong += [name for name in _MORE if name in told and name not in texts]
    if wrong:
        raise BadInput(
            "oidc_keys", file=file, found=", ".join(wrong), needed=", ".join(_NEEDED), more=", ".join(_MORE)
        )
    if not _may_be_asked(texts["server_metadata_url"]):
        raise BadInput("oidc_address", file=file, found=texts["server_metadata_url"])
    if "ca_file" in texts and not Path(texts["ca_file"]).is_file():
        raise BadInput("oidc_authority", file=file, found=texts["ca_file"])
    return Provider(**texts)


def _may_be_asked(address: str) -> bool:
    """Whether it is the address of a server, and nobody on the way can read what is sent there."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port  # a port that is none is told only here
    except ValueError:
        return False
    if not host or port == 0 or re.search(r"[\s\\]", address):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host == LOOPBACK)
