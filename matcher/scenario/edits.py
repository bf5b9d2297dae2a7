"""What a scenario is made of: frozen edits, in the order in which they happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AddProvider:
    """A provider that is not there yet; `values` are columns of the providers table (positions in WGS-84)."""

    values: Mapping[str, object]


@dataclass(frozen=True)
class CloseProvider:
    """A provider that stops serving."""

    provider_id: str


@dataclass(frozen=True)
class MoveProvider:
    """A provider at another position (WGS-84), in another place or at another site: exactly one of the three.

    What is known of the old address is forgotten, listed journeys to the provider included.
    """

    provider_id: str
    lat: float | None = None
    lon: float | None = None
    place_code: str | None = None
    site_id: str | None = None


@dataclass(frozen=True)
class ChangeCapacity:
    """Another capacity in one mode: set `to` persons, or change `by` persons (exactly one of the two)."""

    provider_id: str
    mode: str
    to: int | None = None
    by: int | None = None


@dataclass(frozen=True)
class OpenPlanned:
    """A provider whose status is ``planned`` begins to serve."""

    provider_id: str


@dataclass(frozen=True)
class ChangeDemand:
    """`factor` times as many residents, of a place with all places in it and of a mode, or of everywhere and all.

    Above 1, residents are doubled by synthetic ones with their needs and home but without name, phone, id number,
    household and present provider. Below 1, residents are left out. Who it is depends on id and seed alone.
    """

    factor: float
    place_code: str | None = None
    mode: str | None = None


@dataclass(frozen=True)
class Ageing:
    """Everybody is `years` older, and ability grades move by the policy's table ``ageing``."""

    years: int


@dataclass(frozen=True)
class Season:
    """The month (1–12) that the plan is made for: visitors whose season does not contain it are away.

    A season may reach over New Year. Who has no season, or only one end of it, is there all year.
    """

    month: int


@dataclass(frozen=True)
class CloseRoad:
    """Ways of the OpenStreetMap extract that nobody may use: journeys of the table `travel` lead around them.

    The table must be the one that the extract gives (``travel --osm``).
    """

    ways: tuple[int, ...]


@dataclass(frozen=True)
class SetPolicy:
    """Another value for a key of the policy, as it would stand in a policy file; dots lead into tables."""

    key: str
    value: object


Edit = (
    AddProvider
    | CloseProvider
    | MoveProvider
    | ChangeCapacity
    | OpenPlanned
    | ChangeDemand
    | Ageing
    | Season
    | CloseRoad
    | SetPolicy
)

#: The kinds of edit as files name them.
KINDS: dict[str, type[Edit]] = {
    "add_provider": AddProvider,
    "close_provider": CloseProvider,
    "move_provider": MoveProvider,
    "change_capacity": ChangeCapacity,
    "open_planned": OpenPlanned,
    "change_demand": ChangeDemand,
    "ageing": Ageing,
    "season": Season,
    "close_road": CloseRoad,
    "set_policy": SetPolicy,
}


def kind_of(edit: Edit) -> str:
    """Name of an edit's kind, a key of `KINDS`."""
    return next(name for name, kind in KINDS.items() if isinstance(edit, kind))


@dataclass(frozen=True)
class Scenario:
    """Edits in the order in which they happen.

    Parameters
    ----------
    id : str
    edits : tuple of Edit
    title : str
        What messages call it; the id where empty.
    parent : str, optional
        Name of the scenario that this one builds on: a path in a file, an id in the store.
    seed : int
        Decides who is doubled or left out, and whose ability changes.
    base : Scenario, optional
        The parent itself, see ``files.with_parents``; its edits happen first.
    """

    id: str
    edits: tuple[Edit, ...] = field(default=())
    title: str = ""
    parent: str | None = None
    seed: int = 1
    base: Scenario | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.title or self.id

    def lineage(self) -> tuple[Scenario, ...]:
        """The oldest ancestor first, the scenario itself last."""
        return (*(self.base.lineage() if self.base else ()), self)
