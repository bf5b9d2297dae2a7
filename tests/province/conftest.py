"""One small city for all tests of the room, in one piece and by county."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.plan.plan import Plan
from matcher.policy.documents import load_policy
from tests.helpers.parted import city_and_parts


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A city short of places, and its parts."""
    return city_and_parts(tmp_path_factory.mktemp("province"), 1500, 3, short=0.7)


@pytest.fixture(scope="session")
def whole_plan(folders: tuple[Path, Path]) -> Plan:
    """The plan of the city in one piece."""
    return match(load_inputs(folders[0]), load_policy("panzhihua-2016"))
