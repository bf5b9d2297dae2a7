"""What stands on the page, in words: every number comes from a function that the app shows too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.report.actions import Action, Actions
from matcher.report.lights import AMBER_POINTS, GREEN_POINTS, Light, lights
from matcher.report.shades import NOTHING, SHARE_BOUNDS, SHARE_COLOURS, class_texts
from matcher.results.difference import signed
from matcher.results.overview import by_reason, figures, place_shares
from matcher.words.catalogues import label, t

if TYPE_CHECKING:
    from matcher.plan.figures import Figures
    from matcher.plan.plan import Plan

#: Townships in the table, and signs of a text of the data on the page: the page is one page.
MOST_PLACES = 10
LONGEST = 28


@dataclass(frozen=True)
class Past:
    """What the figures are compared with.

    Parameters
    ----------
    figures : Figures
    name : str
        Of the earlier data or plan.
    """

    figures: Figures
    name: str


@dataclass(frozen=True)
class Page:
    """All texts of the page; each is shown as it is, whatever signs it holds.

    Parameters
    ----------
    title, line, against : str
    figures : list of {name, value, change}
    places : list of list of str
        Rows of a table below `places_head`.
    actions : list of {name, gain, cost}
    lights : list of {name, text, colour}
    reasons : list of {name, value}
    legend : list of {colour, text}
    words : dict of str
        Titles and notes by name.
    foot : list of str
        What it was made from.
    """

    title: str
    line: str
    against: str
    figures: list[dict[str, str]]
    places_head: list[str]
    places: list[list[str]]
    actions: list[dict[str, str]]
    lights: list[dict[str, str]]
    reasons: list[dict[str, str]]
    legend: list[dict[str, str]]
    words: dict[str, str]
    foot: list[str] = field(default_factory=list)


def page_of(plan: Plan, found: Actions, lang: str, past: Past | None = None) -> Page:
    """The page of a plan.

    Parameters
    ----------
    plan : Plan
    found : Actions
    lang : {"zh", "en"}
    past : Past, optional
    """
    dataset, outcome = plan.inputs.dataset, plan.outcome
    policy = _short(label("policy", plan.policy.id, lang))
    worst = place_shares(plan, "township").query("unserved > 0").head(MOST_PLACES)
    reasons = by_reason(plan)
    return Page(
        title=_short(dataset.title) or t("report.title", lang),
        line=t(
            "report.line",
            lang,
            as_of=dataset.as_of.isoformat(),
            policy=policy,
        ),
        against=t("report.against", lang, name=_short(past.name)) if past else t("report.no_past", lang),
        figures=_figures(figures(plan), past.figures if past else None, lang),
        places_head=[t(f"report.column_{name}", lang) for name in ("place", "unserved", "share")],
        places=[
            [_short(row["name"]), f"{row['unserved']:,}", f"{row['share']:.1%}"]
            for row in worst.to_dict("records")
        ],
        actions=[_action(action, lang) for action in found.actions],
        lights=[_light(light, lang) for light in lights(plan)],
        reasons=[
            {"name": label("reason", str(reason), lang), "value": f"{number:,}"}
            for reason, number in reasons.items()
            if number
        ],
        legend=_legend(lang),
        words=_words(plan, found, lang),
        foot=[
            t(f"status.{outcome.status}", lang),
            t("report.pairs", lang, pairs=f"{plan.certificate.checked_pairs:,}"),
            t("report.fingerprint", lang, fingerprint=outcome.fingerprint),
            t("report.version", lang, version=outcome.version),
        ],
    )


def _figures(now: Figures, old: Figures | None, lang: str) -> list[dict[str, str]]:
    none = t("summary.none", lang)

    def change(name: str, digits: int = 0, factor: int = 1, unit: str = "") -> str:
        before, after = getattr(old, name, None), getattr(now, name)
        if before is None or after is None:
            return ""
        told = signed(before, after, digits, factor)
        return t(f"app.{unit}", lang, **{unit: told}) if unit else told

    def km(value: float | None) -> str:
        return none if value is None else t("app.km", lang, km=f"{value:.1f}")

    rows = [
        ("residents", f"{now.residents:,}", change("residents")),
        ("share", none if now.share is None else f"{now.share:.1%}", change("share", 1, 100, "points")),
        ("unserved", f"{now.unserved:,}", change("unserved")),
        ("median", km(now.median_km), change("median_km", 1, unit="km")),
    ]
    told = [
        {"name": t(f"app.figure.{name}", lang), "value": value, "change": more} for name, value, more in rows
    ]
    if now.p90_km is not None:
        told[-1]["name"] += t("report.p90", lang, p90=km(now.p90_km))
    return told


def _action(action: Action, lang: str) -> dict[str, str]:
    cost = action.cost_yuan
    return {
        "name": t(
            f"report.action_{action.kind}",
            lang,
            name=_short(action.name),
            places=f"{action.places:,}",
            mode=label("mode", action.mode, lang) if action.mode else "",
        ),
        "gain": t("report.gain", lang, served=f"{action.served:,}"),
        "cost": t("report.no_cost", lang) if cost is None else t("report.cost", lang, yuan=f"{cost:,.0f}"),
    }


def _light(light: Light, lang: str) -> dict[str, str]:
    actual = t("summary.none", lang) if light.actual is None else f"{light.actual:.1%}"
    text = t("report.light", lang, actual=actual, target=f"{light.target:.0%}")
    return {
        "name": label("mode", light.mode, lang),
        "text": f"{text} {t(f'report.{light.colour}', lang)}",
        "colour": light.colour,
    }


def _legend(lang: str) -> list[dict[str, str]]:
    texts = class_texts(SHARE_BOUNDS, "<{high}%", "{low}–{high}%", "≥{low}%")
    pairs = zip(SHARE_COLOURS, texts, strict=True)
    told = [{"colour": colour, "text": text} for colour, text in pairs]
    return [*told, {"colour": NOTHING, "text": t("app.map.nobody", lang)}]


def _words(plan: Plan, found: Actions, lang: str) -> dict[str, str]:
    names = ("map", "places", "actions", "lights", "reasons", "figures")
    words = {name: t(f"report.{name}", lang) for name in names}
    words["actions_note"] = t(f"report.actions_{found.standing}", lang)
    words["lights_note"] = (
        t("report.lights_note", lang, green=GREEN_POINTS, amber=AMBER_POINTS)
        if plan.policy.target_shares
        else t("app.overview.no_shares", lang)
    )
    words["nobody"] = t("report.everybody", lang)
    words["synthetic"] = t("report.synthetic", lang)
    return words


def _short(text: str) -> str:
    """A text of the data on one line, cut where it would break the page."""
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
