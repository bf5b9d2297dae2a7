"""Files that hold people: each by an address of its own that asks for the right again and serves once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote
from uuid import uuid4

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from matcher.accounts.audit import Actor
from matcher.accounts.roles import Account
from matcher.app.gate import ACCOUNT
from matcher.app.here import accounts
from matcher.app.serving import serving
from matcher.app.tickets import Tickets
from matcher.errors import BadInput, MatcherError
from matcher.results.locked import locked
from matcher.words.catalogues import LANGUAGES, t

PATH = "/exports"
#: Seconds that an offer stands, and how many stand at most; the oldest go first.
LASTS = 900.0
MOST = 500
#: Makes a file, given what its first line has to say.
Make = Callable[[str], bytes]


@dataclass(frozen=True)
class Offer:
    """A file that may be fetched.

    Parameters
    ----------
    account : Account
        Who alone may fetch it.
    name, media_type : str
    whose : str
        What the audit says of it.
    fingerprint : str
        Of the plan.
    make : callable
    password : str, optional
        With which alone an Excel file opens. It stands here until the file is fetched or the offer too old, and nowhere
        else.
    """

    account: Account
    name: str
    media_type: str
    whose: str
    fingerprint: str
    make: Make
    password: str = field(default="", repr=False)


_offers: Tickets[Offer] = Tickets(LASTS, MOST)  # each holds its plan


def offer(made: Offer) -> str:
    """The address of a file that is made when it is fetched."""
    return f"{PATH}/{_offers.give(made)}"


def stands(address: str) -> bool:
    """Whether an address has not been used and is not too old."""
    return _offers.look(address.rpartition("/")[2]) is not None


def first_line(account: Account, fingerprint: str) -> str:
    """Number, user, time and plan of an export."""
    return f"{uuid4().hex} · {account.name} · {datetime.now().astimezone():%Y-%m-%d %H:%M} · {fingerprint}"


async def answer(request: Request) -> Response:
    """The file, once, to whom it was offered and who still has the right; its row of the audit comes first."""
    asking = request.scope.get(ACCOUNT)
    token = request.path_params["token"]
    found = _offers.look(token)
    if found is not None and serving() is not None and not _may(asking, found):
        return PlainTextResponse("Forbidden", 403)
    found = _offers.take(token)  # of two at once one has it
    if found is None:
        return PlainTextResponse(_told("gone"), 410, {"Cache-Control": "no-store"})
    try:
        content = await to_thread.run_sync(_written, found)
    except BadInput as error:
        told = "\n".join(t(f"error.{error.code}", lang, **error.values) for lang in LANGUAGES)
        return PlainTextResponse(told, 409, {"Cache-Control": "no-store"})
    except MatcherError:
        return PlainTextResponse(_told("failed"), 500)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=found.media_type, headers=headers)


def _told(what: str) -> str:
    """A line of the catalogues in every language: no page says which one is read."""
    return "\n".join(t(f"app.export.{what}", lang) for lang in LANGUAGES)


def _may(asking: Account | None, found: Offer) -> bool:
    """The same account with the same role and scope, and the right."""
    return asking is not None and asking == found.account and asking.may("export")


def _written(found: Offer) -> bytes:
    """The file; without its row in the audit there is none."""
    if serving() is not None:
        result = "with password" if found.password else "done"
        accounts().note(Actor(found.account.name, found.account.role), "export", found.whose, result)
    content = found.make(first_line(found.account, found.fingerprint))
    return locked(content, found.password) if found.password else content


ROUTES = [Route(f"{PATH}/{{token}}", answer)]
