"""The file of a list with full id numbers: made when it is fetched, by the rights that its asker has then."""

from __future__ import annotations

from matcher.accounts.audit import Actor
from matcher.accounts.full_exports import FullExport, fetch_full_export
from matcher.accounts.roles import Account
from matcher.app.exports import Make
from matcher.app.here import accounts
from matcher.errors import BadInput
from matcher.plan.plan import Plan
from matcher.results.desk import providers_of, within
from matcher.results.identified import identified_workbook
from matcher.results.locked import locked
from matcher.results.roster import roster_people


def full_file(plan: Plan, granted: FullExport, asking: Account, lang: str, password: str) -> Make:
    """What makes the file, once: it takes what was granted and writes the audit, or raises.

    Parameters
    ----------
    plan : Plan
    granted : FullExport
    asking : Account
        Who asked for it; its rights are read again when the file is fetched.
    lang, password : str
    """

    def make(first: str) -> bytes:
        now = next((one for one in accounts().all() if one.name == asking.name), None)
        if now is None or not may_fetch(plan, granted.provider_id, now):
            raise BadInput("full_export_gone")
        people = roster_people(plan, granted.provider_id)
        content = locked(identified_workbook(plan, people, granted.provider_id, lang, first), password)
        fetch_full_export(
            accounts(),
            granted.id,
            Actor(now.name, now.role),
            people["resident_id"].tolist(),
            plan.outcome.fingerprint,
        )
        return content

    return make


def may_fetch(plan: Plan, provider_id: str, account: Account) -> bool:
    """Whether an account may export the people of a provider."""
    own = within([provider_id], providers_of(plan.inputs, account.scope))
    return not account.disabled and account.may("export") and provider_id in own
