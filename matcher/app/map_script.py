"""The script of the maps, fetched once by the name of its content: Streamlit sends inline scripts with every answer."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

LEAFLET = resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet"
OWN = Path(__file__).parent / "parts" / "leafmap.js"
PATH = "/scripts"


@cache
def script() -> str:
    """Leaflet, given ``exports`` of its own so that it leaves no global name behind, and our script."""
    leaflet = (LEAFLET / "leaflet.js").read_text(encoding="utf-8")
    leaflet = re.sub(r"//# sourceMappingURL=.*", "", leaflet)
    own = OWN.read_text(encoding="utf-8")
    body = f"const exports = {{}}, module = {{ exports }};\n{leaflet}\nreturn exports.noConflict();"
    return f"const leaflet = (() => {{\n{body}\n}})();\n{own}"


def loader() -> str:
    """What a page has to run to get `script`."""
    address = f'new URL("{PATH}/{_name()}", location.origin).href'
    return f"const own = await import({address});\nexport default own.default;\n"


async def answer(request: Request) -> Response:
    """The script, under its present name alone."""
    if request.path_params["name"] != _name():
        return PlainTextResponse("Not Found", 404)
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(script(), media_type="text/javascript", headers=headers)


@cache
def _name() -> str:
    return f"map-{hashlib.sha256(script().encode()).hexdigest()[:16]}.js"


ROUTES = [Route(f"{PATH}/{{name}}", answer)]
