"""The exceptions a caller may meet, and nothing else raises.

::

    MatcherError
    ├── BadInput (ValueError)      exit code 1: the user can mend it
    │   ├── DataError              problems in the data folder (carries the table of problems)
    │   ├── PolicyError            a policy file that cannot be used
    │   ├── ScenarioError          an edit that cannot be applied
    │   └── ConflictError          somebody else has saved the same scenario meanwhile
    └── Failure (RuntimeError)     exit code 3: disk, memory, solver
        ├── SolverError            the solver or the proof broke a promise
        └── CodedFailure           with a message in the catalogues
            ├── PlanRefused        (also a SolverError) the checker does not accept a plan that was just made
            ├── RoutingError       a server of travel times does not answer as it should
            └── StoreError         the store of scenarios and plans cannot be read or written
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class MatcherError(Exception):
    """Base of everything this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, whatever its parameters were: another process tells what it could not do."""
        return _revived, (type(self), self.args, vars(self))


def _revived(kind: type[MatcherError], args: tuple[object, ...], values: dict[str, object]) -> MatcherError:
    error = kind.__new__(kind, *args)
    vars(error).update(values)
    return error


class BadInput(MatcherError, ValueError):
    """Something the user gave cannot be used; nothing was written.

    Parameters
    ----------
    code : str
        Key of the message in the catalogues, ``error.<code>``.
    **values
        What the message names: where, what was found, what is allowed, how to mend.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        told = ", ".join(f"{key}={value!r}" for key, value in values.items())
        super().__init__(f"{code}: {told}" if told else code)


class DataError(BadInput):
    """A data folder with errors; `problems` is the whole table (see ``intake.telling.problem_table``)."""

    def __init__(self, problems: pd.DataFrame) -> None:
        self.problems = problems
        super().__init__("data_problems", errors=int((problems["severity"] == "error").sum()))


class PolicyError(BadInput):
    """A policy file with an unknown key, a wrong value or a contradiction."""


class ScenarioError(BadInput):
    """A scenario edit that cannot be applied; `values` names the edit."""


class ConflictError(BadInput):
    """Somebody else has saved or deleted the same scenario meanwhile; nothing was overwritten.

    Parameters
    ----------
    code : str
    document : dict
        What was to be saved: nothing of it is lost.
    **values
        Among them ``name``, and the ``version`` that is there, ``by`` whom and ``at`` what time it was saved.
    """

    def __init__(self, code: str, document: dict[str, object], **values: object) -> None:
        self.document = document
        super().__init__(code, **values)


class Failure(MatcherError, RuntimeError):
    """Something broke that the user cannot mend in the data (disk, memory, solver)."""


class SolverError(Failure):
    """The solver answered with a status or a plan that must not be used."""


class CodedFailure(Failure):
    """A failure that is told like bad input: in the user's language, with what to do.

    Parameters
    ----------
    code : str
        Key of the message in the catalogues, ``error.<code>``.
    **values
        What the message names.
    """

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        told = ", ".join(f"{key}={value!r}" for key, value in values.items())
        super().__init__(f"{code}: {told}")


class PlanRefused(SolverError, CodedFailure):
    """The checker found a plan wrong, or not the best, where it must be right: a fault of the program."""


class RoutingError(CodedFailure):
    """A server of travel times failed, refused or cannot be understood; what it told before is kept."""


class StoreError(CodedFailure):
    """The store cannot be read or written; ``store_unsure`` alone leaves open whether the change was saved."""
