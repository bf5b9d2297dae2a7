"""Working lists: one's own, or shared by who made them; no searched name is among them."""

from __future__ import annotations

import pytest

from matcher.accounts.audit import Actor
from matcher.accounts.lists import drop_list, lists_of, save_list
from matcher.errors import BadInput
from tests.accounts.test_decisions import accounts  # noqa: F401 (a fixture)

WANG, ZHOU = Actor("wang", "clinic"), Actor("zhou", "clinic")
ALONE = {"text": "", "tier": None, "alone": True, "least_grade": 2, "visits": False}


def names(accounts, who, provider="P1"):  # noqa: F811
    return [(one.name, one.shared, one.made_by) for one in lists_of(accounts, who, provider)]


def test_a_list_is_ones_own_until_it_is_shared(accounts):  # noqa: F811
    save_list(accounts, WANG, "P1", "独居", ALONE, shared=False)
    assert names(accounts, WANG) == [("独居", False, "wang")]
    assert names(accounts, ZHOU) == []
    save_list(accounts, ZHOU, "P1", "独居", ALONE, shared=False)  # another person's own
    save_list(accounts, WANG, "P1", "独居", {**ALONE, "least_grade": 3}, shared=True)
    assert names(accounts, ZHOU) == [("独居", True, "wang"), ("独居", False, "zhou")]
    assert lists_of(accounts, WANG, "P1")[0].wanted["least_grade"] == 3
    assert names(accounts, WANG, "P2") == []


def test_a_shared_name_is_taken_and_a_search_is_not_kept(accounts):  # noqa: F811
    save_list(accounts, WANG, "P1", "独居", ALONE, shared=True)
    for name, wanted, error in (
        ("独居", ALONE, "list_exists"),
        ("张三", {**ALONE, "text": "张三"}, "list_text"),
        (" ", ALONE, "store_bad_name"),
        ("a\nb", ALONE, "store_bad_name"),
    ):
        with pytest.raises(BadInput, match=error):
            save_list(accounts, ZHOU, "P1", name, wanted, shared=False)
    assert names(accounts, ZHOU) == [("独居", True, "wang")]


def test_only_who_made_a_list_drops_it(accounts):  # noqa: F811
    save_list(accounts, WANG, "P1", "独居", ALONE, shared=True)
    (one,) = lists_of(accounts, ZHOU, "P1")
    assert not drop_list(accounts, ZHOU, one.id)
    assert drop_list(accounts, WANG, one.id)
    assert not drop_list(accounts, WANG, one.id)
    assert names(accounts, WANG) == []
    assert accounts.database.read(lambda session: list(accounts.audit.breaks(session))) == []
