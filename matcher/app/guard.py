"""Who may speak with the app: pages of its own address on this machine, and what those pages may load.

The server listens on 127.0.0.1 alone. Two ways in are left: another page in the same browser (of another site or of
another local port), and a name of the attacker's that has come to mean 127.0.0.1 (DNS rebinding). The guard refuses
both before Streamlit sees the request, and gives every answer the headers that keep the pages to themselves.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from importlib import resources

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Names of this machine as a browser writes them.
_NAMES = ("127.0.0.1", "localhost")
_DEFAULT_PORT = 80
#: What Streamlit answers without being asked by any page of ours.
_CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/agent/")
#: Downloads hold people: no copy of them stays in the browser's cache.
_PERSONAL = "/media/"


class Guard:
    """Refuses strangers and adds the headers.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = headers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or websocket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = self._headed(scope["path"], send)
        status = refusal(scope)
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
                for name, value in self.headers.items():
                    given[name] = value
                if path.startswith(_PERSONAL):
                    given["Cache-Control"] = "no-store"
            await send(message)

        return with_headers


_REASONS = {403: "Forbidden", 404: "Not Found"}
MIDDLEWARE = (Middleware(Guard),)


def refusal(scope: Scope) -> int | None:
    """The status with which a request is refused; None where it may pass.

    Parameters
    ----------
    scope : ASGI scope
        Of a request or a websocket; its ``server`` is the address that was connected to.
    """
    given = Headers(scope=scope)
    hosts = given.getlist("host")
    if len(hosts) != 1 or hosts[0].lower() not in _own_hosts(scope["server"][1]):
        return 403
    # A browser names the page that asks on every websocket and on whatever changes something.
    if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in given.getlist("origin")):
        return 403
    path = "/" + scope["path"].strip("/").lower() + "/"
    return 404 if any(path.startswith(closed.rstrip("/") + "/") for closed in _CLOSED) else None


def _own_hosts(port: int) -> Iterable[str]:
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
    page = (resources.files("streamlit") / "static" / "index.html").read_text(encoding="utf-8")
    inside = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in inside)
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' blob: {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
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


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
