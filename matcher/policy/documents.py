"""A policy document as data: TOML in, one frozen checked value out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from matcher.errors import PolicyError
from matcher.policy.keys import KEYS
from matcher.policy.packages import Package, Visiting
from matcher.policy.pairings import Pairing
from matcher.policy.referral import GreenChannel
from matcher.policy.roads import RoadSpeeds
from matcher.policy.rules import (
    RULE_FAMILIES,
    Admission,
    Beside,
    CareHours,
    Interim,
    ModeRule,
    Payment,
    Priority,
    Requirement,
    Subsidies,
    TierRule,
)
from matcher.policy.schema import Schema, Spot, code, nearest, published, record
from matcher.policy.standards import Target, Task
from matcher.readers import Unreadable, parse_toml

DEFAULT_POLICY = "panzhihua-2016"
#: Tables that a file gives whole: half of one document's shares or money and half of another's mean nothing.
WHOLE = ("target_shares", "subsidies")


@dataclass(frozen=True)
class Policy:
    """Everything that a policy file decides.

    Parameters
    ----------
    cost : {"distance", "time"}
        What travel costs: metres, or seconds.
    detour_factor : float
        Road kilometres for one great-circle kilometre.
    limit_km, limit_minutes : mapping of mode to float
        Farthest eligible provider, inclusive; minutes count when ``cost`` is "time".
    turnover_month : float
        Share of the beds of care homes that become free in a month.
    switching_m : int
        Price of leaving one's present provider.
    keep_households_together : bool
        A household is served by one provider or waits together.
    bands_km : tuple of float
        Upper ends of the distance bands of the coverage tables, rising.
    ability : mapping of scheme to level names by grade
        Ability schemes are read each by its own table, never turned into one another.
    ageing : mapping of scheme to matrix
        Yearly probabilities, for a scenario in which people grow older: row = grade now, column = grade after a year.
    setting_of_site : mapping of site kind to living setting
        Stands in for an empty ``living_setting``.
    setting_with_beds : mapping of site kind to living setting
        The same where the site has beds; kinds that it does not name follow ``setting_of_site``.
    offered_by_kind : mapping of provider kind to services
        What every provider of the kind offers, listed among its services or not.
    max_passed_over : int or None
        Most nearer eligible providers that a person may be sent past; None for any number.
    target_shares : mapping of mode to share of the local residents
        Empty where the document names no such target.
    interim : tuple of Interim
        Who waits for a care home meanwhile has a provider in the first of these modes with a place left.
    beside, subsidies, payments
        What new sites earn, and on what terms; see `Beside`, `Subsidies` and `Payment`.
    targets, tasks
        What is to be reached, and done by whom; see `Target` and `Task`.
    packages, green_channel
        Visits that people are granted, and where who falls seriously ill is sent; see `Package`, `GreenChannel`.
    served_by : mapping of mode to "site" or "person"
        Whether one provider serves all people of the mode at a site, or each has their own; read by `agreements` alone.
    pairings
        How sites find their provider; see `Pairing`.
    visiting, roads
        When they are due, and the day of those who go out; how fast a car goes, see `RoadSpeeds`.
    priority, care_hours
        With whom family doctors sign first, and what long-term care insurance grants; see `Priority`, `CareHours`.
    reassess_months : int
        So long an assessment of ability is valid.
    """

    id: str
    title: str
    document: str
    cost: str
    detour_factor: float
    speed_kmh: float
    turnover_month: float
    switching_m: int
    keep_households_together: bool
    default_scheme: str
    bands_km: tuple[float, ...]
    limit_km: Mapping[str, float]
    limit_minutes: Mapping[str, float]
    ability: Mapping[str, tuple[str, ...]]
    ageing: Mapping[str, tuple[tuple[float, ...], ...]]
    setting_of_site: Mapping[str, str]
    mode_rules: tuple[ModeRule, ...]
    tier_rules: tuple[TierRule, ...]
    visiting: Visiting
    roads: RoadSpeeds
    admissions: tuple[Admission, ...]
    requirements: tuple[Requirement, ...]
    served_by: Mapping[str, str]
    max_passed_over: int | None = None
    setting_with_beds: Mapping[str, str] = field(default_factory=dict)
    offered_by_kind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    target_shares: Mapping[str, float] = field(default_factory=dict)
    beside: tuple[Beside, ...] = ()
    subsidies: Subsidies = field(default_factory=Subsidies)
    payments: tuple[Payment, ...] = ()
    interim: tuple[Interim, ...] = ()
    targets: tuple[Target, ...] = ()
    tasks: tuple[Task, ...] = ()
    packages: tuple[Package, ...] = ()
    green_channel: tuple[GreenChannel, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    priority: tuple[Priority, ...] = ()
    care_hours: tuple[CareHours, ...] = ()
    reassess_months: int = 24

    @property
    def tier_count(self) -> int:
        """Number of tiers; tier 1 is served first."""
        return max(rule.tier for rule in self.tier_rules)

    @property
    def digest(self) -> str:
        """SHA-256 of what the policy says: layout, comments and the order of keys change nothing."""
        said = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(said.encode()).hexdigest()


def policy_names() -> tuple[str, ...]:
    """Names of the shipped policies, the default first."""
    files = (resources.files("matcher.policy") / "policies").iterdir()
    names = [file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")]
    return tuple(sorted(names, key=lambda name: (name != DEFAULT_POLICY, name)))


def load_policy(name_or_path: str | Path = DEFAULT_POLICY) -> Policy:
    """Load a shipped policy by name, or a TOML file that overrides one.

    A file names only what it changes of its ``base`` (the default policy when it names none): tables merge
    key by key; arrays, and the tables of `WHOLE`, are replaced whole. An empty file equals the default policy.

    Raises
    ------
    PolicyError
        Unknown name, unreadable file, syntax error, unknown key, wrong value, or rules at odds.
    """
    name = str(name_or_path)
    if name in policy_names():
        return _shipped_policy(name)
    path = Path(name_or_path)
    if path.suffix.lower() != ".toml" and not path.is_file():
        near, known = nearest(name, policy_names()), ", ".join(policy_names())
        raise PolicyError("policy_unknown_name", name=name, nearest=near, allowed=known)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PolicyError("policy_unreadable", file=name, detail=error.strerror or str(error)) from error
    return policy_from(content, name)


def policy_from(content: bytes, name: str) -> Policy:
    """The policy that the content of a file is, which errors call `name`; raises `PolicyError` as `load_policy`."""
    return _policy(_with_base(_parse(content, name), name), Spot(name))


@cache
def _shipped_policy(name: str) -> Policy:
    return _policy(_shipped(name), Spot(name))


def file_schema() -> Schema:
    """JSON Schema of a policy file, for editors: every key may be left to the base, in tables that merge as well."""
    keys = {
        key: {word: told for word, told in reader.schema.items() if key in WHOLE or word != "required"}
        for key, reader in KEYS.items()
    }
    keys["base"] = {"enum": list(policy_names())}
    return published({"type": "object", "properties": keys, "additionalProperties": False}, "Policy / 政策")


def policy_with(policy: Policy, key: str, value: object, name: str) -> Policy:
    """The policy with one value exchanged, checked as if it stood in a file.

    Parameters
    ----------
    policy : Policy
    key : str
        As in the file; dots lead into tables (``limit_km.home``). Arrays are exchanged whole.
    value : object
        As TOML would give it.
    name : str
        What an error names as the file.

    Raises
    ------
    PolicyError
        Unknown key, wrong value, or rules at odds.
    """
    raw = inner = _as_raw(policy)
    *above, last = key.split(".")
    for part in above:
        if not isinstance(inner.get(part), dict):
            inner[part] = {}  # the reader says what is allowed there
        inner = inner[part]
    inner[last] = value
    return _policy(raw, Spot(name))


def _as_raw(value: Any) -> Any:
    """What a file would say: tables and arrays, without what is empty by default."""
    if is_dataclass(value):
        known = {f: getattr(value, f.name) for f in fields(value)}
        empty = {f: f.default if f.default_factory is MISSING else f.default_factory() for f in known}
        return {f.metadata.get("key", f.name): _as_raw(now) for f, now in known.items() if now != empty[f]}
    if isinstance(value, Mapping):
        return {key: _as_raw(inner) for key, inner in value.items()}
    return [_as_raw(item) for item in value] if isinstance(value, tuple) else value


def _shipped(name: str) -> dict[str, Any]:
    content = (resources.files("matcher.policy") / "policies" / f"{name}.toml").read_bytes()
    raw = _parse(content, name)
    return raw if name == DEFAULT_POLICY else _with_base(raw, name)


def _parse(content: bytes, file: str) -> dict[str, Any]:
    try:
        return parse_toml(content)
    except Unreadable as error:
        raise PolicyError(
            f"unreadable_{error.code}", file=file, line=error.line, detail=error.detail
        ) from None


def _with_base(raw: dict[str, Any], file: str) -> dict[str, Any]:
    base = code(policy_names())(raw.get("base", DEFAULT_POLICY), Spot(file, "base"))
    merged = _shipped(base)
    for key, value in raw.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict) and key not in WHOLE:
            merged[key] = merged[key] | value
        else:
            merged[key] = value
    return merged


_POLICY = record(Policy, KEYS)


def _policy(raw: dict[str, Any], spot: Spot) -> Policy:
    """Read and see that the parts agree."""
    policy = _POLICY(raw, spot)
    _end_in_everyone(policy.mode_rules, spot.at("mode_rules"))
    _end_in_everyone(policy.tier_rules, spot.at("tier_rules"))
    for family in (*RULE_FAMILIES, "targets"):
        _distinct_ids([rule.id for rule in getattr(policy, family)], spot.at(family))
    _distinct_ids([str(task.no) for task in policy.tasks], spot.at("tasks"))
    _known_targets(policy, spot.at("tasks"))
    _known_packages(policy.packages, spot.at("packages"))
    _hours_once(policy.care_hours, spot.at("care_hours"))
    tiers = sorted({rule.tier for rule in policy.tier_rules})
    if tiers != list(range(1, len(tiers) + 1)):
        raise spot.at("tier_rules").refuse(tiers, "[1, 2, 3, …]")
    if any(a >= b for a, b in zip(policy.bands_km, policy.bands_km[1:], strict=False)):
        raise spot.at("bands_km").refuse(list(policy.bands_km), "[a < b < c, …]")
    shares = sum(policy.target_shares.values())
    if policy.target_shares and abs(shares - 1) > 1e-9:
        raise spot.at("target_shares").refuse(round(shares, 9), "Σ = 1")
    return policy


def _end_in_everyone(rules: Sequence[ModeRule | TierRule], spot: Spot) -> None:
    """The last rule takes everyone left, and no earlier one hides the rules after it."""
    for index, rule in enumerate(rules):
        last = index == len(rules) - 1
        if last and rule.when:
            raise PolicyError("policy_last_rule", file=spot.file, where=spot.nth(index).key, rule=rule.id)
        if not last and not rule.when:
            raise PolicyError("policy_hidden_rules", file=spot.file, where=spot.nth(index).key, rule=rule.id)


def _known_targets(policy: Policy, spot: Spot) -> None:
    """Tasks name targets of the same policy."""
    allowed = code([target.id for target in policy.targets])
    for index, task in enumerate(policy.tasks):
        for name in task.targets:
            allowed(name, spot.nth(index).at("targets"))


def _known_packages(packages: Sequence[Package], spot: Spot) -> None:
    """A package stands in place of packages that there are."""
    known = [package.id for package in packages]
    for index, package in enumerate(packages):
        for other in package.instead_of:
            code(known)(other, spot.nth(index).at("instead_of"))


def _hours_once(rules: Sequence[CareHours], spot: Spot) -> None:
    """A grade at one place has one number of hours."""
    told: set[tuple[int, str]] = set()
    for index, rule in enumerate(rules):
        for grade in rule.grades:
            if (grade, rule.where) in told:
                raise spot.nth(index).at("grades").refuse(grade, f"≠ {grade}")
            told.add((grade, rule.where))


def _distinct_ids(ids: Sequence[str], spot: Spot) -> None:
    for index, rule in enumerate(ids):
        if rule in ids[:index]:
            raise PolicyError("policy_duplicate_id", file=spot.file, where=spot.nth(index).key, rule=rule)
