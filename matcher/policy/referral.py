"""Green channels: to which provider a document sends people who fall seriously ill, and whether they come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matcher.policy.rules import Clause, Reading
from matcher.policy.schema import Reader, array, code, codes, flag, integer, record
from matcher.tables import MODES, PROVIDER_KINDS, SERVICES, VOCABULARIES


@dataclass(frozen=True)
class GreenChannel:
    """People of `modes` for whom all of this holds are sent to the nearest open provider of whom all of it holds.

    The first rule decides that is for a person and for which there is any such provider.

    Parameters
    ----------
    modes : tuple of str
    when : tuple of Clause
        Only people for whom any of these holds; no clause: all of the modes.
    site_ownership : {"public", "private"}, optional
        Only people at a site with this owner.
    kinds : tuple of str
        Kinds of provider; empty means every kind.
    min_level : int, optional
        Least hospital level; a missing level never suffices.
    services : tuple of str
        The provider offers each of these.
    tied : bool
        Only providers that serve the site where the person is: by agreement, as operator, or from inside.
    returns : bool
        The person is brought back to the site afterwards.
    """

    id: str
    modes: tuple[str, ...]
    when: tuple[Clause, ...] = ()
    site_ownership: str | None = None
    kinds: tuple[str, ...] = ()
    min_level: int | None = None
    services: tuple[str, ...] = ()
    tied: bool = False
    returns: bool = False
    source: str = ""
    standing: str = "default"
    reading: Reading = field(default_factory=dict)


def green_channel_reader(shared: Mapping[str, Reader[Any]]) -> Reader[tuple[GreenChannel, ...]]:
    """Reader of ``[[green_channel]]``; `shared` reads what all rules have."""
    keys: dict[str, Reader[Any]] = {
        "modes": codes(MODES),
        "site_ownership": code(VOCABULARIES["ownership"]),
        "kinds": codes(PROVIDER_KINDS),
        "min_level": integer(1, 3),
        "services": codes(SERVICES),
        "tied": flag,
        "returns": flag,
    }
    return array(record(GreenChannel, dict(shared) | keys))
