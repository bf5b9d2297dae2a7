"""Travel times from a routing server: what is asked, what is kept, and what happens when the server fails."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.cli import main
from matcher.errors import BadInput, RoutingError
from matcher.inputs import Routing
from matcher.intake.check import load_inputs
from matcher.plan.match import match
from matcher.policy.documents import load_policy
from matcher.travel.table import Answers, RoutingTable, pairs_within_limits, travel_table
from matcher.words.catalogues import LANGUAGES, t
from tests.helpers.builders import KM, PLACES, VILLAGE, make_inputs, provider, resident
from tests.helpers.examples import examples
from tests.helpers.folders import DATASET, checked, told, write_folder
from tests.helpers.routing_server import Server, hang_up, metres_between, routing_server, silence, status

POLICY = load_policy("panzhihua-2016")
#: Villages along a road, clinics beside it: (lat, lon).
VILLAGES = [(26.5, 101.7), (26.51, 101.7), (26.52, 101.7), (26.53, 101.7), (26.54, 101.7)]
CLINICS = [(26.5, 101.7), (26.5, 101.71), (26.5, 101.72)]


@pytest.fixture(params=["osrm", "valhalla"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Either engine."""
    with routing_server(request.param) as state:
        yield state


def table(server: Server, cache: Path, **settings: int) -> RoutingTable:
    """A table that asks this server and waits for nothing."""
    profile = {"osrm": "driving", "valhalla": "auto"}[server.engine]
    routing = Routing(server.engine, server.url, profile, **settings)
    return RoutingTable(routing, cache / "answers.cache", pauses_s=(0.0, 0.0))


def ask(
    routing: RoutingTable,
    villages: list[tuple[float, float]] = VILLAGES,
    clinics: list[tuple[float, float]] = CLINICS,
) -> Answers:
    """Every village to every clinic."""
    origin, target = np.divmod(np.arange(len(villages) * len(clinics)), len(clinics))
    return routing.measure(np.array(villages), np.array(clinics), origin, target)


def test_the_way_to_the_road_is_added_at_both_ends(server, tmp_path):
    """On foot, from the cache as well, and in whatever portions the journeys were asked."""
    server.off = {VILLAGES[1]: 2000.0, CLINICS[2]: 500.0}
    on_road = {(a, b): metres_between(a, b) for a in VILLAGES for b in CLINICS}
    off = {(a, b): server.off.get(a, 0.0) + server.off.get(b, 0.0) for a in VILLAGES for b in CLINICS}
    server.largest = 4
    for _ in range(2):
        answers = ask(table(server, tmp_path))
        assert answers.off_road == pytest.approx(list(off.values()), abs=0.2)
        assert answers.metres == pytest.approx([on_road[pair] + off[pair] for pair in off], abs=0.2)
        assert answers.seconds == pytest.approx(
            [on_road[pair] / 10 + off[pair] / 4 * 3.6 for pair in off], abs=0.2
        )
    assert answers.requests == 0


def test_an_end_of_which_the_server_says_nothing_does_not_hide_the_other(tmp_path):
    """One side alone is told by some servers."""
    with routing_server("osrm") as server:
        server.off = {VILLAGES[1]: 300.0}
        server.untold = ("destinations",)
        answers = ask(table(server, tmp_path), VILLAGES[1:2], CLINICS[:1])
    assert answers.off_road.tolist() == [300.0]
    assert answers.metres.tolist() == [metres_between(VILLAGES[1], CLINICS[0]) + 300.0]


