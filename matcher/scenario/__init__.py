"""What if: scenarios are edits as data; apply them, match again, and see whose care differs."""

from matcher.scenario.applying import Applied, Effect, apply
from matcher.scenario.changes import (
    CHANGES,
    COMPARISON,
    changed_people,
    changed_places,
    compare,
    count_changes,
)
from matcher.scenario.edits import (
    AddProvider,
    Ageing,
    ChangeCapacity,
    ChangeDemand,
    CloseProvider,
    Edit,
    MoveProvider,
    OpenPlanned,
    Scenario,
    Season,
    SetPolicy,
)
from matcher.scenario.files import as_data, from_data, load_scenario, with_parents

__all__ = [
    "CHANGES",
    "COMPARISON",
    "AddProvider",
    "Ageing",
    "Applied",
    "ChangeCapacity",
    "ChangeDemand",
    "CloseProvider",
    "Edit",
    "Effect",
    "MoveProvider",
    "OpenPlanned",
    "Scenario",
    "Season",
    "SetPolicy",
    "apply",
    "as_data",
    "changed_people",
    "changed_places",
    "compare",
    "count_changes",
    "from_data",
    "load_scenario",
    "with_parents",
]
