"""Serving others than oneself: what must be there before it begins, and what the server is told of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path

#: Environment variable by which the command tells its server whom it serves; without it, one person without login.
VARIABLE = "MATCHER_SERVING"
_EVERY_ADDRESS = "0.0.0.0"  # nosec B104
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Serving:
    """How others are served.

    Parameters
    ----------
    hosts : tuple of str
        Names by which browsers reach the service, in small letters.
    certificate, key : str
        Files for TLS; empty behind a proxy.
    proxy : str
        Address of the proxy that does TLS; empty with TLS of one's own.
    oidc : str
        File that tells the office's OpenID provider; empty for passwords alone.
    """

    hosts: tuple[str, ...]
    certificate: str = ""
    key: str = ""
    proxy: str = ""
    oidc: str = ""

    @property
    def address(self) -> str:
        """Where to listen: a proxy on this machine needs no other way in."""
        local = self.proxy and ip_address(self.proxy).is_loopback
        return LOOPBACK if local else _EVERY_ADDRESS

    def variables(self) -> dict[str, str]:
        """Environment variables for the server's process."""
        return {VARIABLE: json.dumps(asdict(self))}


def serving(environment: Mapping[str, str] = os.environ) -> Serving | None:
    """How others are served; None where one person is, on this machine."""
    text = environment.get(VARIABLE)
    if not text:
        return None
    told = json.loads(text)
    return Serving(**{**told, "hosts": tuple(told["hosts"])})


@dataclass(frozen=True)
class Asked:
    """What the command was asked for; see `Serving`.

    Parameters
    ----------
    hosts : sequence of str
    certificate, key : Path or None
    proxy : str or None
    oidc : Path, optional
    """

    hosts: Sequence[str]
    certificate: Path | None
    key: Path | None
    proxy: str | None
    oidc: Path | None = None

    @property
    def anything(self) -> bool:
        """Whether any flag was given."""
        return bool(self.hosts or self.certificate or self.key or self.proxy or self.oidc)

    def missing(self, has_administrator: bool) -> list[str]:
        """Codes of all that is missing or wrong, ``error.serve_<code>`` in the catalogues, the administrator first."""
        found = [] if has_administrator else ["administrator"]
        if not self.hosts:
            found.append("host")
        elif not all(_is_name(host) for host in self.hosts):
            found.append("bad_host")
        return [*found, *self._missing_tls()]

    def _missing_tls(self) -> list[str]:
        if self.proxy is not None:
            if self.certificate or self.key:
                return ["both"]
            return [] if _is_address(self.proxy) else ["bad_proxy"]
        if self.certificate is None and self.key is None:
            return ["tls"]
        if self.certificate is None or self.key is None:
            return ["half_tls"]
        files = {"cert": self.certificate, "key": self.key}
        return [f"no_{name}" for name, file in files.items() if not _readable(file)]

    def granted(self) -> Serving:
        """The same, once nothing is missing; files by their whole paths."""
        files = (self.certificate, self.key, self.oidc)
        certificate, key, oidc = (str(file.resolve()) if file else "" for file in files)
        return Serving(tuple(host.lower() for host in self.hosts), certificate, key, self.proxy or "", oidc)


def _is_name(host: str) -> bool:
    return bool(host) and all(sign.isascii() and (sign.isalnum() or sign in "-.") for sign in host)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _readable(file: Path) -> bool:
    try:
        return bool(file.read_bytes())
    except OSError:
        return False
