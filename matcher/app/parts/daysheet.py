"""The rounds of a day as a sheet for paper: a table in large type for each team, a map, and who is left out."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from matcher.app.parts.charts import show_line, show_title
from matcher.app.parts.failures import told_failures
from matcher.app.parts.roundsmap import Stop, rounds_map
from matcher.app.parts.sheet import show_picture, show_sheet
from matcher.app.parts.tables import rows_of
from matcher.app.parts.words import count, label, language, t
from matcher.care.rounds import NOT_MEASURED, Rounds, day_of, rounds_of, stops_of
from matcher.plan.plan import Plan
from matcher.results.roster import roster_people, shown

_TEAMS = 8
#: Times at which a round may be asked to end.
_ENDS = [f"{hour:02}:{minute:02}" for hour in range(9, 21) for minute in (0, 30)]


def show_rounds(plan: Plan, provider_id: str, name: str, on: dt.date) -> None:
    """The sheet of one provider; its fields stay off the paper."""
    if plan.inputs.visits.empty:
        return
    with st.container(key="card_rounds_choice"):
        usual = day_of(plan, provider_id, on).teams
        visiting = plan.policy.visiting
        left, right = st.columns(2)
        with left:
            teams = st.number_input(
                t("app.visits.teams"), 1, _TEAMS, min(max(usual, 1), _TEAMS), key="rounds_teams"
            )
        with right:
            ends = sorted({*(end for end in _ENDS if end > visiting.day_from), visiting.day_until})
            until = st.selectbox(
                t("app.visits.until", start=visiting.day_from),
                ends,
                index=ends.index(visiting.day_until),
                key="rounds_until",
            )
        show_line(t("app.visits.print_hint"))
    rounds = None
    with told_failures(), st.spinner(t("app.visits.routing")):
        rounds = rounds_of(plan, day_of(plan, provider_id, on, int(teams), until))
    if rounds is None or rounds.status == NOT_MEASURED:
        return
    with st.container(key="card_rounds"):
        show_title(t("app.visits.sheet", provider=name, date=on.isoformat()), t("app.visits.sheet_line"))
        if rounds.table.empty and rounds.left_out.empty:
            show_line(t("app.visits.no_rounds"))
            return
        people = _people(plan, provider_id, on)
        for team in rounds.back:
            _team(team, rounds.table[rounds.table["team"] == team], rounds, people)
        if len(rounds.table):
            show_picture(_drawing(plan, provider_id, rounds), t("app.visits.map"))
        _left_out(rounds, people)
        show_line(t("app.visits.heuristic", minutes=count(round(rounds.travel_s / 60))))


def _people(plan: Plan, provider_id: str, on: dt.date) -> dict[str, list[str]]:
    """Who may be visited, by id: masked name and id, village, minutes."""
    stops = stops_of(plan, provider_id, on)[["resident_id", "minutes"]]
    rows = roster_people(plan, provider_id)
    masked = shown(rows).fillna({"name": "", "village": ""})
    named = masked["name"].str.cat(masked["resident_id"], " ").str.strip()
    told = rows[["resident_id"]].assign(named=named, place=masked["village"]).merge(stops, on="resident_id")
    return {row.resident_id: [row.named, row.place, str(row.minutes)] for row in rows_of(told)}


def _team(team: int, route: pd.DataFrame, rounds: Rounds, people: dict[str, list[str]]) -> None:
    show_title(t("app.visits.team", team=team, visits=count(len(route)), back=rounds.back[team][:5]))
    names = ("order", "arrive", "leave", "name", "village", "minutes", "done")
    rows = [
        [str(stop.order), stop.arrive[:5], stop.leave[:5], *people[stop.resident_id], "□"]
        for stop in rows_of(route)
    ]
    show_sheet([t(f"app.visits.{name}") for name in names], rows)


def _left_out(rounds: Rounds, people: dict[str, list[str]]) -> None:
    if rounds.left_out.empty:
        return
    show_title(t("app.visits.left_out", number=count(len(rounds.left_out))))
    head = [t("app.visits.name"), t("app.visits.village"), t("column.roster.tier"), t("app.visits.reason")]
    rows = [
        [*people[one.resident_id][:2], str(one.tier), label("left_out", one.reason)]
        for one in rows_of(rounds.left_out)
    ]
    show_sheet(head, rows)


def _drawing(plan: Plan, provider_id: str, rounds: Rounds) -> str:
    """The map: where the provider and the stops are, by team."""
    homes = plan.people.set_index("resident_id")[["lat", "lon"]].astype("float64")
    at = homes.loc[rounds.table["resident_id"]].to_numpy()
    stops = [
        Stop(int(row.team), int(row.order), *place)
        for row, place in zip(rows_of(rounds.table), at.tolist(), strict=True)
    ]
    providers = plan.inputs.providers
    start = (
        providers.loc[providers["provider_id"] == provider_id, ["lat", "lon"]].astype("float64").to_numpy()[0]
    )
    teams = {team: t("app.visits.which_team", team=team) for team in rounds.back}
    return rounds_map((start[0], start[1]), stops, t("app.visits.km"), language(), teams)