def test_points_far_off_the_road_are_told(tmp_path, capsys):
    """All points on one road, as a server with an empty map answers: no journey of 0 km, and a word."""
    with routing_server("osrm") as server:
        server.matrix = lambda origins, targets: [[0.0 for _ in targets] for _ in origins]
        server.off = {(26.5, 101.7): 1500.0}
        setting = f'[routing]\nengine = "osrm"\nurl = "{server.url}"\n'
        folder = write_folder(tmp_path, dataset=DATASET + setting)
        assert main(["travel", str(folder), "--out", str(tmp_path / "new.csv"), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "up to 3.0 km" in out
    assert pd.read_csv(tmp_path / "new.csv")["km"].tolist() == [3.0]


def said(error: RoutingError | BadInput) -> str:
    """What the user reads, in both languages."""
    return "\n".join(t(f"error.{error.code}", lang, **error.values) for lang in LANGUAGES)


def expected() -> list[float]:
    """Metres of all pairs, village by village."""
    return [metres_between(a, b) for a in VILLAGES for b in CLINICS]


# --- what is asked -----------------------------------------------------------------------------------------


def test_every_pair_gets_its_own_journey(server, tmp_path):
    answers = ask(table(server, tmp_path))
    assert answers.metres.tolist() == pytest.approx(expected())
    assert answers.seconds.tolist() == pytest.approx([metres / 10 for metres in expected()])
    assert (answers.requests, answers.cached) == (1, 0)


@pytest.mark.parametrize(
    ("origins", "providers", "requests"),
    [(5, 3, 1), (4, 3, 2), (5, 2, 2), (2, 2, 6), (1, 1, 15), (6, 4, 1)],
)
def test_chunks_cover_every_pair_once_at_any_size(server, tmp_path, origins, providers, requests):
    """Five villages and three clinics in pieces of o × p: ⌈5/o⌉ · ⌈3/p⌉ requests, none larger, the same answer."""
    answers = ask(table(server, tmp_path, chunk_origins=origins, chunk_providers=providers))
    assert answers.metres.tolist() == pytest.approx(expected())
    assert answers.requests == len(server.asked) == requests
    assert all(len(a) <= origins and len(b) <= providers for a, b in server.asked)
    asked = [pair for a, b in server.asked for pair in ((x, y) for x in a for y in b)]
    assert len(asked) == len(set(asked)) == 15


def test_only_wanted_pairs_and_distinct_points_are_asked(server, tmp_path):
    """Two villages on one spot are one point; a clinic that nobody wants is not named."""
    villages = np.array([VILLAGES[0], VILLAGES[1], VILLAGES[0]])
    answers = table(server, tmp_path).measure(
        villages, np.array(CLINICS), np.array([0, 1, 2]), np.array([2, 1, 2])
    )
    assert answers.metres.tolist() == pytest.approx([2000, 2000, 2000])
    assert server.asked == [([VILLAGES[0], VILLAGES[1]], [CLINICS[1], CLINICS[2]])]


def test_without_pairs_nobody_is_called(tmp_path):
    none = np.zeros(0, np.int64)
    routing = Routing("osrm", "http://127.0.0.1:9", "driving")
    answers = RoutingTable(routing, tmp_path / "x").measure(np.zeros((0, 2)), np.zeros((3, 2)), none, none)
    assert (len(answers.metres), answers.requests) == (0, 0)


def test_nothing_but_the_configured_address_is_called(server, tmp_path, monkeypatch):
    """Neither a proxy of the environment nor a redirect leads anywhere else."""
    with routing_server(server.engine) as other:
        monkeypatch.setenv("http_proxy", other.url)
        monkeypatch.setenv("HTTP_PROXY", other.url)
        assert ask(table(server, tmp_path)).requests == 1

        def redirect(handler):
            handler.send_response(302)
            handler.send_header("Location", other.url + handler.path)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        server.faults = [redirect]
        with pytest.raises(RoutingError) as error:
            ask(table(server, tmp_path), CLINICS, VILLAGES)
        assert (error.value.code, error.value.values["status"]) == ("routing_refused", 302)
        assert other.paths == []


# --- no way ------------------------------------------------------------------------------------------------


def test_where_no_way_leads_nothing_is_made_up(server, tmp_path):
    server.islands = {VILLAGES[3]}
    answers = ask(table(server, tmp_path))
    lost = np.repeat([False, False, False, True, False], 3)
    assert np.isnan(answers.metres).tolist() == lost.tolist()
    assert np.isnan(answers.seconds).tolist() == lost.tolist()
    again = ask(table(server, tmp_path))
    assert (again.requests, again.cached) == (0, 15)
    assert np.isnan(again.metres).tolist() == lost.tolist()


def test_a_point_on_no_road_costs_its_own_pairs_only(server, tmp_path):
    """Both engines refuse the whole request for it."""
    server.off_road = {VILLAGES[1], CLINICS[2]}
    answers = ask(table(server, tmp_path))
    metres = np.array(expected())
    metres[[3, 4, 5, 2, 8, 11, 14]] = np.nan
    np.testing.assert_allclose(answers.metres, metres)


def test_a_request_that_is_too_large_is_asked_in_halves(server, tmp_path):
    server.largest = 4
    answers = ask(table(server, tmp_path))
    assert answers.metres.tolist() == pytest.approx(expected())
    assert max(len(a) * len(b) for a, b in server.asked) == 15


# --- the cache ---------------------------------------------------------------------------------------------


def test_what_was_asked_once_is_not_asked_again(server, tmp_path):
    first = ask(table(server, tmp_path))
    second = ask(table(server, tmp_path))
    assert (second.requests, second.cached) == (0, 15)
    assert second.metres.tolist() == first.metres.tolist()
    assert second.seconds.tolist() == first.seconds.tolist()


def test_a_new_clinic_asks_for_its_own_column_only(server, tmp_path):
    ask(table(server, tmp_path))
    new = (26.52, 101.75)
    answers = ask(table(server, tmp_path), clinics=[*CLINICS, new])
    assert server.asked[1:] == [(VILLAGES, [new])]
    assert answers.cached == 15


def test_another_profile_or_server_is_asked_anew(server, tmp_path):
    ask(table(server, tmp_path))
    walking = table(server, tmp_path)
    walking = replace(walking, routing=replace(walking.routing, url=server.url + "/"))
    assert ask(walking).cached == 0


def test_the_direction_of_a_journey_matters(server, tmp_path):
    """From village to clinic is not from clinic to village."""
    ask(table(server, tmp_path), VILLAGES[1:], CLINICS[1:])
    assert ask(table(server, tmp_path), CLINICS[1:], VILLAGES[1:]).cached == 0


def test_a_run_that_broke_off_goes_on_where_it_ended(server, tmp_path):
    """Five requests; the third fails for good: two are kept, three are left for the next run."""
    server.faults = [None, None, *[status(500)] * 3]
    with pytest.raises(RoutingError):
        ask(table(server, tmp_path, chunk_origins=1))
    answers = ask(table(server, tmp_path, chunk_origins=1))
    assert (answers.cached, answers.requests) == (6, 3)
    assert answers.metres.tolist() == pytest.approx(expected())


def test_an_interrupted_run_keeps_what_it_was_told(server, tmp_path, monkeypatch):
    """Ctrl+C between two requests."""
    from matcher.travel import table as module

    def interrupted(requests, *_):
        yield from requests[:2]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "track", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ask(table(server, tmp_path, chunk_origins=1))
    assert ask(table(server, tmp_path, chunk_origins=1)).cached == 6


def test_the_cache_holds_points_and_journeys_and_nothing_else(server, tmp_path):
    """No names, no ids; points to a decimetre."""
    ask(table(server, tmp_path), [(26.12345678, 101.7)])
    with sqlite3.connect(tmp_path / "answers.cache") as connection:
        columns = [
            (name, column[1])
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for column in connection.execute(f"PRAGMA table_info({name})")
        ]
        assert (26_123_457, 101_700_000) in connection.execute("SELECT lat, lon FROM point").fetchall()
    assert {name for name, _ in columns} == {"server", "point", "journey", "off_road"}
    assert {column for _, column in columns} == {
        *("id", "engine", "url", "profile", "lat", "lon"),
        *("server", "origin", "target", "point", "seconds", "metres"),
    }


@pytest.mark.parametrize("content", [b"resident_id,name\n" * 100, None], ids=["text", "another database"])
def test_a_file_that_is_no_cache_is_left_alone(server, tmp_path, content):
    file = tmp_path / "answers.cache"
    if content is None:
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE mine (x)")
    else:
        file.write_bytes(content)
    before = file.read_bytes()
    with pytest.raises(BadInput) as error:
        ask(table(server, tmp_path))
    assert error.value.code == "routing_cache"
    assert said(error.value).count(str(file)) == 2
    assert file.read_bytes() == before
    assert server.paths == []


def test_a_cache_that_cannot_be_written_is_a_failure_with_its_reason(server, tmp_path):
    with pytest.raises(RoutingError) as error:
        ask(replace(table(server, tmp_path), cache=tmp_path / "no" / "folder"))
    assert error.value.code == "routing_cache_failed"
    assert said(error.value).count("unable to open") == 2


# --- when the server fails ---------------------------------------------------------------------------------


PASSING = {
    "server error": status(500),
    "overloaded": status(503, {"code": "Busy"}),
    "too many requests": status(429),
    "not JSON": status(200, b"<html>"),
    "cut off": hang_up,
    "no number": status(200, b'{"durations": [[NaN]], "distances": [[NaN]]}'),
    "late": silence(1.5),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
def test_a_failure_that_passes_is_tried_again(server, tmp_path, fault):
    """Once wrong, then right: the answer is whole."""
    server.faults = [fault]
    answers = ask(table(server, tmp_path, timeout_s=1))
    assert answers.metres.tolist() == pytest.approx(expected())
    assert answers.requests == 2


@pytest.mark.parametrize("fault", [PASSING["server error"], PASSING["cut off"]], ids=["error", "cut off"])
def test_a_failure_that_stays_ends_in_one_sentence(server, tmp_path, fault):
    server.faults = [fault] * 3
    with pytest.raises(RoutingError) as error:
        ask(table(server, tmp_path))
    assert error.value.code == "routing_silent"
    assert error.value.values["attempts"] == 3
    assert said(error.value).count(server.url) == 2


def test_a_server_that_is_not_there_is_told(tmp_path):
    with routing_server("osrm") as gone:
        pass
    with pytest.raises(RoutingError) as error:
        ask(table(gone, tmp_path))
    assert error.value.code == "routing_silent"
    assert "ConnectionRefused" in str(error.value.values["detail"])


def test_a_refusal_is_told_with_the_servers_words_and_not_tried_again(server, tmp_path):
    refusal = {
        "code": "InvalidOptions",
        "message": "unknown profile",
        "error_code": 125,
        "error": "no such costing",
    }
    server.faults = [status(400, refusal)]
    with pytest.raises(RoutingError) as error:
        ask(table(server, tmp_path))
    assert error.value.code == "routing_refused"
    words = {"osrm": "InvalidOptions unknown profile", "valhalla": "125 no such costing"}
    assert said(error.value).count(words[server.engine]) == 2
    assert len(server.paths) == 1


def cells(**values: object) -> dict[str, object]:
    """An answer of both engines at once for one pair."""
    return {
        "durations": [[values["time"]]],
        "distances": [[values["metres"]]],
        "sources_to_targets": [[{"time": values["time"], "distance": values["metres"]}]],
    }


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"durations": [[1]], "sources_to_targets": [[{"time": 1}]]},
        {"durations": [[1, 2]], "distances": [[1, 2]], "sources_to_targets": [[], []]},
        cells(time=1, metres=None),
        cells(time=None, metres=1),
        cells(time=-1, metres=1),
        cells(time="soon", metres=1),
    ],
    ids=["empty", "list", "no distances", "wrong size", "no metres", "no seconds", "negative", "words"],
)
def test_an_answer_that_is_not_understood_is_not_used(server, tmp_path, answer):
    """Half an answer would leave half of it to guesses; nothing of it is kept."""
    server.faults = [status(200, answer)]
    with pytest.raises(RoutingError) as error:
        ask(table(server, tmp_path), VILLAGES[:1], CLINICS[:1])
    assert error.value.code == "routing_not_understood"
    assert said(error.value).count(server.engine) == 2
    assert ask(table(server, tmp_path), VILLAGES[:1], CLINICS[:1]).cached == 0


