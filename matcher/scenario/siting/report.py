"""What ``place`` and ``close`` write: sites in order, the curve, who is better or worse off, and the outcome."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from matcher import __version__
from matcher.files.results import write_results
from matcher.plan.claim import gap_of
from matcher.plan.written import OUTCOME
from matcher.policy.documents import Policy
from matcher.scenario.changes import compare
from matcher.scenario.edits import AddProvider, CloseProvider, Scenario
from matcher.scenario.files import as_data
from matcher.scenario.providers import values_of
from matcher.scenario.siting.candidates import as_providers
from matcher.scenario.siting.close import Closing
from matcher.scenario.siting.money import FEN, monthly_yuan
from matcher.scenario.siting.place import Placing
from matcher.scenario.siting.search import Chosen

#: The choice as a scenario, for ``compare``, the store and the app.
SCENARIO = "scenario.json"
SITE_COLUMNS = ("order", "candidate_id", "slots", "cost", "newly_served", "cumulative_served")


def site_table(placing: Placing) -> pd.DataFrame:
    """The chosen sites in building order.

    Returns
    -------
    DataFrame
        `SITE_COLUMNS`: ``slots`` are the places that the plan uses, ``cost`` is yuan after the one-off subsidy
        (missing where no cost is given), ``newly_served`` counts people given the sites before, and
        ``cumulative_served`` are those served more than without any site.
    """
    used = placing.after.loads.groupby("provider_id")["assigned"].sum()
    base = placing.before.outcome.served
    rows = []
    served = base
    for number, step in enumerate(placing.steps, start=1):
        name = placing.table["provider_id"].iloc[step.site]
        slots = int(used.get(name, 0))
        cost = placing.money.cost_yuan(step.site, slots)
        rows.append((number, name, slots, cost, step.reached.served - served, step.reached.served - base))
        served = step.reached.served
    table = pd.DataFrame(rows, columns=list(SITE_COLUMNS))
    return table.astype({"candidate_id": "str", "cost": "float64"})


def placing_scenario(placing: Placing) -> Scenario:
    """The chosen sites as edits: the scenario gives the very plan that was promised."""
    choice = placing.found.choice
    assert choice is not None
    rows = as_providers(placing.table, placing.before.inputs.providers, choice.places)[choice.open]
    edits = tuple(AddProvider(values_of(row)) for row in rows.to_dict("records"))
    return Scenario("place", edits)


def closing_scenario(closing: Closing) -> Scenario:
    """The closures as edits, in their order."""
    return Scenario("close", tuple(CloseProvider(str(id)) for id in closing.steps["provider_id"]))


def curve_table(placing: Placing) -> pd.DataFrame:
    """What each number of sites, or each budget, reaches.

    Returns
    -------
    DataFrame
        ``k`` or ``budget`` (yuan), ``served``, ``total_cost_m``, and ``bound``: no choice that serves the tiers
        before the last as well serves more people; missing where nothing is proven.
    """
    by_number = placing.request.budget is None
    amounts = [point.amount if by_number else point.amount / FEN for point in placing.points]
    bounds = [point.bound for point in placing.points]
    return pd.DataFrame(
        {
            "k" if by_number else "budget": pd.Series(amounts, dtype="int64" if by_number else "float64"),
            "served": [point.reached.served for point in placing.points],
            "total_cost_m": [point.reached.cost for point in placing.points],
            "bound": pd.Series(bounds, dtype="Int64"),
        }
    )


def outcome_of(placing: Placing, policy: Policy, seconds: float) -> dict[str, object]:
    """What ``outcome.json`` says; None where nothing is known.

    `served_bound` and `bound` hold for choices that equal this one in the figures before them; `bound` is of the
    travel, less the bonuses of the sites.
    """
    found = placing.found
    assert found.choice is not None
    bonus = int(placing.sites.bonus[found.choice.open].sum())
    before, after = placing.before.outcome, placing.after.outcome
    sites = site_table(placing)
    opened = placing.table.loc[found.choice.open, "provider_id"]
    inhabitants = placing.after.people
    new = inhabitants[inhabitants["provider_id"].isin(opened) & (inhabitants["mode"] == "institutional")]
    return {
        **_claim(found),
        "k": placing.request.k,
        "budget": placing.request.budget,
        "at_most": placing.request.most,
        "modes": list(placing.request.modes),
        "candidates": len(placing.table),
        "sites": len(sites),
        "residents": after.residents,
        "served_before": before.served,
        "served": after.served,
        "served_by_tier": after.served_by_tier,
        "total_cost_before_m": before.total_cost_m,
        "total_cost_m": after.total_cost_m,
        "bonus_m": bonus,
        "cost_yuan": None if sites["cost"].isna().any() else float(sites["cost"].sum()),
        "subsidy_yuan": float(placing.money.subsidy[found.choice.open].sum()) / FEN,
        "monthly_subsidy_yuan": monthly_yuan(new, policy),
        "monthly_subsidy_months": policy.subsidies.months,
        "choices_tried": placing.tried,
        "certificate": after.certificate,
        "seconds": {"total": round(seconds, 3)},
        "fingerprint": after.fingerprint,
        "version": __version__,
    }


def _claim(found: Chosen) -> dict[str, object]:
    """What is proven of a choice, no more."""
    figures, bounds = figures_by_tier(found), bounds_by_tier(found)
    return {
        "status": "optimal" if found.proven else "feasible",
        "proof": "bound" if found.proven else "none",
        "bound": bounds[-1],
        "gap": gap_of(figures, bounds),
        "served_bound": {str(tier): bound for tier, bound in enumerate(bounds[:-1], start=1)},
        "engine": "ortools-flow + ortools-cpsat",
    }


def figures_by_tier(found: Chosen) -> list[int]:
    """People served of each tier, then travel less bonus."""
    assert found.reached is not None
    return [*found.reached.by_tier(), -found.reached.figures[-1]]


def bounds_by_tier(found: Chosen) -> list[int | None]:
    """Bounds of `figures_by_tier`; see `outcome_of`."""
    reached = found.reached
    assert reached is not None
    before = (0, *reached.figures[:-2])
    told: list[int | None] = [
        None if bound is None else bound - base for bound, base in zip(found.bounds[:-1], before, strict=True)
    ]
    limit = found.bounds[-1]
    return [*told, None if limit is None else -limit]


def closing_outcome(closing: Closing, seconds: float) -> dict[str, object]:
    """What ``outcome.json`` says of closures; as `outcome_of`."""
    found = closing.found
    before, after = closing.before.outcome, closing.after.outcome
    return {
        **_claim(found),
        "k": len(closing.steps),
        "providers": closing.open_before,
        "residents": after.residents,
        "served_before": before.served,
        "served": after.served,
        "served_by_tier": after.served_by_tier,
        "total_cost_before_m": before.total_cost_m,
        "total_cost_m": after.total_cost_m,
        "choices_tried": closing.tried,
        "certificate": after.certificate,
        "seconds": {"total": round(seconds, 3)},
        "fingerprint": after.fingerprint,
        "version": __version__,
    }


def write_placing(placing: Placing, policy: Policy, folder: Path, seconds: float) -> None:
    """Write ``sites.csv``, ``curve.csv``, ``changes.csv``, ``outcome.json`` and ``scenario.json``, all or none.

    Raises
    ------
    BadInput, OSError
        See `all_or_none`.
    """
    tables = {
        "sites": site_table(placing),
        "curve": curve_table(placing),
        "changes": compare(placing.before, placing.after),
    }
    documents = {OUTCOME: outcome_of(placing, policy, seconds), SCENARIO: as_data(placing_scenario(placing))}
    write_results(folder, tables, documents)


def write_closing(closing: Closing, folder: Path, seconds: float) -> None:
    """Write ``closures.csv``, ``changes.csv``, ``outcome.json`` and ``scenario.json``, all or none.

    Raises
    ------
    BadInput, OSError
        See `all_or_none`.
    """
    tables = {"closures": closing.steps, "changes": compare(closing.before, closing.after)}
    documents = {OUTCOME: closing_outcome(closing, seconds), SCENARIO: as_data(closing_scenario(closing))}
    write_results(folder, tables, documents)
