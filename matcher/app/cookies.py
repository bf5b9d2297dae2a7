"""The one module that reads cookies: the token of a session, from a request or from the script of a page."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

import streamlit as st
from starlette.datastructures import Headers
from starlette.types import Scope

NAME = "matcher_session"
#: Of a login at the office's provider that has begun.
BEGUN = "matcher_login"
#: A token has 43 signs; anything longer is none.
_LONGEST = 100


def token_of_request(scope: Scope, name: str = NAME) -> str | None:
    """The token that came with a request or the opening of a websocket."""
    given = Headers(scope=scope).getlist("cookie")
    try:
        found = SimpleCookie("; ".join(given)).get(name)
    except CookieError:
        return None
    return _checked(found.value if found else None)


def token_of_page() -> str | None:
    """The token that came with the websocket over which the running script is asked."""
    return _checked(st.context.cookies.get(NAME))


def set_cookie(token: str, *, secure: bool) -> str:
    """The header that hands a token to a browser; it goes when the browser is closed."""
    return f"{NAME}={token}; Path=/; HttpOnly; SameSite=Strict{'; Secure' if secure else ''}"


def begun_cookie(token: str, seconds: int) -> str:
    """The header that binds a login to the browser that began it; it comes back with the provider's answer (Lax)."""
    return f"{BEGUN}={token}; Path=/login/oidc; HttpOnly; SameSite=Lax; Secure; Max-Age={seconds}"


def drop_cookie(*, secure: bool) -> str:
    """The header that takes it away."""
    return f"{set_cookie('', secure=secure)}; Max-Age=0"


def _checked(value: object) -> str | None:
    """Only text counts: tests of pages put other things there."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None