# --- which pairs can matter --------------------------------------------------------------------------------


def pairs(places: pd.DataFrame, providers: pd.DataFrame, policy=POLICY) -> list[tuple[str, str]]:
    """Ids of the pairs to ask for."""
    origin, target = pairs_within_limits(places, providers, policy)
    return list(zip(places["place_code"].iloc[origin], providers["provider_id"].iloc[target], strict=True))


def test_only_what_could_be_within_a_limit_is_asked():
    """Home care reaches 10 km: 11 km as the crow flies may still be, 12 km is not; a hospital's 50 km are its own."""
    inputs = make_inputs(
        [],
        [
            provider("at 11", 11),
            provider("at 12", 12),
            provider("hospital", 40, capacity_home=None, capacity_institutional=5),
            provider("full", 1, capacity_home=0),
            provider("offers nothing", 1, capacity_home=None),
        ],
        places=[VILLAGE],
    )
    assert pairs(inputs.places, inputs.providers) == [("V1", "at 11"), ("V1", "hospital"), ("V1", "full")]


def test_a_limit_in_minutes_is_taken_at_a_speed_that_nobody_beats():
    """20 minutes at 130 km/h are 43.3 km, and 1.4 km of slack: 44 km is asked, 46 is not."""
    inputs = make_inputs([], [provider("at 44", 44), provider("at 46", 46)], places=[VILLAGE])
    by_time = replace(POLICY, cost="time")
    assert pairs(inputs.places, inputs.providers, by_time) == [("V1", "at 44")]


