"""Things that are held for whoever brings the right token: for some seconds, some at most, each taken once."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

Held = TypeVar("Held")


class Tickets(Generic[Held]):
    """What is held in the memory of this process alone.

    Parameters
    ----------
    lasts : float
        Seconds that a ticket is good for.
    most : int
        Tickets at once; the oldest go first.
    """

    def __init__(self, lasts: float, most: int) -> None:
        self.lasts = lasts
        self.most = most
        self._held: OrderedDict[str, tuple[float, Held]] = OrderedDict()
        self._lock = Lock()

    def give(self, held: Held) -> str:
        """The token of a new ticket: 192 random bits, fit for an address and a cookie."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._drop_old()
            self._held[token] = (time.monotonic() + self.lasts, held)
            while len(self._held) > self.most:
                self._held.popitem(last=False)
        return token

    def look(self, token: str) -> Held | None:
        """What a token stands for; it can still be taken."""
        with self._lock:
            self._drop_old()
            return self._held[token][1] if token in self._held else None

    def take(self, token: str) -> Held | None:
        """What a token stands for, to one alone of all who ask."""
        with self._lock:
            self._drop_old()
            return self._held.pop(token)[1] if token in self._held else None

    def _drop_old(self) -> None:
        now = time.monotonic()
        for old in [one for one, (until, _) in self._held.items() if until <= now]:
            del self._held[old]
