"""What is counted from a plan is counted once: a plan never changes, and many look at it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from matcher.plan.plan import Plan

P = ParamSpec("P")
T = TypeVar("T")
#: Where a plan keeps it; `Plan` leaves it behind when it is sent to another process.
KNOWN = "_known"


def once_per_plan(make: Callable[Concatenate[Plan, P], T]) -> Callable[Concatenate[Plan, P], T]:
    """Keep each answer with the plan that it is of; whoever gets it must not change it."""

    @wraps(make)
    def kept(plan: Plan, /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `make`."""
        known: dict[Any, Any] = plan.__dict__.setdefault(KNOWN, {})
        # Pages of the app are all the module "__main__", and made anew by each run: their file tells them apart.
        key = make.__code__.co_filename, make.__qualname__, args, tuple(sorted(kwargs.items()))
        if key not in known:
            known[key] = make(plan, *args, **kwargs)
        found: T = known[key]
        return found

    return kept