@examples(30)
@given(st.lists(st.floats(0, 30), min_size=1, max_size=6), st.floats(1.0, 3.0))
def test_no_pair_that_a_road_brings_within_the_limit_is_left_out(kilometres, detour):
    """Roads are never shorter than the crow flies: an eligible pair by any road is among those asked."""
    inputs = make_inputs([], [provider(f"p{i}", km) for i, km in enumerate(kilometres)], places=[VILLAGE])
    asked = {name for _, name in pairs(inputs.places, inputs.providers)}
    assert {f"p{i}" for i, km in enumerate(kilometres) if km * detour <= POLICY.limit_km["home"]} <= asked


# --- the travel table --------------------------------------------------------------------------------------


def city(server: Server):
    """Two villages, an empty hamlet and a place nobody knows the position of; three clinics."""
    profile = {"osrm": "driving", "valhalla": "auto"}[server.engine]
    places = [
        *PLACES,
        {**VILLAGE, "place_code": "V0", "lat": 26.53},
        {**VILLAGE, "place_code": "V2"},
        {"place_code": "V3", "level": "village"},
    ]
    people = [
        resident(id, place_code=code) for id, code in (("a", "V1"), ("b", "V0"), ("c", "V3"), ("d", None))
    ]
    clinics = [provider("q", 2), provider("p", 0), provider("nowhere", lat=None, lon=None)]
    inputs = make_inputs(people, clinics, places=places)
    return inputs.replace(
        dataset=replace(inputs.dataset, routing=Routing(server.engine, server.url, profile))
    )


