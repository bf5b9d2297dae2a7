"""Each test of the app has a folder of its own for what the app keeps, and a store of its own."""

from __future__ import annotations

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from matcher.app import cookies
from matcher.app.home import HOME_VARIABLE
from matcher.app.serving import Serving
from matcher.store.location import ENVIRONMENT
from tests.helpers.app_accounts import PASSWORD
from tests.helpers.app_server import browser, served

# Each app that a test opens reads what all installed packages say of themselves, in search of components: a
# fifth of the processor time of a short test. Packages do not change while tests run.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path_factory):
    """Nothing of the developer's is read or changed."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setenv(ENVIRONMENT, f"sqlite:///{(home / 'store.sqlite3').as_posix()}")


@pytest.fixture
def enter_as(monkeypatch):
    """From then on the pages of this process are asked for by somebody, as on a server that serves others."""

    def enter(accounts, name):
        token = accounts.log_in(name, PASSWORD, "192.0.2.1")
        monkeypatch.setattr(cookies, "token_of_page", lambda: token)
        for variable, value in Serving(("x",)).variables().items():
            monkeypatch.setenv(variable, value)

    return enter


@pytest.fixture(scope="module")
def chromium():
    """A browser for a file of tests."""
    with browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def sample(chromium):
    """Address of the app that is open on the sample."""
    with served() as address:
        yield address
