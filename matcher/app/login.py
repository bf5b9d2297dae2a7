"""The pages before the gate: log in, set a first password, change it, log out. Plain forms, no Streamlit."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from matcher.accounts.accounts import Accounts
from matcher.accounts.vouched import log_in_vouched
from matcher.app.cookies import BEGUN, begun_cookie, drop_cookie, set_cookie, token_of_request
from matcher.app.oidc import BACK, LASTS, START, NotToldApart
from matcher.errors import BadInput, MatcherError
from matcher.words.catalogues import LANGUAGES, t

if TYPE_CHECKING:
    from matcher.app.oidc_login import Oidc

LOGIN = "/login"
FIRST = "/login/first"
PASSWORD = "/login/password"
LOGOUT = "/login/out"
_FILES = {"/login/login.css": "text/css", "/login/first.js": "text/javascript"}
_MOST_BYTES = 10_000
#: Fields of each form: name, type, and what a browser may fill in.
_FORMS = {
    LOGIN: (("name", "text", "username"), ("password", "password", "current-password")),
    FIRST: (
        ("code", "text", "one-time-code"),
        ("new", "password", "new-password"),
        ("again", "password", "new-password"),
    ),
    PASSWORD: (
        ("password", "password", "current-password"),
        ("new", "password", "new-password"),
        ("again", "password", "new-password"),
    ),
}


class Login:
    """Answers the pages.

    Parameters
    ----------
    accounts : callable
        Gives the accounts.
    secure : bool
        Whether browsers come by TLS: then the cookie travels by it alone.
    proxy : str
        Address of the proxy whose word on where somebody comes from counts; empty for none.
    oidc : Oidc, optional
        The office's own provider, beside passwords.
    """

    def __init__(
        self, accounts: Callable[[], Accounts], *, secure: bool, proxy: str = "", oidc: Oidc | None = None
    ) -> None:
        self.accounts = accounts
        self.secure = secure
        self.proxy = proxy
        self.oidc = oidc

    def answers(self, path: str) -> bool:
        """Whether the path is a page of these."""
        return path in (LOGOUT, START, BACK) or path in _FORMS or path in _FILES

    async def answer(self, scope: Scope, receive: Receive) -> Response:
        """The answer to one request."""
        path, method = scope["path"], scope["method"]
        lang = _language(scope)
        if path in _FILES and method in ("GET", "HEAD"):
            content = (resources.files("matcher.app") / "parts" / path.rpartition("/")[2]).read_bytes()
            return Response(content, media_type=_FILES[path])
        if path == LOGOUT and method == "GET":
            return await self._log_out(scope)
        if path in (START, BACK):
            return await self._vouched(Request(scope, receive), lang)
        if method == "GET":
            return self._page(path, lang)
        if method != "POST":
            return PlainTextResponse("Method Not Allowed", HTTPStatus.METHOD_NOT_ALLOWED)
        form = await _form(scope, receive)
        if form is None:
            return PlainTextResponse("Content Too Large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return await to_thread.run_sync(lambda: self._posted(path, form, scope, lang))

    def _posted(self, path: str, form: dict[str, str], scope: Scope, lang: str) -> Response:
        try:
            token = self._token(path, form, scope)
        except BadInput as error:
            return self._page(path, lang, t(f"error.{error.code}", lang, **error.values), form)
        except MatcherError:
            return self._page(path, lang, t("login.no_store", lang), form, HTTPStatus.SERVICE_UNAVAILABLE)
        if token is None:
            return self._page(path, lang, t("login.refused", lang), form, HTTPStatus.UNAUTHORIZED)
        return self._entered(token)

    def _page(
        self,
        path: str,
        lang: str,
        trouble: str = "",
        form: dict[str, str] | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        """A form; with the way to the office's provider where there is one."""
        body = _form_page(path, lang, trouble, form or {}, oidc=self.oidc is not None and path == LOGIN)
        return HTMLResponse(body, HTTPStatus.BAD_REQUEST if trouble and status == HTTPStatus.OK else status)

    async def _vouched(self, request: Request, lang: str) -> Response:
        """To the office's provider, or back from it."""
        if self.oidc is None or request.method != "GET":
            return PlainTextResponse("Not Found", HTTPStatus.NOT_FOUND)
        try:
            if request.url.path == START:
                answer, begun = await self.oidc.begin(request)
                answer.headers["Set-Cookie"] = begun_cookie(begun, LASTS)
                return answer
            name = await self.oidc.name(request, token_of_request(request.scope, BEGUN))
            address = self._address(request.scope)
            token = await to_thread.run_sync(lambda: log_in_vouched(self.accounts(), name, address))
        except NotToldApart:
            return self._page(LOGIN, lang, t("login.oidc_failed", lang), status=HTTPStatus.UNAUTHORIZED)
        except MatcherError:
            return self._page(LOGIN, lang, t("login.no_store", lang), status=HTTPStatus.SERVICE_UNAVAILABLE)
        if token is None:
            return self._page(LOGIN, lang, t("login.oidc_unknown", lang), status=HTTPStatus.UNAUTHORIZED)
        return _onward(token, lang)

    def _token(self, path: str, form: dict[str, str], scope: Scope) -> str | None:
        accounts = self.accounts()
        if path == LOGIN:
            return accounts.log_in(form.get("name", ""), form.get("password", ""), self._address(scope))
        new = form.get("new", "")
        if new != form.get("again", ""):
            raise BadInput("password_differs")
        if path == FIRST:
            return accounts.accept(form.get("code", "").strip(), new)
        return accounts.change_password(token_of_request(scope) or "", form.get("password", ""), new)

    def _entered(self, token: str) -> Response:
        account = self.accounts().who(token)
        where = PASSWORD if account and account.must_change else "/"
        answer = RedirectResponse(where, HTTPStatus.SEE_OTHER)
        answer.headers["Set-Cookie"] = set_cookie(token, secure=self.secure)
        return answer

    async def _log_out(self, scope: Scope) -> Response:
        token = token_of_request(scope)
        if token:
            await to_thread.run_sync(lambda: self.accounts().log_out(token))
        answer = RedirectResponse(LOGIN, HTTPStatus.SEE_OTHER)
        answer.headers["Set-Cookie"] = drop_cookie(secure=self.secure)
        return answer

    def _address(self, scope: Scope) -> str:
        """Where the request comes from; a proxy's word counts only when it comes from the declared one."""
        client = scope["client"][0] if scope.get("client") else "?"
        if self.proxy and client == self.proxy:
            told = Headers(scope=scope).get("x-forwarded-for", "").split(",")[-1].strip()
            return told or client
        return str(client)


