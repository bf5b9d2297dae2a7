"""Roles, the rights of each, and scopes: whose people an account may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from matcher.errors import BadInput

#: Rights by role. No role has both ``accounts`` or ``audit`` and anything that shows a person.
RIGHTS: dict[str, frozenset[str]] = {
    "planner": frozenset({"plan", "people", "settle", "export", "totals"}),
    "clinic": frozenset({"people", "request", "export"}),
    "viewer": frozenset({"totals"}),
    "administrator": frozenset({"accounts"}),
    "auditor": frozenset({"audit"}),
}
ROLES = tuple(RIGHTS)
#: Who uses the app without login, alone on this machine, may do all that concerns the work itself.
ALONE = "alone"
_RIGHTS_ALONE = frozenset({"plan", "people", "settle", "request", "export", "totals"})
#: What a scope may name: ``provider:P057``, ``township:510402005``, ``county:510402``.
SCOPES = ("provider", "township", "county")
#: Roles that see some providers' people only, and so need a scope.
SCOPED = ("clinic",)
#: Roles that may have one: a planner with a scope works on its people, and does not change what concerns all.
MAY_BE_SCOPED = (*SCOPED, "planner")
_OF_ALL = frozenset({"plan"})


@dataclass(frozen=True)
class Account:
    """Somebody who may log in.

    Parameters
    ----------
    id : int
    name : str
    role : str
        One of `ROLES`, or `ALONE`.
    scope : tuple of str
        See `SCOPES`; empty where the role has none.
    disabled, must_change : bool
        ``must_change``: a password of their own is still to be set.
    made_by : str
    made_at : datetime
        UTC.
    """

    id: int
    name: str
    role: str
    scope: tuple[str, ...]
    disabled: bool
    must_change: bool
    made_by: str
    made_at: datetime

    def may(self, right: str) -> bool:
        """Whether the role has a right; with a scope, none that concerns all."""
        if self.role == ALONE:
            return right in _RIGHTS_ALONE
        return right in RIGHTS.get(self.role, frozenset()) - (_OF_ALL if self.scope else frozenset())


def checked_role(role: str, scope: Sequence[str]) -> tuple[str, ...]:
    """The scope, sorted, once it fits the role.

    Raises
    ------
    BadInput
        ``account_role``, ``account_scope``, ``account_no_scope`` or ``account_with_scope``.
    """
    if role not in ROLES:
        raise BadInput("account_role", found=role, allowed=", ".join(ROLES))
    for one in scope:
        kind, _, code = one.partition(":")
        if kind not in SCOPES or not code.strip():
            raise BadInput("account_scope", found=one, allowed=", ".join(f"{name}:…" for name in SCOPES))
    if role in SCOPED and not scope:
        raise BadInput("account_no_scope", role=role, allowed=", ".join(f"{name}:…" for name in SCOPES))
    if role not in MAY_BE_SCOPED and scope:
        raise BadInput("account_with_scope", role=role)
    return tuple(sorted(set(scope)))
