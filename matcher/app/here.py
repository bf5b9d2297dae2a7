"""The accounts of this server, opened once for the process."""

from __future__ import annotations

import os
from functools import cache

from matcher.accounts.accounts import Accounts, open_accounts
from matcher.store.location import ENVIRONMENT, HOME_VARIABLE


def accounts() -> Accounts:
    """See `open_accounts`."""
    return _opened(os.environ.get(ENVIRONMENT), os.environ.get(HOME_VARIABLE))


@cache
def _opened(url: str | None, home: str | None) -> Accounts:
    return open_accounts()
