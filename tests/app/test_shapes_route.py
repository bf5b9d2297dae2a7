"""Layers of the maps are fetched by the name of their content, by whoever may plan, and say nothing of a person."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.requests import Request

from matcher.accounts.roles import Account
from matcher.app import shapes_route
from matcher.app.gate import ACCOUNT
from matcher.app.serving import Serving

LAYER = {"id": "a", "title": "甲", "version": "1", "points": [{"at": [26.5, 101.7], "tip": ["甲"]}]}
PLANNER = Account(1, "a", "planner", (), False, False, "", datetime(2026, 1, 1, tzinfo=UTC))


def asked(address, account=None):
    """The answer to one request."""
    scope = {"type": "http", "path_params": {"name": address.rpartition("/")[2]}, "headers": []}
    return asyncio.run(shapes_route.answer(Request(scope | ({ACCOUNT: account} if account else {}))))


def test_what_is_drawn_comes_back_under_the_name_of_its_content():
    told = shapes_route.by_name(LAYER)
    assert "points" not in told
    assert told["title"] == "甲"
    answer = asked(told["from"])
    assert json.loads(gzip.decompress(answer.body)) == {"points": LAYER["points"]}
    other = shapes_route.by_name(LAYER | {"points": []})
    assert other["from"] != told["from"]
    assert shapes_route.by_name(LAYER | {"title": "乙"})["from"] == told["from"]


def test_a_name_that_nobody_gave_is_not_found():
    assert asked("0" * 64).status_code == 404


@pytest.mark.parametrize(
    ("account", "code"),
    [
        (None, 403),
        (replace(PLANNER, role="clinic"), 403),
        (replace(PLANNER, role="auditor"), 403),
        (PLANNER, 200),
    ],
)
def test_where_others_are_served_only_a_planner_gets_a_layer(monkeypatch, account, code):
    monkeypatch.setattr(shapes_route, "serving", lambda: Serving(("x",)))
    assert asked(shapes_route.by_name(LAYER)["from"], account).status_code == code


def test_the_longest_unasked_layers_make_room(monkeypatch):
    first = shapes_route.by_name(LAYER)["from"]
    monkeypatch.setattr(shapes_route, "MOST_BYTES", 1)
    second = shapes_route.by_name(LAYER | {"points": [{"at": [1, 2]}]})["from"]
    assert asked(first).status_code == 404
    assert asked(second).status_code == 200
