"""The gate before the app: without a session no page, no websocket, no file, no upload; each click asks again."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from matcher.accounts.accounts import Accounts
from matcher.accounts.roles import Account
from matcher.app.cookies import token_of_request
from matcher.app.login import LOGIN, PASSWORD, Login
from matcher.errors import MatcherError

#: Says that the server runs, and nothing else.
_HEALTH = "/_stcore/health"
#: Key of a request's scope: whose session it is.
ACCOUNT = "matcher.account"


class Gate:
    """Lets sessions through.

    Parameters
    ----------
    app : ASGI application
        What is behind the gate.
    accounts : callable
        Gives the accounts when the first request comes.
    login : Login
        The pages before the gate.
    """

    def __init__(self, app: ASGIApp, accounts: Callable[[], Accounts], login: Login) -> None:
        self.app = app
        self.accounts = accounts
        self.login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hold one websocket."""
        if scope["type"] not in ("http", "websocket") or scope["path"] == _HEALTH:
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and self.login.answers(scope["path"]):
            await (await self.login.answer(scope, receive))(scope, receive, send)
        else:
            await self._behind(scope, receive, send)

    async def _behind(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = token_of_request(scope)
        account = await self._who(token)
        if account is not None and not account.must_change:
            asked = self._asking(token, account, receive) if scope["type"] == "websocket" else receive
            await self.app({**scope, ACCOUNT: account}, asked, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _refused(scope, account)(scope, receive, send)

    async def _who(self, token: str | None) -> Account | None:
        """Whose session it is; while the store does not answer, nobody's."""
        try:
            return await to_thread.run_sync(lambda: self.accounts().who(token))
        except MatcherError:
            return None

    def _asking(self, token: str | None, account: Account, receive: Receive) -> Receive:
        """Each message of a page is let through only while its session is what it was when the page was opened.

        Otherwise the page gets to run anew with nothing of what was clicked: it then says that the login has ended, or
        shows what another role may see.
        """
        held = account

        async def ask() -> Message:
            nonlocal held
            message = await receive()
            if message["type"] == "websocket.receive":
                now = await self._who(token)
                if now != held:
                    held = now or held
                    return {"type": "websocket.receive", "bytes": _RUN_ANEW}
            return message

        return ask


#: A message of a page that asks for nothing but to be shown again.
_RUN_ANEW = BackMsg(rerun_script=ClientState()).SerializeToString()


def _refused(scope: Scope, account: Account | None) -> Response:
    """To the login where a person looks at the answer, else 401."""
    wants_page = scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", "")
    if wants_page:
        return RedirectResponse(PASSWORD if account else LOGIN, HTTPStatus.SEE_OTHER)
    return PlainTextResponse("Unauthorized", HTTPStatus.UNAUTHORIZED)
