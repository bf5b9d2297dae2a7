"""The JSON Schemas for editors: made from the keys that read the files, and of one mind with them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from matcher.cli import main
from matcher.errors import BadInput
from matcher.policy.documents import KEYS, file_schema, load_policy
from matcher.scenario.edits import KINDS
from matcher.scenario.files import from_data, scenario_schema
from tests import ROOT

POLICIES = sorted(ROOT.glob("matcher/**/policies/*.toml"))
SCENARIOS = sorted(path for path in ROOT.glob("docs/examples/*") if path.suffix in {".toml", ".json"})


def content(path: Path) -> dict[str, object]:
    """What a TOML or JSON file says."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else tomllib.loads(text)


def fits(data: object, schema: dict[str, object]) -> bool:
    """Whether an editor would find nothing wrong."""
    return jsonschema.Draft7Validator(schema).is_valid(data)


@pytest.mark.parametrize("schema", [file_schema(), scenario_schema()], ids=["policy", "scenario"])
def test_a_schema_is_a_schema(schema):
    """By the rules of the draft that it names."""
    jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_shipped_policy_fits(path):
    """The base as a whole, and the others that say only what differs."""
    jsonschema.validate(content(path), file_schema(), jsonschema.Draft7Validator)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_every_example_of_a_scenario_fits(path):
    """TOML and JSON."""
    jsonschema.validate(content(path), scenario_schema(), jsonschema.Draft7Validator)


def test_every_key_and_every_kind_of_edit_is_known():
    """No list beside the one that reads."""
    assert set(file_schema()["properties"]) == set(KEYS)
    edits = scenario_schema()["properties"]["edits"]["items"]
    assert edits["properties"]["kind"]["enum"] == list(KINDS)
    assert len(edits["allOf"]) == len(KINDS)


RULE = 'id = "a"\nsource = "s"\nstanding = "default"\n'


@pytest.mark.parametrize(
    ("text", "well"),
    [
        ("", True),
        ("[limit_km]\nhome = 5", True),
        ("[limit_km]\nhome = 0", False),
        ("[limit_km]\nhouse = 5", False),
        ('base = "nowhere"', False),
        ("limits = 3", False),
        ('detour_factor = "1.4"', False),
        ("switching_m = 1.5", False),
        ("keep_households_together = 1", False),
        ('cost = "money"', False),
        ('title = "  "', False),
        ("bands_km = []", False),
        (f'[[requirements]]\n{RULE}modes = ["home"]\nservices = ["nursing"]', True),
        (f'[[requirements]]\n{RULE}modes = ["home"]', False),
        (f'[[requirements]]\n{RULE}modes = []\nservices = ["nursing"]', False),
        (f'[[requirements]]\n{RULE}modes = ["home"]\nservices = ["nursing"]\nwhen = [{{}}]', False),
    ],
)
def test_schema_and_reader_are_of_one_mind_on_policies(tmp_path, text, well):
    """What an editor underlines is refused, and what it does not underline is read."""
    assert fits(tomllib.loads(text), file_schema()) is well
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    if well:
        load_policy(tmp_path / "mine.toml")
    else:
        with pytest.raises(BadInput):
            load_policy(tmp_path / "mine.toml")


@pytest.mark.parametrize(
    ("edit", "well"),
    [
        ({"kind": "close_provider", "provider_id": "P1"}, True),
        ({"kind": "close_provider"}, False),
        ({"kind": "close_provider", "provider_id": "P1", "month": 7}, False),
        ({"kind": "season", "month": 13}, False),
        ({"kind": "season", "month": True}, False),
        ({"kind": "seasons", "month": 7}, False),
        ({"month": 7}, False),
        ("season", False),
        ({"kind": "set_policy", "key": "limit_km.home", "value": 5}, True),
    ],
)
def test_schema_and_reader_are_of_one_mind_on_scenarios(edit, well):
    """Each edit has the keys of its own kind."""
    data = {"id": "s", "edits": [edit]}
    assert fits(data, scenario_schema()) is well
    if well:
        from_data(data, "s")
    else:
        with pytest.raises(BadInput):
            from_data(data, "s")


def test_both_commands_print_their_schema(capsys):
    """As JSON and nothing else, to be kept in a file."""
    for command, schema in (
        (["policy", "--schema"], file_schema()),
        (["scenarios", "schema"], scenario_schema()),
    ):
        assert main(command) == 0
        assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(schema))
