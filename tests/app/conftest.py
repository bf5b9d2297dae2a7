"""Each test of the app has a folder of its own for what the app keeps, and a store of its own."""

from __future__ import annotations

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from matcher.app.home import HOME_VARIABLE
from matcher.store.location import ENVIRONMENT

# Each app that a test opens reads what all installed packages say of themselves, in search of components, which was
# half of the time of a short test; packages do not change while tests run.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path_factory):
    """Nothing of the developer's is read or changed."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setenv(ENVIRONMENT, f"sqlite:///{(home / 'store.sqlite3').as_posix()}")
