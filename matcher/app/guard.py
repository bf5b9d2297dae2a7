"""Who may speak with the app: pages of its own address, and what those pages may load.

Serving one person, the server listens on 127.0.0.1 alone. Two ways in are left: another page in the same browser (of
another site or of another local port), and a name of the attacker's that has come to mean 127.0.0.1 (DNS rebinding).
The guard refuses both before Streamlit sees the request, and gives every answer the headers that keep the pages to
themselves. Serving others, it does the same with the names that were declared for the service.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from importlib import resources

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from matcher.app.tiles import tiles

#: Names of this machine as a browser writes them.
_NAMES = ("127.0.0.1", "localhost")
_DEFAULT_PORT = 80
#: What Streamlit answers without being asked by any page of ours.
_CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/")
#: Downloads hold people: no copy of them stays in the browser's cache.
_PERSONAL = "/media/"
_LOGIN = "/login"
#: Who came by TLS once comes by nothing else for a year.
_BY_TLS = {"Strict-Transport-Security": "max-age=31536000"}
_TLS_PORT = 443


class Guard:
    """Refuses strangers and adds the headers.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    hosts : sequence of str
        Names by which others reach the service by TLS; empty where one person is served on this machine.
    proxy : str
        Address of a proxy elsewhere, from which alone requests are taken; empty for none.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = (), proxy: str = "") -> None:
        self.app = app
        self.hosts = hosts
        self.proxy = proxy
        self.headers = headers() | (_BY_TLS if hosts else {})
        # Without a referrer a browser would not say either from which page a form was sent.
        self.before_login = self.headers | {
            "Content-Security-Policy": login_policy(),
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or websocket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = self._headed(scope["path"], send)
        elsewhere = self.proxy and (scope.get("client") or ("",))[0] != self.proxy
        status = 403 if elsewhere else refusal(scope, self.hosts)
        if status is None:
            await self.app(scope, receive, answer)
        elif scope["type"] == "http":
            await PlainTextResponse(_REASONS[status], status)(scope, receive, answer)
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _headed(self, path: str, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                own = self.before_login if path.startswith(_LOGIN) else self.headers
                for name, value in own.items():
                    given[name] = value
                if path.startswith((_PERSONAL, _LOGIN)):
                    given["Cache-Control"] = "no-store"
            await send(message)

        return with_headers


_REASONS = {403: "Forbidden", 404: "Not Found"}


def refusal(scope: Scope, names: Sequence[str] = ()) -> int | None:
    """The status with which a request is refused; None where it may pass.

    Parameters
    ----------
    scope : ASGI scope
        Of a request or a websocket; its ``server`` is the address that was connected to.
    names : sequence of str
        Of the service; empty where one person is served on this machine.
    """
    given = Headers(scope=scope)
    hosts = given.getlist("host")
    if len(hosts) != 1 or hosts[0].lower() not in _own_hosts(names, scope["server"][1]):
        return 403
    # A browser names the page that asks on every websocket and on whatever changes something.
    own = f"{'https' if names else 'http'}://{hosts[0].lower()}"
    if any(origin.lower() != own for origin in given.getlist("origin")):
        return 403
    path = "/" + scope["path"].strip("/").lower() + "/"
    return 404 if any(path.startswith(closed.rstrip("/") + "/") for closed in _CLOSED) else None


def _own_hosts(names: Sequence[str], port: int) -> Iterable[str]:
    if names:  # by TLS, or by a proxy that has a port of its own
        return [*names, *(f"{name}:{one}" for name in names for one in (port, _TLS_PORT))]
    named = [f"{name}:{port}" for name in _NAMES]
    return [*named, *_NAMES] if port == _DEFAULT_PORT else named


def headers() -> dict[str, str]:
    """The headers of every answer."""
    return {
        "Content-Security-Policy": content_policy(),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def content_policy() -> str:
    """What the pages may load: their own server's files, and what they make themselves.

    Scripts are those of Streamlit's folder, the one inside its page (by its hash), and the map's, which Streamlit
    hands to the browser as a blob. Its styles are made as it runs, hence ``unsafe-inline`` for styles alone.
    """
    # An office may name one other server, for pictures below the maps.
    pictures = tiles()
    page = (resources.files("streamlit") / "static" / "index.html").read_text(encoding="utf-8")
    inside = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in inside)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' blob: {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob: {pictures.origin if pictures else ''}".rstrip(),
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "media-src 'self' blob:",
            "object-src 'none'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def login_policy() -> str:
    """What the pages before the gate may load: their style and their one script; their forms go to this server."""
    own = ("style-src", "script-src", "form-action")
    closed = ("default-src", "frame-ancestors", "base-uri")
    return "; ".join([*(f"{name} 'none'" for name in closed), *(f"{name} 'self'" for name in own)])


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
