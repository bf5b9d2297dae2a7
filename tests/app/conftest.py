"""Each test of the app has a folder of its own for what the app keeps, and a store of its own."""

from __future__ import annotations

import pytest

from matcher.app.home import HOME_VARIABLE
from matcher.store.location import ENVIRONMENT


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path_factory):
    """Nothing of the developer's is read or changed."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setenv(ENVIRONMENT, f"sqlite:///{(home / 'store.sqlite3').as_posix()}")
