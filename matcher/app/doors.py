"""What stands before the app: the guard always, the gate with its login where others are served."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware import Middleware

from matcher.app.gate import Gate
from matcher.app.guard import Guard
from matcher.app.here import accounts
from matcher.app.login import Login
from matcher.app.serving import LOOPBACK, Serving


def middleware(others: Serving | None) -> Sequence[Middleware]:
    """The layers, outermost first.

    Parameters
    ----------
    others : Serving or None
        None where one person is served on this machine.
    """
    if others is None:
        return (Middleware(Guard),)
    login = Login(accounts, secure=True, proxy=others.proxy)
    # On this machine nobody but the proxy reaches the port; the server then takes its word on where requests come from.
    only = "" if others.address == LOOPBACK else others.proxy
    return (
        Middleware(Guard, hosts=others.hosts, proxy=only),
        Middleware(Gate, accounts=accounts, login=login),
    )
