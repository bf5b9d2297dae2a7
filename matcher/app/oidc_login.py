"""Logging in at the office's OpenID provider: there and back, bound to one browser. Imported where there is one."""

from __future__ import annotations

from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from matcher.app.oidc import BACK, LASTS, NotToldApart, Provider
from matcher.app.tickets import Tickets

_NAME = "office"
#: How many may be on their way at once; the oldest go first.
MOST = 1000
#: Seconds in which the provider answers.
_PATIENCE = 10


class Oidc:
    """Sends browsers to the provider, and reads what it says of who comes back.

    A login is bound to the browser that began it by a cookie, and to this service by state, nonce and PKCE; its
    secrets stay in the memory of the server.

    Parameters
    ----------
    provider : Provider
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        options: dict[str, Any] = {"scope": "openid profile email", "code_challenge_method": "S256"}
        options |= {"timeout": _PATIENCE, "trust_env": False}  # to the one address that was configured
        if provider.ca_file:
            options["verify"] = provider.ca_file
        self._client = OAuth().register(
            _NAME,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=provider.server_metadata_url,
            client_kwargs=options,
        )
        self._begun: Tickets[dict[str, Any]] = Tickets(LASTS, MOST)

    async def begin(self, request: Request) -> tuple[Response, str]:
        """The way to the provider, and what the browser has to bring back with it.

        Raises
        ------
        NotToldApart
            When the provider cannot be reached.
        """
        begun: dict[str, Any] = {}
        request.scope["session"] = begun
        try:
            answer: Response = await self._client.authorize_redirect(
                request, f"https://{request.headers['host']}{BACK}"
            )
        except (HTTPError, AuthlibBaseError, ValueError, RuntimeError, KeyError) as error:
            raise NotToldApart from error
        return answer, self._begun.give(begun)

    async def name(self, request: Request, token: str | None) -> str:
        """The name of the account of who comes back from the provider; a login comes back once.

        Raises
        ------
        NotToldApart
            When another browser began the login or nobody did, when the provider refuses, cannot be reached or is not
            to be believed, or when it does not say what the account goes by.
        """
        begun = self._begun.take(token or "")
        if begun is None:
            raise NotToldApart
        request.scope["session"] = begun
        try:
            found = (await self._client.authorize_access_token(request)).get("userinfo") or {}
        except (HTTPError, AuthlibBaseError, JoseError, ValueError, RuntimeError, KeyError) as error:
            raise NotToldApart from error
        name = found.get(self.provider.claim)
        believed = self.provider.claim != "email" or found.get("email_verified") is True
        if not isinstance(name, str) or not name or not believed:
            raise NotToldApart
        return name