async def _form(scope: Scope, receive: Receive) -> dict[str, str] | None:
    """The fields of a form; None when there is far more than any form of ours sends."""
    body = b""
    async for chunk in Request(scope, receive).stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return None
    told = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in told.items()}


def _language(scope: Scope) -> str:
    """The first of ours that the browser asks for; Chinese where it asks for neither."""
    wanted = Headers(scope=scope).get("accept-language", "").split(",")
    for one in wanted:
        short = one.strip()[:2].lower()
        if short in LANGUAGES:
            return short
    return "zh"


def _form_page(path: str, lang: str, trouble: str, kept: dict[str, str], *, oidc: bool) -> str:
    """A form as a page; what was typed stays, but for passwords."""
    fields = "".join(
        f'<label>{t(f"login.{name}", lang)}<input name="{name}" id="{name}" type="{kind}" required '
        f'autocomplete="{fill}" value="{escape(kept.get(name, "")) if kind == "text" else ""}"></label>'
        for name, kind, fill in _FORMS[path]
    )
    title = t(f"login.title_{path.rpartition('/')[2]}", lang)
    alert = f'<p role="alert">{escape(trouble)}</p>' if trouble else ""
    rule = "" if path == LOGIN else f"<p>{t('login.rule', lang)}</p>"
    script = '<script src="/login/first.js" defer></script>' if path == FIRST else ""
    other = f'<p class="other"><a href="{START}">{t("login.oidc", lang)}</a></p>' if oidc else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f'<link rel="stylesheet" href="/login/login.css">{script}</head><body><main>'
        f"<h1>{t('login.product', lang)}</h1><h2>{title}</h2>{alert}"
        f'<form method="post" action="{path}">{fields}{rule}<button>{t("login.go", lang)}</button></form>{other}'
        f"<small>{t('login.note', lang)}</small></main></body></html>"
    )


def _onward(token: str, lang: str) -> Response:
    """A page that goes on by itself: a strict cookie does not go along where another site's answer led straight on."""
    body = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{t("login.product", lang)}</title>'
        f'<meta http-equiv="refresh" content="0;url=/"></head><body><a href="/">{t("login.go", lang)}</a></body></html>'
    )
    return HTMLResponse(body, headers={"Set-Cookie": set_cookie(token, secure=True)})
