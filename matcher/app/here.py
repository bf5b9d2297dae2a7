"""The accounts of this server, opened once for the process."""

from __future__ import annotations

from functools import cache

from matcher.accounts.accounts import Accounts, open_accounts


@cache
def accounts() -> Accounts:
    """See `open_accounts`."""
    return open_accounts()