def test_the_table_goes_from_where_people_live_to_every_provider_with_a_position(server, tmp_path):
    """100 km a degree, 10 m a second: p lies 0 and 3 km away, q, 2 km north, 1.8 and 1.2."""
    inputs = city(server)
    travel, answers = travel_table(inputs, POLICY, tmp_path / "cache")
    assert travel["from_code"].tolist() == ["V0", "V0", "V1", "V1"]
    assert travel["provider_id"].tolist() == ["p", "q", "p", "q"]
    to_q = 2 * KM * 100
    assert travel["km"].tolist() == pytest.approx([3, 3 - to_q, 0, to_q], abs=1e-3)
    assert travel["minutes"].tolist() == pytest.approx((travel["km"] * 100 / 60).tolist())
    assert travel["reachable"].isna().all()
    assert answers.requests == 1


def test_only_points_of_places_and_providers_leave_the_house(server, tmp_path):
    """Not where a person lives: `a` lives elsewhere than V1 stands."""
    inputs = city(server)
    people = inputs.residents.assign(lat=26.777, lon=101.888)
    travel_table(inputs.replace(residents=people), POLICY, tmp_path / "cache")
    places = {(26.5, 101.7), (26.53, 101.7)}
    clinics = {(26.5, 101.7), (round(26.5 + 2 * KM, 6), 101.7)}
    assert [(set(a), set(b)) for a, b in server.asked] == [(places, clinics)]


def test_without_a_configured_server_nobody_is_called(tmp_path):
    with pytest.raises(BadInput) as error:
        travel_table(make_inputs([resident("a")], [provider("p")]), POLICY, tmp_path / "cache")
    assert error.value.code == "no_routing"


def test_match_never_calls_the_server(server):
    assert match(city(server), POLICY).outcome.status == "optimal"
    assert server.paths == []


# --- the command -------------------------------------------------------------------------------------------

RESIDENTS = (
    "resident_id,age,origin,living_setting,place_code\na,70,local,own_home,V1\nb,70,local,own_home,V2\n"
)
PROVIDERS = "provider_id,kind,lat,lon,capacity_home\np,township_health_centre,26.5,101.7,2\n"
VILLAGE_ROWS = "place_code,name,level,lat,lon\nV1,一村,village,26.51,101.7\nV2,二村,village,26.5,101.71\n"


@pytest.fixture
def data(server, tmp_path) -> Path:
    """Two villages a kilometre from the clinic; the server knows no way from the second."""
    folder = tmp_path / "data"
    folder.mkdir()
    routing = f'[routing]\nengine = "{server.engine}"\nurl = "{server.url}"\n'
    dataset = 'as_of = "2026-01-01"\ndatum = "wgs84"\n'
    tables = {"residents.csv": RESIDENTS, "providers.csv": PROVIDERS, "places.csv": VILLAGE_ROWS}
    for name, text in {**tables, "dataset.toml": dataset + routing}.items():
        (folder / name).write_text(text, encoding="utf-8")
    server.islands = {(26.5, 101.71)}
    return folder


