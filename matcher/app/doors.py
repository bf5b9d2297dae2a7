"""What stands before the app: the guard always, the gate with its login where others are served."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from matcher.app.gate import Gate
from matcher.app.guard import Guard
from matcher.app.here import accounts
from matcher.app.login import Login
from matcher.app.oidc import read_provider
from matcher.app.serving import LOOPBACK, Serving

if TYPE_CHECKING:
    from matcher.app.oidc_login import Oidc


def middleware(others: Serving | None) -> Sequence[Middleware]:
    """The layers, outermost first.

    Parameters
    ----------
    others : Serving or None
        None where one person is served on this machine.
    """
    if others is None:
        return (Middleware(Guard),)
    login = Login(accounts, secure=True, proxy=others.proxy, oidc=_office(others.oidc))
    # On this machine nobody but the proxy reaches the port; the server then takes its word on where requests come from.
    only = "" if others.address == LOOPBACK else others.proxy
    return (
        Middleware(Guard, hosts=others.hosts, proxy=only),
        Middleware(Gate, accounts=accounts, login=login),
    )


def _office(file: str) -> Oidc | None:
    """The office's OpenID provider; what speaks with it is loaded where there is one."""
    if not file:
        return None
    from matcher.app.oidc_login import Oidc

    return Oidc(read_provider(Path(file)))
