"""Layers of the maps, fetched by the name of their content: a click sends what changed and not the whole map again.

They tell places and providers, never a person; who may not plan gets none.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import OrderedDict
from threading import Lock
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from matcher.app.gate import ACCOUNT
from matcher.app.serving import serving

PATH = "/layers"
#: Bytes, compressed, that are held at most; the longest unasked go first.
MOST_BYTES = 64 << 20
#: What is drawn; the rest of a layer is small.
_DRAWN = ("areas", "lines", "paths", "points")

_held: OrderedDict[str, bytes] = OrderedDict()
_lock = Lock()


def by_name(layer: dict[str, Any]) -> dict[str, Any]:
    """The layer with the address of its shapes in place of the shapes."""
    drawn = {name: layer[name] for name in _DRAWN if name in layer}
    text = json.dumps(drawn, ensure_ascii=False, separators=(",", ":")).encode()
    name = hashlib.sha256(text).hexdigest()
    with _lock:
        if name not in _held:
            _held[name] = gzip.compress(text, 5, mtime=0)
        _held.move_to_end(name)
        while sum(map(len, _held.values())) > MOST_BYTES and len(_held) > 1:
            _held.popitem(last=False)
    return {key: value for key, value in layer.items() if key not in _DRAWN} | {"from": f"{PATH}/{name}"}


async def answer(request: Request) -> Response:
    """The shapes of one layer."""
    account = request.scope.get(ACCOUNT)
    if serving() is not None and (account is None or not account.may("plan")):
        return PlainTextResponse("Forbidden", 403)
    with _lock:
        found = _held.get(request.path_params["name"])
    if found is None:
        return PlainTextResponse("Not Found", 404)
    headers = {"Content-Encoding": "gzip", "Cache-Control": "private, max-age=86400, immutable"}
    return Response(found, media_type="application/json", headers=headers)


ROUTES = [Route(f"{PATH}/{{name}}", answer)]