def run(data: Path, *more: str) -> int:
    """The command, in English."""
    return main(["travel", str(data), "--out", str(data / "travel.csv"), "--lang", "en", *more])


def test_the_command_writes_a_table_that_match_takes_up(server, data, tmp_path, capsys):
    """From V2 there is no way, so `b` is not served though the crow flies one kilometre."""
    assert run(data) == 0
    assert "2 journeys" in capsys.readouterr().out
    assert (data / "travel.csv").read_text(encoding="utf-8").splitlines() == [
        "from_code,provider_id,minutes,km,reachable",
        "V1,p,1.666667,1.000000,",
        "V2,p,,,0",
    ]
    plan = match(load_inputs(data), POLICY)
    assert plan.assignments[["resident_id", "cost_m"]].to_numpy().tolist() == [["a", 1000]]
    assert plan.unserved["reason"].tolist() == ["no_way"]


def test_the_command_overwrites_nothing(server, data, capsys):
    (data / "travel.csv").write_text("from_code,provider_id,km\nV1,p,4\n", encoding="utf-8")
    assert run(data) == 1
    assert "exists already" in capsys.readouterr().err
    assert (data / "travel.csv").read_text(encoding="utf-8").endswith("V1,p,4\n")
    assert server.paths == []


def test_a_second_run_after_the_result_was_removed_asks_nothing(server, data):
    run(data, "--cache", str(data / "kept"))
    (data / "travel.csv").unlink()
    asked = len(server.paths)
    assert run(data, "--cache", str(data / "kept")) == 0
    assert len(server.paths) == asked


def test_failures_end_with_code_3_bad_input_with_code_1_and_nothing_is_written(server, data, capsys):
    server.faults = [status(404)]
    assert run(data) == 3
    assert "refused" in capsys.readouterr().err
    (data / "travel.cache").write_bytes(b"x" * 2000)
    assert run(data) == 1
    assert "not a cache" in capsys.readouterr().err
    (data / "dataset.toml").write_text('as_of = "2026-01-01"\ndatum = "wgs84"\n', encoding="utf-8")
    assert run(data) == 1
    assert "[routing]" in capsys.readouterr().err
    assert not [name for name in os.listdir(data) if name.startswith((".", "travel.csv"))]


def test_settings_of_the_server_are_read_or_told(server, data):
    file = data / "dataset.toml"
    file.write_text(file.read_text(encoding="utf-8") + "chunk_origins = 7\n", encoding="utf-8")
    routing = load_inputs(data).dataset.routing
    profile = {"osrm": "driving", "valhalla": "auto"}[server.engine]
    assert routing == Routing(server.engine, server.url, profile, chunk_origins=7)


@pytest.mark.parametrize(
    ("column", "setting"),
    [
        ("engine", 'engine = "graphhopper"\nurl = "http://host"'),
        ("engine", 'url = "http://host"'),
        ("url", 'engine = "osrm"'),
        ("url", 'engine = "osrm"\nurl = "host:5000"'),
        ("url", 'engine = "osrm"\nurl = "file:///etc/passwd"'),
        ("url", 'engine = "osrm"\nurl = "http://host:99999"'),
        ("url", 'engine = "osrm"\nurl = "http://me:secret@host"'),
        ("url", 'engine = "osrm"\nurl = "http://host/?key=secret"'),
        ("profile", 'engine = "osrm"\nurl = "http://host"\nprofile = "../nearest"'),
        ("chunk_origins", 'engine = "osrm"\nurl = "http://host"\nchunk_origins = 0'),
        ("timeout_s", 'engine = "osrm"\nurl = "http://host"\ntimeout_s = true'),
    ],
)
def test_a_setting_that_cannot_be_is_told_without_its_secrets(tmp_path, column, setting):
    folder = write_folder(tmp_path, dataset=f"{DATASET}[routing]\n{setting}\n")
    problems = checked(folder).problems
    assert told(problems) == {("dataset.toml", 0, f"routing.{column}", "bad_routing_setting")}
    assert "secret" not in problems.to_string()
