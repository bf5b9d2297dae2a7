"""Match elderly residents to qualified medical providers: proven optimal, explained, offline.

The list below is the public one; each name is loaded when it is first used. ``docs/library.md`` shows them at work.
"""

from importlib import import_module

#: Version of the program; part of every fingerprint.
__version__ = "0.1.0"

#: Where each public name is defined; ``__init__.pyi`` tells type checkers the same.
_PUBLIC = {
    "load_inputs": "matcher.intake.check",
    "load_policy": "matcher.policy.documents",
    "match": "matcher.plan.match",
    "write_plan": "matcher.plan.written",
    "verify": "matcher.plan.verify",
    "apply": "matcher.scenario.applying",
    "compare": "matcher.scenario.changes",
    "place": "matcher.scenario.siting.place",
    "close": "matcher.scenario.siting.close",
    "Options": "matcher.plan.plan",
    "Plan": "matcher.plan.plan",
    "Policy": "matcher.policy.documents",
    "Scenario": "matcher.scenario.edits",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> object:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_PUBLIC]
